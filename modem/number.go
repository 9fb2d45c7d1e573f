package modem

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/warthog618/sms/encoding/tpdu"
)

// Number is the telephone number of a recipient: in the international form of
// ITU-T E.164 with a leading plus and nothing but digits after it, such as
// "+353871234567", or a short code of the network, such as "50123", which is
// digits alone. Only [ParseNumber] makes the first and only [ParseShortCode] the
// second from what people write.
type Number string

const (
	numberMinDigits = 7  // the shortest international numbers in use
	numberMaxDigits = 15 // ITU-T E.164 clause 6

	shortCodeMinDigits = 3
	shortCodeMaxDigits = 8
)

// emergencyNumbers are those that every phone takes for an emergency call (3GPP
// 22.101 clause 10.1.1) and that are as long as a short code.
var emergencyNumbers = []string{"000", "110", "112", "118", "119", "911", "999"}

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
	if slices.Contains(emergencyNumbers, digits) {
		return "", emergency(s)
	}
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

// ParseShortCode reads a short code: 3 to 8 digits that mean something in the
// sender's own network only. Blanks and dashes are dropped. Emergency numbers are
// none. The error says what is wrong with s and what to write instead.
func ParseShortCode(s string) (Number, error) {
	compact := strings.Map(dropGrouping, s)
	switch {
	case compact == "":
		return "", errors.New("short code is empty; write its digits, such as 50123")
	case strings.HasPrefix(compact, "+"):
		return "", fmt.Errorf("short code %q has a +, which telephone numbers have; a short code is digits alone, such as 50123", s)
	case strings.IndexFunc(compact, notDigit) >= 0:
		return "", fmt.Errorf("short code %q has a character that is not a digit; write digits only, such as 50123", s)
	case slices.Contains(emergencyNumbers, compact):
		return "", emergency(s)
	case len(compact) < shortCodeMinDigits || len(compact) > shortCodeMaxDigits:
		return "", fmt.Errorf("short code %q has %d digits, a short code has %d to %d; a telephone number is written with + and its country code",
			s, len(compact), shortCodeMinDigits, shortCodeMaxDigits)
	}
	return Number(compact), nil
}

func emergency(s string) error {
	return fmt.Errorf("number %q is that of the emergency services, which take no texts from machines; write the number of a person", s)
}

// check is nil when n is what ParseNumber or ParseShortCode makes.
func (n Number) check() error {
	parse, form := ParseShortCode, "50123"
	if strings.HasPrefix(string(n), "+") || len(n) > shortCodeMaxDigits || n == "" {
		parse, form = ParseNumber, "+353871234567"
	}
	parsed, err := parse(string(n))
	if err == nil && parsed != n {
		err = fmt.Errorf("number %q is not in the form %s", string(n), form)
	}
	return err
}

// address is n as a TP-DA (3GPP 23.040 clause 9.1.2.5): an international number,
// or one of unknown type that the network looks up in its own plan.
func (n Number) address() tpdu.Address {
	digits, international := strings.CutPrefix(string(n), "+")
	a := tpdu.Address{Addr: digits}
	a.SetNumberingPlan(tpdu.NpISDN)
	if international {
		a.SetTypeOfNumber(tpdu.TonInternational)
	}
	const extension = 0x80 // the top bit, set in every type of address
	a.TOA |= extension
	return a
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
// "+4915…678"; of a short code, its end. It is the only form in which a number may
// be logged.
func (n Number) Redacted() string {
	const head, tail = 5, 3
	if len(n) < head+tail+2 {
		return "…" + string(n[max(0, len(n)-tail):])
	}
	return string(n[:head]) + "…" + string(n[len(n)-tail:])
}
