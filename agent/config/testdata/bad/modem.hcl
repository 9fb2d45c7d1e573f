mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port     = "ttyUSB2"     # ERROR: "ttyUSB2" is not the path of a device. Write it from the root, such as "/dev/ttyUSB2".
  baud     = 14400         # ERROR: 14400 is not a speed of serial ports. Most modems want 115200.
  pin_file = "bad_pin"     # ERROR: it holds no PIN. Write four to eight digits into it and nothing else.
  smsc     = "0871234567"  # ERROR: The number "0871234567" has no country code. Write + and the country code in place of the 0
  profile  = "sim7600"     # ERROR: The argument profile of modem is not available in this version
  usb {}                   # ERROR: The block usb of modem is not available in this version
}

modem "spare" { # ERROR: A second modem block is not available in this version
  port     = "auto"    # ERROR: port = "auto" is not available in this version
  baud     = 0         # ERROR: baud is 0. Write a whole number between 1200 and 921600.
  pin_file = "nowhere" # ERROR: it does not exist.
}

modem "third" { # ERROR: A second modem block is not available # ERROR: modem "third" has no port. Write the modem's serial port
  baud = "9600" # ERROR: baud takes a number, and this is a text.
}
