test "nothing is expected" { # ERROR: proves nothing. Write at "1m"
  at "0s" {
    publish "home/utility/freezer/temp" { value = -18 }
  }
}

test { # ERROR: A test has one name
  at "0s" {
    expect { sms = 0 }
  }
}

test "twice" {
  at "0s" {
    expect { sms = 0 }
  }
}

test "twice" { # ERROR: test "twice" already exists, on mistakes.test.hcl line 13
  at "0s" {
    expect { sms = 0 }
  }
}

test "moments" {
  note = "x" # ERROR: takes no argument note
  at { # ERROR: A at block has a name
    expect { sms = 0 }
  }
  at "20m" {
    expect { sms = 0 }
  }
  at "ten" { # ERROR: "ten" is not a duration
    expect { sms = 0 }
  }
  at "11y" { # ERROR: "11y" is not a duration
    expect { sms = 0 }
  }
  at "4000d" { # ERROR: more than ten years
    expect { sms = 0 }
  }
  at "10m" { # ERROR: comes before at "20m"
    expect { sms = 0 }
  }
  at "20m" { # ERROR: There is an at "20m" already
    expect { sms = 0 }
  }
  at "21m" {
    publich "a/b" { value = 1 } # ERROR: Did you mean publish?
    expect {}                   # ERROR: An expect that is empty proves nothing
  }
  at "22m" {
    expect { sms = 0 }
    expect { sms = 0 } # ERROR: already has the block expect
  }
}

test "publishing" {
  at "0s" {
    publish { value = 1 }           # ERROR: A publish block has a name
    publish "home/+/temp" { value = 1 } # ERROR: Nothing can be published to
    publish "home/utility/freezer/tmp" { value = 1 } # WARNING: Did you mean "home/utility/freezer/temp"?
    publish "home/cellar" { value = 1 } # WARNING: There is "home/utility/freezer/temp".
    publish "elsewhere" { value = 1 } # WARNING: Nothing will come of this message.
    publish "home/utility/freezer/temp" {} # ERROR: Write what is published
    publish "home/utility/freezer/temp" { # three arguments do not fit
      value   = 1
      payload = "1" # ERROR: said twice, by value and payload
    }
    publish "home/utility/freezer/temp" {
      values = "1 2" # ERROR: said twice, by value and values
      value  = 1
    }
    publish "home/utility/freezer/temp" {
      values = "1 2" # ERROR: Write how far apart the values are
    }
    publish "home/utility/freezer/temp" {
      value = 1
      every = "1m" # ERROR: There is one message only
    }
    publish "home/utility/freezer/temp" {
      values = "1x1000000" # ERROR: go on for more than ten years
      every  = "1h"
    }
    publish "home/utility/freezer/temp" {
      values = "1x1000001" # ERROR: Write from 1 to 1000000
      every  = "1s"
    }
    publish "home/utility/freezer/temp" {
      values = "1x0" # ERROR: 1x0 repeats 0 times
      every  = "1s"
    }
    publish "home/utility/freezer/temp" {
      values = "x10" # ERROR: x10 repeats nothing
      every  = "1s"
    }
    publish "home/utility/freezer/temp" {
      values = "1x900000 2x900000" # ERROR: more than 1000000 messages
      every  = "1s"
    }
    publish "home/utility/freezer/temp" {
      values = " " # ERROR: values is empty
      every  = "1s"
    }
    publish "home/utility/freezer/temp" { value = [1, 2] } # ERROR: For anything else write json
    publish "home/utility/freezer/temp" { value = null } # ERROR: For anything else write json
    publish "home/utility/freezer/temp" { value = warm } # ERROR: warm means nothing here
    publish "home/utility/freezer/temp" { value = 1e-310 } # ERROR: No publisher sends numbers this small
    publish "zigbee2mqtt/smoke_attic" { json = { smoke = value } } # ERROR: there are none. Write values
    publish "zigbee2mqtt/smoke_attic" { json = [for n in [1, 2] : n] } # ERROR: is written out
    publish "zigbee2mqtt/smoke_attic" { json = upper("x") } # ERROR: is written out
    publish "zigbee2mqtt/smoke_attic" { json = 1 / now } # ERROR: Nothing is divided by the time
    publish "zigbee2mqtt/smoke_attic" {
      json = { smoke = true }
      qos  = 3 # ERROR: Write a whole number between 0 and 2
    }
    publish "zigbee2mqtt/smoke_attic" {
      json     = { smoke = true }
      retained = "yes" # ERROR: retained takes true or false
    }
    expect { sms = 0 }
  }
}

test "switches" {
  at "0s" {
    switch "awya" { on = true } # ERROR: There is no switch called "awya". Did you mean "away"?
    switch "night" { on = true } # ERROR: Write switch "night" {} in the configuration, or remove this step.
    switch "away" {} # ERROR: Write on = true to turn it on, on = false to turn it off.
    switch "away" { on = "yes" } # ERROR: on takes true or false
    switch { on = true } # ERROR: A switch block has a name
    expect {
      on  = [switch.awya] # ERROR: Did you mean switch.away?
      off = "away"        # ERROR: Write [switch.away], without quotes
    }
  }
}

test "what goes wrong" {
  at "0s" {
    reboot { down = "2y" } # ERROR: is not a duration
    reboot { clock = "1970" } # ERROR: "1970" is not a time
    reboot "now" {} # ERROR: A reboot block inside another one has no name
    clock {} # ERROR: Write by how much the clock is set
    clock { step = "an hour" } # ERROR: Write a duration with its sign
    broker {} # ERROR: Write for how long
    network { down = 5 } # ERROR: 5 has no unit
    modem { down = "5m" } # ERROR: Write what is wrong with it
    modem { # ERROR: Write for how long
      fault = "unplugd" # ERROR: Did you mean "unplugged"?
    }
    expect { sms = 0 }
  }
}

test "expectations" {
  at "0s" {
    expect {
      firing = [alert.freezer_worm] # ERROR: Did you mean alert.freezer_warm?
      sms    = -1                   # ERROR: Write a whole number between 0 and
      sms_to = contact.carol        # ERROR: names contact.carol, which is not there. There is contact.alice
      quiet  = 1                    # ERROR: quiet takes true or false
      text   = 5                    # ERROR: text takes a text
    }
  }
  at "1s" {
    expect {
      firing = "smoke"          # ERROR: Write [alert.smoke], without quotes
      sms_to = [policy.family]  # ERROR: cannot refer to this. Write [contact.alice]
      told   = [alert.smoke]    # ERROR: told cannot refer to this. Write [contact.alice]
    }
  }
  at "2s" {
    expect {
      firing   = [module.cellar["x"].alert.warm] # ERROR: names module.cellar["x"].alert.warm, which is not there
      told     = [contact.alise]   # ERROR: Did you mean contact.alice?
      silenced = [contact.alice]   # ERROR: silenced cannot refer to this. Write [alert.smoke]
      calls    = 1.5               # ERROR: calls is 1.5. Write a whole number between 0 and
      calls_to = "alice"           # ERROR: Write [contact.alice], without quotes
    }
  }
}

sensor "x" { # ERROR: this is a sensor block
}

stray = 1 # ERROR: stray stands outside of any block

test "what an incident is marked as" {
  at "0s" {
    ack { # ERROR: ack of at "0s" of test "what an incident is marked as" has no by. Write who acknowledges it, such as by = contact.alice.
      alert = alert.smok # ERROR: alert names alert.smok, which is not there. Did you mean alert.smoke?
    }
    ack {
      alert = [alert.smoke, alert.freezer_warm]
      by    = [contact.alice, contact.bob] # ERROR: One person acknowledges at a time. Write an ack block for each.
    }
    expect {
      acked    = [contact.alice] # ERROR: acked cannot refer to this. Write [alert.smoke].
      severity = "urgent"        # ERROR: severity cannot be "urgent". Write "critical", "warning" or "info".
    }
  }
}

test "when it begins" {
  start = "12:00" # ERROR: "12:00" is not a time from 2000 to 2099. Write date and time at the site
  at "0s" {
    expect { sms = 0 }
  }
}

test "before there were gateways" {
  start = "1970-01-01T00:00:10Z" # ERROR: is not a time from 2000 to 2099
  at "0s" {
    expect { sms = 0 }
  }
}

test "people" {
  at "0s" {
    reply "alice" {} # ERROR: has no text. Write what it says, such as text = "OK".
    reply "alise" { text = "OK" } # ERROR: There is no contact called "alise". Did you mean "alice"?
    reply "vodafone" { text = "OK" } # ERROR: There is no contact called "vodafone". There is contact.alice.
    reply { text = "OK" } # ERROR: A reply block has a name
    reply "alice" {
      text = 17 # ERROR: text takes a text
    }
    phone "alice" {} # ERROR: Write for how long, such as down = "5m".
    phone "+353871234567" { down = "1m" } # ERROR: There is no contact called "+353871234567"
    silence {} # ERROR: has no by. Write who silences it, such as by = contact.alice.
    silence {
      alert       = alert.smok # ERROR: Did you mean alert.smoke?
      for         = "8d"       # ERROR: for is 8d. Write a duration between "1m" and "7d".
      until_clear = 1          # ERROR: until_clear takes true or false
      by          = [contact.alice, contact.bob] # ERROR: One person silences at a time
    }
    silence {
      for         = "1h" # ERROR: It lasts until the alert clears, or for a time. Keep until_clear or for.
      until_clear = true
      by          = contact.alice
    }
    silence {
      alert  = alert.smoke
      number = 1 # ERROR: number is one incident, and alert is all of an alert. Keep one of them.
      by     = contact.alice
    }
    silence {
      number = 100 # ERROR: Write a whole number between 1 and 99
      by     = contact.alice
    }
    unsilence { by = contact.alice } # ERROR: takes no argument by
    expect { sms = 0 }
  }
}
