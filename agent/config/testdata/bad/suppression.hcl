mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

sensor "mains" {
  topic = "mains"
  value = bool
}

alert "power_lost" {
  when = !sensor.mains
}

alert "typo" {
  when          = sensor.mains
  suppressed_by = [alert.power_lost, alert.power_last] # ERROR: There is no alert called "power_last". Did you mean alert.power_lost?
}

alert "far_off" {
  when          = sensor.mains
  suppressed_by = alert.zzz # ERROR: There is no alert called "zzz". There are: a, b, broken, c, child_of_broken, itself, power_lost, typo, words.
}

alert "itself" {
  when          = sensor.mains
  suppressed_by = [alert.itself] # ERROR: Circular suppression: alert.itself would keep itself quiet: alert.itself → alert.itself. Remove one of them.
}

alert "a" {
  when          = sensor.mains
  suppressed_by = [alert.power_lost, alert.b]
}

alert "b" {
  when          = sensor.mains
  suppressed_by = [alert.c]
}

alert "c" {
  when          = sensor.mains
  suppressed_by = [alert.power_lost, alert.a] # ERROR: alert.a would keep itself quiet: alert.a → alert.b → alert.c → alert.a. Remove one of them.
}

alert "broken" {
  when = sensor.mains > 5 # ERROR: sensor.mains is a bool
}

alert "child_of_broken" {
  when          = sensor.mains
  suppressed_by = [alert.broken]
}

alert "words" {
  when          = sensor.mains
  suppressed_by = [sensor.mains, "power_lost"] # ERROR: suppressed_by cannot be sensor.mains. Write alert.some_name. # ERROR: suppressed_by refers to a block, and "power_lost" is a text. Write alert.power_lost, without quotes.
}
