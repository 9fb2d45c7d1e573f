# rtl_433 with -F mqtt: a topic for each value of each device. The gateway that
# heard it does not matter, so it is {_}. Fahrenheit becomes Celsius:
#
#   rtl_433/shed/devices/Acurite-986/1R/4268/temperature_F    14.0

sensor "rtl_freezer" {
  topic  = "rtl_433/{_}/devices/Acurite-986/{channel}/{id}/temperature_F"
  value  = number
  scale  = 5 / 9
  offset = -32 * 5 / 9
  unit   = "C"
}

alert "rtl_freezer_warm" {
  when       = sensor.rtl_freezer > -12
  for        = "20m"
  clear_when = sensor.rtl_freezer < -15
  notify     = contact.operator
  message    = "Freezer ${id} at ${sensor.rtl_freezer} C"
}

# With the same topic for all devices a sensor takes the messages of its own.
# battery_ok is 1 when all is well, and on some devices a fraction:
#
#   rtl_433/shed/events
#   {"time":"2025-03-02 06:40:12","model":"Fineoffset-WH55","id":"0C1B2","channel":1,"battery_ok":0.4,"raw_value":812,"alarm":1,"mic":"CRC"}

sensor "rtl_water" {
  topic  = "rtl_433/{_}/events"
  only   = { model = "Fineoffset-WH55", id = "0C1B2" }
  fields = { alarm = bool, battery_ok = number }
  time   = payload.time
}

alert "rtl_water" {
  when     = sensor.rtl_water.alarm
  severity = "critical"
  notify   = contact.operator
  message  = "WATER in the pump house"
}
