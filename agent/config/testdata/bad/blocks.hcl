colour = "blue" # ERROR: colour stands outside of any block. Move it into one

sites { # ERROR: There is no block sites. Did you mean site?
  name = "Rosewood"
}

frobnicator "x" {} # ERROR: There is no block frobnicator. The blocks are alert, broker, contact,

site "rosewood" {} # ERROR: A site block has no name. Write site { … }.

site { # ERROR: There is a site block already, on blocks.hcl line 9. Keep one of them.
  name = "Rosewood"
}

mqtt "main" {
  url = "mqtt://127.0.0.1"
}

mqtt { # ERROR: A mqtt block has a name. Write mqtt "some_name" { … }.
  url = "mqtt://127.0.0.2"
}

modem "Main Modem" { # ERROR: "Main Modem" is not in lower snake case, so it cannot be referred to. Write "main_modem".
  port = "/dev/ttyUSB2"
}

contact "alice" {
  phone = "+353871234567"
}

contact "alice" { # ERROR: contact "alice" already exists, on blocks.hcl line 27.
  phone = "+353871234568"
}

contact "bob" "smith" { # ERROR: A contact block has one name only. Write contact "bob" { … }.
  phone = "+353871234569"
}

contact "a_name_that_goes_on_and_on_and_on_and_on_and_on_and_on_and_on_and_on" { # ERROR: This name is longer than 64 bytes.
  phone = "+353871234560"
}

sensor "door" {
  topic = "door"
  value = bool
}

sensor "door" { # ERROR: sensor "door" already exists, on blocks.hcl line 43.
  topic = "door2"
  value = bool
}

alert "door" {
  when   = sensor.door
  notify = contact.alice
}

alert "door" { # ERROR: alert "door" already exists, on blocks.hcl line 53.
  when   = sensor.door
  notify = contact.alice
}

schedule "Night" { # ERROR: "Night" is not in lower snake case, so it cannot be referred to. Write "night".
  from = "22:00"
  to   = "07:00"
}

severity "critical" {}

severity "critical" {} # ERROR: severity "critical" already exists, on blocks.hcl line 68.

switch "Away" {} # ERROR: "Away" is not in lower snake case

limits {}

limits {} # ERROR: There is a limits block already, on blocks.hcl line 74. Keep one of them.

recorder {} # ERROR: The block recorder is not available

api {} # ERROR: The block api is not available

variable "phone" {} # ERROR: variable "phone" has no value and no default. Write phone = … into a file that ends in .vars.hcl, set the environment variable TOCSIN_VAR_phone, or give --var

locals "x" {} # ERROR: A locals block has no name. Write locals { … }.

module "freezer" {} # ERROR: module "freezer" has no source. Write the directory of the module, such as source = "./modules/freezer".
