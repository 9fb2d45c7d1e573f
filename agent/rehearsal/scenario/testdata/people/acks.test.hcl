# Acknowledge, repeat, escalate.

test "OK acknowledges the latest that one was told" {
  at "0s" {
    publish "home/smoke/kitchen" {
      value = true
    }
  }
  at "30s" {
    publish "home/smoke/attic" {
      value = true
    }
  }
  at "1m" {
    reply "alice" {
      text = "OK"
    }
    expect {
      acked = [alert.smoke]
      text  = "Rosewood: Alice is on it: SMOKE attic"
    }
  }
}

test "a number acknowledges that incident" {
  at "0s" {
    publish "home/smoke/kitchen" {
      value = true
    }
  }
  at "30s" {
    publish "home/smoke/attic" {
      value = true
    }
  }
  at "1m" {
    reply "alice" {
      text = "1"
    }
    expect {
      text = ["Rosewood: Alice is on it: SMOKE kitchen", "Rosewood: You are on it: 1 SMOKE kitchen"]
    }
  }
}

test "OK and a number acknowledge that incident" {
  at "0s" {
    publish "home/smoke/kitchen" {
      value = true
    }
  }
  at "30s" {
    publish "home/smoke/attic" {
      value = true
    }
  }
  at "1m" {
    reply "bob" {
      text = "OK 1"
    }
    expect {
      text = "Rosewood: Bob is on it: SMOKE kitchen"
    }
  }
}

test "OK ALL acknowledges everything that one was told" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
  }
  at "30s" {
    publish "home/smoke/kitchen" {
      value = true
    }
  }
  at "1m" {
    reply "bob" {
      text = "OK ALL"
    }
    expect {
      acked = [alert.smoke, alert.freezer_warm]
    }
  }
  at "1m1s" {
    expect {
      quiet = true
    }
  }
  at "20m" {
    expect {
      acked  = [alert.smoke, alert.freezer_warm]
      firing = [alert.smoke, alert.freezer_warm]
      sms    = 1
      sms_to = [contact.alice]
      text   = "*Bob is on it: Freezer -5 C"
    }
  }
}

test "also from the shell and the web page" {
  at "0s" {
    publish "home/smoke/kitchen" {
      value = true
    }
    expect {
      sms = 2
    }
  }
  at "1m" {
    ack {
      alert = alert.smoke
      by    = contact.bob
    }
    expect {
      acked  = [alert.smoke]
      sms_to = [contact.alice]
      text   = "Rosewood: Bob is on it: SMOKE kitchen"
    }
  }
  at "10h" {
    expect {
      quiet = true
    }
  }
}

test "an ack stops repeats and escalation for everyone; the others hear who is on it" {
  at "0s" {
    publish "fleet/m1/oil" {
      value = 80
    }
    expect {
      sms_to = [contact.foreman]
    }
  }
  at "6m" {
    expect {
      sms_to = [contact.foreman, contact.manager]
    }
  }
  at "6m30s" {
    reply "manager" {
      text = "OK"
    }
    expect {
      acked = [alert.oil]
      text  = "Rosewood: Manager is on it: m1: OIL 80 kPa"
    }
  }
  at "36m" {
    expect {
      quiet = true
    }
  }
}

test "the all-clear still goes to everybody who was told" {
  at "0s" {
    publish "fleet/m1/oil" {
      value = 80
    }
  }
  at "6m" {
    reply "manager" {
      text = "OK"
    }
  }
  at "10m" {
    expect {
      told  = [contact.foreman, contact.manager]
      acked = [alert.oil]
    }
  }
  at "11m" {
    publish "fleet/m1/oil" {
      value = 300
    }
    expect {
      sms    = 2
      sms_to = [contact.foreman, contact.manager]
      told   = []
    }
  }
}

test "ack_timeout re-opens" {
  at "0s" {
    publish "fleet/m1/oil" {
      value = 80
    }
  }
  at "1m" {
    reply "foreman" {
      text = "OK"
    }
    expect {
      acked = [alert.oil]
    }
  }
  at "30m59s" {
    expect {
      acked = [alert.oil]
    }
  }
  at "31m" {
    expect {
      acked  = []
      sms_to = [contact.foreman, contact.manager, contact.owner]
    }
  }
}

test "acks are persisted and unknown values do not remove them" {
  at "0s" {
    publish "home/smoke/kitchen" {
      value = true
    }
  }
  at "1m" {
    reply "alice" {
      text = "OK"
    }
  }
  at "2m" {
    reboot {
      down = "1m"
    }
    expect {
      acked = [alert.smoke]
    }
  }
  at "5m" {
    publish "home/smoke/kitchen" {
      values = "?x3"
      every  = "1m"
    }
  }
  at "10h" {
    expect {
      acked  = [alert.smoke]
      firing = [alert.smoke]
      quiet  = true
    }
  }
}

test "repeat is a duration or a list whose last element repeats; at most ten repeats" {
  at "0s" {
    publish "yard/gate" {
      value = true
    }
    expect {
      sms_to = [contact.dieter, contact.erin, contact.fergus, contact.greta]
    }
  }
  at "10m" {
    expect {
      sms  = 4
      text = "*Still, 10 min: Gate open*"
    }
  }
  at "39m59s" {
    expect {
      quiet = true
    }
  }
  at "40m" {
    expect {
      sms = 4
    }
  }
  at "4h40m" {
    expect {
      sms = 32
    }
  }
  at "20h" {
    expect {
      quiet  = true
      firing = [alert.gate]
    }
  }
}

test "a step counts from firing, not from the previous send, so time without signal delays nobody" {
  at "0s" {
    network {
      down = "6m"
    }
    publish "fleet/m1/oil" {
      value = 80
    }
  }
  at "6m" {
    expect {
      sms_to = [contact.foreman, contact.manager]
    }
  }
  at "15m" {
    expect {
      text = "*m1: OIL 80 kPa*"
    }
  }
}

test "a step may call: the phone rings with the text" {
  at "0s" {
    publish "fleet/m1/oil" {
      value = 80
    }
    expect {
      calls = 0
    }
  }
  at "5m" {
    expect {
      calls_to = [contact.manager]
      calls    = 1
    }
  }
}

test "a text refused by the network moves to the next step at once" {
  at "0s" {
    phone "foreman" {
      down = "1h"
    }
    publish "fleet/m1/oil" {
      value = 80
    }
    expect {
      sms_to = [contact.manager]
      calls  = 1
    }
  }
}
