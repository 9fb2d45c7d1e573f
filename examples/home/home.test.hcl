# What this house is expected to do, played in virtual time: tocsin test.

test "smoke: both phones at once, and the all-clear to both" {
  at "0s" {
    publish "zigbee2mqtt/smoke_kitchen" {
      json = { smoke = false, battery = 97 }
    }
    expect {
      quiet = true
    }
  }
  at "1m" {
    publish "zigbee2mqtt/smoke_kitchen" {
      json = { smoke = true, battery = 97 }
    }
    expect {
      firing = [alert.smoke]
      sms    = 2
      sms_to = [contact.alice, contact.bob]
      text   = "SMOKE in the kitchen"
    }
  }
  at "2m" {
    reply "bob" {
      text = "OK"
    }
    expect {
      acked  = [alert.smoke]
      sms_to = [contact.alice, contact.bob]
      text   = ["Bob is on it: SMOKE in the kitchen", "You are on it: 1 SMOKE in the kitchen"]
    }
  }
  at "5m" {
    publish "zigbee2mqtt/smoke_kitchen" {
      json = { smoke = false, battery = 97 }
    }
    expect {
      firing = []
      sms    = 2
      sms_to = [contact.alice, contact.bob]
      text   = "No more smoke in the kitchen"
    }
  }
}

test "a detector that says the same again and again is one alarm" {
  at "0s" {
    publish "zigbee2mqtt/smoke_kitchen" {
      values = "truex60"
      every  = "10s"
      json   = { smoke = value, battery = 97 }
    }
    expect {
      sms = 2
    }
  }
  at "30s" {
    ack {
      alert = alert.smoke
      by    = contact.alice
    }
    expect {
      sms_to = [contact.bob]
    }
  }
  at "10m" {
    expect {
      firing = [alert.smoke]
      quiet  = true
    }
  }
}

test "smoke in two rooms is two alarms" {
  at "0s" {
    publish "zigbee2mqtt/smoke_kitchen" {
      json = { smoke = true, battery = 97 }
    }
    publish "zigbee2mqtt/smoke_landing" {
      json = { smoke = true, battery = 80 }
    }
    expect {
      sms  = 4
      text = ["SMOKE in the kitchen", "SMOKE in the landing"]
    }
  }
}

# Once a minute: 10 at -18, 25 at -11 with one reading that is none among them,
# 10 at -13 and 5 at -16. Warm from the tenth minute, an alarm at the thirtieth,
# over at the forty-fifth: -13 is no longer too warm, and not yet cold again.
test "freezer door left open: one text, one all-clear" {
  at "0s" {
    publish "home/utility/freezer/temperature" {
      values = "-18x10 -11x12 ? -11x12 -13x10 -16x5"
      every  = "1m"
    }
  }
  at "29m59s" {
    expect {
      firing = []
      quiet  = true
    }
  }
  at "30m" {
    expect {
      firing = [alert.freezer_warm]
      sms    = 2
      sms_to = [contact.alice, contact.bob]
      text   = "Freezer (utility) is at -11 C, limit -12"
    }
  }
  at "44m59s" {
    expect {
      firing = [alert.freezer_warm]
      quiet  = true
    }
  }
  at "45m" {
    expect {
      firing = []
      sms    = 2
      text   = "Freezer (utility) is cold again: -16 C"
    }
  }
}

test "defrosting for a quarter of an hour disturbs nobody" {
  at "0s" {
    publish "home/utility/freezer/temperature" {
      values = "-18x5 -8x15 -18x40"
      every  = "1m"
    }
  }
  at "1h" {
    expect {
      quiet = true
    }
  }
}

test "smoke survives a reboot into 1970, and nobody is told twice" {
  at "0s" {
    publish "zigbee2mqtt/smoke_kitchen" {
      json     = { smoke = true, battery = 97 }
      retained = true
    }
    expect {
      sms_to = [contact.alice, contact.bob]
    }
  }
  at "20s" {
    ack {
      alert = alert.smoke
      by    = contact.alice
    }
    expect {
      sms_to = [contact.bob]
    }
  }
  at "30s" {
    reboot {
      down  = "1m"
      clock = "1970-01-01T00:00:10Z"
    }
  }
  # Back up, the broker repeats what it retains.
  at "10m" {
    expect {
      firing = [alert.smoke]
      acked  = [alert.smoke]
      quiet  = true
    }
  }
  at "11m" {
    publish "zigbee2mqtt/smoke_kitchen" {
      json = { smoke = false, battery = 97 }
    }
    expect {
      firing = []
      sms_to = [contact.alice, contact.bob]
    }
  }
}

test "a clock that jumps moves no alarm" {
  at "0s" {
    publish "home/utility/freezer/temperature" {
      value = -5
    }
  }
  at "5m" {
    clock {
      step = "+2h"
    }
  }
  at "10m" {
    clock {
      step = "-20000d"
    }
  }
  at "19m59s" {
    expect {
      quiet = true
    }
  }
  at "20m" {
    expect {
      firing = [alert.freezer_warm]
      sms    = 2
    }
  }
}

test "water while the broker is out of reach is told when it is back" {
  at "0s" {
    broker {
      down = "5m"
    }
  }
  at "1m" {
    publish "zigbee2mqtt/leak_bathroom" {
      json = { water_leak = true }
    }
  }
  at "4m59s" {
    expect {
      quiet = true
    }
  }
  at "5m" {
    expect {
      firing = [alert.leak]
      sms    = 2
      text   = "WATER on the floor of the bathroom"
    }
  }
}

test "texts wait for the mobile network, and none is lost" {
  at "0s" {
    network {
      down = "2h"
    }
    publish "zigbee2mqtt/leak_bathroom" {
      json = { water_leak = true }
    }
    expect {
      firing = [alert.leak]
      sms    = 0
    }
  }
  at "2h" {
    expect {
      sms = 2
    }
  }
}

test "a door open for ten minutes, and no other" {
  at "0s" {
    publish "zigbee2mqtt/door_front" {
      json = { contact = false }
    }
  }
  at "9m" {
    publish "zigbee2mqtt/door_front" {
      json = { contact = true }
    }
  }
  at "10m" {
    publish "zigbee2mqtt/door_back" {
      json = { contact = false }
    }
  }
  at "19m59s" {
    expect {
      quiet = true
    }
  }
  at "20m" {
    expect {
      sms_to = [contact.alice]
      text   = "The back door has been open for ten minutes"
    }
  }
}

# What the broker keeps of a button is no call: it would be heard again after
# every reconnection.
test "a call for help texts once, however often the button is pressed" {
  at "0s" {
    publish "zigbee2mqtt/call_bath" {
      json     = { action = "single", battery = 90 }
      retained = true
    }
    expect {
      firing = [alert.help]
      sms    = 2
      text   = "HELP is called for in the bath"
    }
  }
  at "1m" {
    reply "alice" {
      text = "OK"
    }
    expect {
      sms_to = [contact.alice, contact.bob]
      text   = "Alice is on it: HELP is called for in the bath"
    }
  }
  at "2m" {
    publish "zigbee2mqtt/call_bath" {
      json     = { action = "double", battery = 90 }
      retained = true
    }
    expect {
      quiet = true
    }
  }
  at "12m" {
    broker {
      down = "1m"
    }
    expect {
      firing = []
      sms    = 2
      text   = "No other call from the bath for ten minutes"
    }
  }
  at "20m" {
    expect {
      quiet = true
    }
  }
}

# zigbee2mqtt can have the broker retain what devices said, which is then repeated
# to whoever connects.
test "what the broker repeats after an outage is no news" {
  at "0s" {
    publish "zigbee2mqtt/leak_bathroom" {
      json     = { water_leak = true }
      retained = true
    }
    publish "zigbee2mqtt/door_front" {
      json     = { contact = false }
      retained = true
    }
    expect {
      sms = 2
    }
  }
  at "30s" {
    ack {
      alert = alert.leak
      by    = contact.bob
    }
    expect {
      sms_to = [contact.alice]
    }
  }
  at "1m" {
    broker {
      down = "30s"
    }
  }
  at "3m" {
    broker {
      down = "2m"
    }
  }
  at "9m59s" {
    expect {
      firing = [alert.leak]
      quiet  = true
    }
  }
  at "10m" {
    expect {
      firing = [alert.door_left_open, alert.leak]
      sms_to = [contact.alice]
    }
  }
}

test "what happened while the gateway was off is told once, and how it is known" {
  at "0s" {
    publish "zigbee2mqtt/leak_bathroom" {
      json     = { water_leak = false }
      retained = true
    }
  }
  at "1m" {
    reboot {
      down  = "1h"
      clock = "1970-01-01T00:00:10Z"
    }
  }
  at "30m" {
    publish "zigbee2mqtt/leak_bathroom" {
      json     = { water_leak = true }
      retained = true
      qos      = 0
    }
  }
  at "61m" {
    expect {
      firing = [alert.leak]
      sms    = 2
      text   = "WATER on the floor of the bathroom (seen at reconnect)"
    }
  }
  at "61m30s" {
    ack {
      alert = alert.leak
      by    = contact.bob
    }
    expect {
      sms_to = [contact.alice]
    }
  }
  at "62m" {
    broker {
      down = "1m"
    }
  }
  at "2h" {
    expect {
      quiet = true
    }
  }
}

# The smoke is over, and the broker says so only by what it retains.
test "what ended while the gateway was off is told as well" {
  at "0s" {
    publish "zigbee2mqtt/smoke_kitchen" {
      json     = { smoke = true, battery = 97 }
      retained = true
    }
    expect {
      sms = 2
    }
  }
  at "1m" {
    reboot {
      down = "1h"
    }
  }
  at "30m" {
    publish "zigbee2mqtt/smoke_kitchen" {
      json     = { smoke = false, battery = 97 }
      retained = true
      qos      = 0
    }
  }
  at "61m" {
    expect {
      firing = []
      sms_to = [contact.alice, contact.bob]
      text   = "No more smoke in the kitchen"
    }
  }
}

test "no text says what a clock in 1970 shows" {
  at "0s" {
    reboot {
      clock = "1970-01-01T00:00:10Z"
    }
  }
  at "5m" {
    publish "home/utility/freezer/temperature" {
      values = "-5x31 -20"
      every  = "1m"
    }
  }
  at "25m" {
    expect {
      sms  = 2
      text = "Rosewood: Freezer (utility) is at -5 C, limit -12. Reply OK or 1"
    }
  }
  at "36m" {
    expect {
      sms  = 2
      text = "Rosewood: Freezer (utility) is cold again: -20 C"
    }
  }
}

test "a door that opens while everybody is away, until somebody has seen to it" {
  at "0s" {
    switch "away" {
      on = true
    }
  }
  at "1h" {
    publish "zigbee2mqtt/door_front" {
      json = { contact = false }
    }
    expect {
      quiet = true
    }
  }
  at "1h20s" {
    expect {
      firing   = [alert.break_in]
      severity = "critical"
      sms_to   = [contact.alice, contact.bob]
      text     = "The front door opened while you are away"
    }
  }
  # Closed from inside.
  at "1h1m" {
    publish "zigbee2mqtt/door_front" {
      json = { contact = true }
    }
  }
  at "2h" {
    expect {
      firing  = [alert.break_in]
      latched = [alert.break_in]
      text    = "Rosewood: Still, * min: The front door opened while you are away. Reply OK or 1"
    }
  }
  at "2h5m" {
    reply "bob" {
      text = "ok 1"
    }
    expect {
      firing = []
      sms_to = [contact.alice, contact.bob]
      text   = "Seen to: the front door"
    }
  }
}

test "whoever comes home has twenty seconds" {
  at "0s" {
    publish "home/away" {
      value    = "ON"
      retained = true
    }
  }
  at "8h" {
    publish "zigbee2mqtt/door_front" {
      json = { contact = false }
    }
  }
  at "8h15s" {
    publish "home/away" {
      value    = "OFF"
      retained = true
    }
  }
  at "8h1m" {
    publish "zigbee2mqtt/door_front" {
      json = { contact = true }
    }
    expect {
      off   = [switch.away]
      quiet = true
    }
  }
}

test "smoke that nobody answers is told again and again, until somebody does" {
  at "0s" {
    publish "zigbee2mqtt/smoke_kitchen" {
      json = { smoke = true, battery = 97 }
    }
    expect {
      sms = 2
    }
  }
  at "7m" {
    expect {
      sms    = 4
      sms_to = [contact.alice, contact.bob]
      text   = "Rosewood: Still, 7 min: SMOKE in the kitchen. Reply OK or 1"
    }
  }
  # Not one of the family.
  at "8m" {
    reply "+447700900123" {
      text = "OK"
    }
    expect {
      acked = []
      quiet = true
    }
  }
  at "9m" {
    reply "alice" {
      text = "ok!"
    }
    expect {
      acked  = [alert.smoke]
      sms_to = [contact.alice, contact.bob]
    }
  }
  at "5h" {
    expect {
      quiet = true
      told  = [contact.alice, contact.bob]
    }
  }
}

test "at night a warm freezer waits for the morning, and smoke does not" {
  start = "2026-01-05 23:00"
  at "0s" {
    publish "home/utility/freezer/temperature" {
      value = -5
    }
  }
  at "3h" {
    expect {
      firing = [alert.freezer_warm]
      quiet  = true
    }
  }
  at "4h" {
    publish "zigbee2mqtt/smoke_kitchen" {
      json = { smoke = true, battery = 97 }
    }
    expect {
      sms  = 2
      text = "SMOKE in the kitchen"
    }
  }
  at "4h1m" {
    ack {
      alert = alert.smoke
      by    = contact.bob
    }
    expect {
      sms_to = [contact.alice]
    }
  }
  at "7h59m" {
    expect {
      quiet = true
    }
  }
  at "8h" {
    expect {
      sms_to = [contact.alice, contact.bob]
      text   = "Freezer (utility) is at -5 C, limit -12"
    }
  }
}

test "whoever defrosts says so beforehand" {
  at "0s" {
    silence {
      alert = alert.freezer_warm
      for   = "3h"
      by    = contact.alice
    }
    publish "home/utility/freezer/temperature" {
      values = "2x120 -18"
      every  = "1m"
    }
  }
  at "1h" {
    expect {
      firing   = [alert.freezer_warm]
      silenced = [alert.freezer_warm]
    }
  }
  at "5h" {
    expect {
      quiet = true
      told  = []
    }
  }
}

test "a battery can wait for the digest" {
  at "0s" {
    publish "zigbee2mqtt/smoke_landing" {
      json = { smoke = false, battery = 12 }
    }
  }
  at "19h59m" {
    expect {
      firing = [alert.smoke_battery]
      quiet  = true
    }
  }
  at "20h" {
    expect {
      sms_to = [contact.bob]
      text   = "Rosewood: Today: Change the battery of the smoke detector: landing (12 %)"
    }
  }
}
