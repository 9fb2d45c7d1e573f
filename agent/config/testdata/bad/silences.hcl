mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

site {
  timezone = "Europe/Dublin"
}

schedule "always" {
  from = "00:00"
  to   = "24:00"
}

schedule "night" {
  from = "22:00"
  to   = "07:00"
}

sensor "freezer" {
  topic = "home/{room}/freezer"
  value = number
}

alert "freezer_warm" {
  when     = sensor.freezer > -12
  for      = "20m"
  severity = "critical"
}

alert "freezer_lost" {
  when = !known(sensor.freezer)
  for  = "1h"
}

silence "empty" { # ERROR: silence "empty" has no match. Write which alerts it silences, such as match = { alert = "freezer_*" }, or match = { alert = "*" } for all. # ERROR: silence "empty" does not say when it is.
}

silence "typo" {
  match    = { alert = "freezer_wram" } # ERROR: No alert is called "freezer_wram". Did you mean "freezer_warm"?
  schedule = schedule.night
}

silence "typo_in_reference" {
  match    = { alert = [alert.freezer_warm, alert.freezer_los] } # ERROR: There is no alert.freezer_los. Did you mean alert.freezer_lost
  schedule = schedule.night
}

silence "nothing_like_it" {
  match    = { alert = ["pump_*", ""] } # ERROR: No alert is called "pump_*". There is broker_unreachable, freezer_lost, freezer_warm; * stands for any text. # ERROR: No alert is called "".
  schedule = schedule.night
}

silence "unquoted" {
  match    = { alert = freezer_warm } # ERROR: freezer_warm says no kind. Write alert.freezer_warm.
  schedule = schedule.night
}

silence "label" {
  match    = { alert = "freezer_*", rom = "cellar" } # ERROR: No alert that this silences has a label rom. Did you mean room?
  schedule = schedule.night
}

silence "label_number" {
  match    = { room = 7, machine = "x" } # ERROR: room takes a text, and this is a number. Write it in quotes: "7". # ERROR: No alert that this silences has a label machine. There is alert, broker, room, severity.
  schedule = schedule.night
}

silence "severity" {
  match    = { alert = alert.freezer_warm, severity = ["warning", "info"] } # ERROR: No alert that this silences has such a severity. Write another, or leave severity out.
  schedule = schedule.night
}

silence "severity_before_alert" {
  match    = { severity = "warning", alert = alert.freezer_warm } # ERROR: No alert that this silences has such a severity.
  schedule = schedule.night
}

silence "typo_and_label" {
  match    = { room = "cellar", alert = "freezer_wram" } # ERROR: No alert is called "freezer_wram".
  schedule = schedule.night
}

silence "severity_word" {
  match    = { severity = "warnin" } # ERROR: severity cannot be "warnin". Did you mean "warning"?
  schedule = schedule.night
}

silence "empty_lists" {
  match    = { alert = [], severity = [] } # ERROR: alert is an empty list, so this silences nothing. # ERROR: severity is an empty list
  schedule = schedule.night
}

silence "no_object" {
  match    = "freezer_*" # ERROR: match takes an object. Write match = { name = … }.
  schedule = [schedule.night, schedule.nght] # ERROR: A silence has one schedule. Write another silence for the other.
}

silence "both_times" {
  match    = { alert = "*" }
  schedule = schedule.nght # ERROR: There is no schedule.nght. Did you mean schedule.night
  from     = "2026-03-01 22:00" # ERROR: silence "both_times" follows a schedule and has a time of its own, too.
}

silence "for_ever" {
  match    = { alert = "*" }
  schedule = schedule.always # ERROR: schedule.always never ends, and a silence has to. Write shadow = true in an alert that nobody is to be texted of.
}

silence "half" { # ERROR: silence "half" has no until. Write schedule = schedule.some_name for what recurs
  match = { alert = "*" }
  from  = "2026-03-01 22:00"
}

silence "words" {
  match = { alert = "broker_*", broker = "main" }
  from  = "tonight"    # ERROR: "tonight" is no date and time. Write one as clocks at the site show it, such as "2026-03-01 22:00", or with its zone, such as "2026-03-01T22:00:00Z".
  until = "2026-03-01" # ERROR: "2026-03-01" is no date and time.
}

silence "backwards" {
  match = { alert = "*" }
  from  = "2026-03-02 22:00"
  until = "2026-03-02T21:00:00Z" # ERROR: This silence ends before it begins. Write a later until.
}

silence "long" {
  match = { alert = "*" }
  from  = "2026-03-27 22:00"
  until = "2026-04-03 23:01" # ERROR: This silence is longer than 7 days. Write an until that is no later than "2026-04-03 23:00", or a schedule.
}

silence "right" {
  match = { alert = ["freezer_*", alert.freezer_lost], severity = "warning", room = "c*" }
  from  = "2026-03-27 22:00"
  until = "2026-03-28T07:00:00+01:00"
}
