# A mistake in a sensor is reported there and not again where it is used.
mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

sensor "misspelt_type" {
  topic = "a"
  value = numbr # ERROR: Did you mean number?
}

sensor "missing_type" { # ERROR: sensor "missing_type"
  topic = "b"
}

sensor "missing_topic" { # ERROR: sensor "missing_topic" has no topic.
  value = number
}

sensor "bad_topic" {
  topic = "a/#/b/{n}" # ERROR: Invalid topic
  value = number
}

sensor "bad_field" {
  topic  = "c"
  fields = { celsius = 5, door = bool } # ERROR: celsius
}

sensor { # ERROR: A sensor has one name.
  topic = "d"
  value = number
}

sensor "Freezer" { # ERROR: "Freezer" is not in lower snake case
  topic = "e"
  value = number
}

sensor "undated" {
  topic   = "f"
  value   = number
  max_age = "5m" # ERROR: max_age is about the age a message says
}

sensor "stray" {
  topic = "g"
  value = number
  valud = 5 # ERROR: sensor "stray" takes no argument valud.
}

sensor "syntax" {
  topic = 'h' # ERROR: Write texts in straight double quotes
  value = number bool # ERROR: More than one value: An argument ends with its value.
}

alert "uses_misspelt_type" {
  when = sensor.misspelt_type > 5
}

alert "uses_missing_type" {
  when = sensor.missing_type > 5
}

alert "uses_missing_topic" {
  when = sensor.missing_topic > 5
}

alert "uses_bad_topic" {
  when    = sensor.bad_topic > 5
  message = "Sensor ${n} is hot"
}

alert "uses_bad_field" {
  when = sensor.bad_field.celsius > 5 && sensor.bad_field.door
}

alert "uses_syntax" {
  when = sensor.syntax > 5
}

alert "uses_later" {
  when = sensor.undated > 5 || sensor.stray > 5
}

alert "types" {
  when = sensor.stray == "open" # ERROR: sensor.stray
}
