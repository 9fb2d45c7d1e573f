mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

contact "no_phone" { # ERROR: contact "no_phone" has no phone. Write phone = "+353871234567"
}

contact "national" {
  phone = "087 123 4567" # ERROR: The number "087 123 4567" has no country code.
}

contact "unquoted" {
  phone = 353871234567 # ERROR: phone takes a text, and this is a number. Write it in quotes: "353871234567".
}

contact "letters" {
  phone = "+353 CALL ME" # ERROR: has a character that is not a digit.
}

contact "short" {
  phone = "+3538" # ERROR: fewer than 7.
}

contact "empty" {
  phone = "" # ERROR: phone is empty.
}

contact "code_as_phone" {
  phone = "50 123" # ERROR: has no +. Write + and the country code before it, such as +353871234567. If it is a short code of the operator, write short_code = "50123" instead of phone.
}

contact "emergency" {
  phone = "112" # ERROR: The number "112" is that of the emergency services, which take no texts from machines. Write the number of a person.
}

contact "emergency_code" {
  short_code = "911" # ERROR: The number "911" is that of the emergency services
}

contact "both" {
  phone      = "+353871234569"
  short_code = "50123" # ERROR: contact "both" has both phone and short_code. Keep phone for a person, short_code for a service of the operator.
}

contact "code_with_plus" {
  short_code = "+50123" # ERROR: The short code "+50123" has a +, which telephone numbers have. A short code is digits alone, such as 50123.
}

contact "code_too_long" {
  short_code = "353871234567" # ERROR: The short code "353871234567" has 12 digits, a short code has 3 to 8. A telephone number is written with + and its country code.
}

contact "code_unquoted" {
  short_code = 50123 # ERROR: short_code takes a text, and this is a number. Write it in quotes: "50123".
}

contact "later" {
  phone = "+353871234567"
  quiet = schedule.night # ERROR: There is no schedule.night. There are no schedule blocks at all. Write schedule "night" { … }.
  email = "a@b.c"        # ERROR: contact "later" takes no argument email. Its arguments are phone, short_code, language, quiet, budget, allow and require_code.
}

policy "nobody" { # ERROR: policy "nobody" has no notify. Write whom it tells
}

policy "empty" {
  notify = [] # ERROR: notify is an empty list. Write contact.some_name
}

policy "typo" {
  notify = [contact.later, contact.latr] # ERROR: There is no contact.latr. Did you mean contact.later, on people.hcl line 61?
}

policy "stranger" {
  notify = contact.zebedee # ERROR: There is no contact.zebedee. There is no_phone, national,
}

policy "quoted" {
  notify = ["later"] # ERROR: notify refers to a block, and "later" is a text. Write contact.later, without quotes.
}

policy "nested" {
  notify = policy.typo # ERROR: notify cannot be policy.typo. Write contact.some_name.
}

policy "deep" {
  notify = contact.later.phone # ERROR: contact.later.phone is no reference to a block. Write kind and name only: contact.later.
}

policy "bare" {
  notify = later # ERROR: later says no kind. Write contact.later.
}

policy "loud" {
  notify = contact.later
  call   = "yes" # ERROR: call takes true or false, and this is a text.
  flash  = 1     # ERROR: flash takes true or false, and this is a number.
}
