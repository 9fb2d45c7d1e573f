# Z-Wave JS UI with named topics. By its settings a payload is the value with its
# time, or the value alone. A notification is a number:
#
#   zwave/kitchen/detector/113/0/Smoke_Alarm/Sensor_status    {"time":1740897612743,"value":2}

sensor "zwave_smoke" {
  topic = "zwave/{room}/{_}/113/0/Smoke_Alarm/Sensor_status"
  value = bool
  path  = ["value", "."]
  on    = [1, 2]
  off   = [0]
  time  = payload.time
}

alert "zwave_smoke" {
  when     = sensor.zwave_smoke
  severity = "critical"
  notify   = contact.operator
  message  = "SMOKE: ${room}"
}

# A node that sleeps is well; one that is dead is not:
#
#   zwave/kitchen/detector/status    {"time":1740897612743,"value":false,"status":"Dead"}

sensor "zwave_dead" {
  topic = "zwave/{room}/{node}/status"
  value = bool
  path  = "status"
  on    = ["Dead"]
  off   = ["Alive", "Asleep", "Awake"]
}

alert "zwave_dead" {
  when    = sensor.zwave_dead
  for     = "10m"
  notify  = contact.operator
  message = "Z-Wave node ${node} (${room}) is dead"
}
