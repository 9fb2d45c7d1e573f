# ERROR: There is nobody to text. Write contact "alice" { phone = "+353871234567" }.
mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

sensor "door" {
  topic = "door"
  value = bool
}

alert "door" {
  when = sensor.door
}
