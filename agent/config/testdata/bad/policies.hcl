mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

contact "bob" {
  phone = "+353871234568"
}

policy "nobody" { # ERROR: policy "nobody" has no notify. Write whom it tells, such as notify = [contact.alice], or step blocks that tell others later.
}

policy "both" {
  notify = contact.alice # ERROR: The steps of policy "both" say that, each for itself. Move notify into a step, or remove it.
  call   = true          # ERROR: The steps of policy "both" say that, each for itself. Move call into a step, or remove it.
  step {
    notify = contact.bob
  }
}

policy "steps" {
  step { # ERROR: step of policy "steps" has no notify. Write whom it tells, such as notify = [contact.alice].
  }
  step {
    after  = "25h"      # ERROR: after is 1d1h. Write a duration between "0s" and "1d".
    notify = policy.both # ERROR: notify cannot be policy.both. Write contact.some_name.
  }
  step {
    after  = 10          # ERROR: 10 has no unit.
    notify = contact.bbo # ERROR: There is no contact.bbo. Did you mean contact.bob, on policies.hcl line 13?
    wait   = "5m"        # ERROR: step of policy "steps" takes no argument wait.
  }
}

policy "many" {
  step { notify = contact.alice }
  step { notify = contact.alice }
  step { notify = contact.alice }
  step { notify = contact.alice }
  step { notify = contact.alice }
  step { notify = contact.alice }
  step { notify = contact.alice }
  step { notify = contact.alice }
  step { notify = contact.alice }
  step { notify = contact.alice }
  step { notify = contact.alice } # ERROR: policy "many" has 11 steps. Write 10 at most.
}

policy "times" {
  notify      = contact.alice
  ack_timeout = "10s"         # ERROR: ack_timeout is 10s. Write a duration between "1m" and "7d".
  digest      = "morning"     # ERROR: "morning" is not a time of day.
  repeat      = "10s"         # ERROR: repeat is 10s. Write a duration between "1m" and "1d".
}

policy "repeat_off" {
  notify = contact.alice
  repeat = false # ERROR: repeat is how long it takes until something is told again. Write a duration such as "10m", a list of them, or "never".
}

policy "repeat_none" {
  notify = contact.alice
  repeat = [] # ERROR: repeat is an empty list. Write "never" if nothing is to be told again.
}

policy "repeat_list" {
  notify = contact.alice
  repeat = ["2m", "never", 5] # ERROR: "never" is not a duration. # ERROR: 5 has no unit.
}

policy "repeat_many" {
  notify = contact.alice
  repeat = ["1m", "1m", "1m", "1m", "1m", "1m", "1m", "1m", "1m", "1m", "1m"] # ERROR: repeat has 11 pauses, and nothing is repeated more than 10 times.
}

policy "repeat_word" {
  notify = contact.alice
  repeat = "nevr" # ERROR: Write a duration such as "10m", a list of them, or "never".
}

sensor "door" {
  topic = "door"
  value = bool
}

alert "door" {
  when   = sensor.door
  notify = policy.both
  bundle = "1h" # ERROR: bundle is 1h. Write a duration between "0s" and "15m".
  repeat = true # ERROR: repeat is how long it takes until something is told again.
}
