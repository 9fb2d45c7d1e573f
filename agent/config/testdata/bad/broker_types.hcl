broker {
  users           = ["a"] # ERROR: users takes an object. Write users = { name = … }.
  allow_anonymous = "no"  # ERROR: allow_anonymous takes true or false, and this is a text.
}

modem "main" {
  port = "/dev/ttyUSB2"
}
