package buffer

import (
	"errors"
	"time"
)

// Outcome is why a part that was begun was not accepted.
type Outcome uint8

const (
	// NotSent: it never left the gateway. Costs no attempt.
	NotSent Outcome = iota
	// Refused: the modem or the network said no.
	Refused
	// Silent: the modem took it and never answered. It may be on its way.
	Silent
)

// A Deferral is why a part was not accepted, and what follows for its text.
type Deferral struct {
	Why   Outcome
	Code  int           // of a refusal, as the modem has it
	Free  bool          // the refusal was about modem or SIM and costs the text no attempt
	Until time.Duration // the text is not due before
	Cause string        // in plain words; at most errorMaxBytes are kept
	Alter uint8         // further ways in which it is to be encoded otherwise
	Rang  bool          // the phone rings because of it, or has rung
}

// Defer notes that a part was not accepted, and when to try the text again. A
// part of which an acceptance came meanwhile stays accepted.
func (s *Store) Defer(id uint64, part int, d Deferral) error {
	err := s.step(id, func(t *Text) error {
		t.postpone(d)
		if len(t.Parts) == 0 && d.Why == NotSent {
			return nil // it could not even be begun
		}
		p, err := t.part(part)
		if err != nil {
			return err
		}
		if p.State != Submitted {
			return nil
		}
		p.State = Waiting
		if d.Why == Silent {
			p.Silent++
		}
		p.resolve()
		return nil
	})
	if errors.Is(err, ErrAccepted) {
		return nil
	}
	return err
}

// postpone takes over what d says of the text as a whole.
func (t *Text) postpone(d Deferral) {
	t.NotBefore = d.Until
	t.LastError = d.Cause[:min(len(d.Cause), errorMaxBytes)]
	t.Alter |= d.Alter
	t.Rang = t.Rang || d.Rang
	if d.Why != NotSent && !d.Free {
		t.Attempts++
	}
	switch {
	case d.Why == Silent:
		t.Code, t.Refusals = 0, 0
	case d.Why == Refused && t.Refusals > 0 && t.Code == d.Code:
		t.Refusals++
	case d.Why == Refused:
		t.Code, t.Refusals = d.Code, 1
	}
}

// shape gives a text its parts. Their number may change, with the encoding, for
// as long as none was accepted; that one may be out already is not forgotten.
func (t *Text) shape(parts int) {
	if parts <= 0 || len(t.Parts) == parts {
		return
	}
	shaped := make([]Part, parts)
	for _, p := range t.Parts {
		if p.State == Accepted {
			return
		}
		shaped[0].Silent = max(shaped[0].Silent, p.Silent)
		shaped[0].Interrupted = max(shaped[0].Interrupted, p.Interrupted)
	}
	t.Parts = shaped
}
