site {
  name     = "Rosewood"
  timezone = "Europe/Dublin"
  language = "de"
}

mqtt "main" {
  url           = "mqtts://broker.example:8883"
  username      = "gateway"
  password_file = "password"
  keepalive     = "30s"
  tls {
    ca_file   = "cert.pem"
    cert_file = "cert.pem"
    key_file  = "key.pem"
  }
  publish {
    topic = "R/c0ffee/keepalive"
    every = "30s"
  }
}

switch "away" {
  default = true
  topic   = "home/away"
}

switch "armed" {}

mqtt "barn" {
  url       = "ws://barn.example/mqtt"
  client_id = "house"
}

modem "main" {
  port     = "/dev/ttyUSB2"
  baud     = 9600
  pin_file = "pin"
  smsc     = "+353 87 199 9999"
}

contact "alice" {
  phone = env("TOCSIN_TEST_PHONE")
}

contact "bob" {
  phone = "+353871234568"
}

contact "night_shift" {
  short_code = "50 123"
}

policy "family" {
  notify = [contact.alice, contact.bob]
}

sensor "freezer" {
  topic = "home/freezer/{n}"
  value = number
  mqtt  = mqtt.main
}

sensor "door" {
  topic = "home/door"
  value = bool
  qos   = 2
}

sensor "barn" {
  topic = "barn/{n}/{rest...}"
  value = number
  mqtt  = mqtt.barn
}
