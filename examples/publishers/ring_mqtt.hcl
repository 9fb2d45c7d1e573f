# ring-mqtt: ring/<location>/alarm/<device>/<what>/state. ON means open, unlike
# the contact of Zigbee2MQTT.
#
#   ring/5a0e1c7b-0f3d-4d38-8e8c-1b1f8b7d7a10/alarm/c3a1/smoke/state    ON

sensor "ring_smoke" {
  topic = "ring/{_}/alarm/{device}/smoke/state"
  value = bool
}

alert "ring_smoke" {
  when     = sensor.ring_smoke
  severity = "critical"
  notify   = contact.operator
  message  = "SMOKE at ${device}"
}

#   ring/5a0e1c7b-0f3d-4d38-8e8c-1b1f8b7d7a10/alarm/b007/info/state
#   {"batteryLevel":12,"batteryStatus":"low","commStatus":"ok","lastCommTime":"2025-03-02T06:40:12Z","tamperStatus":"tamper"}

sensor "ring_info" {
  topic  = "ring/{_}/alarm/{device}/info/state"
  fields = { tamper = bool, battery = number }
  path   = { tamper = "tamperStatus", battery = "batteryLevel" }
  on     = { tamper = ["tamper"] }
  off    = { tamper = ["ok"] }
}

alert "ring_tamper" {
  when    = sensor.ring_info.tamper
  notify  = contact.operator
  message = "Somebody is tampering with ${device}"
}
