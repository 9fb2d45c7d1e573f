mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

switch "away" {}

sensor "hall" {
  topic = "hall"
  value = number
}

sensor "tank" {
  topic         = "tank"
  value         = number
  offline_after = "2m"
}

alert "word" {
  when       = sensor.tank > 5
  for        = "1m"
  on_offline = "fires" # ERROR: on_offline cannot be "fires". Did you mean "fire"?
}

alert "untold" {
  when       = sensor.hall > 5
  for        = "1m"
  on_offline = "clear" # ERROR: Sensor without offline_after: Tocsin is not told how long sensor.hall may be silent. Write offline_after = "26h" in sensor "hall", or remove on_offline.
}

alert "asked" {
  when       = sensor.tank > 5 || offline(sensor.tank)
  on_offline = "fire" # ERROR: A condition asks itself for how long sensor.tank is silent, so on_offline has no effect. Remove one of them.
}

alert "only_asked" {
  when       = offline(sensor.tank)
  on_offline = "hold" # ERROR: on_offline is about sensors that a condition reads, and here none is. Remove it.
}

alert "one_is_enough" {
  when       = sensor.tank > 5 && sensor.hall > 5
  for        = "1m"
  on_offline = "clear"
}

alert "shadow" {
  when   = sensor.tank > 5
  for    = "1m"
  shadow = 1 # ERROR: shadow takes true or false, and this is a number.
}
