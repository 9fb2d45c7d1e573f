mqtt "main" {
  url = "mqtt://127.0.0.1"
}

mqtt "spare" { # WARNING: No sensor is read from mqtt.spare.
  url = "mqtt://127.0.0.2"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

contact "alice_work" { # WARNING: contact.alice_work has the phone of contact.alice, on warnings.hcl line 13.
  phone = "+353 87 123 4567"
}

contact "bob" { # WARNING: No alert tells contact.bob.
  phone = "+353871234568"
}

policy "family" {
  notify = [contact.alice, contact.alice_work]
  call   = true # WARNING: Phones ring for critical alarms, and none tells policy.family.
}

sensor "freezer" {
  topic  = "freezer"
  fields = { celsius = number, door = bool }
  mqtt   = mqtt.main
}

sensor "attic" { # WARNING: No alert uses sensor.attic. Write one that does, or remove it.
  topic = "attic"
  value = number
  mqtt  = mqtt.main
}

alert "bare" {
  when = sensor.freezer.celsius > -12 # WARNING: A reading that wavers around the limit makes alert "bare" text again and again.
}

alert "within" {
  when = sensor.freezer.door && sensor.freezer.celsius > -12 # WARNING: alert "within"
}

alert "calmed_by_time" {
  when = sensor.freezer.celsius > -12
  for  = "20m"
}

alert "calmed_by_distance" {
  when       = sensor.freezer.celsius > -12
  clear_when = sensor.freezer.celsius < -15
}

alert "no_number" {
  when = sensor.freezer.door
}
