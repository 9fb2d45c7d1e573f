# ChirpStack v4 with a codec in the device profile: what it decoded is in object.
# Every uplink has an id by which one that came twice is known.
#
#   application/17c82e96-be03-4f38-aef3-f83d48582d97/device/24e124136c000001/event/up
#   {"deduplicationId":"3ac7e3c4-4401-4b8d-9386-a5c902f9202d","time":"2025-03-02T06:40:12.775023242+00:00",
#    "deviceInfo":{"deviceName":"Leak rope","devEui":"24e124136c000001"},"fPort":85,"data":"AXVcBQAB",
#    "object":{"battery":92,"leakage_status":"leak"}}

sensor "chirpstack_leak" {
  topic  = "application/{_}/device/{eui}/event/up"
  fields = { leak = bool, battery = number, name = string }
  path = {
    leak    = "object.leakage_status"
    battery = "object.battery"
    name    = "deviceInfo.deviceName"
  }
  on            = { leak = ["leak"] }
  off           = { leak = ["normal"] }
  time          = payload.time
  sequence      = payload.deduplicationId
  offline_after = "26h"
}

alert "chirpstack_leak" {
  when     = sensor.chirpstack_leak.leak
  severity = "critical"
  notify   = contact.operator
  message  = "WATER at ${sensor.chirpstack_leak.name}"
  cleared  = "Dry again: ${sensor.chirpstack_leak.name}"
}

# The battery by itself, once a day: {"margin":10,"batteryLevel":8.3,"deviceInfo":{…}}

sensor "chirpstack_battery" {
  topic   = "application/{_}/device/{eui}/event/status"
  fields  = { level = number, name = string }
  path    = { level = "batteryLevel", name = "deviceInfo.deviceName" }
  invalid = { level = [-1] }
}

alert "chirpstack_battery_low" {
  when       = sensor.chirpstack_battery.level < 15
  clear_when = sensor.chirpstack_battery.level > 50
  severity   = "info"
  notify     = contact.operator
  message    = "Battery of ${sensor.chirpstack_battery.name} at ${sensor.chirpstack_battery.level} %"
}
