mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

variable "unused" { # WARNING: Nothing uses var.unused.
  default = 1
  validation {
    condition     = var.unused > 0
    error_message = "No."
  }
}

locals {
  unused = 5 # WARNING: Nothing uses local.unused.
  limit  = 50
  hot    = sensor.hall > local.limit # WARNING: Never true: Hall is between -20 and 40, so alert "through_a_local" never fires. Correct the limit, or valid in the sensor. (local.hot is used on lints.hcl line 69, in alert "through_a_local".)
}

sensor "hall" {
  topic = "hall"
  value = number
  valid = [-20, 40]
}

sensor "engine" {
  topic  = "engine"
  fields = { rpm = number, load = number, on = bool, free = number }
  valid  = { rpm = [0, 8000], load = [0, 1] }
}

switch "away" {}

switch "night" {} # WARNING: No alert looks at switch.night. Write one that does, or remove it.

alert "hot_while_away" {
  when = switch.away && sensor.hall > 30
  for  = "1m"
}

alert "too_high" {
  when = sensor.hall > 40 # WARNING: Never true: Hall is between -20 and 40, so alert "too_high" never fires.
  for  = "1m"
}

alert "just_possible" {
  when = sensor.hall >= 40
  for  = "1m"
}

alert "always" {
  when = sensor.hall >= -20 # WARNING: Always true: Hall is between -20 and 40, so alert "always" fires once and is never over.
  for  = "1m"
}

alert "never_clear" {
  when       = sensor.hall > 30
  clear_when = sensor.hall < -20 # WARNING: Never true: Hall is between -20 and 40, so alert "never_clear", once it fired, is never over.
}

alert "through_a_local" {
  when = sensor.engine.on && local.hot
  for  = "1m"
}

alert "part_of_many" {
  when = sensor.engine.on && (sensor.engine.load * 100 > 200 && sensor.hall > 5) # WARNING: Never true: Engine load × 100 is between 0 and 100, so alert "part_of_many" never fires.
  for  = "1m"
}

alert "one_of_many" {
  when = sensor.engine.on || sensor.engine.load > 2
  for  = "1m"
}

alert "contradiction" {
  when = sensor.engine.free > 10 && sensor.engine.free < 5 # WARNING: Never true: These cannot be true together, so alert "contradiction" never fires.
  for  = "1m"
}

alert "between" {
  when = between(sensor.engine.load, 2, 3) # WARNING: Never true
  for  = "1m"
}

alert "not" {
  when = !(sensor.engine.rpm < 9000) # WARNING: Never true
  for  = "1m"
}

alert "functions" {
  when = max(abs(sensor.hall), sensor.engine.load) > 40 # WARNING: Never true: Max(abs(hall), engine load) is between 0 and 40
  for  = "1m"
}

alert "rounded" {
  when = round(sensor.engine.load / 2 + 1) == 3 # WARNING: Never true: Round(engine load / 2 + 1) is between 1 and 2
}

alert "equal" {
  when = sensor.engine.rpm / 60 == sensor.engine.free # WARNING: Equality of computed numbers: A number that was calculated is hardly ever the same as another to the last digit.
}

alert "unequal" {
  when = sensor.engine.free != -(sensor.engine.rpm + 1) # WARNING: Equality of computed numbers
}

alert "equal_and_fine" {
  when = sensor.engine.rpm == 180 && round(sensor.engine.rpm / 60) == 3 && sensor.engine.free == 2 * 3
}

alert "unbounded" {
  when = sensor.engine.free * 0 > 5
  for  = "1m"
}

alert "parent" {
  when   = sensor.engine.on
  shadow = true
}

alert "child" {
  when          = sensor.engine.on
  suppressed_by = [alert.unbounded, alert.parent] # WARNING: alert.parent is in shadow, so it suppresses nothing: otherwise nobody would be told anything. Remove shadow there, or this.
}

alert "levels" {
  level "warning" {
    when = sensor.hall > 20 # WARNING: Bare threshold: A reading that wavers around the limit makes alert "levels" text again and again.
  }
  level "critical" {
    when = sensor.hall > 50 # WARNING: Never true: Hall is between -20 and 40, so alert "levels" never fires.
    for  = "1m"
  }
}
