package rules

import (
	"slices"
	"time"
)

// step moves an instance as far as it goes at that time.
func (e *Engine) step(in *instance, at time.Duration) {
	for {
		fires, when, moved := in.advance(at)
		if !moved {
			break
		}
		e.settle(in, fires, when)
	}
	if in.orphaned && in.judged() {
		in.orphaned = false
		e.settle(in, -1, at)
	}
	if in.incident.ID != 0 && in.incident.Stale != in.stale {
		in.incident.Stale = in.stale
		e.touch(in)
	}
	e.arm(in, at)
}

// arm sets the instance's timer. One that is early only looks once more than it
// must: silence moves on with each reading, and moving the timer every time would
// cost more.
func (e *Engine) arm(in *instance, at time.Duration) {
	if due := in.timer(); due < in.due || in.due <= at {
		e.timers.set(in, due)
	}
}

// settle makes of where the stages are the state of the instance and what
// becomes of its incident. fires is the level that began to fire, -1 for none.
func (e *Engine) settle(in *instance, fires int, at time.Duration) {
	e.touch(in)
	to, open := in.standing(), in.incident.ID != 0
	if open && to < Firing {
		e.move(in, OK, at)
		open = false
	}
	if open {
		in.incident.Latched = to == Clearing && !slices.ContainsFunc(in.stages, func(s stage) bool { return s.open() })
	}
	if to != in.state {
		e.move(in, to, at)
	}
	if !open {
		return
	}
	if fires >= 0 && in.stages[fires].Severity.Above(in.incident.Severity) {
		e.rise(in, at)
	}
	in.incident.Severity = in.severity() // a fall is silent
}

// move makes one transition.
func (e *Engine) move(in *instance, to State, at time.Duration) {
	t := Transition{At: at, From: in.state, To: to, Instance: in.name, Shadow: in.alert.Shadow}
	in.state, in.since = to, at
	switch {
	case t.Opens():
		e.serial++
		e.stats.Firing++
		in.open(e.serial, at)
		if !in.alert.Shadow { // nobody will answer
			in.incident.Number = e.numbers.take()
		}
		t.Message = in.incident.Message
	case t.Resolves():
		e.stats.Firing--
		e.numbers.give(in.incident.Number)
		t.Message = in.clears(at)
	}
	t.Incident = in.incident
	if t.Resolves() {
		in.incident = Incident{}
	}
	e.announce(in, t)
}

// announce adds a transition to the decision. Whether it is told is found out at
// the end, when everything has moved.
func (e *Engine) announce(in *instance, t Transition) {
	if len(in.home.parents) > 0 && t.To == Firing {
		e.moved = append(e.moved, move{in, len(e.decision.Transitions)})
	}
	e.decision.Transitions = append(e.decision.Transitions, t)
}

// rise makes an open incident more urgent: a news, whoever acknowledged what
// was before.
func (e *Engine) rise(in *instance, at time.Duration) {
	in.incident.Acked = nil
	in.incident.Severity = in.severity()
	in.incident.Message, in.incident.Rose = in.fires(), at
	e.announce(in, Transition{
		At: at, From: Firing, To: Firing, Instance: in.name, Incident: in.incident, Message: in.incident.Message, Shadow: in.alert.Shadow,
	})
}

// touch has the instance written down at the end of the decision.
func (e *Engine) touch(in *instance) {
	if !slices.Contains(e.touched, in) {
		e.touched = append(e.touched, in)
	}
}
