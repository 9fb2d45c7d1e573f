contact "operator" {
  phone = "+353871234567"
}
