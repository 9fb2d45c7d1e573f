# What every customer's gateway is expected to do, here for the values in
# site.vars.hcl.

test "each freezer has its own limit" {
  at "0s" {
    publish "zigbee2mqtt/freezer_cellar" {
      json = { temperature = -13.5 }
    }
    publish "zigbee2mqtt/freezer_garden_shed" {
      json = { temperature = -13.5 }
    }
  }
  at "20m" {
    expect {
      firing = [module.freezer["garden shed"].alert.warm]
      sms_to = [contact.owner]
      text   = "Freezer (garden shed) is at -13.5 C, limit -15"
    }
  }
}

test "the installer hears of leaks as well" {
  at "0s" {
    publish "zigbee2mqtt/leak_utility_room" {
      json = { water_leak = true, battery = 80 }
    }
    expect {
      firing = [module.leak["utility room"].alert.water]
      sms_to = [contact.owner, contact.installer]
      text   = "WATER in the utility room"
    }
  }
}

# Power cuts, a clock without a battery, a broker that restarts and repeats what it
# retains: none of it is told to anybody.
test "a bad night: nobody is told twice, and everybody that it is over" {
  at "0s" {
    publish "zigbee2mqtt/leak_utility_room" {
      json     = { water_leak = true, battery = 80 }
      retained = true
    }
    expect {
      sms_to = [contact.owner, contact.installer]
    }
  }
  at "1m" {
    reply "owner" {
      text = "OK"
    }
    expect {
      sms_to = [contact.installer, contact.owner]
      text   = "Owner is on it: WATER in the utility room"
    }
  }
  at "5m" {
    reboot {
      down  = "20m"
      clock = "1970-01-01T00:00:10Z"
    }
  }
  at "30m" {
    clock {
      step = "+20400d"
    }
  }
  at "40m" {
    broker {
      down = "10m"
    }
  }
  at "60m" {
    reboot {
      down = "1m"
    }
  }
  at "2h" {
    expect {
      firing = [module.leak["utility room"].alert.water]
      quiet  = true
    }
  }
  at "121m" {
    publish "zigbee2mqtt/leak_utility_room" {
      json     = { water_leak = false, battery = 80 }
      retained = true
    }
    expect {
      firing = []
      sms_to = [contact.owner, contact.installer]
    }
  }
}
