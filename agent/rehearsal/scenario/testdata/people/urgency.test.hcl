# Who is told at once, who later.

test "critical is told at once, ignores quiet hours and digests" {
  start = "2026-01-05 03:00"
  at "0s" {
    publish "home/leak/cellar" {
      value = true
    }
    expect {
      sms    = 1
      sms_to = [contact.carol]
      text   = "WATER cellar"
    }
  }
}

test "critical repeats after 2, 5, 10 and 30 minutes until acked or clear" {
  at "0s" {
    publish "home/smoke/kitchen" {
      value = true
    }
    expect {
      sms = 2
    }
  }
  at "1m59s" {
    expect {
      quiet = true
    }
  }
  at "2m" {
    expect {
      sms    = 2
      sms_to = [contact.alice, contact.bob]
      text   = "*Still*SMOKE kitchen*"
    }
  }
  at "6m59s" {
    expect {
      quiet = true
    }
  }
  at "7m" {
    expect {
      sms = 2
    }
  }
  at "16m59s" {
    expect {
      quiet = true
    }
  }
  at "17m" {
    expect {
      sms = 2
    }
  }
  at "46m59s" {
    expect {
      quiet = true
    }
  }
  at "47m" {
    expect {
      sms = 2
    }
  }
  at "1h17m" {
    expect {
      sms = 2
    }
  }
  at "1h20m" {
    publish "home/smoke/kitchen" {
      value = false
    }
    expect {
      sms    = 2
      sms_to = [contact.alice, contact.bob]
    }
  }
  at "5h" {
    expect {
      quiet = true
    }
  }
}

test "an ack ends the repeats of what is critical" {
  at "0s" {
    publish "home/smoke/kitchen" {
      value = true
    }
    expect {
      sms = 2
    }
  }
  at "1m" {
    reply "alice" {
      text = "OK"
    }
  }
  at "10h" {
    expect {
      firing = [alert.smoke]
      acked  = [alert.smoke]
      sms_to = [contact.bob, contact.alice]
      sms    = 2
    }
  }
}

test "critical may ring" {
  at "0s" {
    publish "home/leak/cellar" {
      value = true
    }
    expect {
      calls    = 1
      calls_to = [contact.carol]
    }
  }
  at "1m" {
    publish "home/leak/cellar" {
      value = false
    }
    expect {
      sms   = 1
      calls = 0
    }
  }
}

test "a warning is told once when it fires, once when it clears" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
    expect {
      sms = 2
    }
  }
  at "5h" {
    expect {
      quiet = true
    }
  }
  at "6h" {
    publish "home/freezer" {
      value = -20
    }
    expect {
      sms = 2
    }
  }
  at "12h" {
    expect {
      quiet = true
    }
  }
}

test "a warning is held in quiet hours and delivered as one morning text if still true" {
  start = "2026-01-05 23:00"
  at "0s" {
    publish "home/door/back" {
      value = true
    }
  }
  at "30m" {
    publish "home/door/front" {
      value = true
    }
  }
  at "1h" {
    publish "home/door/garage" {
      value = true
    }
  }
  at "2h" {
    publish "home/door/front" {
      value = false
    }
  }
  at "7h59m" {
    expect {
      quiet = true
      told  = []
    }
  }
  at "8h" {
    expect {
      sms    = 1
      sms_to = [contact.carol]
      text   = ["Door back open", "Door garage open"]
      told   = [contact.carol]
    }
  }
  at "20h" {
    expect {
      quiet = true
    }
  }
}

test "an info is told in the daily digest" {
  at "0s" {
    publish "home/battery/attic" {
      value = 10
    }
  }
  at "2h" {
    publish "home/battery/hall" {
      value = 9
    }
  }
  at "19h59m" {
    expect {
      quiet  = true
      firing = [alert.battery_low]
    }
  }
  at "20h" {
    expect {
      sms    = 1
      sms_to = [contact.carol]
      text   = ["Battery attic 10 %", "Battery hall 9 %"]
    }
  }
}

test "first text now, then further ones to the same person within two minutes become one" {
  at "0s" {
    publish "fleet/m1/fault" {
      value = true
    }
    expect {
      sms  = 1
      text = "m1: fault"
    }
  }
  at "20s" {
    publish "fleet/m2/fault" {
      value = true
    }
  }
  at "50s" {
    publish "fleet/m3/fault" {
      value = true
    }
  }
  at "1m59s" {
    expect {
      quiet = true
    }
  }
  at "2m" {
    expect {
      sms    = 1
      sms_to = [contact.foreman]
      text   = ["m2: fault", "m3: fault"]
    }
  }
}

test "bundle waits before the first text" {
  at "0s" {
    publish "fleet/m1/link" {
      value = true
    }
  }
  at "10s" {
    publish "fleet/m2/link" {
      value = true
    }
  }
  at "20s" {
    publish "fleet/m3/link" {
      value = true
    }
  }
  at "29s" {
    expect {
      quiet = true
    }
  }
  at "30s" {
    expect {
      sms    = 1
      sms_to = [contact.foreman]
      text   = ["m1: no link", "m2: no link", "m3: no link"]
    }
  }
}

test "critical never waits except for a pending parent" {
  at "0s" {
    publish "power/cellar/lost" {
      value = true
    }
    publish "power/cellar/boiler" {
      value = true
    }
    publish "home/smoke/kitchen" {
      value = true
    }
    expect {
      sms_to = [contact.alice, contact.bob]
      text   = "SMOKE kitchen"
    }
  }
  at "9s" {
    expect {
      quiet      = true
      suppressed = [alert.boiler]
    }
  }
  at "10s" {
    expect {
      sms    = 1
      sms_to = [contact.alice]
      text   = "Boiler cellar off"
    }
  }
}
