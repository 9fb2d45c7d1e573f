variable "site_name" {
  type        = string
  description = "Every text begins with it"
}

variable "owner_phone" {
  type        = string
  description = "Texts go here, e.g. +353871234567"
  validation {
    condition     = can(regex("^\\+[1-9][0-9]{7,14}$", var.owner_phone))
    error_message = "Use the international format: +<country><number>."
  }
}

variable "quiet" {
  type        = object({ from = string, to = string })
  description = "When nobody is texted of anything but what is critical"
  default     = { from = "22:00", to = "07:00" }
}

variable "freezers" {
  type        = map(number)
  description = "Where there is a freezer, and above how many degrees it is too warm"
  default     = {}
}

variable "leak_sensors" {
  type        = list(string)
  description = "Where there is a water sensor"
  default     = []
}

site {
  name     = var.site_name
  timezone = "Europe/Dublin"
}

broker {
  allow_anonymous = true # the gateway's own network, behind its firewall
}

modem "main" {
  port = "auto"
}

schedule "night" {
  from = var.quiet.from
  to   = var.quiet.to
}

contact "owner" {
  phone = var.owner_phone
  quiet = schedule.night
}

# The installer hears of leaks as well: the pipes are under warranty. Texts from
# there may ask how the gateway is; what is done about an alarm is for the owner to say.
contact "installer" {
  phone = "+353871112223"
  quiet = schedule.night
  allow = ["status"]
}

# A customer's SIM has little credit.
limits {
  texts_per_day = 100
}

module "freezer" {
  for_each = var.freezers
  source   = "./modules/freezer"
  room     = each.key
  limit_c  = each.value
  notify   = contact.owner
}

module "leak" {
  for_each = var.leak_sensors
  source   = "./modules/leak"
  room     = each.key
  notify   = [contact.owner, contact.installer]
}
