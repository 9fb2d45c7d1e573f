# ESPHome: <node>/<component>/<name>/state, and nan for a dead probe.
#
#   coldroom/sensor/probe_1/state    6.4

sensor "esphome_cold_room" {
  topic         = "coldroom/sensor/{probe}/state"
  value         = number
  unit          = "C"
  offline_after = "10m"
}

alert "esphome_cold_room_warm" {
  when       = sensor.esphome_cold_room > 8
  for        = "15m"
  clear_when = sensor.esphome_cold_room < 6
  notify     = contact.operator
  message    = "Cold room (${probe}) at ${sensor.esphome_cold_room} C"
}

alert "esphome_probe_dead" {
  when    = !known(sensor.esphome_cold_room)
  for     = "5m"
  notify  = contact.operator
  message = "Cold room: ${probe} is dead"
}

# The last will of a node, and its birth:
#
#   coldroom/status    offline

sensor "esphome_online" {
  topic = "{node}/status"
  value = bool
  on    = ["online"]
  off   = ["offline"]
}

alert "esphome_lost" {
  when    = !sensor.esphome_online
  for     = "5m"
  notify  = contact.operator
  message = "ESPHome node ${node} is offline"
}
