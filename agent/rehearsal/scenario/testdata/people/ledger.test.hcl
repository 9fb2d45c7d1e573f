# What was told, and what is true.

test "what was told is made to agree with what is true" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
    expect {
      sms    = 2
      sms_to = [contact.alice, contact.bob]
      told   = [contact.alice, contact.bob]
    }
  }
  at "10m" {
    publish "home/freezer" {
      value = -20
    }
    expect {
      sms    = 2
      sms_to = [contact.alice, contact.bob]
      told   = []
    }
  }
  at "2h" {
    expect {
      quiet = true
    }
  }
}

test "a restart texts nobody by itself" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
    expect {
      sms = 2
    }
  }
  at "10m" {
    reboot {
      down  = "1m"
      clock = "1970-01-01T00:00:10Z"
    }
  }
  at "2h" {
    expect {
      firing = [alert.freezer_warm]
      quiet  = true
      told   = [contact.alice, contact.bob]
    }
  }
}

test "a reboot loses no text that waits, and sends none twice" {
  at "0s" {
    network {
      down = "10m"
    }
    publish "home/smoke/kitchen" {
      value = true
    }
  }
  at "1m" {
    reboot {
      down = "1m"
    }
  }
  at "9m59s" {
    expect {
      sms = 0
    }
  }
  at "10m" {
    expect {
      sms    = 2
      sms_to = [contact.alice, contact.bob]
      text   = "*SMOKE kitchen*"
    }
  }
}

test "an incident that fired and cleared while nothing could be sent becomes one text" {
  at "0s" {
    network {
      down = "30m"
    }
  }
  at "10m" {
    publish "home/freezer" {
      value = -5
    }
  }
  at "25m" {
    publish "home/freezer" {
      value = -20
    }
  }
  at "30m" {
    expect {
      sms    = 2
      sms_to = [contact.alice, contact.bob]
      text   = "Rosewood: 12:10-12:25: Freezer -5 C (over now)*"
      told   = []
    }
  }
  at "5h" {
    expect {
      quiet = true
    }
  }
}

test "after two hours without service a person gets the net result per incident, not forty stale texts" {
  # Seven times a fault of m1, too seldom to be called flapping, one of m2 that is over, and one of m3.
  at "0s" {
    network {
      down = "2h"
    }
    publish "fleet/m1/fault" {
      values = "true false true false true false true false true false true false true"
      every  = "8m"
    }
  }
  at "20m" {
    publish "fleet/m2/fault" {
      value = true
    }
  }
  at "50m" {
    publish "fleet/m2/fault" {
      value = false
    }
    publish "fleet/m3/fault" {
      value = true
    }
  }
  at "1h59m" {
    expect {
      sms = 0
    }
  }
  at "2h" {
    expect {
      sms_to = [contact.foreman]
      sms    = 1
      told   = [contact.foreman]
    }
  }
  at "5h" {
    expect {
      quiet = true
    }
  }
}

test "a text older than two minutes says so" {
  at "0s" {
    network {
      down = "10m"
    }
  }
  at "1m" {
    publish "home/freezer" {
      value = -5
    }
  }
  at "10m" {
    expect {
      sms  = 2
      text = "Rosewood: Freezer -5 C*(sent late: no signal since 12:00)"
    }
  }
}

test "a text of two minutes says nothing of it" {
  at "0s" {
    network {
      down = "2m"
    }
  }
  at "1m" {
    publish "home/freezer" {
      value = -5
    }
  }
  at "2m" {
    expect {
      sms  = 2
      text = "Rosewood: Freezer -5 C. Reply OK or 1"
    }
  }
}

test "whoever got the alarm gets the all-clear, exactly once, through silences" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
    expect {
      sms = 2
    }
  }
  at "5m" {
    silence {
      alert = [alert.freezer_warm]
      for   = "2h"
      by    = contact.alice
    }
    expect {
      silenced = [alert.freezer_warm]
      quiet    = true
    }
  }
  at "10m" {
    publish "home/freezer" {
      value = -20
    }
    expect {
      firing = []
      told   = []
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

test "whoever got the alarm gets the all-clear, exactly once, through quiet hours" {
  start = "2026-01-05 21:50"
  at "0s" {
    publish "home/door/back" {
      value = true
    }
    expect {
      sms_to = [contact.carol]
    }
  }
  at "30m" {
    publish "home/door/back" {
      value = false
    }
  }
  at "20h" {
    expect {
      sms    = 1
      sms_to = [contact.carol]
      told   = []
    }
  }
}

test "whoever got the alarm gets the all-clear, exactly once, through inhibition" {
  at "0s" {
    publish "power/cellar/pump" {
      value = true
    }
    expect {
      sms  = 1
      text = "Pump cellar off"
    }
  }
  at "5m" {
    publish "power/cellar/lost" {
      value = true
    }
  }
  at "10m" {
    expect {
      suppressed = [alert.pump]
      text       = "Power cellar lost"
      sms        = 1
    }
  }
  at "11m" {
    publish "power/cellar/pump" {
      value = false
    }
  }
  at "14m" {
    publish "power/cellar/lost" {
      value = false
    }
  }
  at "1h" {
    expect {
      firing = []
      told   = []
      sms    = 2
    }
  }
}

test "whoever got the alarm gets the all-clear, exactly once, through restarts" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
    expect {
      sms = 2
    }
  }
  at "5m" {
    reboot {
      down = "10m"
    }
  }
  at "10m" {
    publish "home/freezer" {
      value = -20
    }
  }
  at "15m" {
    expect {
      sms    = 2
      sms_to = [contact.alice, contact.bob]
      told   = []
    }
  }
  at "16m" {
    reboot {
      down = "1m"
    }
  }
  at "5h" {
    expect {
      quiet = true
    }
  }
}
