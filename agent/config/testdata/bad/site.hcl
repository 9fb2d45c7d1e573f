site {
  name     = "The house at the very end of Rosewood Lane" # ERROR: name is 42 characters long, and every text begins with it. Write 40 or fewer.
  timezone = "Europe/Dublinn" # ERROR: "Europe/Dublinn" is not a time zone.
  language = "ga"             # ERROR: language cannot be "ga". Write "en", "de", "es" or "fr".
  langauge = "en"             # ERROR: site takes no argument langauge. Did you mean language?
  tls {}                      # ERROR: site takes no block tls. It takes no blocks; remove it.
}

mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}
