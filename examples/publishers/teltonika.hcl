# Teltonika routers (RUT, TRB): router/<serial>/<what>, temperature in tenths of
# a degree.
#
#   router/1107006143/temperature    615
#   router/1107006143/digital1       1

sensor "teltonika_temperature" {
  topic = "router/{serial}/temperature"
  value = number
  scale = 0.1
  unit  = "C"
  valid = [-40, 120]
}

alert "teltonika_hot" {
  when       = sensor.teltonika_temperature > 60
  for        = "5m"
  clear_when = sensor.teltonika_temperature < 55
  notify     = contact.operator
  message    = "Router ${serial} at ${sensor.teltonika_temperature} C"
}

sensor "teltonika_cabinet" {
  topic = "router/{serial}/digital1"
  value = bool
}

alert "teltonika_cabinet_open" {
  when    = sensor.teltonika_cabinet
  for     = "2m"
  notify  = contact.operator
  message = "The cabinet of router ${serial} is open"
}
