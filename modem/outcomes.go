package modem

import "time"

// outcomes is what came of the last parts, as far as it bears on what the next
// refusal means. It outlives the sessions of a modem and is its owner's.
type outcomes struct {
	sim     string    // of the SIM they were sent with, "" when not known
	code    int       // of the refusals that came last, in a row
	row     int       // how many these are
	to      Number    // whom the first of them was for
	several bool      // they were for more than one recipient
	worked  [2]Number // the last two recipients of an accepted part
	doubts  int       // failures in a row that lack of credit may be the cause of
}

// suspectAfter is how many failures in a row, with a good signal, make an account
// suspect that the network does not refuse outright.
const suspectAfter = 5

// accept takes a part that was accepted.
func (o *outcomes) accept(to Number) {
	*o = outcomes{sim: o.sim, worked: o.worked}
	if o.worked[0] != to {
		o.worked = [2]Number{to, o.worked[0]}
	}
}

// refuse takes a refusal with its verdict, and returns the verdict that is in force
// after the refusals before it and the number of the same code in a row.
func (o *outcomes) refuse(e *SendError, v Verdict) (inForce Verdict, row int) {
	if o.row == 0 || o.code != e.Code {
		o.code, o.row, o.to, o.several = e.Code, 0, e.To, false
	}
	o.row++
	o.several = o.several || o.to != e.To
	switch {
	case e.Code == cmsUnknownSubscriber:
		return o.subscriber(e.To, v), o.row
	case v.Tries > 0 && v.Then.OfModem():
		return o.escalated(v), o.row
	}
	return v, o.row
}

// subscriber tells a recipient that does not exist from a SIM that does not, both
// of which the network may call an unknown subscriber. Of one recipient, with
// nobody to compare, neither is certain: the text is slowed down, and no other
// waits for that.
func (o *outcomes) subscriber(to Number, v Verdict) Verdict {
	switch {
	case o.workedForOther(to):
		return Verdict{Class: Permanent, Cause: recipientUnknown.Cause, Remedy: recipientUnknown.Remedy}
	case !o.several:
		v.Class, v.Pauses = Slow, pausesSlow
	}
	return v
}

// escalated is a verdict that becomes one on the modem with so many refusals.
// These are counted here: a text has no part in it. An account is not at fault as
// long as one recipient alone is refused.
func (o *outcomes) escalated(v Verdict) Verdict {
	if o.row >= v.Tries && (v.Then != Account || o.several) {
		v.Class = v.Then
		if v.Class == Account {
			v.Pauses = pausesHour
		}
	}
	v.Tries, v.Then = 0, 0
	return v
}

func (o *outcomes) workedForOther(to Number) bool {
	for _, other := range o.worked {
		if other != "" && other != to {
			return true
		}
	}
	return false
}

// doubt takes a failure of a part that the network should have taken.
func (o *outcomes) doubt(e *SendError) {
	switch {
	case e.Outcome == Unknown, e.Code == cmsRejected, e.Code == cmsTemporaryFailure:
		o.doubts++
	}
}

// cautions says that the account is suspect when it is.
func (o *outcomes) cautions() []Caution {
	if o.doubts < suspectAfter {
		return nil
	}
	return []Caution{{"the account is suspect: the network fails text after text although its signal is good",
		"check the SIM's credit and the operator's limits"}}
}

// weigh learns from what became of a part and gives e the verdict that is in
// force. It returns how long the modem is to rest for it.
func (s *session) weigh(to Number, e *SendError) (pause time.Duration) {
	o := &s.m.outcomes
	if s.sim != "" && o.sim != s.sim {
		*o = outcomes{sim: s.sim}
	}
	switch {
	case e == nil:
		o.accept(to)
		return 0
	case e.Outcome == NotSent:
		return 0
	}
	if signal := s.m.State().Signal; signal == SignalGood || signal == SignalExcellent {
		o.doubt(e)
	}
	if e.Outcome != Refused {
		return 0
	}
	v, row := o.refuse(e, s.verdictOn(e.Code))
	e.verdict = &v
	_, pause = v.At(row)
	return pause
}

// verdictOn is the verdict on a code of +CMS ERROR from this modem, whose maker
// may give it a meaning of its own.
func (s *session) verdictOn(code int) Verdict {
	if class, ok := s.profile().Codes[code]; ok {
		return ofMaker(class)
	}
	return verdictOn(code)
}
