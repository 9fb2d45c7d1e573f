package rules

import "time"

// A stage is where an instance stands at one level of its alert.
type stage struct {
	*Level
	state State
	is    Truth         // of `when`, last known
	over  Truth         // of `clear_when`, last known
	since time.Duration // when Pending or Clearing began, else when the state did
	fresh bool          // the condition was known since the gateway booted
}

// evaluate looks at the conditions. One that is unknown keeps its last truth,
// so that a bad reading in the middle of an excursion neither ends nor delays it.
// It tells whether all are known.
func (s *stage) evaluate(f *Frame) bool {
	when, _ := s.when.Eval(f)
	if when != Unknown {
		s.is, s.fresh = when, true
	}
	if s.clearWhen == nil {
		return when != Unknown
	}
	clear, _ := s.clearWhen.Eval(f)
	if clear != Unknown {
		s.over = clear
	}
	return when != Unknown && clear != Unknown
}

// clear says whether the excursion is over as far as the conditions go.
func (s *stage) clear() bool {
	return s.is == False && (s.clearWhen == nil || s.over == True)
}

// next is the state the stage moves to at the given time, and the moment
// that move is due to; the same state when it stays. Without `for` there is
// no Pending, without `clear_for` no Clearing.
func (s *stage) next(at time.Duration) (State, time.Duration) {
	switch s.state {
	case OK:
		if s.is == True && s.For == 0 {
			return Firing, at
		}
		if s.is == True {
			return Pending, at
		}
	case Pending:
		if s.is != True {
			return OK, at
		}
		if end := s.since + s.For; s.fresh && at >= end {
			return Firing, end
		}
	case Firing:
		if s.clear() && s.ClearFor == 0 {
			return OK, at
		}
		if s.clear() {
			return Clearing, at
		}
	case Clearing:
		if !s.clear() {
			return Firing, at
		}
		if end := s.since + s.ClearFor; at >= end {
			return OK, end
		}
	}
	return s.state, at
}

// timer is when the stage next moves by itself.
func (s *stage) timer() time.Duration {
	switch {
	case s.state == Pending && s.fresh:
		return s.since + s.For
	case s.state == Clearing:
		return s.since + s.ClearFor
	}
	return never
}

// open tells whether the stage belongs to an incident.
func (s *stage) open() bool { return s.state >= Firing }

// advance moves every stage that is due by one step. It tells which is the most
// urgent level that fires with it, -1 for none, and when the last of them was due.
func (in *instance) advance(at time.Duration) (fires int, when time.Duration, moved bool) {
	fires = -1
	for i := range in.stages {
		s := &in.stages[i]
		to, due := s.next(at)
		if to == s.state {
			continue
		}
		if to == Firing && !s.open() {
			fires = i
		}
		s.state, s.since = to, due
		when, moved = max(when, due), true
	}
	return fires, when, moved
}

// standing is the state that the stages make together: Firing when any fires,
// else Clearing when any clears, else Pending when any waits. An incident that
// they would end stays Clearing while it is latched, and as it is while nobody
// knows what became of the level that it was of.
func (in *instance) standing() State {
	state := OK
	for i := range in.stages {
		switch s := in.stages[i].state; {
		case s == Firing:
			return Firing
		case s == Clearing, s == Pending && state == OK:
			state = s
		}
	}
	switch {
	case in.incident.ID == 0 || state >= Firing:
	case in.orphaned:
		return in.state
	case in.latched():
		return Clearing
	}
	return state
}

// latched tells whether the incident outlives its conditions.
func (in *instance) latched() bool { return in.alert.Latch && in.incident.Acked == nil }

// severity is that of the most urgent level that fires or clears, and else the
// one that the incident has.
func (in *instance) severity() Severity {
	for i := len(in.stages) - 1; i >= 0; i-- {
		if in.stages[i].open() {
			return in.stages[i].Severity
		}
	}
	return in.incident.Severity
}

// judged tells whether every `when` has come out as something.
func (in *instance) judged() bool {
	for i := range in.stages {
		if in.stages[i].is == Unknown {
			return false
		}
	}
	return true
}
