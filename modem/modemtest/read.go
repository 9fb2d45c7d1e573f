package modemtest

import "time"

// Submit is an SMS-SUBMIT as the network reads it.
type Submit struct {
	To               string // with "+" when international
	Encoding         string // "gsm7" or "ucs2"
	Body             string // of this part
	Validity         time.Duration
	RejectDuplicates bool
	Report           bool
}

// ReadSubmit reads the PDU typed at the prompt of +CMGS=length, in hexadecimal
// digits, as strictly as the simulated network does.
func ReadSubmit(typed string, length int) (Submit, error) {
	s, wrong := parseSubmit(typed, length)
	if wrong != nil {
		return Submit{}, wrong
	}
	return Submit{
		To: s.to, Encoding: s.encoding, Body: s.body, Validity: s.validity,
		RejectDuplicates: s.rejectDuplicates, Report: s.wantsReport,
	}, nil
}
