site {
  name = "Rosewood"
}
mqtt "home" {
  url = "mqtt://localhost:1883"
}
modem "stick" {
  port = "/dev/ttyUSB2"
}
contact "alice" {
  phone = "+353871234567"
}
contact "bob" {
  phone = "+353867654321"
}
policy "family" {
  notify = [contact.alice, contact.bob]
}
sensor "smoke" {
  topic  = "zigbee2mqtt/smoke_{room}"
  fields = { smoke = bool, battery = number }
}
sensor "freezer" {
  topic = "home/utility/freezer/temp"
  value = number
}
sensor "engine" {
  topic  = "fleet/{machine}/engine"
  fields = { oil_kpa = number, rpm = number }
}
switch "away" {
  topic = "home/away"
}
sensor "front_door" {
  topic  = "zigbee2mqtt/front_door"
  fields = { contact = bool }
}
alert "smoke" {
  when     = sensor.smoke.smoke
  severity = "critical"
  notify   = policy.family
  message  = "SMOKE: ${room}"
}
alert "freezer_warm" {
  when       = sensor.freezer > -12
  for        = "20m"
  clear_when = sensor.freezer < -15
  notify     = policy.family
  message    = "Freezer ${sensor.freezer} C (limit -12)"
}
alert "oil_pressure" {
  when     = sensor.engine.rpm > 600 && sensor.engine.oil_kpa < 100
  for      = "5s"
  notify   = contact.bob
  message  = "${machine}: OIL ${sensor.engine.oil_kpa} kPa"
}
sensor "boiler" {
  topic         = "boiler/{n}"
  value         = number
  offline_after = "1h"
}
alert "boiler_lost" {
  when    = offline(sensor.boiler)
  notify  = contact.bob
  message = "Boiler silent"
}
alert "break_in" {
  when    = switch.away && !sensor.front_door.contact
  for     = "20s"
  notify  = policy.family
  message = "Front door opened while you are away"
}

sensor "pump" {
  topic   = "yard/pump"
  fields  = { bar = number }
  time    = payload.ts
  max_age = "5m"
}

alert "pump_pressure" {
  when    = sensor.pump.bar > 6
  notify  = contact.alice
  message = "Pump at ${sensor.pump.bar} bar"
}

sensor "bell" {
  topic = "yard/bell"
  value = string
  kind  = "event"
  hold  = "1m"
}

alert "bell" {
  when    = sensor.bell == "ring"
  notify  = contact.alice
  message = "Somebody is at the gate"
  cleared = "Somebody is at the gate no more"
}

sensor "mains" {
  topic = "home/mains"
  value = bool
}
sensor "tank" {
  topic         = "home/tank"
  value         = number
  offline_after = "1h"
}
alert "power_lost" {
  when   = !sensor.mains
  notify = contact.bob
}
alert "tank" {
  level "warning" {
    when = sensor.tank < 20
  }
  level "critical" {
    when = sensor.tank < 5
  }
  latch         = true
  suppressed_by = [alert.power_lost]
  notify        = contact.bob
  message       = "Tank ${sensor.tank} %"
}
