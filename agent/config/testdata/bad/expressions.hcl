mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

sensor "freezer" {
  topic  = "freezer/{n}"
  fields = { celsius = number, door = bool, note = string }
}

sensor "engine" {
  topic = "engine/{machine}"
  value = number
}

alert "not_a_condition" {
  when = sensor.freezer.celsius # ERROR: sensor.freezer.celsius
}

alert "unknown_field" {
  when = sensor.freezer.celsus > 5 # ERROR: Did you mean sensor.freezer.celsius?
}

alert "text_and_number" {
  when = sensor.freezer.celsius > "5" # ERROR: 5
}

alert "unknown_function" {
  when = absolute(sensor.freezer.celsius) > 5 # ERROR: absolute
}

alert "no_unit" {
  when = avg_over(sensor.freezer.celsius, 10) > 5 # ERROR: 10
}

alert "join" { # ERROR: Ambiguous join
  when = sensor.freezer.celsius > 5 && sensor.engine > 5
}

alert "unknown_label" {
  when    = sensor.freezer.door
  message = "Door ${m} is open" # ERROR: m
}

alert "message_type" {
  when    = sensor.freezer.door
  message = 5 # ERROR: 5
}

alert "whole_object" {
  when = sensor.freezer == null # ERROR: No null in conditions # ERROR: Sensor with fields
}

alert "chained" {
  when = 1 < sensor.freezer.celsius < 5 # ERROR: Chained comparison
}
