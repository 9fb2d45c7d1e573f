# Words that a text sets a switch by.
mqtt "main" { url = "mqtt://127.0.0.1" }
modem "main" { port = "auto" }
contact "alice" { phone = "+353871234567" }
sensor "door" {
  topic = "door"
  value = bool
}
alert "break_in" {
  when = sensor.door && switch.away && switch.guests && switch.night && switch.one && switch.text && switch.odd && switch.long && switch.late && switch.same && switch.empty && switch.taken && switch.other
}
switch "away" { sms = ["away", "Home"] }
switch "guests" { sms = ["GUESTS", "HOME"] } # ERROR@13: "HOME" sets switch.away already, on line 12
switch "night" { sms = ["NIGHT", "night"] } # ERROR: "NIGHT" sets the switch on already
switch "one" { sms = ["NIGHT"] } # ERROR: sms takes two words, the first of which sets the switch on and the second off, and this has 1
switch "text" { sms = "AWAY" } # ERROR: sms takes a list
switch "odd" { sms = ["IN BED", "17"] } # ERROR: "IN BED" is not made of letters and digits alone
# ERROR@17: "17" is a number, and numbers answer alarms
switch "long" { sms = ["ON HOLIDAY", "BACKFROMHOLIDAY"] } # ERROR: "BACKFROMHOLIDAY" has 15 characters, more than 12
# ERROR@19: "ON HOLIDAY" is not made of letters and digits alone
switch "empty" { sms = ["", "FULL"] } # ERROR: "" is empty
switch "late" { sms = ["LATE", sensor.door] } # ERROR: sms
switch "same" { sms = ["SAME", 3] } # ERROR: sms takes a text, and this is a number
switch "taken" { sms = ["TAKEN", "stop"] } # ERROR: People text "STOP" for something else
switch "other" { sms = ["OK17", "Hilfe"] } # ERROR: People text "OK17" for something else
# ERROR@25: People text "HILFE" for something else
