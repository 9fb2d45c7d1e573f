# Every slip is reported once, and none hides another or makes one up.
site {
  name: "Rosewood" # ERROR: name has no value. Write name = ….
  timezone =       # ERROR: Nothing stands after the =. Write a value
  language = 'en'  # ERROR: ' is no quotation mark here. Write texts in straight double quotes
}

mqtt "main" {
  url       = “mqtt://127.0.0.1” # ERROR: “ is no quotation mark here.
  keepalive = 10s                # ERROR: A duration is written in quotes. Write "10s".
}

modem "main" {
  port = "/dev/ttyUSB2
  baud = 115200;               # ERROR: Use newlines to separate arguments
}
# The quotation mark that is never closed is the error of line 14: ERROR@14: Quoted strings may not be split

contact "alice" {
  phone = +353871234567 # ERROR: If it is a phone number, quote it: "+353871234567".
}

contact "bob" {
  phone = "+353871234568"
  phone = "+353871234569" # ERROR: The argument "phone" was already set at syntax.hcl:24
}

policy "family" {
  notify = contact.alice, contact.bob # ERROR: An argument has one value. Write several in brackets: [a, b].
}

sensor "door" {
  topic  = "door"
  fields = { open = bool, count = number, note = string }
}

alert "delay" {
  when   = sensor.door.open
  for    = 10m # ERROR: A duration is written in quotes. Write "10m".
  notify = policy.famly # ERROR: There is no policy.famly. Did you mean policy.family, on syntax.hcl line 28?
}

alert "word_and" {
  when = sensor.door.open and sensor.door.count > 5 # ERROR: and is no operator here. Write &&
}

alert "word_or" {
  when = sensor.door.open or true # ERROR: or is no operator here. Write ||
}

alert "word_not" {
  when = not sensor.door.open # ERROR: not is no operator here. Write !
}

alert "word_in" {
  when = sensor.door.note in ["a", "b"] # ERROR: in is no operator here. Write contains(
}

alert "word_for" {
  when = sensor.door.open for "10m" # ERROR: for is no operator here. An alert's delay is an argument of its own.
}

alert "single_equals" {
  when = sensor.door.count = 5 # ERROR: An argument has one = only. Write == to compare.
}

alert "triple_equals" {
  when = sensor.door.count === 5 # ERROR: === is no operator here. Write ==.
}
