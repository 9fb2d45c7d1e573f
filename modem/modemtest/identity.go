package modemtest

import (
	"fmt"
	"strconv"
	"strings"
)

// Card is what tells one SIM from another.
type Card struct {
	Number string // the subscriber's own, with its plus
	IMSI   string
	ICCID  string
}

// cardOf returns the n-th SIM, the first being 0, and imeiOf the IMEI of the
// n-th modem: all of them of ranges kept for tests, and fiction.
func cardOf(n int) Card {
	return Card{
		Number: fmt.Sprintf("+4477009%05d", 1+n),
		IMSI:   fmt.Sprintf("0010101234%05d", 56789+n),
		ICCID:  fmt.Sprintf("8988211000000%06d", 7+n),
	}
}

// spareCard is what a script swaps the SIM for.
var spareCard = cardOf(spareCardNumber)

const spareCardNumber = 900

func imeiOf(n int) string { return checked(fmt.Sprintf("00499901064%03d", n)) }

// checked appends the check digit of an IMEI (3GPP 23.003 6.2.1).
func checked(digits string) string {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return digits + strconv.Itoa((10-sum%10)%10)
}

// placeholders are what an answer of a script or a profile may say of the modem.
func (m *Modem) placeholders(text string) string {
	k := &m.card
	state, left := k.state(), strconv.Itoa(k.pinTries)
	switch state {
	case "SIM PUK":
		left = strconv.Itoa(k.pukTries)
	case "READY":
		left = ""
	}
	return strings.NewReplacer(
		"{imei}", m.imei, "{imsi}", k.IMSI, "{iccid}", k.ICCID, "{number}", k.Number,
		"{state}", state, "{left}", left, "{pin}", strconv.Itoa(k.pinTries), "{puk}", strconv.Itoa(k.pukTries),
	).Replace(text)
}

func (m *Modem) filled(lines []string) []string {
	var info []string
	for _, line := range lines {
		info = append(info, m.placeholders(line))
	}
	return info
}
