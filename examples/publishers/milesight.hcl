# Milesight door contacts (EM300-MCS, WS301) through a Milesight gateway, which
# decodes them and publishes to a topic of your choice, here milesight/<EUI>:
#
#   milesight/24e124136c000777
#   {"battery":64,"temperature":6.4,"humidity":57.5,"magnet_status":"open","tamper_status":"installed","devEUI":"24e124136c000777"}
#
# By the model a closed door is "close" or "closed". After a gap a device sends
# what it stored: {"history":[{"temperature":6.1,"timestamp":1740897612}]}, which
# has no members of these names and is no reading of now.

sensor "milesight_door" {
  topic  = "milesight/{eui}"
  fields = { open = bool, tampered = bool, celsius = number, battery = number }
  path   = { open = "magnet_status", tampered = "tamper_status", celsius = "temperature" }
  on     = { open = ["open"], tampered = ["uninstalled"] }
  off    = { open = ["close", "closed"], tampered = ["installed"] }
}

alert "milesight_door_open" {
  when    = sensor.milesight_door.open
  for     = "5m"
  notify  = contact.operator
  message = "Cold store ${eui} open, ${sensor.milesight_door.celsius} C inside"
}

alert "milesight_tampered" {
  when    = sensor.milesight_door.tampered
  notify  = contact.operator
  message = "Contact ${eui} was taken off"
}
