alert "freezer_warm" {
  when       = sensor.freezer > -12
  for        = "20m"
  clear_when = sensor.freezer < -15
  notify     = [policy.family, contact.night_shift, contact.alice]
  message    = "Freezer ${n} is at ${sensor.freezer} C"
}

alert "door" {
  # In brackets an expression may go on for lines.
  when = (
    sensor.door && # opened
    sensor.barn > 5
  )
  clear_for = "90s"
  severity  = "critical"
}

alert "barn" {
  when       = sensor.barn >= 30
  clear_when = sensor.barn < 25
  clear_for  = "1h30m"
  notify     = contact.bob
}

alert "door_only" {
  when   = sensor.door
  notify = contact.bob
}

alert "intruder" {
  when   = switch.away && !switch.armed && sensor.door
  notify = contact.bob
}
