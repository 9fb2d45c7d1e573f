mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

limits {
  texts_per_hour    = 0       # ERROR: texts_per_hour is 0. Write a whole number between 1 and 1000.
  texts_per_day     = "100"   # ERROR: texts_per_day takes a number, and this is a text.
  texts_per_week    = 500     # ERROR: limits takes no argument texts_per_week.
  store_max         = 1000000 # ERROR: store_max is 1e+06. Write a whole number between 100 and 100000.
  series_max        = 20000   # ERROR: series_max is 20000. Write a whole number between 1 and 10000.
  window_memory_max = "16 MB" # ERROR: "16 MB" is no size in KiB or MiB. Write a number and a unit, such as "16MiB".
}
