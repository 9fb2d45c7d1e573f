schedule "evening" {
  days = ["mon-sat"]
  from = "18:00"
  to   = "06:00"
}

schedule "sunday" {
  days = ["sun"]
  from = "00:00"
  to   = "24:00"
}

contact "foreman" {
  phone = "+4915112345678"
}

# What can wait until the workshop opens does.
contact "workshop" {
  phone = "+4915187654321"
  quiet = [schedule.evening, schedule.sunday]
}

contact "manager" {
  phone  = "+4915155555555"
  budget = ["3/1h", "10/24h"]
}

# A machine is down: somebody has to answer. After a quarter of an hour without an
# answer the manager's phone rings.
policy "machine_down" {
  step {
    notify = [contact.foreman, contact.workshop]
  }
  step {
    after  = "15m"
    notify = contact.manager
    call   = true
  }
  ack_timeout = "4h"
}

# The yard's monitoring hears that the gateway lives.
heartbeat "monitoring" {
  every = "5m"
  topic = "yard4/tocsin"
}

# The SIM is prepaid.
limits {
  texts_per_hour = 60
  texts_per_day  = 300
}
