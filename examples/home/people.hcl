# Who is texted. Numbers are in the international format.

contact "alice" {
  phone = "+353871234567"
}

contact "bob" {
  phone = "+353867654321"
}

policy "family" {
  notify = [contact.alice, contact.bob]
}
