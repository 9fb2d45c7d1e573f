# The Things Stack with a payload formatter, whose result is decoded_payload. What
# is delivered an hour late is history and no frost of now.
#
#   v3/greenhouses@ttn/devices/tunnel-3/up
#   {"end_device_ids":{"device_id":"tunnel-3"},"received_at":"2025-03-02T06:40:12.014773143Z",
#    "uplink_message":{"f_port":2,"f_cnt":113,"frm_payload":"gkHe","decoded_payload":{"temperature":1.25},
#    "last_battery_percentage":{"value":90.118576}}}

sensor "tts_tunnel" {
  topic  = "v3/{_}/devices/{device}/up"
  fields = { celsius = number, battery = number }
  path = {
    celsius = "uplink_message.decoded_payload.temperature"
    battery = "uplink_message.last_battery_percentage.value"
  }
  unit          = { celsius = "C", battery = "%" }
  time          = payload.received_at
  sequence      = payload.uplink_message.f_cnt
  max_age       = "1h"
  offline_after = "2h"
}

alert "tts_tunnel_frost" {
  when       = sensor.tts_tunnel.celsius < 2
  clear_when = sensor.tts_tunnel.celsius > 4
  severity   = "critical"
  notify     = contact.operator
  message    = "FROST: ${device} at ${sensor.tts_tunnel.celsius} C"
}
