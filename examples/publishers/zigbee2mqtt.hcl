# Zigbee2MQTT (base topic zigbee2mqtt). Of each device it publishes everything
# it knows at every report, here of those called leak_<room>:
#
#   zigbee2mqtt/leak_cellar
#   {"battery":81,"battery_low":false,"last_seen":"2025-03-02T06:40:12+00:00","linkquality":54,"tamper":false,"water_leak":true}
#
# last_seen is there when "Last seen" is set to ISO_8601 in its settings.

sensor "z2m_leak" {
  topic         = "zigbee2mqtt/leak_{room}"
  fields        = { water_leak = bool, tamper = bool, battery = number }
  time          = payload.last_seen
  offline_after = "26h"
}

alert "z2m_leak" {
  when     = sensor.z2m_leak.water_leak
  severity = "critical"
  notify   = contact.operator
  message  = "WATER in the ${room}"
  cleared  = "The ${room} is dry again"
}

# contact is true while the door is CLOSED:
#
#   zigbee2mqtt/door_back    {"contact":false,"battery":97}

sensor "z2m_door" {
  topic  = "zigbee2mqtt/door_{door}"
  fields = { contact = bool }
}

alert "z2m_door_open" {
  when    = !sensor.z2m_door.contact
  for     = "10m"
  notify  = contact.operator
  message = "The ${door} door is open"
}

# A button says that it was pressed, which is over as soon as it is said. What the
# broker keeps of it is not heard again.
#
#   zigbee2mqtt/button_ward_4    {"action":"single","battery":90}

sensor "z2m_button" {
  topic = "zigbee2mqtt/button_{place}"
  value = string
  path  = "action"
  only  = { action = ["single", "double", "hold"] }
  kind  = "event"
  hold  = "5m"
}

alert "z2m_call" {
  when    = sensor.z2m_button == "single"
  notify  = contact.operator
  message = "A call from ${place}"
  cleared = "The call from ${place} is five minutes old"
}

# Availability is {"state":"offline"}, in versions before 2.0 the bare word.

sensor "z2m_available" {
  topic = "zigbee2mqtt/{device}/availability"
  value = bool
  path  = ["state", "."]
  on    = ["online"]
  off   = ["offline"]
}

alert "z2m_device_lost" {
  when    = !sensor.z2m_available
  for     = "15m"
  notify  = contact.operator
  message = "Zigbee device ${device} does not answer"
}
