package learn

import (
	"strings"
	"time"
)

// A unit is all messages of one topic that are of one kind.
type unit struct {
	unitKey
	fields []*field
	index  map[string]*field // by path
	lost   bool              // there were more fields than are kept

	messages, retained int
	rhythm             rhythm
	example            string
}

func (u *unit) heard(m Message, text string) {
	u.messages++
	if m.Retained {
		u.retained++
	} else {
		u.rhythm.beat(m.At)
	}
	if u.example == "" {
		u.example = strings.Clone(text[:min(len(text), exampleMax)])
	}
}

// gapsMin is how many gaps between messages tell a rhythm.
const gapsMin = 5

// A rhythm is the gaps between messages that came as they were published.
type rhythm struct {
	last         time.Time
	gaps         int
	sum, longest time.Duration
}

func (r *rhythm) beat(at time.Time) {
	if !r.last.IsZero() {
		gap := max(0, at.Sub(r.last))
		r.gaps++
		r.sum += gap
		r.longest = max(r.longest, gap)
	}
	r.last = at
}

// told reports whether there were gaps enough to tell anything.
func (r *rhythm) told() bool { return r.gaps >= gapsMin }

// until returns the longest gap, with the one that lasts at the end.
func (r *rhythm) until(end time.Time) time.Duration {
	return max(r.longest, end.Sub(r.last))
}

// mean is the usual gap.
func (r *rhythm) mean() time.Duration { return r.sum / time.Duration(max(1, r.gaps)) }

const (
	// steadyMax is how many times as long as the usual gap the longest is of
	// what reports by the clock. What reports when something happens may be
	// silent for ever.
	steadyMax = 3
	// silenceFactor is how many times the longest gap a sensor may be silent:
	// radio loses messages, and a night is not an afternoon.
	silenceFactor = 5
)

func (r *rhythm) steady(end time.Time) bool {
	return r.mean() > 0 && r.until(end) <= steadyMax*r.mean()
}

// silences are the durations people choose.
var silences = []time.Duration{
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 26 * time.Hour,
	3 * day, 7 * day, 14 * day, 30 * day, 60 * day, 120 * day, 365 * day,
}

const day = 24 * time.Hour

// silence is how long what reports at least that often may be silent.
func silence(longest time.Duration) time.Duration {
	for _, d := range silences {
		if d >= silenceFactor*longest {
			return d
		}
	}
	return silences[len(silences)-1]
}
