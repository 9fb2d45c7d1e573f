mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

limits {
  window_memory_max = "4000000000MiB" # ERROR: "4000000000MiB" is not between 64KiB and 512MiB. Write a number and a unit, such as "16MiB".
}
