package rules

import "strconv"

// Bounds of a scalar. A string is kept for each series and saved with it.
const (
	stringMaxBytes  = 1024
	numeralMaxBytes = 400
)

// parseNumber reads a decimal numeral with optional sign, fraction and
// exponent, such as -18.5 or 1e3, and blanks around it. Hexadecimal,
// underscores and the words for infinity are no numbers. What exceeds a
// float64, or numeralMaxBytes, is out of range; -0 is 0.
func parseNumber(text string) (float64, Reason) {
	text = trimBlanks(text)
	if !isNumeral(text) {
		return 0, whyNoValue(text)
	}
	if len(text) > numeralMaxBytes {
		return 0, OutOfRange
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, OutOfRange // it is a numeral, so only its size is left to be wrong
	}
	if n == 0 {
		return 0, Known
	}
	return n, Known
}

// isNumeral reports whether text is digits with an optional sign, point and
// exponent.
func isNumeral(text string) bool {
	at := skipSign(text, 0)
	whole := skipDigits(text, at)
	digits := whole - at
	at = whole
	if at < len(text) && text[at] == '.' {
		fraction := skipDigits(text, at+1)
		digits += fraction - (at + 1)
		at = fraction
	}
	if digits > 0 && at < len(text) && text[at]|0x20 == 'e' {
		exponent := skipSign(text, at+1)
		at = skipDigits(text, exponent)
		digits = at - exponent
	}
	return digits > 0 && at == len(text)
}

func skipSign(text string, at int) int {
	if at < len(text) && (text[at] == '+' || text[at] == '-') {
		at++
	}
	return at
}

func skipDigits(text string, at int) int {
	for at < len(text) && text[at] >= '0' && text[at] <= '9' {
		at++
	}
	return at
}

// parseBool reads a bool in any case, with blanks around it: true, on, yes and
// open are true, false, off, no, closed and close are false, and so are a number
// equal to 1 or to 0. Any other number, such as how far a blind is open, is no
// bool. Nor are online and offline: a last will says that nobody knows, and must
// not clear a fire alarm.
func parseBool(text string) (bool, Reason) {
	text = trimBlanks(text)
	var buffer [wordMaxBytes]byte
	switch string(lowerWord(text, &buffer)) {
	case "true", "on", "yes", "open":
		return true, Known
	case "false", "off", "no", "closed", "close":
		return false, Known
	}
	n, why := parseNumber(text)
	switch why {
	case Known:
		return boolOf(n)
	case OutOfRange:
		return false, NotANumber
	}
	return false, why
}

// boolOf is the bool that a number stands for.
func boolOf(n float64) (bool, Reason) {
	if n == 0 || n == 1 {
		return n == 1, Known
	}
	return false, NotANumber
}

// whyNoValue tells the words by which a publisher says that it does not know,
// in any case, from what is no value at all.
func whyNoValue(text string) Reason {
	var buffer [wordMaxBytes]byte
	switch string(lowerWord(text, &buffer)) {
	case "null":
		return Null
	case "unavailable", "unknown", "offline", "none", "nan", "-nan":
		return Unavailable
	}
	return NotANumber
}

// wordMaxBytes is the length of the longest word we know, "unavailable".
const wordMaxBytes = 11

// lowerWord returns text in lower case, in buffer; nil if it is longer than any
// word we know. Only ASCII letters change.
func lowerWord(text string, buffer *[wordMaxBytes]byte) []byte {
	if len(text) > len(buffer) {
		return nil
	}
	for i := range len(text) {
		c := text[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		buffer[i] = c
	}
	return buffer[:len(text)]
}
