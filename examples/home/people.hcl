# Who is texted. Numbers are in the international format.

# Nobody gets up for a door or a warm freezer: what is not critical and still true
# is told in the morning. Smoke, water and burglars do not wait.
schedule "night" {
  from = "22:30"
  to   = "07:00"
}

contact "alice" {
  phone = "+353871234567"
  quiet = schedule.night
}

contact "bob" {
  phone = "+353867654321"
  quiet = schedule.night
}

policy "family" {
  notify = [contact.alice, contact.bob]
}
