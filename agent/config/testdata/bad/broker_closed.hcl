broker { # ERROR: Nobody may connect to this broker.
}

modem "main" {
  port = "/dev/ttyUSB2"
}
