mqtt "foreign_scheme" {
  url = "tcp://127.0.0.1:1883" # ERROR: url begins with tcp://. Write mqtt:// instead.
}

mqtt "no_scheme" {
  url = "127.0.0.1:1883" # ERROR: url
}

mqtt "no_host" {
  url = "mqtt://" # ERROR: url names no host. Write mqtt://host.
}

mqtt "port" {
  url = "mqtt://broker:99999" # ERROR: url port 99999 is not between 1 and 65535.
}

mqtt "userinfo" {
  url = "mqtt://me:secret@broker" # ERROR: Use username and password_file.
}

mqtt "socket" {
  url = "unix://run/mqtt.sock" # ERROR: url names no socket.
}

mqtt "empty" {
  url = "" # ERROR: url is empty.
}

mqtt "no_url" { # ERROR: mqtt "no_url" has no url. Write where the broker is
}

mqtt "misspelt" { # ERROR: mqtt "misspelt" has no url.
  uri = "mqtt://broker" # ERROR: mqtt "misspelt" takes no argument uri. Did you mean url?
}

mqtt "password" {
  url           = "mqtt://broker"
  password_file = "password" # ERROR: password_file is given without a username
}

mqtt "password_missing" {
  url           = "mqtt://broker2"
  username      = "me"
  password_file = "nowhere" # ERROR: /nowhere: it does not exist.
}

mqtt "password_empty" {
  url           = "mqtt://broker3"
  username      = "me"
  password_file = "empty" # ERROR: /empty: it is empty. Write the secret into it.
}

mqtt "password_directory" {
  url           = "mqtt://broker4"
  username      = "me"
  password_file = "." # ERROR: it is not a regular file.
}

mqtt "keepalive" {
  url       = "mqtt://broker5"
  keepalive = "2s" # ERROR: keepalive is 2s. Write a duration between "5s" and "10m".
}

mqtt "keepalive_unit" {
  url       = "mqtt://broker6"
  keepalive = 20 # ERROR: 20 has no unit. Write it in quotes with one, such as "20s"
}

mqtt "keepalive_words" {
  url       = "mqtt://broker7"
  keepalive = "ten minutes" # ERROR: "ten minutes" is not a duration. Write a number and a unit, such as "90s", "10m" or "4h".
}

mqtt "tls_argument" {
  url = "mqtts://broker8"
  tls = {} # ERROR: tls is a block of mqtt "tls_argument", not an argument. Write tls { … } without "=".
}

mqtt "tls_twice" {
  url = "mqtts://broker9"
  tls {}
  tls {} # ERROR: mqtt "tls_twice" already has the block tls, on line 81.
}

mqtt "first" {
  url = "mqtt://broker10"
}

mqtt "second" { # ERROR: mqtt "second" connects to the same broker under the same name, tocsin-rosewood, as another block
  url = "mqtt://broker10"
}

site {
  name = "Rosewood"
}

modem "main" {
  port = "/dev/ttyUSB2"
}
