# A gateway whose texts cost money, and which says every morning that it is there.

site {
  name     = "Yard 4"
  timezone = "Europe/Dublin"
}
mqtt "yard" {
  url = "mqtt://localhost:1883"
}
modem "stick" {
  port = "/dev/ttyUSB2"
}
limits {
  texts_per_hour = 10
}
contact "foreman" {
  phone = "+353871110001"
}
contact "mate" {
  phone = "+353871110002"
}
policy "both" {
  notify = [contact.foreman, contact.mate]
}
heartbeat "morning" {
  at     = "09:00"
  notify = contact.foreman
}
sensor "fault" {
  topic = "fleet/{machine}/fault"
  value = bool
}
sensor "oil" {
  topic = "fleet/{machine}/oil"
  value = number
}
alert "fault" {
  when    = sensor.fault
  notify  = policy.both
  message = "${machine}: fault"
}
alert "oil" {
  when     = sensor.oil < 100
  severity = "critical"
  notify   = policy.both
  message  = "${machine}: OIL ${sensor.oil} kPa"
}
