package rules

import (
	"maps"
	"slices"
	"time"
)

// Missed tells that before a moment of the timeline, when the gateway booted,
// time passed that the timeline leaves out: who was not heard since then has been
// silent for that much longer. It is for a downtime that was not known when the
// engine was restored. Windows, which began anew, and pending alerts do not count
// it.
func (e *Engine) Missed(d, before, at time.Duration) Decision {
	e.begin(at)
	e.fire(e.now - 1)
	for i := range e.sensors {
		for _, key := range slices.Sorted(maps.Keys(e.sensors[i].series)) { // the same order at each run
			if s := e.sensors[i].series[key]; s.heard < before {
				s.age(d, before)
				e.aged(s)
			}
		}
	}
	e.fire(e.now)
	return e.end()
}

// age makes the series silent for longer than was known, unless it is excused
// until later.
func (s *series) age(d, before time.Duration) {
	if s.silence() > before {
		s.excused += d
	}
	s.heard, s.unsaved = s.heard-d, true
}

// aged looks at what may have changed because a series is silent for longer than
// was known.
func (e *Engine) aged(s *series) {
	for _, in := range s.readers {
		in.pass(e.now)
		e.step(in, e.now)
	}
}
