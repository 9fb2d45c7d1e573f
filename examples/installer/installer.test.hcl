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
