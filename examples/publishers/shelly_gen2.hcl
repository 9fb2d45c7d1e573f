# Shelly, second generation and later: a topic for each component, with
# "Generic status update over MQTT" on.
#
#   shellyplussmoke-b8d61a8b17cc/status/smoke:0    {"id":0,"alarm":true,"mute":false}

sensor "shelly2_smoke" {
  topic  = "{device}/status/smoke:0"
  fields = { alarm = bool, mute = bool }
}

alert "shelly2_smoke" {
  when     = sensor.shelly2_smoke.alarm && !sensor.shelly2_smoke.mute
  severity = "critical"
  notify   = contact.operator
  message  = "SMOKE at ${device}"
}

# errors is there only while there are any, so that a missing one is none:
#
#   shellyfloodg4-aabbcc/status/flood:0    {"id":0,"alarm":false,"mute":false,"errors":["cable_unplugged"]}

sensor "shelly2_flood" {
  topic  = "{device}/status/flood:0"
  fields = { alarm = bool, cable = string }
  path   = { cable = "errors[=cable_unplugged]" }
}

alert "shelly2_flood_cable" {
  when    = default(sensor.shelly2_flood.cable, "") == "cable_unplugged"
  notify  = contact.operator
  message = "The cable of ${device} is unplugged"
}

# Events name only what changed, in a frame of their own:
#
#   shellypro3em-aabbcc/events/rpc
#   {"src":"shellypro3em-aabbcc","method":"NotifyStatus","params":{"ts":1740897612.04,"em:0":{"id":0,"total_act_power":11484.8}}}

sensor "shelly2_power" {
  topic   = "{device}/events/rpc"
  only    = { method = ["NotifyStatus", "NotifyFullStatus"] }
  value   = number
  path    = "params['em:0'].total_act_power"
  partial = true
  unit    = "W"
  time    = payload.params.ts
}

alert "shelly2_overload" {
  when       = sensor.shelly2_power > 10000
  for        = "1m"
  clear_when = sensor.shelly2_power < 9000
  notify     = contact.operator
  message    = "${device} draws ${sensor.shelly2_power} W"
}
