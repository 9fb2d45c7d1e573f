# Homie 5: homie/5/<device>/<node>/<property>, booleans exactly true or false.
#
#   homie/5/gate/door/open       true
#   homie/5/gate/$state          lost

sensor "homie_open" {
  topic = "homie/5/{device}/{node}/open"
  value = bool
  on    = ["true"]
  off   = ["false"]
  exact = true
}

alert "homie_open" {
  when    = sensor.homie_open
  for     = "15m"
  notify  = contact.operator
  message = "${device}: the ${node} is open"
}

sensor "homie_state" {
  topic = "homie/5/{device}/$state"
  value = bool
  on    = ["lost"]
  off   = ["init", "ready", "sleeping", "disconnected"]
}

alert "homie_lost" {
  when    = sensor.homie_state
  for     = "5m"
  notify  = contact.operator
  message = "${device} is lost"
}
