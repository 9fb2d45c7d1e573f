broker {
  listen          = "1883"                  # ERROR: "1883" is not an address to listen on. Write host and port
  users           = { a = "x", b = "", a = "y" } # ERROR: The password of b is empty. # ERROR: users already has a, on line 3.
  allow_anonymous = true                    # ERROR: Keep users or allow_anonymous, not both.
}

modem "main" {
  port = "/dev/ttyUSB2"
}
