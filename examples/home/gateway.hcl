# This gateway: what it is called, where its sensors talk, how it texts.

site {
  name     = "Rosewood"
  timezone = "Europe/Dublin"
}

# The MQTT broker that zigbee2mqtt, Tasmota and the rest publish to.
mqtt "home" {
  url = "mqtt://localhost:1883"
}

modem "stick" {
  port = "auto"
  # pin_file = "pin"      # the SIM's PIN, in a file only this program reads
}
