variable "room" {
  type = string
}

variable "notify" {
  type = list(contact)
}

sensor "leak" {
  topic  = "zigbee2mqtt/leak_${replace(lower(var.room), " ", "_")}"
  fields = { water_leak = bool, battery = number }
  valid  = { battery = [0, 100] }
}

alert "water" {
  when     = sensor.leak.water_leak
  severity = "critical"
  notify   = var.notify
  message  = "WATER in the ${var.room}"
  cleared  = "No more water in the ${var.room}"
}

alert "battery" {
  when       = sensor.leak.battery < 15
  clear_when = sensor.leak.battery > 50
  notify     = var.notify
  message    = "Water sensor (${var.room}): battery at ${sensor.leak.battery} %"
}
