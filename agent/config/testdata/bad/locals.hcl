mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

sensor "engine" {
  topic  = "fleet/{machine}/engine"
  fields = { oil_kpa = number, rpm = number }
}

sensor "hall" {
  topic = "hall"
  value = number
}

locals {
  running  = sensor.engine.rpm > 600
  misspelt = sensor.engine.oil_kap < 100 # ERROR: Did you mean sensor.engine.oil_kpa? (local.misspelt is used on locals.hcl line 56, in alert "field_of_a_local".)
  a        = local.b + 1 # ERROR: local.a is made from itself: local.a → local.b → local.c → local.a. Write out one of them.
  b        = local.c * 2
  c        = -local.a
  self     = "${local.self}x" # ERROR: local.self is made from itself: local.self → local.self.
  broken   = 1 + local.no_such # ERROR: There is no local "no_such". To have one, write locals { no_such = … }.
  text     = upper(5, 6) # ERROR: Too many function arguments
  unused   = 5
  Capital  = 5 # ERROR: "Capital" is not in lower snake case. Write capital.
  delay    = "ten minutes"
  engine   = sensor.engine
  limits   = { oil = 100, rpm = 600 }
  hot      = sensor.hall > 30 # ERROR: for is fixed when the configuration is loaded, so it cannot use sensor.hall. (local.hot is used on locals.hcl line 66, in alert "live_delay".)
  typed    = sensor.hall > "thirty" # ERROR: Not a number
}

locals {
  unused = 6 # ERROR: local.unused already exists, on locals.hcl line 32.
  nested { # ERROR: locals has entries and no blocks. Write nested = ….
  }
}

alert "uses_a_circle" {
  when = sensor.engine.rpm > local.a
}

alert "uses_broken" {
  when = sensor.engine.rpm > local.broken && local.self == "x" && local.text == "y"
}

alert "field_of_a_local" {
  when = local.running && local.misspelt
}

alert "delayed" {
  when = local.running
  for  = local.delay # ERROR: "ten minutes" is not a duration. Write a number and a unit, such as "90s", "10m" or "4h". (local.delay is from locals.hcl line 34.)
}

alert "live_delay" {
  when = local.runing # ERROR: There is no local "runing". Did you mean local.running?
  for  = local.hot
}

alert "whole_sensor" {
  when = local.engine.rpm > local.limits.rmp # ERROR: local.limits is an object without "rmp". Did you mean "rpm"?
}

alert "whole_expression" {
  when = local.running.really # ERROR: local.running is an expression and has nothing inside.
}

alert "typed" {
  when = local.typed
}
