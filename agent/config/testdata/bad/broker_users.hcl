broker {
  users = {} # ERROR: users is empty, so nobody may connect.
}

modem "main" {
  port = "/dev/ttyUSB2"
}
