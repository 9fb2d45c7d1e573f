package modem

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/warthog618/sms/encoding/gsm7"
	"github.com/warthog618/sms/encoding/tpdu"
)

// readPDU reads what a modem hands over in PDU mode: the service centre's
// address and behind it the TPDU (3GPP 27.005 clause 3.1, <pdu>). It returns the
// text or the report that the PDU is, and nil for the other. A PDU that cannot
// be read comes back as an [Inbound] with a Problem: none is lost.
//
// It is as tolerant as it can be without guessing. What follows the TPDU is
// left out, a text whose end is missing ends in "…", and a timestamp that is
// none is the zero time.
func readPDU(modem string, pdu []byte) (*Inbound, *Report) {
	text, report, err := decode(pdu)
	switch {
	case err != nil:
		return &Inbound{Modem: modem, PDU: pdu, Problem: err.Error()}, nil
	case report != nil:
		report.Modem = modem
		return nil, report
	}
	text.Modem, text.PDU = modem, pdu
	return text, nil
}

// Message types of TPDUs on their way to us, TP-MTI (3GPP 23.040 clause 9.2.3.1).
const (
	mtiMask         = 0x03
	mtiDeliver      = 0x00
	mtiSubmitReport = 0x01
	mtiStatusReport = 0x02
)

const (
	headerIndicator = 0x40 // TP-UDHI in the first octet (clause 9.2.3.23)
	addressDigits   = 20   // the most of an address (clause 9.1.2.5)
	timestampOctets = 7    // clause 9.2.3.11
)

var errNotReceived = errors.New("the PDU is an SMS-SUBMIT-REPORT, neither a text nor a status report")

func decode(pdu []byte) (*Inbound, *Report, error) {
	r := &fieldReader{rest: pdu, size: len(pdu)}
	centre := r.octet("the service centre's address")
	r.take(int(centre), "the service centre's address")
	first := r.octet("the TPDU's first octet")
	if r.err != nil {
		return nil, nil, r.err
	}
	switch first & mtiMask {
	case mtiStatusReport:
		report, err := r.statusReport()
		return nil, report, err
	case mtiSubmitReport:
		return nil, nil, errNotReceived
	}
	// The reserved type is read as an SMS-DELIVER, as clause 9.2.3.1 wants it.
	text, err := r.deliver(first&headerIndicator != 0)
	return text, nil, err
}

// deliver reads what follows the first octet of an SMS-DELIVER (3GPP 23.040
// clause 9.2.2.1).
func (r *fieldReader) deliver(hasHeader bool) (*Inbound, error) {
	var text Inbound
	text.From, text.Name = r.address("the sender's address")
	r.octet("the protocol identifier")
	coding := tpdu.DCS(r.octet("the data coding scheme"))
	text.Sent = r.timestamp("the timestamp")
	length := int(r.octet("the length of the user data"))
	if r.err != nil {
		return nil, r.err
	}
	data, err := readUserData(r.rest, length, coding, hasHeader)
	if err != nil {
		return nil, err
	}
	text.Body = data.text
	text.Reference, text.Index, text.Count = data.header.concatenation()
	return &text, nil
}

// statusReport reads what follows the first octet of an SMS-STATUS-REPORT
// (3GPP 23.040 clause 9.2.2.3). What may follow its status says nothing we need.
func (r *fieldReader) statusReport() (*Report, error) {
	var report Report
	report.Reference = r.octet("the message reference")
	report.To, _ = r.address("the recipient's address")
	report.Submitted = r.timestamp("the timestamp")
	report.Discharged = r.timestamp("the discharge time")
	report.Status = r.octet("the status")
	if r.err != nil {
		return nil, r.err
	}
	return &report, nil
}

// fieldReader takes field after field off a PDU. After one that is not whole it
// keeps the error and gives zeros.
type fieldReader struct {
	rest []byte
	size int // of the whole PDU
	err  error
}

func (r *fieldReader) take(n int, field string) []byte {
	if r.err == nil && len(r.rest) < n {
		r.err = fmt.Errorf("the PDU of %d octets ends within %s", r.size, field)
	}
	if r.err != nil {
		return make([]byte, n)
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *fieldReader) octet(field string) byte { return r.take(1, field)[0] }

// address reads a number, with a plus when it is international, or a name
// (3GPP 23.040 clause 9.1.2.5).
func (r *fieldReader) address(field string) (address string, isName bool) {
	digits := int(r.octet(field))
	kind := r.octet(field)
	if r.err == nil && digits > addressDigits {
		r.err = fmt.Errorf("%s has %d digits, more than %d", field, digits, addressDigits)
	}
	octets := r.take((digits+1)/2, field)
	number := tpdu.Address{TOA: kind}
	if number.TypeOfNumber() == tpdu.TonAlphanumeric {
		return nameOf(octets, digits), true
	}
	number.Addr = digitsOf(octets, digits)
	if number.Addr == "" {
		return "", false
	}
	return number.Number(), false
}

// digitsOf reads semi-octets, the lower half of an octet first. The fill of an
// odd number, which some service centres write in the middle, is left out.
func digitsOf(octets []byte, digits int) string {
	const values, fill = "0123456789*#abc", 0x0f
	var number strings.Builder
	for i := range digits {
		value := octets[i/2] >> (i % 2 * 4) & 0x0f
		if value != fill {
			number.WriteByte(values[value])
		}
	}
	return number.String()
}

// nameOf reads a name in the GSM 7-bit alphabet. A count of semi-octets that
// was rounded up lets a septet of fill, 0, follow it, which would read as @.
func nameOf(octets []byte, digits int) string {
	septets := gsm7.Unpack7Bit(octets, 0)
	septets = septets[:min(len(septets), digits*4/7)]
	name := gsmText(bytes.TrimSuffix(septets, []byte{0}), nil)
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return -1
		}
		return c
	}, name))
}

// timestamp reads a time of the service centre's clock (3GPP 23.040 clause
// 9.2.3.11), the zero time when it is none.
func (r *fieldReader) timestamp(field string) time.Time {
	octets := r.take(timestampOctets, field)
	var t tpdu.Timestamp
	if t.UnmarshalBinary(octets) != nil {
		return time.Time{}
	}
	// A month of 13 becomes next year's January and does not come back as 13.
	const zone = timestampOctets - 1
	if again, err := t.MarshalBinary(); err != nil || !bytes.Equal(again[:zone], octets[:zone]) {
		return time.Time{}
	}
	return t.Time
}
