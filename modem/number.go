package modem

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
)

// Number is the telephone number of a recipient in the international form of
// ITU-T E.164 with a leading plus and nothing but digits after it, such as
// "+353871234567". Only [ParseNumber] makes one from what people write.
type Number string

const (
	numberMinDigits = 7  // the shortest international numbers in use
	numberMaxDigits = 15 // ITU-T E.164 clause 6
)

// ParseNumber reads a number in international form. Blanks, dashes and
// parentheses, which people write to group the digits, are dropped. The error
// says what is wrong with s and what to write instead.
func ParseNumber(s string) (Number, error) {
	if strings.Contains(s, "(0)") {
		return "", fmt.Errorf(`number %q has "(0)", which is dialled inside the country only; leave it out`, s)
	}
	compact := strings.Map(dropGrouping, s)
	if compact == "" {
		return "", errors.New("number is empty; write it with + and the country code, such as +353871234567")
	}
	if i := strings.IndexFunc(strings.TrimPrefix(compact, "+"), notDigit); i >= 0 {
		return "", fmt.Errorf("number %q has a character that is not a digit; write + and digits only", s)
	}
	digits, international := strings.CutPrefix(compact, "+")
	if !international {
		return "", notInternational(s, digits)
	}
	switch {
	case strings.HasPrefix(digits, "0"):
		return "", fmt.Errorf("number %q has a 0 after the +; the country code comes there", s)
	case len(digits) < numberMinDigits:
		return "", fmt.Errorf("number %q has %d digits, fewer than %d; write the whole number with its country code", s, len(digits), numberMinDigits)
	case len(digits) > numberMaxDigits:
		return "", fmt.Errorf("number %q has %d digits, more than the %d of any telephone number", s, len(digits), numberMaxDigits)
	}
	return Number(compact), nil
}

func notInternational(s, digits string) error {
	if abroad, ok := strings.CutPrefix(digits, "00"); ok {
		return fmt.Errorf("number %q starts with 00, which means + in some countries only; write +%s", s, abroad)
	}
	if national, ok := strings.CutPrefix(digits, "0"); ok {
		return fmt.Errorf("number %q has no country code; write + and the country code in place of the 0, such as +353%s", s, national)
	}
	return fmt.Errorf("number %q has no +; write + and the country code before it, such as +353871234567", s)
}

func dropGrouping(r rune) rune {
	if strings.ContainsRune(" \t\u00a0\u202f-()", r) {
		return -1
	}
	return r
}

func notDigit(r rune) bool { return r < '0' || r > '9' }

// LogValue keeps whole numbers out of logs.
func (n Number) LogValue() slog.Value { return slog.StringValue(n.Redacted()) }

// Redacted returns enough of n to recognise it by and too little to call it:
// "+4915…678". It is the only form in which a number may be logged.
func (n Number) Redacted() string {
	const head, tail = 5, 3
	if len(n) < head+tail+2 {
		return "…" + string(n[max(0, len(n)-tail):])
	}
	return string(n[:head]) + "…" + string(n[len(n)-tail:])
}
