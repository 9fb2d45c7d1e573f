package rules

import (
	"math"
	"strconv"
	"time"
)

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
// open are true, false, off, no and closed are false, and so are a number equal
// to 1 or to 0. Any other number, such as how far a blind is open, is no bool.
func parseBool(text string) (bool, Reason) {
	text = trimBlanks(text)
	var buffer [wordMaxBytes]byte
	switch string(lowerWord(text, &buffer)) {
	case "true", "on", "yes", "open":
		return true, Known
	case "false", "off", "no", "closed":
		return false, Known
	}
	switch n, why := parseNumber(text); {
	case why == Null || why == Unavailable:
		return false, why
	case why == Known && (n == 0 || n == 1):
		return n == 1, Known
	}
	return false, NotANumber
}

// The seconds of an epoch up to the year 5138; from there on a number counts
// milliseconds, which to seconds would be before 1973.
const (
	epochSecondsEnd = 1e11
	epochMillisEnd  = 1e14
	timeMaxBytes    = 64
)

// parseTime reads a time as seconds since 1970-01-01T00:00:00Z, with blanks
// around it: RFC 3339 with its zone, or a number of seconds since then or, from
// 1e11 on, of milliseconds. From 1e14 on it is out of range. A time without a
// zone could mean a dozen hours and is none.
func parseTime(text string) (float64, Reason) {
	text = trimBlanks(text)
	n, why := parseNumber(text)
	switch {
	case why == Known:
		return epochSeconds(n)
	case why != NotANumber || len(text) > timeMaxBytes:
		return 0, why
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, NotANumber
	}
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9, Known
}

func epochSeconds(n float64) (float64, Reason) {
	switch size := math.Abs(n); {
	case size < epochSecondsEnd:
		return n, Known
	case size < epochMillisEnd:
		return n / 1000, Known
	}
	return 0, OutOfRange
}

// whyNoValue tells the words by which a publisher says that it does not know,
// in any case, from what is no value at all.
func whyNoValue(text string) Reason {
	var buffer [wordMaxBytes]byte
	switch string(lowerWord(text, &buffer)) {
	case "null":
		return Null
	case "unavailable", "unknown", "none", "nan", "-nan":
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
