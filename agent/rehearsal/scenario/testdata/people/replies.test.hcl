# What people text back.

test "STATUS tells how the gateway is" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
    expect {
      sms = 2
    }
  }
  at "10m" {
    reply "alice" {
      text = "STATUS"
    }
    expect {
      sms    = 1
      sms_to = [contact.alice]
      text   = "Rosewood: modem ok, *, signal good, broker ok, 1 sensor heard. Open: 1 Freezer -5 C"
    }
  }
}

test "LIST tells what is firing" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
    publish "home/smoke/kitchen" {
      value = true
    }
  }
  at "1m" {
    reply "alice" {
      text = "LIST"
    }
    expect {
      text = "Rosewood: Open: 2 SMOKE kitchen; 1 Freezer -5 C"
    }
  }
}

test "MORE continues a list" {
  at "0s" {
    publish "fleet/machine-of-the-north-quarry-1/fault" {
      value = true
    }
    publish "fleet/machine-of-the-north-quarry-2/fault" {
      value = true
    }
    publish "fleet/machine-of-the-north-quarry-3/fault" {
      value = true
    }
    publish "fleet/machine-of-the-north-quarry-4/fault" {
      value = true
    }
    publish "fleet/machine-of-the-north-quarry-5/fault" {
      value = true
    }
    publish "fleet/machine-of-the-north-quarry-6/fault" {
      value = true
    }
  }
  at "2m" {
    expect {
      sms = 2
    }
  }
  at "10m" {
    reply "foreman" {
      text = "LIST"
    }
    expect {
      sms  = 1
      text = "*quarry-6*MORE*"
    }
  }
  at "11m" {
    reply "foreman" {
      text = "MORE"
    }
    expect {
      sms  = 1
      text = "*quarry-1*"
    }
  }
}

test "WHY tells the values behind it" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
    expect {
      sms = 2
    }
  }
  at "10m" {
    reply "alice" {
      text = "WHY 1"
    }
    expect {
      sms    = 1
      sms_to = [contact.alice]
      text   = "Rosewood: 1 Freezer -5 C (for 10 min): freezer -5 (10 min ago)"
    }
  }
}

test "MUTE silences for as long as it says" {
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
      text = "MUTE 2h"
    }
    expect {
      sms      = 1
      sms_to   = [contact.alice]
      silenced = [alert.smoke]
    }
  }
  at "2h59s" {
    expect {
      quiet    = true
      silenced = [alert.smoke]
    }
  }
  at "2h1m" {
    expect {
      sms      = 2
      silenced = []
      text     = "*SMOKE kitchen*"
    }
  }
}

test "MUTE ALL silences what is yet to come as well" {
  at "0s" {
    reply "alice" {
      text = "MUTE ALL 2h"
    }
    expect {
      sms    = 1
      sms_to = [contact.alice]
    }
  }
  at "1m" {
    publish "home/freezer" {
      value = -5
    }
  }
  at "1h59m" {
    expect {
      quiet    = true
      silenced = [alert.freezer_warm]
    }
  }
  at "2h" {
    expect {
      sms      = 2
      silenced = []
      told     = [contact.alice, contact.bob]
      text     = "Freezer -5 C"
    }
  }
}

test "MUTE is always bounded" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
    expect {
      sms = 2
    }
  }
  at "1m" {
    reply "alice" {
      text = "MUTE 1 30d"
    }
    expect {
      sms_to   = [contact.alice]
      silenced = []
      text     = "*7 d at most"
    }
  }
  at "2m" {
    reply "alice" {
      text = "MUTE 1 7d"
    }
    expect {
      silenced = [alert.freezer_warm]
    }
  }
  at "8d" {
    expect {
      silenced = []
    }
  }
}

test "MUTE and a number silence that incident" {
  at "0s" {
    publish "home/smoke/kitchen" {
      value = true
    }
    publish "home/freezer" {
      value = -5
    }
  }
  at "1m" {
    reply "alice" {
      text = "MUTE 1 2h"
    }
    expect {
      silenced = [alert.smoke]
    }
  }
}

test "UNMUTE ends it" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
  }
  at "1m" {
    reply "alice" {
      text = "MUTE 1 2h"
    }
    expect {
      silenced = [alert.freezer_warm]
    }
  }
  at "10m" {
    reply "alice" {
      text = "UNMUTE"
    }
    expect {
      silenced = []
    }
  }
}

test "a switch word sets the switch, confirmed to all contacts of the site" {
  at "0s" {
    reply "alice" {
      text = "away"
    }
    expect {
      on     = [switch.away]
      text   = "Rosewood: Alice: away is on"
      sms_to = [contact.alice, contact.bob, contact.carol, contact.dieter, contact.erin, contact.fergus, contact.greta, contact.foreman, contact.manager, contact.owner]
    }
  }
  at "1m" {
    reply "bob" {
      text = " Home. "
    }
    expect {
      off = [switch.away]
    }
  }
}

test "STOP is honoured always, and START opts back in" {
  at "0s" {
    reply "erin" {
      text = "STOP"
    }
    expect {
      sms    = 1
      sms_to = [contact.erin]
    }
  }
  at "1m" {
    publish "yard/gate" {
      value = true
    }
    expect {
      sms_to = [contact.dieter, contact.fergus, contact.greta]
    }
  }
  at "20m" {
    reply "erin" {
      text = "START"
    }
  }
  at "25m" {
    expect {
      text = "Gate open"
      told = [contact.dieter, contact.erin, contact.fergus, contact.greta]
    }
  }
  at "1h" {
    publish "yard/gate" {
      value = false
    }
    expect {
      sms_to = [contact.dieter, contact.erin, contact.fergus, contact.greta]
    }
  }
}

test "whoever has opted out is told nothing, be it critical" {
  at "0s" {
    reply "alice" {
      text = "Stop!"
    }
    expect {
      sms_to = [contact.alice]
    }
  }
  at "1m" {
    publish "home/smoke/kitchen" {
      value = true
    }
    expect {
      sms_to = [contact.bob]
    }
  }
}

test "HELP says what can be said" {
  at "0s" {
    reply "alice" {
      text = "HELP"
    }
    expect {
      sms    = 1
      sms_to = [contact.alice]
      text   = "*STOP*"
    }
  }
}

test "replies are understood in any case and with surrounding punctuation" {
  at "0s" {
    publish "home/smoke/kitchen" {
      value = true
    }
  }
  at "1m" {
    reply "alice" {
      text = "  «ok!» "
    }
    expect {
      acked = [alert.smoke]
    }
  }
}

test "a language's own words are understood" {
  at "0s" {
    publish "yard/gate" {
      value = true
    }
    expect {
      text = "Rosewood: Gate open. Antworte OK oder 1"
    }
  }
  at "1m" {
    reply "dieter" {
      text = "Hilfe"
    }
    expect {
      sms_to = [contact.dieter]
      sms    = 1
    }
  }
}

test "only contacts with the right have any effect" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
    publish "yard/gate" {
      value = true
    }
  }
  at "1m" {
    reply "erin" {
      text = "OK"
    }
    reply "erin" {
      text = "AWAY"
    }
    reply "erin" {
      text = "MUTE 2h"
    }
    reply "fergus" {
      text = "AWAY"
    }
    reply "fergus" {
      text = "MUTE 2h"
    }
    expect {
      acked    = []
      silenced = []
      off      = [switch.away]
    }
  }
}

test "nobody else is ever answered" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
    expect {
      sms = 2
    }
  }
  at "1m" {
    reply "+447700900123" {
      text = "OK"
    }
    reply "+447700900123" {
      text = "HELP"
    }
    reply "0871234599" {
      text = "STATUS"
    }
    reply "50123" {
      text = "STOP"
    }
    expect {
      quiet = true
      acked = []
    }
  }
}

test "a number that is not quite a contact's is a stranger's" {
  at "0s" {
    publish "home/freezer" {
      value = -5
    }
    expect {
      sms = 2
    }
  }
  at "1m" {
    reply "+3538712345670" {
      text = "OK"
    }
    reply "+35387123456" {
      text = "OK"
    }
    reply "1234567" {
      text = "OK"
    }
    expect {
      quiet = true
      acked = []
    }
  }
}

test "at most five help replies until something useful is said" {
  at "0s" {
    reply "alice" {
      text = "hm"
    }
    reply "alice" {
      text = "hm"
    }
    reply "alice" {
      text = "hm"
    }
    reply "alice" {
      text = "hm"
    }
    reply "alice" {
      text = "hm"
    }
    reply "alice" {
      text = "hm"
    }
    reply "alice" {
      text = "hm"
    }
    expect {
      sms = 5
    }
  }
  at "1m" {
    reply "alice" {
      text = "STATUS"
    }
    expect {
      sms = 1
    }
  }
  at "2m" {
    reply "alice" {
      text = "hm"
    }
    expect {
      sms = 1
    }
  }
}

test "commands that lower protection ask for a one-time code" {
  at "0s" {
    switch "away" {
      on = true
    }
  }
  at "1m" {
    reply "greta" {
      text = "HOME"
    }
    expect {
      on     = [switch.away]
      sms_to = [contact.greta]
      text   = "Rosewood: Reply 1001 to confirm HOME"
    }
  }
  at "2m" {
    reply "greta" {
      text = "1001"
    }
    expect {
      off = [switch.away]
    }
  }
}

test "a one-time code is good once and for what it was asked for" {
  at "0s" {
    switch "away" {
      on = true
    }
  }
  at "1m" {
    reply "greta" {
      text = "HOME"
    }
    reply "greta" {
      text = "4711"
    }
    expect {
      on = [switch.away]
    }
  }
  at "2m" {
    reply "greta" {
      text = "1001"
    }
    expect {
      off = [switch.away]
    }
  }
  at "3m" {
    switch "away" {
      on = true
    }
  }
  at "4m" {
    reply "greta" {
      text = "1001"
    }
    expect {
      on = [switch.away]
    }
  }
}

test "AWAY needs no code, since it lowers nothing" {
  at "0s" {
    reply "greta" {
      text = "AWAY"
    }
    expect {
      on = [switch.away]
    }
  }
}
