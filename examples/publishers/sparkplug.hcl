# Sparkplug B (Ignition, Groov, Neuron and others): spBv1.0/<group>/<kind>/<edge
# node>/<device>, in protobuf. {_} stands for the kind of message: at its birth a
# device says the names of its metrics, and from then on only their numbers and
# what changed. When it dies, or its edge node, its values are unavailable.

sensor "sparkplug_press" {
  topic  = "spBv1.0/plant/{_}/{node}/{press}"
  decode = "sparkplug"
  fields = { top_c = number, stop = bool }
  path   = { top_c = "Chamber/Top_C", stop = "Safety/Emergency Stop" }

  time     = payload.timestamp
  sequence = payload.seq
}

alert "sparkplug_chamber_hot" {
  when       = sensor.sparkplug_press.top_c > 60
  for        = "1m"
  clear_when = sensor.sparkplug_press.top_c < 55
  notify     = contact.operator
  message    = "${press}: chamber at ${sensor.sparkplug_press.top_c} C"
}

alert "sparkplug_stop" {
  when     = sensor.sparkplug_press.stop
  severity = "critical"
  notify   = contact.operator
  message  = "${press}: EMERGENCY STOP"
}

alert "sparkplug_press_lost" {
  when    = !known(sensor.sparkplug_press.top_c)
  for     = "2m"
  notify  = contact.operator
  message = "${press} at ${node} is gone"
}
