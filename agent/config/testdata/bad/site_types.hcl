site {
  name     = rosewood        # ERROR: name takes a fixed value, and rosewood is a name. If it is a text, quote it: "rosewood".
  timezone = ["UTC"]         # ERROR: timezone takes a text, and this is a list.
  language = env("NO_SUCH")  # ERROR: the environment variable NO_SUCH is not set
}

mqtt "main" {
  url       = "mqtt://${sensor.x}" # ERROR: url is fixed when the configuration is loaded, so it cannot use sensor.x.
  username  = null                 # ERROR: username has no value here. Write one, or leave the argument out.
  client_id = ""                   # ERROR: client_id is empty. Write a text, or leave the argument out.
}

modem "main" {
  port = 5 # ERROR: port takes a text, and this is a number. Write it in quotes: "5".
  baud = uper("9600") # ERROR: There is no function named "uper".
}
