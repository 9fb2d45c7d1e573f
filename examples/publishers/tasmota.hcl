# Tasmota. Temperature probes are numbered anew when one is added, so a probe is
# chosen by its Id. 85 is what a DS18B20 says before its first measurement, and
# -127 without a probe. Time is local time without a zone, that of the site:
#
#   tele/freezers/SENSOR
#   {"Time":"2025-03-02T06:40:12","DS18B20-1":{"Id":"3C01D6075F0A","Temperature":4.8},"DS18B20-2":{"Id":"3C01D60732C1","Temperature":-9.5},"TempUnit":"C"}

sensor "tasmota_freezer" {
  topic   = "tele/freezers/SENSOR"
  value   = number
  path    = "[Id=3C01D60732C1].Temperature"
  invalid = [85, -127]
  unit    = "C"
  time    = payload.Time
}

alert "tasmota_freezer_warm" {
  when       = sensor.tasmota_freezer > -12
  for        = "20m"
  clear_when = sensor.tasmota_freezer < -15
  notify     = contact.operator
  message    = "Freezer at ${sensor.tasmota_freezer} C"
}

# A last will says that a device is gone, and a birth that it is back:
#
#   tele/pump/LWT    Offline

sensor "tasmota_online" {
  topic = "tele/{device}/LWT"
  value = bool
  on    = ["Online"]
  off   = ["Offline"]
}

alert "tasmota_lost" {
  when    = !sensor.tasmota_online
  for     = "5m"
  notify  = contact.operator
  message = "Tasmota device ${device} is offline"
}
