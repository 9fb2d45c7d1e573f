# What the sensors say. A name in {braces} matches one level of the topic, or
# part of one, and becomes a label: one block serves every room.

# {"smoke": false, "battery": 97} from any smoke detector named smoke_<room>.
sensor "smoke" {
  topic  = "zigbee2mqtt/smoke_{room}"
  fields = { smoke = bool, battery = number }
}

# {"water_leak": false}
sensor "leak" {
  topic  = "zigbee2mqtt/leak_{room}"
  fields = { water_leak = bool }
}

# A bare number in °C, such as -18.5
sensor "freezer" {
  topic = "home/{room}/freezer/temperature"
  value = number
}

# {"contact": true} while the door is closed.
sensor "door" {
  topic  = "zigbee2mqtt/door_{door}"
  fields = { contact = bool }
}

# {"action": "single"} from a call button beside a bed or a bath. It says that it
# was pressed, not that anything is so: an event, which counts for ten minutes.
sensor "call_button" {
  topic = "zigbee2mqtt/call_{room}"
  value = string
  path  = "action"
  only  = { action = ["single", "double", "long"] }
  kind  = "event"
  hold  = "10m"
}

# Everybody is out: set by a text that reads AWAY, by "tocsin switch away on", or by
# a home automation that publishes ON and OFF here.
switch "away" {
  topic = "home/away"
  sms   = ["AWAY", "HOME"]
}
