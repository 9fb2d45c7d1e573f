package modem

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// errDevice ends a session in which the modem said that it is at fault.
var errDevice = errors.New("the modem is at fault")

// hold is a time in which no part is taken, because the last one was refused for
// the modem's or the SIM's sake.
type hold struct {
	until time.Time
	why   condition
	sim   string // for which it holds; "" for any
}

// heldBack is the condition of a modem that takes no part yet, or ready. A hold
// for an account ends with its SIM.
func (s *session) heldBack() condition {
	h := s.held
	if !time.Now().Before(h.until) || h.sim != "" && h.sim != s.sim {
		return ready
	}
	return h.why
}

// heed takes a refusal for what it says of the modem, which then rests for pause.
// look says that the state of SIM and network is to be looked at before the next
// part; err that the line is to be closed.
func (s *session) heed(e *SendError, pause time.Duration) (look bool, err error) {
	if e == nil || e.Outcome != Refused {
		return false, nil
	}
	v := e.Verdict()
	if e.Code == cmsCongestion && slices.ContainsFunc(s.m.State().Stores, isFillingUp) {
		s.sweepDue = true // the same code says that memory is exceeded
	}
	switch {
	case !v.Class.OfModem():
		return e.Code == cmsNotImplemented, nil
	case v.Class == Device:
		return true, fmt.Errorf("%w: %w", errDevice, e.Err)
	case v.Class == Storage:
		s.sweepDue = true
	}
	s.held = hold{until: time.Now().Add(pause), why: refusalCondition(e.Code, v)}
	if v.Class == Account {
		s.held.sim = s.sim
	}
	return true, nil
}

// isFillingUp reports whether a store has little room left.
func isFillingUp(s Stored) bool { return s.Cause != "" }

// refusalCondition shows a refusal for the modem's or the SIM's sake.
func refusalCondition(code int, v Verdict) condition {
	c := condition{PhaseHold, v.Cause, v.Remedy}
	if v.Class == Account {
		c.Phase = PhaseAccount
	}
	if code != 0 {
		c.Cause += fmt.Sprintf(" (code %d)", code)
	}
	if c.Remedy == "" {
		c.Remedy = "wait; the modem is asked again"
	}
	return c
}

// mend does what may help after a refusal, before the next try.
func (s *session) mend(e *SendError) error {
	if e == nil || e.Outcome != Refused {
		return nil
	}
	first := s.m.outcomes.row == 1
	switch {
	case e.Code == 0:
		return s.try("+CMEE=1", commandTimeout) // it may be off
	case e.Code == cmsNotImplemented, e.Code == cmsNoCentre:
		s.centre, s.centreAsked = "", 0 // read, or set, again
	case e.Code == cmsUnidentified && first:
		return s.selectNetwork()
	case e.Code == cmsFacilityRejected && first:
		s.tryAnotherWay()
	}
	return nil
}
