package modem

import (
	"errors"
	"strconv"
	"time"
)

// Class says what a refusal calls for, and from whom.
type Class uint8

const (
	Wait      Class = iota // an event must come first; no attempt is spent
	Soon                   // try again soon
	Slow                   // try again, slowly
	Ambiguous              // the part may have been sent
	Permanent              // this part will never be accepted as it is
	Account                // SIM or account; somebody must see to it
	Device                 // the modem is at fault
	Storage                // the SIM's message store must be cleaned first
	Done                   // as good as accepted
)

func (c Class) String() string {
	names := [...]string{"wait", "soon", "slow", "ambiguous", "permanent", "account", "device", "storage", "done"}
	if int(c) < len(names) {
		return names[c]
	}
	return "Class(" + strconv.Itoa(int(c)) + ")"
}

// OfModem reports whether c is about the modem and not about the part or its
// recipient: the part is charged no attempt, and another modem may take it.
func (c Class) OfModem() bool {
	return c == Wait || c == Account || c == Device || c == Storage
}

// Alteration is a set of ways to encode a part anew, for networks and phones
// that refuse it as it is.
type Alteration uint8

const (
	AsPlain         Alteration = 1 << iota // in the GSM 7-bit alphabet, with what it lacks transcribed or lost
	WithoutClass                           // without message class
	WithoutValidity                        // without validity period
)

// Verdict is what a refusal means and what to do about it.
type Verdict struct {
	Class  Class
	Cause  string          // plain words, for logs and status
	Remedy string          // "" when waiting is all there is to do
	Pauses []time.Duration // before each further try; the last repeats
	Tries  int             // refusals of this kind in a row from which on Then holds; 0: never
	Then   Class
	Alter  Alteration // to be applied once, before Class holds
}

// At returns what the n-th refusal of this kind in a row calls for, counted
// from 1, and the pause before the next try.
func (v Verdict) At(n int) (Class, time.Duration) {
	class := v.Class
	if v.Tries > 0 && n >= v.Tries {
		class = v.Then
	}
	if len(v.Pauses) == 0 {
		return class, 0
	}
	return class, v.Pauses[min(max(n-1, 0), len(v.Pauses)-1)]
}

// Verdict says what the failure means and what to do about it. It is that of
// outcome and code; a [Serial] modem that knows more from what came of other parts
// and from its maker gives its own. What Then says of the modem it has counted
// itself, so the caller counts for the text alone.
func (e *SendError) Verdict() Verdict {
	known := verdictOn(e.Code)
	switch {
	case e.verdict != nil:
		return *e.verdict
	case e.Outcome == Unknown && known.Class == Ambiguous:
		return known
	case e.Outcome == Unknown:
		return unanswered
	case e.Outcome == Refused:
		return known
	case errors.Is(e.Err, errNoPrompt):
		return unprompted
	}
	return Verdict{Class: Wait, Cause: "the modem could not take the text", Pauses: pausesShort}
}

// verdictOn returns the verdict on a +CMS ERROR code; 0 is a plain ERROR. Codes
// that no standard and no table knows go by their range: 3GPP 24.011 clause
// 8.2.5.4 takes an unknown cause for temporary failure, 3GPP 23.040 clause
// 9.2.3.22 for an unspecified error.
func verdictOn(code int) Verdict {
	if v, ok := verdicts[code]; ok {
		return v
	}
	const (
		ofServiceCentre = 128 // 3GPP 23.040 clause 9.2.3.22: 128 to 255
		ofApplication   = 224
		ofModem         = 256 // 3GPP 27.005 clause 3.2.5: from 300
	)
	switch {
	case code < 0 || code >= ofModem:
		return verdicts[cmsUnknown]
	case code >= ofApplication:
		return applicationError
	case code >= ofServiceCentre:
		return verdicts[cmsUnspecified]
	}
	return verdicts[cmsTemporaryFailure]
}
