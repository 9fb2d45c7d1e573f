package learn

import (
	"regexp"
	"strings"
)

// isNumber reports whether a level is digits.
func isNumber(level string) bool {
	return level != "" && strings.Trim(level, "0123456789") == ""
}

// address ends in what devices are numbered by at the factory: six or more hex
// digits, of which one is a digit, in pairs or not, or five decimal ones.
var address = regexp.MustCompile(`^(.*[-_:])?((?:0[xX])?[0-9A-Fa-f]{6,}|(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}|[0-9]{5,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$`)

// The lengths of what is an address also without a decimal digit in it.
const (
	macDigits = 12
	euiDigits = 16
)

// cutAddress splits a level into what stands before an address and that.
func cutAddress(level string) (prefix, id string, ok bool) {
	m := address.FindStringSubmatch(level)
	if m == nil || !strings.ContainsAny(m[2], "0123456789") && len(m[2]) != macDigits && len(m[2]) != euiDigits {
		return "", "", false
	}
	if strings.Count(level, "-") == 4 && len(level) == 36 {
		return "", level, true
	}
	return m[1], m[2], true
}

// isCode tells a level that names nothing to a reader: an address, or hex with
// digits in it.
func isCode(level string) bool {
	return isAddress(level) || len(level) > 3 && strings.Trim(level, "0123456789abcdefABCDEF") == "" && strings.ContainsAny(level, "0123456789")
}

func isAddress(level string) bool {
	_, _, ok := cutAddress(level)
	return ok
}

// fixedWords are levels with digits that number nothing.
var fixedWords = regexp.MustCompile(`(?i)^(v[0-9]+|spBv1\.0|co2|pm_?[0-9_.]+|rtl_433|.*tomqtt.*|zigbee2mqtt.*|ds18.?20|homie|[0-9])$`)

// sameIDs reports whether two levels of the same place can only be the numbers or
// names of two things of a kind: both addresses, or equal save for digits.
func sameIDs(a, b string) bool {
	if isAddress(a) && isAddress(b) {
		return true
	}
	return withoutDigits(a) == withoutDigits(b) && (isNumber(a) && isNumber(b) || !fixedWords.MatchString(a))
}

// withoutDigits is a level with # for each number in it.
func withoutDigits(level string) string {
	var b strings.Builder
	for i := range len(level) {
		c := level[i]
		switch {
		case c < '0' || c > '9':
			b.WriteByte(c)
		case i == 0 || level[i-1] < '0' || level[i-1] > '9':
			b.WriteByte('#')
		}
	}
	return b.String()
}
