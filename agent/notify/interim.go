package notify

import (
	"fmt"
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
)

// Silences last so long when nobody says for how long, and at most so long.
const (
	SilenceDefault = 4 * time.Hour
	SilenceMax     = 7 * 24 * time.Hour
)

// A Silence keeps incidents from being told.
type Silence struct {
	ID           int // from 1 on, of those that people made
	By           string
	Incident     uint64 // 0: those that Match chooses
	Match        Match
	Since, Until time.Duration
	UntilClear   bool
	Window       string // the name of the configured one; "" for those that people made
}

// interim is what people asked of the ledger.
type interim struct {
	said     []Text
	out      map[string]bool
	silences []Silence
	serial   int
}

// Say texts an answer, or a word of the gateway's own.
func (l *Ledger) Say(c *Contact, body string, urgency uint8, now Moment) {
	l.said = append(l.said, Text{Contact: c.Name, To: c.Phone, Body: body, Urgency: urgency, Created: now.At})
}

// OptOut takes down that a phone is to be told nothing, or again.
func (l *Ledger) OptOut(phone string, out bool, _ Moment) {
	if l.out == nil {
		l.out = map[string]bool{}
	}
	l.out[phone] = out
}

// OptedOut tells whether a phone is to be told nothing.
func (l *Ledger) OptedOut(phone string) bool { return l.out[phone] }

// Told lists the open incidents that a phone was told of, the latest first.
func (l *Ledger) Told(phone string) []rules.Incident {
	var all []rules.Incident
	for id, r := range l.told {
		if slices.ContainsFunc(r.Told, func(p recipient) bool { return p.Phone == phone }) {
			i := r.Incident
			i.ID = id
			all = append(all, i)
		}
	}
	slices.SortFunc(all, func(a, b rules.Incident) int { return int(b.ID) - int(a.ID) })
	return all
}

// Latest is the incident that was last told to a phone.
func (l *Ledger) Latest(phone string) (id uint64, ok bool) {
	all := l.Told(phone)
	if len(all) == 0 {
		return 0, false
	}
	return all[0].ID, true
}

// Unreached takes down that a text did not reach its reader.
func (l *Ledger) Unreached([]Telling, Moment) {}

// Silence begins one.
func (l *Ledger) Silence(s Silence, now Moment) (Silence, error) {
	if s.Until == 0 && !s.UntilClear {
		s.Until = now.At + SilenceDefault
	}
	if s.Until-now.At > SilenceMax {
		return s, fmt.Errorf("a silence of %s is longer than %s", s.Until-now.At, SilenceMax)
	}
	l.serial++
	s.ID, s.Since = l.serial, now.At
	l.silences = append(l.silences, s)
	return s, nil
}

// Unsilence ends silences and tells how many.
func (l *Ledger) Unsilence(match func(Silence) bool, _ Moment) int {
	before := len(l.silences)
	l.silences = slices.DeleteFunc(l.silences, match)
	return before - len(l.silences)
}

// Silences lists those in force.
func (l *Ledger) Silences(now Moment) []Silence {
	return slices.DeleteFunc(slices.Clone(l.silences), func(s Silence) bool { return !s.UntilClear && s.Until <= now.At })
}

// Silenced tells whether the incident is not told now on account of a silence.
func (l *Ledger) Silenced(i rules.Incident, now Moment) bool {
	return slices.ContainsFunc(l.Silences(now), func(s Silence) bool {
		return s.Incident == i.ID || s.Incident == 0 && (len(s.Match.Alerts) == 0 || slices.Contains(s.Match.Alerts, i.Alert))
	})
}
