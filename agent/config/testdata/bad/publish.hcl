mqtt "main" {
  url = "mqtt://127.0.0.1"
  publish { # ERROR: publish of mqtt "main" has no every. Write how often
    topic = "R/c0ffee/keepalive"
  }
  publish { # ERROR: publish of mqtt "main" has no topic. Write the topic to publish to
    every = "30s"
  }
  publish { # ERROR: The topic "R/+/keepalive" has a wildcard, and one publishes to one topic
    topic = "R/+/keepalive"
    every = "30s"
  }
  publish {
    topic   = "R/c0ffee/keepalive"
    every   = "500ms" # ERROR: every is 500ms. Write a duration between "1s" and "1d".
    payload = 5       # ERROR: payload takes a text, and this is a number.
  }
  publish "name" { # ERROR: A publish block inside another one has no name.
    topic  = "R/c0ffee/keepalive"
    every  = "30s"
    retain = true # ERROR: takes no argument retain.
  }
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

switch "away" {
  default = "yes"            # ERROR: default takes true or false, and this is a text.
  topic   = "home/{who}/away" # ERROR: A switch is set by one topic, and {who} stands for many.
  sms     = "AWAY"           # ERROR: sms takes a list, and this is a text.
}

switch "armed" {
  topic = "home/#/armed" # ERROR: Invalid topic
  defualt = true         # ERROR: switch "armed" takes no argument defualt. Did you mean default?
}

switch "armed" { # ERROR: switch "armed" already exists, on publish.hcl line 39.
}

sensor "door" {
  topic = "door"
  value = bool
}

alert "door" {
  when = sensor.door && switch.awya # ERROR: There is no switch called "awya". Did you mean switch.away?
}

alert "armed" {
  when    = switch.armed.on # ERROR: switch.armed is true while the switch is on, and has nothing inside. Write switch.armed.
  message = "Armed: ${switch.away["x"]}" # ERROR: switch.away is true while the switch is on
}
