# Shelly, first generation: a topic for each value.
#
#   shellies/shellyflood-7BD2A1/sensor/flood        true
#   shellies/shellydw2-93BF1C/sensor/state          close
#   shellies/shellyht-6A1F30/sensor/temperature     999, when the sensor is broken
#   shellies/shelly1pm-8CAAB5/relay/0               on, off or overpower

sensor "shelly1_flood" {
  topic = "shellies/{device}/sensor/flood"
  value = bool
}

alert "shelly1_flood" {
  when     = sensor.shelly1_flood
  severity = "critical"
  notify   = contact.operator
  message  = "WATER at ${device}"
}

sensor "shelly1_temperature" {
  topic   = "shellies/{device}/sensor/temperature"
  value   = number
  invalid = [999]
  unit    = "C"
}

alert "shelly1_frost" {
  when       = sensor.shelly1_temperature < 3
  clear_when = sensor.shelly1_temperature > 5
  notify     = contact.operator
  message    = "${device} at ${sensor.shelly1_temperature} C"
}

sensor "shelly1_overpower" {
  topic = "shellies/{device}/relay/{relay}"
  value = bool
  on    = ["overpower"]
  off   = ["on", "off"]
}

alert "shelly1_overpower" {
  when    = sensor.shelly1_overpower
  notify  = contact.operator
  message = "Relay ${relay} of ${device} has tripped"
}
