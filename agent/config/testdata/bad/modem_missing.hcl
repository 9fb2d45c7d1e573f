# ERROR: There is no modem to send texts with. Write modem "main" { port = "/dev/ttyUSB2" }.
mqtt "main" {
  url = "mqtt://127.0.0.1"
}
