mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

sensor "tank" {
  topic  = "tank/{n}"
  value  = number
  expect = ["1", "2", "3"]
}

limits {
  series_max        = 2               # ERROR: sensor.tank expects 3 series, and series_max is 2. Write 3 at least.
  window_memory_max = "4000000000MiB" # ERROR: "4000000000MiB" is not between 64KiB and 512MiB. Write a number and a unit, such as "16MiB".
}
