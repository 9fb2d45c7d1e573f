# This gateway: what it is called, where its sensors talk, how it texts.

site {
  name     = "Millbrook"
  timezone = "Europe/Dublin"
}

mqtt "site" {
  url = "mqtt://localhost:1883"

  # A Victron GX device publishes only while somebody asks it to. The portal id
  # is on its VRM page and in every topic it publishes.
  publish {
    topic = "R/c0619ab3e8f4/keepalive"
    every = "30s"
  }
}

modem "stick" {
  port = "auto"
}
