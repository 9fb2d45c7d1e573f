# What the yard's gateway is expected to do, played in virtual time: tocsin test.

# Once a second: the pressure dips, recovers for an instant and dips again. Only
# five seconds without a break are an alarm.
test "oil pressure: one dip is none, five seconds are an alarm" {
  at "0s" {
    publish "fleet/ex7/engine" {
      values = "310x4 80 310x5 80x14 310x6"
      every  = "1s"
      json   = { ts = now, engine = { coolant_c = 87.5, oil = [{ kpa = value }], rpm = 1450 } }
    }
  }
  at "14s" {
    expect {
      firing = []
      quiet  = true
    }
  }
  at "15s" {
    expect {
      firing = [alert.oil_pressure]
      sms    = 2
      sms_to = [contact.foreman, contact.workshop]
      text   = "ex7: OIL 80 kPa at 1450 rpm. STOP."
    }
  }
  at "23s" {
    expect {
      firing = [alert.oil_pressure]
      quiet  = true
    }
  }
  at "24s" {
    expect {
      firing = []
      sms    = 2
    }
  }
}

test "no oil pressure while the engine stands is nothing" {
  at "0s" {
    publish "fleet/ex7/engine" {
      values = "0x60"
      every  = "1s"
      json   = { engine = { coolant_c = 20, oil = [{ kpa = value }], rpm = 0 } }
    }
  }
  at "5m" {
    expect {
      quiet = true
    }
  }
}

test "a sender that came loose reads 9999, which is believed by nobody" {
  at "0s" {
    publish "fleet/ex7/engine" {
      values = "9999x120"
      every  = "1s"
      json   = { engine = { coolant_c = value, oil = [{ kpa = 310 }], rpm = 1450 } }
    }
  }
  at "5m" {
    expect {
      quiet = true
    }
  }
}

# Twice a minute: at first a degree a minute, too slow for the limit to come into
# sight; then the radiator is blocked.
test "coolant: a warning ahead of time, an alarm at the limit, one all-clear" {
  at "0s" {
    publish "fleet/ex7/engine" {
      values = "84x10 85 86 88 90 92 94 96 98 100 102 104 106 107 105 101 99 97 95 93 91 89 88x30"
      every  = "30s"
      json   = { engine = { coolant_c = value, oil = [{ kpa = 310 }], rpm = 1450 } }
    }
  }
  at "6m" {
    expect {
      quiet = true
    }
  }
  at "8m" {
    expect {
      firing   = [alert.coolant]
      severity = "warning"
      sms      = 2
      text     = "ex7: coolant * C, 105 in *"
    }
  }
  at "8m30s" {
    ack {
      alert = alert.coolant
      by    = contact.foreman
    }
    expect {
      acked = [alert.coolant]
    }
  }
  # Worse than what was acknowledged.
  at "10m30s" {
    expect {
      severity = "critical"
      acked    = []
      sms_to   = [contact.foreman, contact.workshop]
      text     = "ex7: COOLANT 106 C, limit 105"
    }
  }
  at "11m" {
    reply "foreman" {
      text = "OK"
    }
    expect {
      sms_to = [contact.foreman, contact.workshop]
      text   = "Foreman is on it: *"
    }
  }
  # 99 is not below 98 yet.
  at "12m30s" {
    expect {
      severity = "critical"
      quiet    = true
    }
  }
  # A fall is nobody's news.
  at "13m" {
    expect {
      severity = "warning"
      quiet    = true
    }
  }
  at "30m" {
    expect {
      firing = []
      sms    = 2
    }
  }
}

test "coolant far above the limit at once is one text each, of what is worst" {
  at "0s" {
    publish "fleet/ex7/engine" {
      values = "80x12 110x2"
      every  = "30s"
      json   = { engine = { coolant_c = value, oil = [{ kpa = 310 }], rpm = 1450 } }
    }
  }
  at "7m" {
    expect {
      severity = "critical"
      sms      = 2
      text     = "ex7: COOLANT 110 C, limit 105"
    }
  }
}

test "the pump of one machine is not that of another" {
  at "0s" {
    publish "fleet/ex7/engine" {
      json = { engine = { coolant_c = 87, oil = [{ kpa = 310 }], rpm = 1450 } }
    }
    publish "fleet/ex8/hydraulics" {
      json = { level = 2, state = "ok" }
    }
  }
  at "10s" {
    expect {
      firing = []
    }
  }
  at "30s" {
    publish "fleet/ex8/engine" {
      json = { engine = { coolant_c = 87, oil = [{ kpa = 310 }], rpm = 1450 } }
    }
  }
  at "32s" {
    expect {
      firing = [alert.pump_dry]
      text   = "ex8: hydraulic pump runs dry at 1450 rpm. STOP."
    }
  }
}

test "an evening: the broker restarts, the gateway reboots into 1970, nobody is told twice" {
  at "0s" {
    publish "fleet/ex7/hydraulics" {
      json     = { level = 7.5, state = "leak" }
      retained = true
    }
  }
  at "1m" {
    expect {
      firing = [alert.hydraulic_fluid]
      sms_to = [contact.workshop]
      text   = "ex7: hydraulic fluid at 7.5 % (leak)"
    }
  }
  at "2m" {
    broker {
      down = "30s"
    }
  }
  at "5m" {
    reboot {
      down  = "90s"
      clock = "1970-01-01T00:00:10Z"
    }
  }
  at "8m" {
    clock {
      step = "+20400d"
    }
  }
  at "1h" {
    expect {
      firing = [alert.hydraulic_fluid]
      quiet  = true
    }
  }
  at "61m" {
    publish "fleet/ex7/hydraulics" {
      json     = { level = 96, state = "ok" }
      retained = true
    }
    expect {
      firing = []
      sms_to = [contact.workshop]
    }
  }
}

test "what machines say while the mobile network is away is told when it is back" {
  at "0s" {
    network {
      down = "10m"
    }
    publish "fleet/ex7/hydraulics" {
      json = { level = 7.5, state = "ok" }
    }
  }
  at "2m" {
    publish "fleet/ex8/engine" {
      values = "50x10"
      every  = "1s"
      json   = { engine = { coolant_c = 87, oil = [{ kpa = value }], rpm = 1450 } }
    }
  }
  at "9m" {
    expect {
      firing = [alert.hydraulic_fluid, alert.oil_pressure]
      sms    = 0
    }
  }
  at "10m" {
    expect {
      sms = 3
    }
  }
}

test "a machine out of a tunnel tells of low pressure in there, which is over" {
  at "0s" {
    publish "fleet/ex7/engine" {
      values = "310 80x20 310"
      every  = "1s"
      json   = { ts = now - 900, engine = { coolant_c = 87.5, oil = [{ kpa = value }], rpm = 1450 } }
    }
  }
  at "1m" {
    publish "fleet/ex7/engine" {
      json = { ts = now, engine = { coolant_c = 87.5, oil = [{ kpa = 310 }], rpm = 1450 } }
    }
    expect {
      quiet = true
    }
  }
}

# The hydraulics of ex8 went empty while the gateway did not hear, those of ex7 had
# been told before. What machines said is repeated by the broker, which retains it.
test "what the broker repeats is no news, and what changed meanwhile is told" {
  at "0s" {
    publish "fleet/ex7/hydraulics" {
      json     = { level = 7.5, state = "ok" }
      retained = true
    }
    publish "fleet/ex8/hydraulics" {
      json     = { level = 80, state = "ok" }
      retained = true
    }
    publish "fleet/ex8/engine" {
      json     = { engine = { coolant_c = 87, oil = [{ kpa = 310 }], rpm = 1450 } }
      retained = true
    }
  }
  at "1m" {
    expect {
      firing = [alert.hydraulic_fluid]
      sms_to = [contact.workshop]
    }
  }
  at "2m" {
    broker {
      down = "10m"
    }
  }
  at "5m" {
    publish "fleet/ex8/hydraulics" {
      json     = { level = 2, state = "ok" }
      retained = true
      qos      = 0
    }
  }
  at "12m2s" {
    expect {
      firing = [alert.hydraulic_fluid, alert.pump_dry]
      sms_to = [contact.foreman, contact.workshop]
      sms    = 2
      text   = "ex8: hydraulic pump runs dry*"
    }
  }
  at "12m30s" {
    ack {
      alert = alert.pump_dry
      by    = contact.foreman
    }
    expect {
      sms_to = [contact.workshop]
    }
  }
  # What is not urgent gives way: the workshop was texted three times in a quarter
  # of an hour.
  at "16m" {
    expect {
      sms_to = [contact.workshop]
      text   = "ex8: hydraulic fluid at 2 % (ok)"
    }
  }
}

test "a machine that is down and nobody answers: the manager's phone rings" {
  at "0s" {
    publish "fleet/ex7/engine" {
      values = "80x3600"
      every  = "1s"
      json   = { engine = { coolant_c = 87, oil = [{ kpa = value }], rpm = 1450 } }
    }
  }
  at "14m" {
    expect {
      sms_to   = [contact.foreman, contact.workshop]
      calls_to = []
    }
  }
  at "15m5s" {
    expect {
      calls_to = [contact.manager]
      calls    = 1
    }
  }
  at "15m30s" {
    reply "manager" {
      text = "OK"
    }
    expect {
      acked  = [alert.oil_pressure]
      sms_to = [contact.foreman, contact.manager, contact.workshop]
      text   = "Manager is on it: ex7: OIL 80 kPa at 1450 rpm. STOP."
    }
  }
  at "59m" {
    expect {
      quiet = true
    }
  }
}

test "a phone that cannot be reached does not hold up the others" {
  at "0s" {
    phone "foreman" {
      down = "1h"
    }
    publish "fleet/ex7/engine" {
      values = "80x10"
      every  = "1s"
      json   = { engine = { coolant_c = 87, oil = [{ kpa = value }], rpm = 1450 } }
    }
  }
  at "5s" {
    expect {
      sms_to = [contact.workshop, contact.manager]
    }
  }
}

# Every two minutes a fault that is over after one.
test "a sensor with a loose contact is said once, and then at most twice an hour" {
  at "0s" {
    publish "fleet/ex7/hydraulics" {
      values = "7 7 7 50 7 7 7 50 7 7 7 50 7 7 7 50 7 7 7 50 7 7 7 50"
      every  = "1m"
      json   = { level = value, state = "ok" }
    }
  }
  at "17m" {
    expect {
      sms_to = [contact.workshop]
      text   = "Yard 4: On and off, 4 times in *: ex7: hydraulic fluid at 7 % (ok)*"
    }
  }
  at "3h" {
    expect {
      text = "Yard 4: Quiet for 30 min after 6 times: ex7: hydraulic fluid at 7 % (ok)"
    }
  }
}
