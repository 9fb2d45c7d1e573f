test "one slip" {
  at "0s" {
    publish "home/utility/freezer/temp" {
      value = -18
      every = 1m # ERROR: A duration is written in quotes
    }
    expect { sms = 0 }
  }
}
