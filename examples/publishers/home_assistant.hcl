# Home Assistant, through its mqtt_statestream with base_topic statestream and
# publish_attributes off. An entity that cannot be reached is "unavailable", one
# that has not spoken since a restart "unknown"; neither is a state.
#
#   statestream/binary_sensor/cellar_moisture/state      on
#   statestream/sensor/freezer_temperature/state         -4.6

sensor "ha_moisture" {
  topic = "statestream/binary_sensor/{place}_moisture/state"
  value = bool
}

alert "ha_moisture" {
  when     = sensor.ha_moisture
  severity = "critical"
  notify   = contact.operator
  message  = "WATER: ${place}"
}

sensor "ha_freezer" {
  topic = "statestream/sensor/freezer_temperature/state"
  value = number
  unit  = "C"
}

alert "ha_freezer_unreachable" {
  when    = !known(sensor.ha_freezer)
  for     = "1h"
  notify  = contact.operator
  message = "Home Assistant cannot reach the freezer's sensor"
}
