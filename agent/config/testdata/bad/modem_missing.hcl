# ERROR: There is no modem to send texts with. Write modem "main" { port = "auto" }.
mqtt "main" {
  url = "mqtt://127.0.0.1"
}
