# A house and a yard of machines whose people are told in every way there is.

site {
  name     = "Rosewood"
  timezone = "Europe/Dublin"
}
mqtt "home" {
  url = "mqtt://localhost:1883"
}
modem "stick" {
  port  = "/dev/ttyUSB2"
  voice = true
}
limits {
  texts_per_hour = 40
}

schedule "night" {
  from = "22:00"
  to   = "07:00"
}

contact "alice" {
  phone = "+353871234567"
}
contact "bob" {
  phone = "+353867654321"
}
contact "carol" {
  phone = "+353851112223"
  quiet = schedule.night
}
contact "dieter" {
  phone    = "+4915112345678"
  language = "de"
}
contact "erin" { # who may only read
  phone = "+353831234567"
  allow = []
}
contact "fergus" {
  phone = "+353861234567"
  allow = ["ack"]
}
contact "greta" {
  phone        = "+353891234567"
  require_code = true
}
contact "foreman" {
  phone = "+353871110001"
}
contact "manager" {
  phone = "+353871110002"
}
contact "owner" {
  phone = "+353871110003"
}

policy "family" {
  notify = [contact.alice, contact.bob]
}
policy "carol_rings" {
  notify = [contact.carol]
  call   = true
}
policy "machine_down" {
  ack_timeout = "30m"
  step {
    notify = [contact.foreman]
  }
  step {
    after  = "5m"
    notify = [contact.manager]
    call   = true
  }
  step {
    after  = "15m"
    notify = [contact.owner]
  }
}

switch "away" {
  default = false
  sms     = ["AWAY", "HOME"]
}

# What says true while something is wrong.
sensor "smoke" {
  topic = "home/smoke/{room}"
  value = bool
}
sensor "leak" {
  topic = "home/leak/{room}"
  value = bool
}
sensor "door" {
  topic = "home/door/{door}"
  value = bool
}
sensor "freezer" {
  topic = "home/freezer"
  value = number
}
sensor "battery" {
  topic = "home/battery/{room}"
  value = number
}
sensor "power" {
  topic = "power/{circuit}/lost"
  value = bool
}
sensor "pump" {
  topic = "power/{circuit}/pump"
  value = bool
}
sensor "frost" {
  topic = "power/{circuit}/frost"
  value = bool
}
sensor "boiler" {
  topic = "power/{circuit}/boiler"
  value = bool
}
sensor "oil" {
  topic = "fleet/{machine}/oil"
  value = number
}
sensor "fault" {
  topic = "fleet/{machine}/fault"
  value = bool
}
sensor "link" {
  topic = "fleet/{machine}/link"
  value = bool
}
sensor "gate" {
  topic = "yard/gate"
  value = bool
}
sensor "note" {
  topic = "yard/note"
  value = bool
}

alert "smoke" {
  when     = sensor.smoke
  severity = "critical"
  notify   = policy.family
  message  = "SMOKE ${room}"
}
alert "leak" {
  when     = sensor.leak
  severity = "critical"
  notify   = policy.carol_rings
  message  = "WATER ${room}"
}
alert "door" {
  when    = sensor.door
  notify  = contact.carol
  message = "Door ${door} open"
}
alert "freezer_warm" {
  when       = sensor.freezer > -12
  clear_when = sensor.freezer < -15
  notify     = policy.family
  message    = "Freezer ${sensor.freezer} C"
}
alert "battery_low" {
  when     = sensor.battery < 15
  severity = "info"
  notify   = contact.carol
  message  = "Battery ${room} ${sensor.battery} %"
}
alert "power_lost" {
  when    = sensor.power
  for     = "1m"
  notify  = contact.alice
  message = "Power ${circuit} lost"
}
alert "pump" {
  when          = sensor.pump
  suppressed_by = [alert.power_lost]
  notify        = contact.alice
  message       = "Pump ${circuit} off"
}
alert "frost" {
  when          = sensor.frost
  suppressed_by = [alert.pump]
  notify        = contact.alice
  message       = "Frost ${circuit}"
}
alert "boiler" {
  when          = sensor.boiler
  severity      = "critical"
  suppressed_by = [alert.power_lost]
  notify        = contact.alice
  message       = "Boiler ${circuit} off"
}
alert "oil" {
  when     = sensor.oil < 100
  severity = "critical"
  notify   = policy.machine_down
  message  = "${machine}: OIL ${sensor.oil} kPa"
}
alert "fault" {
  when    = sensor.fault
  notify  = contact.foreman
  message = "${machine}: fault"
}
alert "link" {
  when    = sensor.link
  bundle  = "30s"
  notify  = contact.foreman
  message = "${machine}: no link"
}
alert "gate" {
  when    = sensor.gate
  repeat  = ["10m", "30m"]
  notify  = [contact.dieter, contact.erin, contact.fergus, contact.greta]
  message = "Gate open"
}
alert "intruder" {
  when     = switch.away && sensor.note
  severity = "critical"
  notify   = [contact.greta, contact.alice]
  message  = "Somebody is in the yard"
}
