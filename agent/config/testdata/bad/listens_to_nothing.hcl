# ERROR: Tocsin has nothing to listen to. Write mqtt "main" { url = "mqtt://127.0.0.1" }
modem "main" {
  port = "/dev/ttyUSB2"
}
