# Victron Venus OS (Cerbo GX and others): N/<portal id>/<service>/<instance>/<path>,
# with the value in a wrapper. It says nothing without a keep-alive; the publish
# block in gateway.hcl sends one. A device that leaves the bus publishes nothing
# at all, in zero bytes, and one that has no value null: neither is 0.
#
#   N/c0619ab3e8f4/battery/512/Soc                  {"value":18.5}
#   N/c0619ab3e8f4/battery/512/Alarms/LowVoltage    {"value":2}

sensor "victron_soc" {
  topic         = "N/{_}/battery/{battery}/Soc"
  value         = number
  path          = "value"
  unit          = "%"
  offline_after = "10m"
}

alert "victron_battery_low" {
  when       = sensor.victron_soc < 20
  for        = "5m"
  clear_when = sensor.victron_soc > 30
  notify     = contact.operator
  message    = "Battery bank ${battery} at ${sensor.victron_soc} %"
}

sensor "victron_alarm" {
  topic = "N/{_}/battery/{battery}/Alarms/{kind}"
  value = string
  path  = "value"
  words = { "0" = "ok", "1" = "warning", "2" = "alarm" }
}

alert "victron_alarm" {
  when     = sensor.victron_alarm == "alarm"
  severity = "critical"
  notify   = contact.operator
  message  = "Battery ${battery}: ${kind} alarm"
}
