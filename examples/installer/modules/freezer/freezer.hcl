variable "room" {
  type = string
}

variable "limit_c" {
  type        = number
  description = "Above this a freezer is too warm"
  validation {
    condition     = var.limit_c < 0
    error_message = "Food spoils above freezing point."
  }
}

variable "notify" {
  type = contact
}

locals {
  topic = replace(lower(var.room), " ", "_")
}

sensor "temperature" {
  topic = "zigbee2mqtt/freezer_${local.topic}"
  value = number
  path  = "temperature"
  valid = [-60, 60]
}

alert "warm" {
  when       = sensor.temperature > var.limit_c
  for        = "20m"
  clear_when = sensor.temperature < var.limit_c - 3
  notify     = var.notify
  message    = "Freezer (${var.room}) is at ${sensor.temperature} C, limit ${var.limit_c}"
}
