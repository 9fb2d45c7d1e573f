locals {
  running = sensor.engine.rpm > 600
}

# Oil pressure means something only while the engine runs.
alert "oil_pressure" {
  when     = local.running && sensor.engine.oil_kpa < 100
  for      = "5s"
  severity = "critical"
  notify   = policy.machine_down
  message  = "${machine}: OIL ${sensor.engine.oil_kpa} kPa at ${sensor.engine.rpm} rpm. STOP."
}

# Told as soon as it is foreseeable, and at once when it is there. Both are one
# incident.
alert "coolant" {
  level "warning" {
    when      = local.running && forecast(sensor.engine.coolant_c, "5m", "10m") > 105
    for       = "30s"
    clear_for = "5m"
  }
  level "critical" {
    when       = sensor.engine.coolant_c > 105
    clear_when = sensor.engine.coolant_c < 98
    message    = "${machine}: COOLANT ${sensor.engine.coolant_c} C, limit 105"
  }
  notify  = policy.machine_down
  message = "${machine}: coolant ${sensor.engine.coolant_c} C, 105 in ${eta(sensor.engine.coolant_c, 105, "5m")}"
}

alert "hydraulic_fluid" {
  when    = sensor.hydraulics.level < 10 || sensor.hydraulics.state == "leak"
  for     = "1m"
  notify  = contact.workshop
  message = "${machine}: hydraulic fluid at ${sensor.hydraulics.level} % (${sensor.hydraulics.state})"
}

# Joined by {machine}: one sensor's reading in the light of another's.
alert "pump_dry" {
  when     = sensor.engine.rpm > 1200 && sensor.hydraulics.level < 3
  for      = "2s"
  severity = "critical"
  notify   = policy.machine_down
  message  = "${machine}: hydraulic pump runs dry at ${sensor.engine.rpm} rpm. STOP."
}
