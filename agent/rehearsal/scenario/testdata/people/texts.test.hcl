# What a text reads.

test "the shape of a text is site, what, where, value, number to answer with" {
  at "0s" {
    publish "home/smoke/kitchen" {
      value = true
    }
    expect {
      text = "Rosewood: SMOKE kitchen. Reply OK or 1"
    }
  }
}

test "who may not acknowledge is not asked to" {
  at "0s" {
    publish "yard/gate" {
      value = true
    }
    expect {
      sms  = 4
      text = ["Rosewood: Gate open", "Rosewood: Gate open. Reply OK or 1"]
    }
  }
}

test "the message is rendered when the alert fires" {
  at "0s" {
    network {
      down = "5m"
    }
    publish "home/freezer" {
      values = "-5 -6 -7"
      every  = "1m"
    }
  }
  at "5m" {
    expect {
      text = "*Freezer -5 C*"
    }
  }
}
