# Theengs Gateway: home/<gateway>/BTtoMQTT/<address>, each Bluetooth sensor as
# often as it is heard, by any gateway. type tells sensors apart that use one
# word for different things: open is true of a contact and 30 of a blind.
#
#   home/TheengsGateway/BTtoMQTT/A4C138F0B1C2
#   {"brand":"Shelly","model":"ShellyBLU Door/Window","model_id":"SBDW-002C","type":"CTMO","batt":88,"lux":87,"open":true}

sensor "theengs_door" {
  topic  = "home/{_}/BTtoMQTT/{tag}"
  only   = { type = "CTMO" }
  fields = { open = bool, batt = number }
}

alert "theengs_door_open" {
  when    = sensor.theengs_door.open
  for     = "10m"
  notify  = contact.operator
  message = "Door ${tag} has been open for ten minutes"
}

# A Ruuvi tag says the end of its scale when it has no value:
#
#   {"brand":"Ruuvi","model":"RuuviTag","type":"ACEL","hum":127.5,"tempc":127.99,"volt":65.535}

sensor "theengs_climate" {
  topic   = "home/{_}/BTtoMQTT/{tag}"
  only    = { type = ["THB", "THBX", "ACEL"] }
  fields  = { tempc = number, hum = number }
  invalid = { tempc = [127.99, -127.99], hum = [127.5] }
}

alert "theengs_freezer_warm" {
  when       = tag == "C47C8D6A1B20" && sensor.theengs_climate.tempc > -12
  for        = "20m"
  clear_when = sensor.theengs_climate.tempc < -15
  notify     = contact.operator
  message    = "Freezer at ${sensor.theengs_climate.tempc} C"
}
