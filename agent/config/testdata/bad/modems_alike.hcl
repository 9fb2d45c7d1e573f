broker { # WARNING: This gateway will never text anybody.
  listen          = "127.0.0.1:1883"
  allow_anonymous = true
}

modem "main" { port = "auto" }

modem "known" {
  usb { imei = "356938035643809" }
}

modem "spare" { # WARNING: modem.spare and modem.main, on modems_alike.hcl line 6, may find the same modem, and the first to find it has it. Write usb { imei = "…" } in each, and each keeps its SIM.
  usb { vid = "2c7c" }
}
