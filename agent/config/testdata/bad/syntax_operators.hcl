mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

sensor "count" {
  topic = "count"
  value = number
}

alert "arrow" {
  when = sensor.count => 5 # ERROR: => is no operator here. Write >=.
}

alert "backwards" {
  when = sensor.count =< 5 # ERROR: =< is no operator here. Write <=.
}

alert "unequal" {
  when = sensor.count <> 5 # ERROR: <> is no operator here. Write !=.
}

alert "unit" {
  when = sensor.count > 5kg # ERROR: 5kg is no number. If it is a text, quote it: "5kg".
}

alert "huge" {
  when = sensor.count > 1e999 # ERROR: This number is too large. Write one below 1e308.
}

alert "escape" {
  when    = sensor.count > 5
  message = "a\q" # ERROR: The symbol "q" is not a valid escape sequence selector.
}

alert "comma" {
  when = sensor.count > 3,5 # ERROR: An argument has one value.
}
