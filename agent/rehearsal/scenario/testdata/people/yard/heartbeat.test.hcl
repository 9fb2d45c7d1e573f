# The gateway's own sign of life.

test "a heartbeat says every day at its hour how the gateway is" {
  start = "2026-01-05 08:59"
  at "0s" {
    publish "fleet/m1/fault" {
      value = false
    }
  }
  at "59s" {
    expect {
      quiet = true
    }
  }
  at "1m" {
    expect {
      sms    = 1
      sms_to = [contact.foreman]
      text   = "Yard 4: *"
    }
  }
  at "24h" {
    expect {
      quiet = true
    }
  }
  at "24h1m" {
    expect {
      sms = 1
    }
  }
}

test "a restart sends no heartbeat by itself, and one that was missed is sent once" {
  start = "2026-01-05 08:30"
  at "10m" {
    reboot {
      down = "1m"
    }
  }
  at "29m" {
    expect {
      quiet = true
    }
  }
  at "30m" {
    expect {
      sms = 1
    }
  }
  at "40m" {
    reboot {
      down = "1m"
    }
  }
  at "24h" {
    expect {
      quiet = true
    }
  }
  at "24h20m" {
    reboot {
      down = "1h"
    }
  }
  at "25h30m" {
    expect {
      sms = 1
    }
  }
}
