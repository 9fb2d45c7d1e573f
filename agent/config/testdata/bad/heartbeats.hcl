mqtt "main" {
  url = "mqtt://127.0.0.1"
}

mqtt "barn" {
  url = "mqtt://127.0.0.2"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

heartbeat "empty" { # ERROR: heartbeat "empty" does not say when. Write at = "09:00" for once a day, or every = "6h". # ERROR: Nobody would hear of heartbeat "empty". Write notify = contact.alice for a text, or topic = "site/tocsin" for a message.
}

heartbeat "both" {
  at     = "09:00" # ERROR: heartbeat "both" has both every and at. Keep at for once a day, every for any other rhythm.
  every  = "24h"
  notify = contact.alice
}

heartbeat "often" {
  every  = "10m" # ERROR: every is 10m. Write a duration between "1h" and "7d".
  notify = contact.alice
}

heartbeat "late" {
  at     = "9 o'clock"   # ERROR: "9 o'clock" is not a time of day.
  notify = contact.alcie # ERROR: There is no contact.alcie. Did you mean contact.alice
}

heartbeat "wildcard" {
  every = "10m"
  topic = "site/#" # ERROR: The topic "site/#" has a wildcard
  mqtt  = mqtt.main
}

heartbeat "which" { # ERROR: heartbeat "which" has a topic, and there is more than one broker. Write mqtt = mqtt.main.
  every = "10m"
  topic = "site/tocsin"
}

heartbeat "nowhere" {
  every = "10m"
  topic = "site/tocsin"
  mqtt  = mqtt.bran # ERROR: There is no mqtt.bran. Did you mean mqtt.barn
}

heartbeat "two" {
  every = "10m"
  topic = "site/tocsin"
  mqtt  = [mqtt.main, mqtt.barn] # ERROR: A heartbeat is published on one broker. Write another heartbeat for the other.
}

heartbeat "no_topic" {
  every  = "24h"
  notify = contact.alice
  mqtt   = mqtt.main # ERROR: mqtt says on which broker, and there is nothing to publish. Write topic = "site/tocsin" as well, or remove mqtt.
}
