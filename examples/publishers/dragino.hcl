# Dragino LHT65, whose bytes nobody decoded: frm_payload of The Things Stack in
# base64. The first two bytes are the battery in mV, save their upper two bits;
# then hundredths of a degree, tenths of a percent, a byte for the kind of probe
# and its hundredths of a degree, 32767 without one.
#
#   v3/cold-chain@ttn/devices/lht65-07/up
#   {"received_at":"2025-03-02T06:40:12.014773143Z","uplink_message":{"f_port":2,"f_cnt":81,"frm_payload":"y7gCqQHCAf0IAA=="}}

sensor "dragino_lht65" {
  topic    = "v3/{_}/devices/lht65-{n}/up"
  only     = { "uplink_message.f_port" = 2 }
  path     = "uplink_message.frm_payload"
  encoding = "base64"
  fields = {
    battery_v = { type = number, at = 0, format = "uint16", mask = "0x3fff", scale = 0.001 }
    celsius   = { type = number, at = 2, format = "int16", scale = 0.01, unit = "C" }
    humidity  = { type = number, at = 4, format = "uint16", scale = 0.1, unit = "%" }
    probe_c   = { type = number, at = 7, format = "int16", scale = 0.01, invalid = [32767] }
  }
  time          = payload.received_at
  sequence      = payload.uplink_message.f_cnt
  max_age       = "1h"
  offline_after = "1h"
}

alert "dragino_warm" {
  when       = sensor.dragino_lht65.probe_c > -5
  for        = "30m"
  clear_when = sensor.dragino_lht65.probe_c < -8
  notify     = contact.operator
  message    = "Cold store ${n}: probe at ${sensor.dragino_lht65.probe_c} C"
}
