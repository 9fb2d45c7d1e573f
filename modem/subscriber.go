package modem

import "strings"

// subscriberDigits are enough digits at the end of two numbers to take them for
// one, where one of them may be in its country's form.
const subscriberDigits = 7

// SameSubscriber reports whether two numbers are one subscriber's, be they in
// international or national form, as networks give them.
func SameSubscriber(a, b string) bool {
	a, b = significant(a), significant(b)
	if len(a) > len(b) {
		a, b = b, a
	}
	return a == b || len(a) >= subscriberDigits && strings.HasSuffix(b, a)
}

// significant are the digits of a number that every form of it ends in.
func significant(number string) string { return strings.TrimLeft(number, "+0") }
