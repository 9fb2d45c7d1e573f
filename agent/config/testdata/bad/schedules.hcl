schedule "empty" { # ERROR: schedule "empty" has no from. Write when it begins, such as from = "22:00". # ERROR: schedule "empty" has no to. Write when it ends, such as to = "07:00"
}

schedule "times" {
  from = "10 pm" # ERROR: "10 pm" is not a time of day. Write hours and minutes from "00:00" to "24:00", such as "22:00".
  to   = 7       # ERROR: to takes a text, and this is a number.
}

schedule "beyond" {
  from = "24:00" # ERROR: Nothing begins when a day is over. Write from = "00:00"
  to   = "24:01" # ERROR: "24:01" is not a time of day.
}

schedule "days" {
  days = ["mon", "Tuesday - Friday", "weekend", "sat-sun-mon", 5] # ERROR: "Tuesday - Friday" is no day of the week. Did you mean "tue-fri"? # ERROR: "weekend" is no day of the week. Write "mon" to "sun", or several in a row such as "mon-fri". # ERROR: "sat-sun-mon" is no day # ERROR: days takes a text, and this is a number.
  from = "8:00"
  to   = "17:00"
}

schedule "no_days" {
  days = [] # ERROR: days is an empty list. Write days = ["mon-fri"], or leave the argument out for every day.
  from = "8:00"
  to   = "17:00"
}

schedule "one_day" {
  days  = "mon" # ERROR: days takes a list, and this is a text. Write it in brackets: ["mon"].
  from  = "8:00"
  to    = "17:00"
  until = "18:00" # ERROR: schedule "one_day" takes no argument until. Its arguments are from, to and days.
}

schedule "always" {
  from = "00:00"
  to   = "24:00"
}

schedule "day" {
  from = "07:00"
  to   = "22:00"
}

contact "quiet_always" {
  phone = "+353871234567"
  quiet = schedule.always # ERROR: Endless quiet hours: These quiet hours never end, so contact "quiet_always" would hear of nothing but what is critical.
}

contact "quiet_by_two" {
  phone = "+353871234568"
  quiet = schedule.day
  quiet { # ERROR: Endless quiet hours
    from = "22:00"
    to   = "07:00"
  }
}

contact "quiet_wrong" {
  phone = "+353871234569"
  quiet = "22:00-07:00" # ERROR: quiet refers to a block, and "22:00-07:00" is a text. Write schedule.some_name
}

contact "quiet_typo" {
  phone = "+353871234560"
  quiet = [schedule.day, schedule.nigth] # ERROR: There is no schedule.nigth. There is empty, times, beyond, days, no_days, one_day, always, day.
}

contact "quiet_block" {
  phone = "+353871234561"
  quiet "night" {   # ERROR: A quiet block inside another one has no name. Write quiet { … }.
    from = "22 Uhr" # ERROR: "22 Uhr" is not a time of day.
    till = "07:00"  # ERROR: quiet "night" of contact "quiet_block" takes no argument till.
    to   = "07:00"
  }
}

mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}
