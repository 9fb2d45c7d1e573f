mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

schedule "unused" { # WARNING: Nothing follows schedule.unused. Name it in the quiet of a contact or in a silence, or remove it.
  from = "22:00"
  to   = "07:00"
}

schedule "night" {
  from = "22:00"
  to   = "07:00"
}

contact "alice" {
  phone = "+353871234567"
  quiet = schedule.night # WARNING: Quiet hours without effect: contact.alice is told of nothing that quiet hours hold back
}

contact "bob" {
  phone = "+353871234568"
  allow = ["status"]
  quiet { # WARNING: Quiet hours without effect: contact.bob
    from = "22:00"
    to   = "06:00"
  }
}

contact "carol" {
  phone = "+353871234569"
  allow = []
  quiet = schedule.night
}

contact "dave" {
  phone = "+353871234560"
  quiet = schedule.night
}

policy "escalate" {
  step { notify = contact.alice }
  step { # WARNING: Idle step: Everybody in this step is told by an earlier one, and nobody has a second turn.
    after  = "5m"
    notify = contact.alice
  }
  step { # WARNING: Idle step
    after  = "10m"
    notify = contact.alice
    call   = true
  }
}

policy "later" {
  step {
    after  = "20m"
    notify = contact.alice
  }
}

severity "info" {
  repeat = "1h" # WARNING: Repeat without effect: What is told in the daily digest is not repeated.
}

limits {
  window_memory_max = "64KiB" # WARNING: Too little memory: The windows of the sensors that are expected take
}

sensor "tank" {
  topic  = "tank/{n}"
  value  = number
  expect = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "40"]
}

sensor "door" {
  topic = "door"
  value = bool
}

alert "tank" {
  when   = avg_over(sensor.tank, "1d") > 5
  for    = "1m"
  notify = contact.carol
}

alert "at_once" {
  when     = sensor.door
  severity = "critical"
  notify   = policy.escalate
}

alert "unanswerable" { # WARNING: Nobody may acknowledge: Of those whom alert "unanswerable" tells nobody may acknowledge it by text, so it is repeated whatever they answer. Write "ack" into the allow of one of them: Bob and Carol.
  when     = sensor.door
  severity = "critical"
  notify   = [contact.bob, contact.carol]
}

alert "slow" { # WARNING: Nobody hears soon: alert "slow" is critical, and the first to hear of it do so after 20 minutes.
  when     = sensor.door
  severity = "critical"
  notify   = policy.later
}

alert "slow_but_for_alice" {
  when     = sensor.door
  severity = "critical"
  notify   = [contact.alice, policy.later]
}

alert "waits_for_nothing" {
  when     = sensor.door
  severity = "critical"
  notify   = contact.alice
  bundle   = "30s" # WARNING: Bundle without effect: What is critical waits for nothing.
}

alert "once_a_day" {
  when     = sensor.door
  severity = "info"
  notify   = contact.carol
  repeat   = "1h" # WARNING: Repeat without effect: alert "once_a_day" is told in the daily digest, which is not repeated.
}

heartbeat "daily" {
  at     = "09:00"
  notify = contact.dave
}
