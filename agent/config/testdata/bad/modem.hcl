mqtt "main" {
  url = "mqtt://127.0.0.1"
}

modem "main" {
  port     = "ttyUSB2"     # ERROR: "ttyUSB2" is not the path of a device. Write it from the root, such as "/dev/ttyUSB2".
  baud     = 14400         # ERROR: 14400 is not a speed of serial ports. Most modems want 115200.
  pin_file = "bad_pin"     # ERROR: it holds no PIN. Write four to eight digits into it and nothing else.
  smsc     = "0871234567"  # ERROR: The number "0871234567" has no country code. Write + and the country code in place of the 0
  profile  = "sim7610"     # ERROR: profile cannot be "sim7610". Did you mean "sim7600"?
  prefer   = 0             # ERROR: prefer is 0. Write a whole number between 1 and 100.
  voice    = "no"          # ERROR: voice takes true or false
  device   = "any"         # ERROR: modem "main" has no use for device. It says which of ModemManager's modems is meant. Remove it, or write backend = "modemmanager".
}

modem "spare" {
  baud     = 0         # ERROR: baud is 0. Write a whole number between 1200 and 921600.
  pin_file = "nowhere" # ERROR: it does not exist.
  port     = "auto"    # ERROR: port and usb both say where the modem is. Keep usb { … }
  exclude  = ["/dev/ttyUSB0", "ttyUSB1"] # ERROR: "ttyUSB1" is not the path of a device. Write it from the root, such as "/dev/ttyUSB1".
  usb {
    vid  = "0x2c7c"    # ERROR: vid is four hexadecimal digits in quotes, as lsusb prints them. Write "2c7c".
    pid  = 125         # ERROR: pid is four hexadecimal digits in quotes, as lsusb prints them. Write "0125".
    imei = "12345"     # ERROR: "12345" is not an IMEI. Write its 15 digits, which are on the modem's label.
    interface = 99     # ERROR: interface is 99. Write a whole number between 0 and 31.
  }
}

modem "third" { # ERROR: modem "third" has no port. Write port = "auto" for the only modem on USB, or the path of a serial port
  baud = "9600" # ERROR: baud takes a number, and this is a text.
}

modem "fourth" {
  usb { # ERROR: usb does not say which modem. Write vid and pid as lsusb shows them, serial or imei; or port = "auto" in place of the block.
    interface = 2
  }
}

modem "fifth" {
  usb {
    pid = "0125" # ERROR: pid is one maker's number of a product, and vid says whose. Write vid as well
    vdi = "2c7c" # ERROR: Did you mean vid?
  }
  exclude = "/dev/ttyUSB0" # ERROR: exclude takes a list, and this is a text. Write it in brackets: ["/dev/ttyUSB0"].
}

modem "sixth" {
  port    = "/dev/ttyS1"
  exclude = ["/dev/ttyS2"] # ERROR: exclude is about searching, and port says where the modem is. Remove exclude, or write port = "auto".
  tune {
    reports       = [1, 3]                # ERROR: reports is 3. Write a whole number between 0 and 2.
    final_timeout = "10s"                 # ERROR: final_timeout
    reset         = "AT+CRESET"           # ERROR: The AT before a command is written by itself. Write "+CRESET".
    tries         = "+SPIC\r+CFUN=0"      # ERROR: tries takes an AT command without its AT, of at most 64 characters. Write one such as "+CFUN=1,1".
    radio_off     = 0                     # ERROR: radio_off = 0 takes the SIM's power away too, and with it the PIN. Write 4, or -1 when the radio must stay on.
    quiet         = ["^CURC=0", "AT^X=0"] # ERROR: The AT before a command is written by itself. Write "^X=0".
    boot_time     = "soon"                # ERROR: "soon" is not a duration.
  }
  reset {
    command = ["uhubctl", "-a"] # ERROR: "uhubctl" is not the path of a program. Write it from the root, such as "/usr/sbin/uhubctl"; no shell reads the command.
  }
}

modem "seventh" { # ERROR: modem "seventh" has the port of modem "sixth", on modem.hcl line 47. Each modem is one block; remove one of them.
  port = "/dev//ttyS1"
  reset {} # ERROR: reset allows nothing. Write command = ["/path/of/program", …], or reboot = true.
}

modem "eighth" {
  port = "/dev/ttyS3"
  reset {
    command = [] # ERROR: command is empty. Write the program and its arguments
  }
}

modem "ninth" {
  backend = "modemmanager"
  device  = "356938035643809"
  port    = "/dev/ttyS4" # ERROR: modem "ninth" has no use for port. ModemManager owns this modem and finds its port by itself. Remove it.
  profile = "ec25"       # ERROR: modem "ninth" has no use for profile. ModemManager owns this modem
  tune {                 # ERROR: modem "ninth" takes no block tune.
    direct = true
  }
}

modem "tenth" { # ERROR: modem "tenth" has the device of modem "ninth"
  backend = "modemmanager"
  device  = "356938035643809"
}

modem "eleventh" {
  backend = "ofono" # ERROR: backend cannot be "ofono". Write "modemmanager".
  port    = "/dev/ttyS5"
}

modem "twelfth" {
  usb { imei = "356938035643809" }
}

modem "thirteenth" { # ERROR: modem "thirteenth" has the imei of modem "twelfth"
  usb { imei = "356938035643809" }
}
