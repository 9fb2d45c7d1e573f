# OpenMQTTGateway: home/<gateway>/<receiver>toMQTT, here a wired probe. Numbers
# come as numbers or in quotes, by the version:
#
#   home/OMG_cellar/CLIMAtoMQTT/ds1820/0x28616411907650bc    {"temp":"27.8","unit":"C","type":"DS18B20","res":"12bit\n"}

sensor "omg_probe" {
  topic  = "home/{gateway}/CLIMAtoMQTT/ds1820/{probe}"
  fields = { temp = number }
  unit   = { temp = "C" }
}

alert "omg_boiler_cold" {
  when       = sensor.omg_probe.temp < 35
  for        = "30m"
  clear_when = sensor.omg_probe.temp > 40
  notify     = contact.operator
  message    = "Boiler (${probe}) at ${sensor.omg_probe.temp} C"
}

# The gateway's last will, and its birth:
#
#   home/OMG_cellar/LWT    offline

sensor "omg_online" {
  topic = "home/{gateway}/LWT"
  value = bool
  on    = ["online"]
  off   = ["offline"]
}

alert "omg_lost" {
  when    = !sensor.omg_online
  for     = "5m"
  notify  = contact.operator
  message = "Gateway ${gateway} is offline"
}
