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

contact "later" {
  phone = "+353871234567"
  quiet = schedule.night # ERROR: The argument quiet of contact is not available in this version
  email = "a@b.c"        # ERROR: contact "later" takes no argument email. Its arguments are phone.
}

policy "nobody" { # ERROR: policy "nobody" has no notify. Write whom it tells
}

policy "empty" {
  notify = [] # ERROR: notify is an empty list. Write contact.some_name
}

policy "typo" {
  notify = [contact.later, contact.latr] # ERROR: There is no contact.latr. Did you mean contact.later, on people.hcl line 32?
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

policy "steps" { # ERROR: policy "steps" has no notify.
  step { # ERROR: The block step of policy is not available in this version
  }
}
