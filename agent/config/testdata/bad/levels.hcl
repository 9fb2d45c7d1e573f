mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

sensor "hall" {
  topic = "hall"
  value = number
}

alert "both" {
  when     = sensor.hall > 30 # ERROR: The levels of alert "both" say that, each for itself. Move when into a level, or remove it.
  for      = "5m"             # ERROR: Move for into a level, or remove it.
  severity = "critical"       # ERROR: Move severity into a level, or remove it.
  level "warning" {
    when = sensor.hall > 30
    for  = "5m"
  }
}

alert "names" {
  level "critcal" { # ERROR: A level is named by its severity, and "critcal" is none. Did you mean "critical"?
    when = sensor.hall > 30
  }
  level "high" { # ERROR: A level is named by its severity, and "high" is none. Write level "critical", "warning" or "info".
    when    = sensor.hall > 30
    message = "${sensor.hall}"
  }
  level { # ERROR: A level block has a name. Write level "some_name" { … }.
    when = sensor.hall > 30
  }
  level "info" {
    when = sensor.hall > 30
    for  = "5m"
  }
  level "info" { # ERROR: There is a level "info" already, on line 39. Keep one of them, and join their conditions with ||.
    when = sensor.hall > 35
  }
}

alert "inside" {
  level "warning" { # ERROR: level "warning" of alert "inside" has no when. Say when the level is reached
    clear_for = "30d"              # ERROR: clear_for is 30d. Write a duration between "1s" and "7d".
    message   = "${sensor.hal} °C" # ERROR: There is no sensor called "hal". Did you mean sensor.hall?
    notify    = contact.alice      # ERROR: level "warning" of alert "inside" takes no argument notify.
  }
  level "critical" {
    when    = sensor.hall > "hot"      # ERROR: "hot" is a string
    cleared = "over"                   # ERROR: level "critical" of alert "inside" takes no argument cleared.
  }
  latch = "yes" # ERROR: latch takes true or false, and this is a text. Write true or false, without quotes.
}

alert "argument" {
  level = "warning"       # ERROR: level is a block of alert "argument", not an argument.
  when  = sensor.hall > 5
  for   = "1m"
}

alert "unmistaken" {
  levels { # ERROR: Did you mean level?
    when = sensor.hall > 5
  }
  when = sensor.hall > 5
  for  = "1m"
}
