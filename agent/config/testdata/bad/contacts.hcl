contact "words" {
  phone        = "+353871234567"
  language     = "german"                     # ERROR: language cannot be "german". Write "en", "de", "es" or "fr".
  allow        = ["ack", "silense", "mute"]   # ERROR: allow cannot be "silense". Did you mean "silence"? # ERROR: allow cannot be "mute". Write "ack", "silence", "switch" or "status".
  require_code = "yes"                        # ERROR: require_code takes true or false, and this is a text.
}

contact "no_list" {
  phone  = "+353871234568"
  allow  = "ack"   # ERROR: allow takes a list, and this is a text. Write it in brackets: ["ack"].
  budget = "5/15m" # ERROR: budget takes a list, and this is a text. Write it in brackets: ["5/15m"].
}

contact "rates" {
  phone  = "+353871234569"
  budget = ["5 an hour", "5/h", "0/1h", "5000/1h", "1/10s", "1/7d", 5] # ERROR: "5 an hour" is no rate. Write a number of texts and a time, such as "5/15m". # ERROR: "5/h" is no rate. # ERROR: "0/1h" is 0 texts. Write from 1 to 1000 of them. # ERROR: "5000/1h" is 5000 texts. # ERROR: "1/10s" counts texts in 10s. Write a time between "1m" and "1d". # ERROR: "1/7d" counts texts in 7d. # ERROR: budget takes a text, and this is a number.
}

contact "no_rates" {
  phone  = "+353871234560"
  budget = [] # ERROR: budget is an empty list. Write budget = ["5/15m", "21/3h"], or leave the argument out for the usual one.
}

contact "many_rates" {
  phone  = "+353871234561"
  budget = ["1/1m", "2/2m", "3/3m", "4/4m", "5/5m", "6/6m", "7/7m", "8/8m", "9/9m"] # ERROR: budget has 9 rates. Write 8 at most.
}

mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}
