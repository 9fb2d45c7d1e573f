# Every test here is met. Those of failing are in play_test.go.

test "the freezer check series" {
  at "0s" {
    publish "home/utility/freezer/temp" {
      values = "-18x10 -11x10 ? -11x14 -13x10 -16x5"
      every  = "1m"
    }
  }
  at "29m" {
    expect {
      firing = []
      sms    = 0
    }
  }
  at "30m" {
    expect {
      firing = [alert.freezer_warm]
      sms    = 2
      sms_to = [contact.alice, contact.bob]
      text   = "Freezer -11 C*"
    }
  }
  at "44m" {
    expect {
      firing = alert.freezer_warm
      quiet  = true
    }
  }
  at "45m" {
    expect {
      firing = []
      sms_to = [contact.bob, contact.alice]
      text   = ["Rosewood: Over after 15 min*", "*limit -12)"]
      quiet  = false
    }
  }
}

test "json takes each value in its turn" {
  at "0s" {
    publish "fleet/ex7/engine" {
      values = "310x3 80x4 ? 80x2"
      every  = "1s"
      json   = { rpm = 1400, oil_kpa = value, seen = [{ by = "gauge ${1 + 1}" }] }
    }
  }
  at "7s" {
    expect { firing = [] }
  }
  at "8s" {
    expect {
      firing = [alert.oil_pressure]
      text   = "ex7: OIL * kPa"
      sms_to = contact.bob
    }
  }
}

test "payload takes each value in its turn" {
  at "0s" {
    publish "zigbee2mqtt/smoke_attic" {
      values  = "false true"
      every   = "1m"
      payload = "{\"smoke\": ${value}}"
    }
  }
  at "59s" {
    expect { quiet = true }
  }
  at "1m" {
    expect { sms = 2 }
  }
}

test "silence is no value and a word is one" {
  at "0s" {
    publish "home/utility/freezer/temp" {
      values = "-5 _x18 -20 -5 _x30"
      every  = "1m"
    }
  }
  at "39m" {
    expect { quiet = true }
  }
  at "40m" {
    expect { sms = 2 }
  }
}

test "an expectation is looked at when its moment has settled" {
  at "0s" {
    publish "zigbee2mqtt/smoke_attic" { json = { smoke = true } }
    publish "zigbee2mqtt/smoke_attic" { json = { smoke = false } }
    expect {
      firing = []
      sms    = 4
    }
  }
}

test "a broker out of reach keeps what it is given" {
  at "0s" {
    broker { down = "5m" }
    publish "zigbee2mqtt/smoke_attic" { json = { smoke = true } }
    publish "zigbee2mqtt/smoke_hall" {
      json = { smoke = true }
      qos  = 0
    }
    publish "zigbee2mqtt/smoke_loft" {
      json     = { smoke = true }
      qos      = 0
      retained = true
    }
  }
  at "4m59s" {
    expect { quiet = true }
  }
  at "5m" {
    expect {
      sms  = 4
      text = ["SMOKE: attic", "SMOKE: loft (seen at reconnect)"]
    }
  }
}

test "texts wait for the network and for the modem" {
  at "0s" {
    network { down = "5m" }
    modem {
      fault = "no_sim"
      down  = "10m"
    }
    publish "zigbee2mqtt/smoke_attic" { json = { smoke = true } }
    expect {
      firing = [alert.smoke]
      sms    = 0
    }
  }
  at "9m" {
    expect { sms = 0 }
  }
  at "10m" {
    expect { sms = 2 }
  }
}

test "a reboot into 1970 and a clock that steps change nothing" {
  at "0s" {
    publish "zigbee2mqtt/smoke_attic" { json = { smoke = true } }
    publish "home/utility/freezer/temp" {
      values = "-5x60"
      every  = "1m"
    }
    expect { sms = 2 }
  }
  at "1m" {
    ack {
      alert = alert.smoke
      by    = contact.alice
    }
    expect { text = "Alice is on it: *" }
  }
  at "10m10s" {
    reboot {
      down  = "30s"
      clock = "1970-01-01T00:00:10Z"
    }
  }
  at "15m" {
    clock { step = "+20000d" }
  }
  at "20m29s" {
    expect { quiet = true }
  }
  at "20m30s" {
    expect {
      firing = [alert.freezer_warm, alert.smoke]
      sms    = 2
    }
  }
}

test "a door opened while everybody is away, and not when somebody comes home" {
  at "0s" {
    publish "zigbee2mqtt/front_door" { json = { contact = true } }
    switch "away" { on = true }
    expect { on = [switch.away] }
  }
  at "1h" {
    publish "zigbee2mqtt/front_door" { json = { contact = false } }
  }
  at "1h19s" {
    switch "away" { on = false }
  }
  at "2h" {
    expect {
      off   = [switch.away]
      quiet = true
    }
  }
  at "3h" {
    publish "home/away" { value = "ON" }
  }
  at "3h20s" {
    expect {
      firing = [alert.break_in]
      sms    = 2
      text   = "Front door opened while you are away"
    }
  }
}

test "a switch outlives a reboot" {
  at "0s" {
    switch "away" { on = true }
  }
  at "1m" {
    reboot { clock = "1970-01-01T00:00:10Z" }
  }
  at "5m" {
    publish "zigbee2mqtt/front_door" { json = { contact = false } }
    expect { on = switch.away }
  }
  at "6m" {
    expect { firing = [alert.break_in] }
  }
}

test "what was measured long ago is told late and disturbs nobody" {
  at "0s" {
    publish "yard/pump" {
      values = "10x3"
      every  = "1m"
      json   = { bar = value, ts = now - 600 }
    }
  }
  at "5m" {
    expect { quiet = true }
  }
  at "6m" {
    publish "yard/pump" { json = { bar = 10, ts = now - 60 } }
    expect { firing = [alert.pump_pressure] }
  }
}

test "a call that the broker brings twice is one, and what it keeps is none" {
  at "0s" {
    publish "yard/bell" {
      value    = "ring"
      retained = true
    }
    expect { sms = 1 }
  }
  at "30s" {
    publish "yard/bell" {
      value = "ring"
      dup   = true
    }
    expect { quiet = true }
  }
  at "5m" {
    expect { text = "Somebody is at the gate no more" }
    broker { down = "1m" }
  }
  at "10m" {
    expect { quiet = true }
  }
}

test "a broker out of reach is one text, and its sensors have their time after it" {
  at "0s" {
    publish "boiler/1" { value = 60 }
  }
  at "10m" {
    broker { down = "3h" }
  }
  at "59m59s" {
    expect { quiet = true }
  }
  at "1h" {
    expect {
      firing = [alert.broker_unreachable]
      sms_to = [contact.bob]
      text   = "Cannot reach the sensors: broker home has been out of reach for 50 min"
    }
  }
  at "2h" {
    reboot { down = "10m" }
  }
  at "3h9m" {
    expect { quiet = true }
  }
  at "3h10m" {
    expect {
      firing = []
      sms    = 1
      text   = "Sensors in reach again: broker home is back"
    }
  }
  at "4h9m" {
    expect { quiet = true }
  }
  at "4h10m" {
    expect {
      firing = [alert.boiler_lost]
      sms    = 1
    }
  }
}

test "levels, an ack, a latch" {
  at "0s" {
    publish "home/tank" {
      values = "15 4 30"
      every  = "1m"
    }
    expect {
      severity = "warning"
      sms_to   = contact.bob
      acked    = []
    }
  }
  at "30s" {
    ack {
      alert = alert.tank
      by    = contact.bob
    }
    expect {
      acked   = alert.tank
      latched = []
      quiet   = true
    }
  }
  at "1m" {
    expect {
      severity = "critical"
      acked    = []
      text     = "Tank 4 %"
    }
  }
  at "2m" {
    expect {
      firing  = [alert.tank]
      latched = [alert.tank]
      quiet   = true
    }
  }
  at "62m" {
    expect { stale = [alert.tank] }
  }
  at "63m" {
    ack {
      alert = [alert.tank]
      by    = contact.alice
    }
    expect {
      firing = []
      sms    = 1
    }
  }
}

test "what is suppressed is told when its parent clears" {
  at "0s" {
    publish "home/mains" { value = "off" }
  }
  at "1m" {
    publish "home/tank" { value = 3 }
    expect {
      firing     = [alert.power_lost, alert.tank]
      suppressed = [alert.tank]
      text       = "power lost"
      sms        = 1
    }
  }
  at "2m" {
    publish "home/mains" { value = "on" }
    expect {
      suppressed = []
      sms        = 1
    }
  }
  at "4m" {
    expect {
      sms  = 1
      text = "Tank 3 %"
    }
  }
}

test "what is silenced is marked, until the silence ends" {
  at "0s" {
    silence {
      alert = [alert.smoke, alert.freezer_warm]
      for   = "1h"
      by    = contact.alice
    }
    publish "zigbee2mqtt/smoke_attic" { json = { smoke = true } }
    publish "yard/bell" { value = "ring" }
    expect { silenced = [alert.smoke] }
  }
  at "10m" {
    unsilence {}
    expect { silenced = [] }
  }
  at "11m" {
    silence {
      number      = 1
      until_clear = true
      by          = contact.bob
    }
    expect { silenced = alert.smoke }
  }
}

test "a phone that refuses texts is not texted" {
  at "0s" {
    phone "alice" { down = "10m" }
    publish "zigbee2mqtt/smoke_attic" { json = { smoke = true } }
    expect {
      sms_to   = [contact.bob]
      calls    = 0
      calls_to = []
    }
  }
}

test "whoever was told of what is open is to hear of its end" {
  start = "2026-07-01 03:00"
  at "0s" {
    publish "home/tank" { value = 10 }
    expect { told = [contact.bob] }
  }
  at "10m" {
    publish "home/tank" { value = 30 }
    expect { told = contact.bob } # it is latched
  }
  at "11m" {
    ack {
      alert = alert.tank
      by    = contact.bob
    }
    expect { told = [] }
  }
}

test "a reply waits for service as texts do, and a stranger's has no effect" {
  at "0s" {
    publish "zigbee2mqtt/smoke_attic" { json = { smoke = true } }
    network { down = "10m" }
    reply "alice" { text = "OK" }
    reply "+447700900123" { text = "OK" }
    expect { acked = [] }
  }
  at "9m59s" {
    expect { acked = [] }
  }
  at "10m" {
    expect { acked = [alert.smoke] }
  }
}
