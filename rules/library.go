package rules

// HasFunction reports whether expressions of rules can call the function.
func HasFunction(name string) bool {
	_, ok := functions[name]
	return ok
}
