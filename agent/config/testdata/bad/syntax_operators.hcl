mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

sensor "count" {
  topic = "count"
  value = number
}

alert "arrow" {
  when = sensor.count => 5 # ERROR: => is no operator here. Write >=.
}

alert "backwards" {
  when = sensor.count =< 5 # ERROR: =< is no operator here. Write <=.
}

alert "unequal" {
  when = sensor.count <> 5 # ERROR: <> is no operator here. Write !=.
}

alert "unit" {
  when = sensor.count > 5kg # ERROR: 5kg is no number. If it is a text, quote it: "5kg".
}

alert "huge" {
  when = sensor.count > 1e999 # ERROR: This number is too large. Write one below 1e308.
}

alert "escape" {
  when    = sensor.count > 5
  message = "a\q" # ERROR: The symbol "q" is not a valid escape sequence selector.
}

alert "comma" {
  when = sensor.count > 3,5 # ERROR: An argument has one value.
}

alert "capitals" {
  when = sensor.count > 5 AND sensor.count < 7 # ERROR: AND is no operator here. Write &&
}

alert "in_brackets" {
  when = (sensor.count > 5 and sensor.count < 7) # ERROR: and is no operator here. Write &&
}

alert "in_a_call" {
  when = avg_over(sensor.count, 10m) > 5 # ERROR: A duration is written in quotes. Write "10m".
}

alert "spaced" {
  when = sensor.count > 5
  for  = 10 m # ERROR: A duration is written in quotes. Write "10m".
}

alert "in_full" {
  when = sensor.count > 5
  for  = 20 Minutes # ERROR: A duration is written in quotes. Write "20m".
}

alert "no_duration" {
  when = sensor.count > 5
  for  = 20 sheep # ERROR: An argument ends with its value.
}

alert "several_lines" {
  when = sensor.count > 5 && # ERROR: An expression ends with its line unless it stands in brackets. Write ( before it, and ) after its last line.
    sensor.count < 7
}

alert "several_lines_in_brackets" {
  when = (
    sensor.count > 5 &&
    sensor.count < 7
  )
}

alert "commas" {
  when   = sensor.count > 5 && sensor.count < 7
  notify = [contact.alice contact.alice] # ERROR: Put a comma between the items of a list, also at the end of a line: [a, b].
}

alert "negated" {
  when = !sensor.count in [5, 7] # ERROR: in is no operator here. Write contains(
}
