# The gateway on the yard: the machines' telematics units publish to it over
# the yard's own network, so it brings its own broker.

site {
  name     = "Yard 4"
  timezone = "Europe/Berlin"
}

broker {
  listen = ":1883"
  users = {
    telematics = env("TELEMATICS_PASSWORD")
  }
}

modem "lte" {
  port = "/dev/serial/by-id/usb-Quectel_EC25-if02-port0"
  smsc = "+491710760000"
}
