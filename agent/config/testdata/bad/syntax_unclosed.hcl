# What is behind an unclosed brace cannot be judged, so nothing else is said of it.
mqtt "main" { # ERROR: There is no closing brace for this block before the end of the file.
  url = "mqtt://127.0.0.1"

contact "alice" {
  phone = "0871234567"
}
