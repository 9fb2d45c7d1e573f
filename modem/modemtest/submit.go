package modemtest

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// A TPDU of an SMS-SUBMIT: at least everything but the digits and the text,
// at most 20 digits, a 7-octet validity period and 140 octets of user data.
const (
	submitMinOctets   = 7
	submitMaxOctets   = 164
	userDataMaxOctets = 140
	septetsMax        = 160
	digitsMax         = 20
	centreMaxOctets   = 11 // type of address and 20 digits
)

// submit is one SMS-SUBMIT as the service centre understands it (3GPP 23.040
// 9.2.2.2).
type submit struct {
	centre           string // the service centre named in front; "" is the one of +CSCA
	reference        byte   // TP-MR
	to               string // TP-DA, with "+" when international
	toType           byte   // its type-of-number
	protocol         byte   // TP-PID
	dcs              byte   // TP-DCS
	class            int    // message class, negative when there is none
	hasValidity      bool   // TP-VP of whichever format
	hasHeader        bool   // TP-UDHI
	userData         []byte // TP-UDL and TP-UD
	rejectDuplicates bool   // TP-RD
	wantsReport      bool   // TP-SRR
	validity         time.Duration
	encoding         string // "gsm7" or "ucs2"
	body             string
	concat           concat
	content          string // the TPDU but for TP-MR and TP-RD: equal means the same part again
}

// concat places a part in its text (23.040 9.2.3.24.1 and 9.2.3.24.8); the
// zero value is a text of one part.
type concat struct {
	wide       bool // a 16-bit reference
	reference  uint16
	count, seq byte
}

// refusal is why a PDU went no further, and the +CMS ERROR it earned.
type refusal struct {
	code int
	why  string
}

func (r *refusal) Error() string { return fmt.Sprintf("+CMS ERROR: %d: %s", r.code, r.why) }

func refuse(code int, format string, a ...any) *refusal {
	return &refusal{code: code, why: fmt.Sprintf(format, a...)}
}

// malformed is the refusal of the modem itself: invalid PDU mode parameter.
func malformed(format string, a ...any) *refusal { return refuse(cmsInvalidPDU, format, a...) }

// parseSubmit reads the text typed at the prompt, octet by octet. length is
// what +CMGS announced: the octets of the TPDU, without the service centre's
// address (3GPP 27.005 4.3). Anything a careful reader could object to is
// refused: this is the one place that proves what a client really sends.
func parseSubmit(typed string, length int) (submit, *refusal) {
	octets, err := hex.DecodeString(typed)
	if err != nil {
		return submit{}, malformed("the PDU is not hexadecimal: %v", err)
	}
	p := &pdu{rest: octets}
	s := submit{centre: p.centre()}
	if p.wrong == nil && len(p.rest) != length {
		p.fail("the TPDU has %d octets, +CMGS announced %d", len(p.rest), length)
	}
	if p.wrong != nil {
		return submit{}, p.wrong
	}
	s.content = contentOf(p.rest)
	p.submit(&s)
	if p.wrong != nil {
		return submit{}, p.wrong
	}
	return s, nil
}

// contentOf is the TPDU with TP-RD and TP-MR blanked out.
func contentOf(tpdu []byte) string {
	masked := append([]byte(nil), tpdu...)
	if len(masked) >= 2 {
		masked[0] &^= 0x04
		masked[1] = 0
	}
	return string(masked)
}

// pdu reads octets from the front and keeps the first thing that was wrong;
// after that every read gives zeros.
type pdu struct {
	rest  []byte
	wrong *refusal
}

func (p *pdu) fail(format string, a ...any) { p.refuse(malformed(format, a...)) }

func (p *pdu) refuse(r *refusal) {
	if p.wrong == nil {
		p.wrong = r
	}
	p.rest = nil
}

func (p *pdu) octet(what string) byte { return p.octets(1, what)[0] }

func (p *pdu) octets(n int, what string) []byte {
	if n > len(p.rest) {
		p.fail("the PDU ends inside %s", what)
		return make([]byte, n)
	}
	taken := p.rest[:n]
	p.rest = p.rest[n:]
	return taken
}

// centre reads the service centre's address in front of the TPDU, whose
// length counts octets (3GPP 24.011 8.2.5.1).
func (p *pdu) centre() string {
	n := int(p.octet("the service centre's length"))
	if n == 0 {
		return ""
	}
	if n < 2 || n > centreMaxOctets {
		p.fail("the service centre's address has %d octets, want 0 or 2 to %d", n, centreMaxOctets)
		return ""
	}
	kind := p.octet("the service centre's address")
	octets := p.octets(n-1, "the service centre's address")
	digits := 2 * len(octets)
	if octets[len(octets)-1]>>4 == 0x0f {
		digits--
	}
	return p.number(kind, octets, digits)
}

// number reads semi-octets, low half first, and checks the filler (23.040
// 9.1.2.3, 9.1.2.5).
func (p *pdu) number(kind byte, octets []byte, digits int) string {
	if kind&0x80 == 0 {
		p.fail("type of address 0x%02x lacks its top bit", kind)
		return ""
	}
	var number strings.Builder
	if kind>>4&7 == 1 {
		number.WriteByte('+')
	}
	for i := 0; i < digits; i++ {
		digit := octets[i/2] >> (4 * (i % 2)) & 0x0f
		if digit > 0x0b {
			p.fail("digit %d of an address is 0x%x", i+1, digit)
			return ""
		}
		number.WriteByte("0123456789*#"[digit])
	}
	if digits%2 == 1 && octets[digits/2]>>4 != 0x0f {
		p.fail("an address of %d digits does not end in the filler 0xF", digits)
	}
	return number.String()
}

func (p *pdu) submit(s *submit) {
	first := p.octet("the first octet")
	if p.wrong == nil && first&0x03 != 0x01 {
		p.fail("TP-MTI is %d, an SMS-SUBMIT has 1", first&0x03)
		return
	}
	s.rejectDuplicates = first&0x04 != 0
	s.wantsReport = first&0x20 != 0
	s.reference = p.octet("TP-MR")
	s.to, s.toType = p.destination()
	s.protocol = p.protocol()
	s.dcs, s.encoding = p.coding()
	s.class = messageClass(s.dcs)
	s.hasValidity = first>>3&3 != 0
	s.validity = p.validity(first >> 3 & 3)
	s.hasHeader = first&0x40 != 0
	s.userData = p.rest
	p.readUserData(s)
}

// destination reads TP-DA, whose length counts digits (23.040 9.1.2.5). A
// text to nobody, to a name or to an unknown plan is the centre's to refuse.
func (p *pdu) destination() (number string, kind byte) {
	digits := int(p.octet("TP-DA"))
	if digits > digitsMax {
		p.fail("TP-DA has %d digits, at most %d fit", digits, digitsMax)
		return "", 0
	}
	kind = p.octet("TP-DA")
	octets := p.octets((digits+1)/2, "TP-DA")
	if p.wrong != nil {
		return "", 0
	}
	ton, plan := kind>>4&7, kind&0x0f
	if digits == 0 || ton > 3 || plan > 1 {
		p.refuse(refuse(cmsInvalidAddress, "TP-DA has %d digits, type of number %d, plan %d", digits, ton, plan))
		return "", 0
	}
	return p.number(kind, octets, digits), ton
}

// protocol accepts the values a telephone shows as a text: none, and the
// short message types 0 to 7 (23.040 9.2.3.9).
func (p *pdu) protocol() byte {
	pid := p.octet("TP-PID")
	if p.wrong == nil && pid != 0 && (pid < 0x40 || pid > 0x47) {
		p.refuse(refuse(cmsProtocolID, "TP-PID is 0x%02x", pid))
	}
	return pid
}

// coding reads TP-DCS (3GPP 23.038 4) and accepts the alphabets a person can
// read.
func (p *pdu) coding() (dcs byte, encoding string) {
	dcs = p.octet("TP-DCS")
	if p.wrong != nil {
		return 0, ""
	}
	alphabet := dcs >> 2 & 3
	switch {
	case dcs>>4 == 0x0f && dcs&0x08 == 0:
		alphabet &= 1 // data coding and message class: bit 2 alone tells
	case dcs>>5 != 0: // not the general group, or compressed
		p.refuse(refuse(cmsCodingScheme, "TP-DCS is 0x%02x", dcs))
		return 0, ""
	}
	switch alphabet {
	case 0:
		return dcs, "gsm7"
	case 2:
		return dcs, "ucs2"
	}
	p.refuse(refuse(cmsAlphabet, "TP-DCS is 0x%02x: not an alphabet people read", dcs))
	return 0, ""
}

// messageClass is 0 to 3, of the two groups of TP-DCS that have one, or -1.
func messageClass(dcs byte) int {
	if dcs>>4 == 0x0f || dcs>>5 == 0 && dcs&0x10 != 0 {
		return int(dcs & 3)
	}
	return -1
}

// delivered is the SMS-DELIVER that brings a part from a modem's number to its
// recipient.
func (s submit) delivered(from string, at time.Time) []byte {
	first := byte(0x04) // no more messages to send
	if s.hasHeader {
		first |= 0x40
	}
	tpdu := append([]byte{first}, addressOctets(from)...)
	tpdu = append(tpdu, s.protocol, s.dcs)
	tpdu = append(tpdu, timestampOctets(at)...)
	return append(tpdu, s.userData...)
}

// validity reads TP-VP in the format TP-VPF names (23.040 9.2.3.12).
func (p *pdu) validity(format byte) time.Duration {
	switch format {
	case 2:
		return relativeValidity(p.octet("TP-VP"))
	case 3:
		p.timestamp(p.octets(7, "TP-VP"))
	case 1:
		if kind := p.octets(7, "TP-VP")[0] & 0x07; p.wrong == nil && kind > 3 {
			p.refuse(refuse(cmsValidity, "the enhanced TP-VP has format %d", kind))
		}
	}
	return 0
}

// relativeValidity is the table of 23.040 9.2.3.12.1.
func relativeValidity(v byte) time.Duration {
	n := time.Duration(v)
	switch {
	case v <= 143:
		return (n + 1) * 5 * time.Minute
	case v <= 167:
		return 12*time.Hour + (n-143)*30*time.Minute
	case v <= 196:
		return (n - 166) * 24 * time.Hour
	}
	return (n - 192) * 7 * 24 * time.Hour
}

// timestamp checks the seven swapped-digit octets of 23.040 9.2.3.11; the
// zone's top bit is its sign.
func (p *pdu) timestamp(octets []byte) {
	least := [...]byte{0, 1, 1, 0, 0, 0}
	most := [...]byte{99, 12, 31, 23, 59, 59}
	for i := range least {
		tens, units := octets[i]&0x0f, octets[i]>>4
		if v := 10*tens + units; p.wrong == nil && (tens > 9 || units > 9 || v < least[i] || v > most[i]) {
			p.refuse(refuse(cmsValidity, "octet %d of the absolute TP-VP is 0x%02x", i+1, octets[i]))
		}
	}
}
