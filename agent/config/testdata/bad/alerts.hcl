mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

contact "bob" {
  phone = "+353871234568"
}

sensor "freezer" {
  topic = "freezer/{n}"
  value = number
  mqtt  = mqtt.mian # ERROR: There is no mqtt.mian. Did you mean mqtt.main, on alerts.hcl line 1?
}

alert "nobody" { # ERROR: alert "nobody" has no notify, and there is more than one to choose from. Write notify = contact.alice.
  when = sensor.freezer > -12
}

alert "typo" {
  when   = sensor.freezer > -12
  notify = [contact.alice, contact.bbo] # ERROR: There is no contact.bbo. Did you mean contact.bob, on alerts.hcl line 13?
}

alert "no_policies" {
  when   = sensor.freezer > -12
  notify = policy.family # ERROR: There are no policy blocks at all. Write policy "family" { … }.
}

alert "no_when" { # ERROR: alert "no_when" has no when. Say when the alert is true
  notify = contact.alice
}

alert "unknown_sensor" {
  when   = sensor.freezr > -12 # ERROR: sensor.freez
  notify = contact.alice
}

alert "words" {
  when     = sensor.freezer > -12
  for      = "20 minutes" # ERROR: "20 minutes" is not a duration.
  clear_for = "30d"       # ERROR: clear_for is 30d. Write a duration between "1s" and "7d".
  severity = "critcial"   # ERROR: severity cannot be "critcial". Did you mean "critical"?
  notify   = contact.alice
  mesage   = "x"          # ERROR: alert "words" takes no argument mesage. Did you mean message?
}

alert "Upper" { # ERROR: "Upper" is not in lower snake case, so it cannot be referred to. Write "upper".
  when   = sensor.freezer > -12
  notify = contact.alice
}

alert "several" { # ERROR: alert "several" has no notify
  when = sensor.freezer > "warm" # ERROR: warm
}

alert "all_wrong" {
  when   = sensor.freezer # ERROR: sensor.freezer
  notify = contact.alic   # ERROR: There is no contact.alic. Did you mean contact.alice
}

alert "broker_unreachable" { # ERROR: broker_unreachable is an alert of Tocsin's own
  when   = sensor.freezer > -12
  for    = "1m"
  notify = contact.alice
}
