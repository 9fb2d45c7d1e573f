package notify

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
)

const (
	// SilenceDefault is how long a silence lasts of which nothing else was said, and
	// SilenceMax the longest that may be asked for: who silences something does not
	// always come back to it.
	SilenceDefault = 4 * time.Hour
	SilenceMax     = 7 * 24 * time.Hour
	// silencesMax bounds the silences that people have made.
	silencesMax = 64
)

// Silence keeps alarms from being told. It ends, and then everybody is told once
// who does not know what is true. The end of an incident is told all the same to
// whoever was told of it.
type Silence struct {
	ID         int    // from 1; 0 of one that the configuration makes
	Window     string // the name of that one; "" of those that people make
	By         string // who made it
	Incident   uint64 // the only one it is about; 0: those that Match chooses
	Match      Match
	Since      time.Duration
	Until      time.Duration // 0 with UntilClear
	UntilClear bool          // it lasts until nothing that it is about fires
}

// About tells whether the silence is about an incident.
func (s Silence) About(i rules.Incident) bool {
	if s.Incident != 0 {
		return s.Incident == i.ID
	}
	return s.Match.Matches(i)
}

// until is when it ends at the latest.
func (s Silence) until() time.Duration {
	if s.UntilClear {
		return never
	}
	return s.Until
}

// Silence keeps alarms from being told from now on, for SilenceDefault unless s
// says how long. The error says why it may not.
func (l *Ledger) Silence(s Silence, now Moment) (Silence, error) {
	switch s.Since = now.At; {
	case s.UntilClear:
		s.Until = 0
	case s.Until == 0:
		s.Until = now.At + SilenceDefault
	case s.Until > now.At+SilenceMax:
		return s, fmt.Errorf("a silence lasts at most %d days", SilenceMax/(24*time.Hour))
	case s.Until <= now.At:
		return s, errors.New("a silence lasts for some time")
	}
	if len(l.silences) >= silencesMax {
		return s, fmt.Errorf("%d silences are in force, which is all there may be; end one first", silencesMax)
	}
	if s.UntilClear && !l.anyOpen(s) {
		return s, errors.New("nothing of that fires, so it is clear already")
	}
	s.ID = 1
	for slices.ContainsFunc(l.silences, func(o Silence) bool { return o.ID == s.ID }) {
		s.ID++
	}
	l.silences = append(l.silences, s)
	l.keepSilence(s)
	l.all = true
	return s, nil
}

// Unsilence ends those silences of people that match chooses, and tells how many
// there were.
func (l *Ledger) Unsilence(match func(Silence) bool, _ Moment) (ended int) {
	l.silences = slices.DeleteFunc(l.silences, func(s Silence) bool {
		if !match(s) {
			return false
		}
		ended++
		l.endSilence(s)
		return true
	})
	return ended
}

// Silences lists those in force, those of the configuration first.
func (l *Ledger) Silences(now Moment) []Silence {
	all := l.windows(now)
	slices.SortFunc(l.silences, func(a, b Silence) int { return cmp.Compare(a.ID, b.ID) })
	return append(all, l.silences...)
}

// Silenced tells whether alarms of an incident are kept from being told.
func (l *Ledger) Silenced(i rules.Incident, now Moment) bool {
	_, silenced := l.silenced(i, now)
	return silenced
}

// silenced also tells until when, never when that is not known.
func (l *Ledger) silenced(i rules.Incident, now Moment) (until time.Duration, silenced bool) {
	for _, all := range [...][]Silence{l.silences, l.inForce} {
		for _, s := range all {
			if s.About(i) {
				until, silenced = max(until, s.until()), true
			}
		}
	}
	return until, silenced
}

// windows are the silences that the configuration has in force now. It has none
// while nobody knows the time of day.
func (l *Ledger) windows(now Moment) []Silence {
	var all []Silence
	if now.Wall.IsZero() {
		return nil
	}
	for _, w := range l.people.Windows {
		if until, holds := w.holds(now.Wall); holds {
			all = append(all, Silence{Window: w.Name, Match: w.Match, Until: now.at(until)})
		}
	}
	return all
}

// holds tells whether the window is open, and until when.
func (w *Window) holds(wall time.Time) (until time.Time, open bool) {
	if w.Schedule != nil {
		return held([]*Schedule{w.Schedule}, wall)
	}
	return w.Until, !wall.Before(w.From) && wall.Before(w.Until)
}

// opens is when the window, which is shut, opens next; the zero Time when it never
// will, or is open.
func (w *Window) opens(wall time.Time) time.Time {
	switch {
	case w.Schedule != nil && !w.Schedule.Holds(wall):
		return w.Schedule.Begins(wall)
	case wall.Before(w.From):
		return w.From
	}
	return time.Time{}
}

// tendSilences ends silences whose time has come, and notes which of those of the
// configuration are in force.
func (l *Ledger) tendSilences(now Moment) {
	l.silences = slices.DeleteFunc(l.silences, func(s Silence) bool {
		over := s.until() <= now.At || s.UntilClear && !l.anyOpen(s)
		if over {
			l.endSilence(s)
		}
		return over
	})
	before := l.inForce
	l.inForce = l.windows(now)
	same := func(a, b Silence) bool { return a.Window == b.Window }
	if !slices.EqualFunc(before, l.inForce, same) {
		l.all = true
	}
}

// nextSilence is when a silence ends or begins.
func (l *Ledger) nextSilence(now Moment) time.Duration {
	next := never
	for _, s := range slices.Concat(l.silences, l.inForce) {
		next = min(next, s.until())
	}
	for _, w := range l.people.Windows {
		if now.Wall.IsZero() {
			break
		}
		if opens := w.opens(now.Wall); !opens.IsZero() {
			next = min(next, max(now.at(opens), now.At+1))
		}
	}
	return next
}

// anyOpen tells whether something fires that the silence is about.
func (l *Ledger) anyOpen(s Silence) bool {
	for _, story := range l.stories {
		if !story.Closed && s.About(story.Incident) {
			return true
		}
	}
	return false
}

func silenceKey(id int) string { return silencePrefix + strconv.Itoa(id) }

func (l *Ledger) keepSilence(s Silence) {
	l.records = append(l.records, rules.Record{Key: silenceKey(s.ID), Value: encode(silenceRecord{recordVersion, s})})
}

func (l *Ledger) endSilence(s Silence) {
	l.all = true
	l.records = append(l.records, rules.Record{Key: silenceKey(s.ID)})
}

// A silenceRecord is a silence on flash.
type silenceRecord struct {
	Version int
	Silence
}

func (l *Ledger) restoreSilence(key string, value []byte) error {
	var r silenceRecord
	if err := decode(value, &r, &r.Version); err != nil {
		return err
	}
	id, err := strconv.Atoi(strings.TrimPrefix(key, silencePrefix))
	if err != nil || id != r.ID {
		return errors.New("it is not the silence that its key says")
	}
	l.silences = append(l.silences, r.Silence)
	return nil
}
