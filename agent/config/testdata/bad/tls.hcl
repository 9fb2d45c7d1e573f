mqtt "cert_only" {
  url = "mqtts://broker1"
  tls {
    cert_file = "cert.pem" # ERROR: A certificate is of no use without its key. Write key_file as well.
  }
}

mqtt "key_only" {
  url = "mqtts://broker2"
  tls {
    key_file = "key.pem" # ERROR: A key is of no use without its certificate. Write cert_file as well.
  }
}

mqtt "mismatch" {
  url = "wss://broker3/mqtt"
  tls {
    cert_file = "cert.pem"
    key_file  = "other.pem" # ERROR: do not go together: private key does not match public key.
  }
}

mqtt "missing" {
  url = "mqtts://broker4"
  tls {
    ca_file   = "nowhere.pem" # ERROR: ca_file:
    cert_file = "password"    # ERROR: it holds no certificate. Write the path of a PEM file.
    key_file  = "nowhere.key" # ERROR: it does not exist.
    insecure  = true          # ERROR: tls of mqtt "missing" takes no argument insecure.
  }
}

mqtt "plain" {
  url = "mqtt://broker5"
  tls { # ERROR: tls has no effect on a mqtt:// url. Write mqtts:// in the url.
    cert_file = "cert.pem"
    key_file  = "key.pem"
  }
}

broker {
  allow_anonymous = true
  tls { # ERROR: tls of broker has no cert_file. Write cert_file and key_file
  }
}

modem "main" {
  port = "/dev/ttyUSB2"
}
