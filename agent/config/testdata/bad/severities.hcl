mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port = "/dev/ttyUSB2"
}

severity "critcal" { # ERROR: "critcal" is no severity. Did you mean "critical"?
}

severity "urgent" { # ERROR: "urgent" is no severity. Write "critical", "warning" or "info".
}

severity "critical" {
  quiet   = true  # ERROR: What is critical is told at once, so quiet cannot hold it back. Remove it, or write severity = "warning" in the alerts that may wait.
  digest  = true  # ERROR: What is critical is told at once, so digest cannot hold it back.
  bundle  = "30s" # ERROR: What is critical is told at once, so bundle cannot hold it back.
  reserve = 95    # ERROR: reserve is 95. Write a whole number between 0 and 90.
}

severity "warning" {
  reserve  = 30      # ERROR: reserve is the part of every budget that is kept for what is critical. Write it in severity "critical".
  repeat   = "never"
  bundle   = "1h"    # ERROR: bundle is 1h. Write a duration between "0s" and "15m".
  quiet    = 1       # ERROR: quiet takes true or false, and this is a number.
  schedule = 1       # ERROR: severity "warning" takes no argument schedule. Its arguments are quiet, digest, repeat, bundle and reserve.
}
