# Frigate: how many of each kind of object a camera sees, as a number.
#
#   frigate/yard/person    1

sensor "frigate_people" {
  topic = "frigate/{camera}/person"
  value = number
}

alert "frigate_person" {
  when      = sensor.frigate_people > 0
  clear_for = "2m"
  notify    = contact.operator
  message   = "Somebody is in view of the ${camera} camera"
}

# The last will of the recorder; "stopped" is a stop that was wanted.
#
#   frigate/available    offline

sensor "frigate_available" {
  topic = "frigate/available"
  value = string
}

alert "frigate_down" {
  when    = sensor.frigate_available == "offline"
  for     = "2m"
  notify  = contact.operator
  message = "The camera recorder is down"
}
