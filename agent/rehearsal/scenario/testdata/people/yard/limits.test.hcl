# How many texts a gateway sends.

test "per gateway limits likewise: what is not critical may use seven tenths of them" {
  at "0s" {
    publish "fleet/m1/fault" {
      value = true
    }
    expect {
      sms = 2
    }
  }
  at "5m" {
    publish "fleet/m2/fault" {
      value = true
    }
    expect {
      sms = 2
    }
  }
  at "10m" {
    publish "fleet/m3/fault" {
      value = true
    }
    expect {
      sms = 2
    }
  }
  at "20m" {
    publish "fleet/m4/fault" {
      value = true
    }
    expect {
      sms = 1
    }
  }
  at "30m" {
    publish "fleet/m5/oil" {
      value = 80
    }
    expect {
      sms  = 2
      text = "m5: OIL 80 kPa"
    }
  }
  at "31m" {
    ack {
      alert = alert.oil
      by    = contact.foreman
    }
  }
  at "58m" {
    expect {
      sms  = 1
      text = "Yard 4: Foreman is on it: m5: OIL 80 kPa"
    }
  }
  at "2h" {
    expect {
      sms  = 1
      told = [contact.foreman, contact.mate]
      text = "m4: fault"
    }
  }
}

test "beyond the limits critical still goes, one text per person in ten minutes" {
  at "0s" {
    publish "fleet/m1/oil" {
      value = 80
    }
    publish "fleet/m2/oil" {
      value = 80
    }
    publish "fleet/m3/oil" {
      value = 80
    }
    publish "fleet/m4/oil" {
      value = 80
    }
  }
  at "20m" {
    expect {
      sms_to = [contact.foreman, contact.mate]
    }
  }
  at "20m1s" {
    publish "fleet/m5/oil" {
      value = 80
    }
  }
  at "31m" {
    expect {
      sms_to = [contact.foreman, contact.mate]
      text   = "m5: OIL 80 kPa"
    }
  }
}
