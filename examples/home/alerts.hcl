# When somebody is texted, and what they read.

alert "smoke" {
  when     = sensor.smoke.smoke
  severity = "critical"
  notify   = policy.family
  message  = "SMOKE in the ${room}"
  cleared  = "No more smoke in the ${room}"
}

alert "leak" {
  when     = sensor.leak.water_leak
  severity = "critical"
  notify   = policy.family
  message  = "WATER on the floor of the ${room}"
  cleared  = "The ${room} is dry again"
}

# Defrosting is no fault: twenty warm minutes are. The alarm ends well below
# where it began, so that a freezer at the limit does not text all night.
alert "freezer_warm" {
  when       = sensor.freezer > -12
  for        = "20m"
  clear_when = sensor.freezer < -15
  notify     = policy.family
  message    = "Freezer (${room}) is at ${sensor.freezer} C, limit -12"
  cleared    = "Freezer (${room}) is cold again: ${sensor.freezer} C"
}

alert "door_left_open" {
  when    = !sensor.door.contact
  for     = "10m"
  notify  = contact.alice
  message = "The ${door} door has been open for ten minutes"
  cleared = "The ${door} door is closed"
}

# While everybody is away, with time to come in and say so. A burglar closes the
# door behind himself: the alarm stays until somebody has seen to it.
alert "break_in" {
  when     = switch.away && !sensor.door.contact
  for      = "20s"
  latch    = true
  severity = "critical"
  notify   = policy.family
  message  = "The ${door} door opened while you are away"
  cleared  = "Seen to: the ${door} door"
}

alert "smoke_battery" {
  when       = sensor.smoke.battery < 15
  clear_when = sensor.smoke.battery > 50
  severity   = "info"
  notify     = contact.bob
  message    = "Change the battery of the smoke detector: ${room} (${sensor.smoke.battery} %)"
  cleared    = "New battery in the smoke detector: ${room}"
}

# However it is pressed.
alert "help" {
  when     = known(sensor.call_button)
  severity = "critical"
  notify   = policy.family
  message  = "HELP is called for in the ${room}"
  cleared  = "No other call from the ${room} for ten minutes"
}
