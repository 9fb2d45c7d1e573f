# How many texts a person is sent.

test "per person: 1 a minute, 5 in 15 min, 11 an hour, 21 in 3 h; 30 % kept for critical" {
  # Six machines, each with a fault twice an hour: ten texts' worth in a quarter of an hour.
  at "0s" {
    publish "fleet/m1/fault" {
      values = "true false _x28 true false _x28 true false _x28 true false _x28 true false _x28 true false _x28"
      every  = "1m"
    }
  }
  at "5m" {
    publish "fleet/m2/fault" {
      values = "true false _x28 true false _x28 true false _x28 true false _x28 true false _x28 true false _x28"
      every  = "1m"
    }
  }
  at "10m" {
    publish "fleet/m3/fault" {
      values = "true false _x28 true false _x28 true false _x28 true false _x28 true false _x28 true false _x28"
      every  = "1m"
    }
  }
  at "14m59s" {
    expect {
      sms = 3
    }
  }
  at "15m" {
    publish "fleet/m4/fault" {
      values = "true false _x28 true false _x28 true false _x28 true false _x28 true false _x28 true false _x28"
      every  = "1m"
    }
  }
  at "20m" {
    publish "fleet/m5/fault" {
      values = "true false _x28 true false _x28 true false _x28 true false _x28 true false _x28 true false _x28"
      every  = "1m"
    }
  }
  at "25m" {
    publish "fleet/m6/fault" {
      values = "true false _x28 true false _x28 true false _x28 true false _x28 true false _x28 true false _x28"
      every  = "1m"
    }
  }
  at "59m59s" {
    expect {
      sms = 4
    }
  }
  at "2h59m" {
    expect {
      sms = 7
    }
  }
}

test "what is kept for critical is there when it is needed" {
  at "0s" {
    publish "fleet/m1/fault" {
      value = true
    }
  }
  at "3m" {
    publish "fleet/m2/fault" {
      value = true
    }
  }
  at "6m" {
    publish "fleet/m3/fault" {
      value = true
    }
    expect {
      sms = 3
    }
  }
  at "9m" {
    publish "fleet/m4/fault" {
      value = true
    }
    expect {
      sms = 0
    }
  }
  at "10m" {
    publish "fleet/m5/oil" {
      value = 80
    }
    expect {
      sms  = 1
      text = "m5: OIL 80 kPa"
    }
  }
}

test "overflow is bundled, never dropped" {
  at "0s" {
    publish "fleet/m1/fault" {
      value = true
    }
    publish "fleet/m2/fault" {
      value = true
    }
    publish "fleet/m3/fault" {
      value = true
    }
    publish "fleet/m4/fault" {
      value = true
    }
    publish "fleet/m5/fault" {
      value = true
    }
    publish "fleet/m6/fault" {
      value = true
    }
  }
  at "1m" {
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
      sms  = 2
      text = "*+* more, reply LIST*"
    }
  }
  at "3m" {
    reply "foreman" {
      text = "LIST"
    }
    expect {
      sms_to = [contact.foreman]
    }
  }
}
