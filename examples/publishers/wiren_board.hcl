# Wiren Board: /devices/<device>/controls/<control>, with a leading slash.
#
#   /devices/wb-msw-v3_21/controls/Temperature                41.2
#   /devices/wb-map3e_34/controls/Total P/meta/error          r

sensor "wb_temperature" {
  topic = "/devices/{device}/controls/Temperature"
  value = number
  unit  = "C"
}

alert "wb_hot" {
  when       = sensor.wb_temperature > 40
  for        = "5m"
  clear_when = sensor.wb_temperature < 37
  notify     = contact.operator
  message    = "${device} at ${sensor.wb_temperature} C"
}

# r, w and p are errors of reading, of writing and of the period; once it is over
# the topic is emptied. The value's own topic keeps its last number all the time.

sensor "wb_error" {
  topic = "/devices/{device}/controls/{control}/meta/error"
  value = string
}

alert "wb_error" {
  when    = default(sensor.wb_error, "") != ""
  for     = "5m"
  notify  = contact.operator
  message = "${control} of ${device} cannot be read"
}
