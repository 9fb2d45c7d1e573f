# What keeps alarms back, and for how long.

test "an alert is suppressed on shared labels" {
  at "0s" {
    publish "power/cellar/lost" {
      value = true
    }
  }
  at "2m" {
    expect {
      text = "Power cellar lost"
    }
  }
  at "3m" {
    publish "power/cellar/pump" {
      value = true
    }
    publish "power/attic/pump" {
      value = true
    }
    expect {
      suppressed = [alert.pump]
      sms        = 1
      text       = "Pump attic off"
    }
  }
}

test "suppression is transitive" {
  at "0s" {
    publish "power/cellar/lost" {
      value = true
    }
  }
  at "2m" {
    expect {
      sms = 1
    }
  }
  at "3m" {
    publish "power/cellar/frost" {
      value = true
    }
  }
  at "10m" {
    expect {
      suppressed = [alert.frost]
      quiet      = true
    }
  }
}

test "a child's first text is held while a parent is pending" {
  at "0s" {
    publish "power/cellar/lost" {
      value = true
    }
  }
  at "10s" {
    publish "power/cellar/pump" {
      value = true
    }
  }
  at "59s" {
    expect {
      quiet      = true
      suppressed = [alert.pump]
    }
  }
  at "1m" {
    expect {
      sms  = 1
      text = "Power cellar lost"
    }
  }
  at "2h" {
    expect {
      quiet = true
    }
  }
}

test "a child that is critical is held ten seconds at most" {
  at "0s" {
    publish "power/cellar/lost" {
      value = true
    }
  }
  at "1s" {
    publish "power/cellar/boiler" {
      value = true
    }
  }
  at "10s" {
    expect {
      quiet = true
    }
  }
  at "11s" {
    expect {
      sms  = 1
      text = "Boiler cellar off"
    }
  }
}

test "when the parent clears, children still firing are told" {
  at "0s" {
    publish "power/cellar/lost" {
      value = true
    }
  }
  at "2m" {
    publish "power/cellar/pump" {
      value = true
    }
    publish "power/cellar/frost" {
      value = true
    }
    expect {
      sms = 1
    }
  }
  at "5m" {
    publish "power/cellar/frost" {
      value = false
    }
  }
  at "10m" {
    publish "power/cellar/lost" {
      value = false
    }
  }
  at "30m" {
    expect {
      sms_to = [contact.alice]
      text   = "Pump cellar off"
      told   = [contact.alice]
    }
  }
}

test "silences always end: after four hours when nobody says when" {
  at "0s" {
    silence {
      alert = [alert.freezer_warm]
      by    = contact.alice
    }
  }
  at "1m" {
    publish "home/freezer" {
      value = -5
    }
  }
  at "3h59m" {
    expect {
      silenced = [alert.freezer_warm]
      quiet    = true
    }
  }
  at "4h" {
    expect {
      silenced = []
      sms      = 2
      text     = "*Freezer -5 C*"
    }
  }
}

test "a silence may last until it clears" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
    expect {
      sms = 2
    }
  }
  at "1m" {
    silence {
      alert       = [alert.freezer_warm]
      until_clear = true
      by          = contact.bob
    }
  }
  at "9h" {
    expect {
      silenced = [alert.freezer_warm]
      quiet    = true
    }
  }
  at "10h" {
    publish "home/freezer" {
      value = -20
    }
  }
  at "11h" {
    publish "home/freezer" {
      value = -5
    }
    expect {
      silenced = []
      text     = "*Freezer -5 C*"
    }
  }
}

test "when a silence ends, each person is told once if what is true differs from what they were last told" {
  at "0s" {
    silence {
      by  = contact.alice
      for = "2h"
    }
  }
  at "1m" {
    publish "home/freezer" {
      value = -5
    }
  }
  at "10m" {
    publish "home/smoke/kitchen" {
      value = true
    }
  }
  at "20m" {
    publish "home/smoke/kitchen" {
      value = false
    }
  }
  at "1h59m59s" {
    expect {
      quiet = true
      told  = []
    }
  }
  at "2h" {
    expect {
      sms    = 2
      sms_to = [contact.alice, contact.bob]
      text   = "*Freezer -5 C*"
      told   = [contact.alice, contact.bob]
    }
  }
  at "5h" {
    expect {
      quiet = true
    }
  }
}

test "who ends a silence is told what it kept back" {
  at "0s" {
    silence {
      alert = [alert.freezer_warm]
      by    = contact.alice
    }
  }
  at "1m" {
    publish "home/freezer" {
      value = -5
    }
  }
  at "1h" {
    unsilence {}
    expect {
      sms      = 2
      text     = "*Freezer -5 C*"
      silenced = []
    }
  }
}

test "flapping is four incidents of one instance within half an hour: it is said once" {
  at "0s" {
    publish "fleet/m1/fault" {
      values = "true false true false true false true false true false true false"
      every  = "3m"
    }
  }
  at "17m59s" {
    expect {
      sms = 4
    }
  }
  at "18m" {
    expect {
      sms  = 1
      text = "Rosewood: On and off, 4 times in 18 min, now on: m1: fault*"
    }
  }
  at "47m59s" {
    expect {
      quiet = true
    }
  }
}

test "flapping is summed up at most once in half an hour" {
  at "0s" {
    publish "fleet/m1/fault" {
      values = "true false true false true false true false true false true false true false true false true false true false true false true false true false true false true false true false true false true false true false"
      every  = "3m"
    }
  }
  at "18m" {
    expect {
      sms = 5
    }
  }
  at "47m59s" {
    expect {
      quiet = true
    }
  }
  at "48m" {
    expect {
      sms  = 1
      text = "*times since 12:00, now *: m1: fault*"
    }
  }
  at "1h17m59s" {
    expect {
      quiet = true
    }
  }
  at "1h18m" {
    expect {
      sms = 1
    }
  }
}

test "what is critical and flaps is told at least once an hour while it fires" {
  at "0s" {
    publish "home/smoke/kitchen" {
      values = "true false true false true false true"
      every  = "3m"
    }
  }
  at "30m" {
    expect {
      sms_to = [contact.alice, contact.bob]
    }
  }
  at "1h30m" {
    expect {
      sms_to = [contact.alice, contact.bob]
      text   = "*SMOKE kitchen*"
    }
  }
  at "2h30m" {
    expect {
      sms_to = [contact.alice, contact.bob]
      text   = "*SMOKE kitchen*"
    }
  }
}

test "flapping is over after half an hour of quiet" {
  at "0s" {
    publish "fleet/m1/fault" {
      values = "true false true false true false true false"
      every  = "3m"
    }
  }
  at "50m59s" {
    expect {
      sms_to = [contact.foreman]
    }
  }
  at "51m" {
    expect {
      sms  = 1
      text = "*Quiet for 30 min*m1: fault*"
    }
  }
  at "2h" {
    publish "fleet/m1/fault" {
      value = true
    }
    expect {
      sms  = 1
      text = "m1: fault"
    }
  }
}
