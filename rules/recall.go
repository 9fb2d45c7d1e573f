package rules

import (
	"slices"
	"time"
)

// A person who reads "Freezer ? C" knows less than Tocsin does. Where a message
// cannot say a value because the last reading was bad, it says the last that was
// known, and how old that is: "Freezer -11 (4 min ago) C". What was unknown when
// the gateway stopped is forgotten.

// A lastKnown is a value that was known last, and of what moment.
type lastKnown struct {
	Value
	at time.Duration
}

// A place is where a frame has the value of a field.
type place struct{ slot, field int }

// A messagePart is what stands in a message between two places where something
// else begins.
type messagePart struct {
	print printer
	reads []place // the values that it is made from
}

// append appends the part's text: what is so or, when that is unknown, what was.
func (p *messagePart) append(dst []byte, f *Frame) []byte {
	text, why := p.print(dst, f)
	if why == Known {
		return text
	}
	if past, at, ok := f.recall(p.reads); ok {
		if text, why = p.print(dst, past); why == Known {
			return append(text, " ("+roughly(f.Now-at)+" ago)"...)
		}
	}
	return append(dst, '?')
}

// recall is the frame with the last known value in each of those places where
// it is unknown now, and the oldest moment that these are of. It is false when
// nothing is unknown there, or never was known.
func (f *Frame) recall(places []place) (past *Frame, at time.Duration, ok bool) {
	past, at = new(*f), f.Now
	past.Series = slices.Clone(f.Series)
	for _, p := range places {
		s := past.Series[p.slot]
		switch {
		case s == nil || s.recent == nil:
			return nil, 0, false
		case s.values[p.field].Why == Known && !s.isOver(f.Now):
			continue
		case s.recent[p.field].Why != Known:
			return nil, 0, false
		}
		if s == f.Series[p.slot] {
			s = new(*s)
			s.values, s.moment = slices.Clone(s.values), f.Now // what is over is not, in the past
			past.Series[p.slot] = s
		}
		s.values[p.field] = s.recent[p.field].Value
		at, ok = min(at, s.recent[p.field].at), true
	}
	return past, at, ok
}

// recollecting is where a new series keeps its last known values: nowhere when
// no message says any.
func (s *Sensor) recollecting() []lastKnown {
	if !s.told {
		return nil
	}
	recent := make([]lastKnown, len(s.Fields))
	for i := range recent {
		recent[i].Why = Missing
	}
	return recent
}

// note keeps what the series says, where a message may have to fall back on it.
func (s *series) note() {
	for i := range s.recent {
		if s.values[i].Why == Known {
			s.recent[i] = lastKnown{s.values[i], s.moment}
		}
	}
}

// isOver tells whether the series is of events, and the last counts no more.
func (s *series) isOver(now time.Duration) bool { return s.sensor.Event && s.over(now) }
