contact "foreman" {
  phone = "+4915112345678"
}

contact "workshop" {
  phone = "+4915187654321"
}

policy "machine_down" {
  notify = [contact.foreman, contact.workshop]
}
