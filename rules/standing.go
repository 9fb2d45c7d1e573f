package rules

import (
	"cmp"
	"slices"
	"time"
)

// standingsMax bounds the instances of one list.
const standingsMax = 10_000

// A Standing is how one instance of an alert stands, in a line.
type Standing struct {
	Instance  string
	Labels    []Label
	State     State
	For       time.Duration // how long it has; 0 when it was never anything else
	Undecided time.Duration // how long its condition is unknown; 0 while it is known
	Incident  Incident      // zero while there is none
}

// Standings lists how the instances stand, those that need attention first. Of
// more than ten thousand it tells how many it omits.
func (e *Engine) Standings(at time.Duration) (list []Standing, omitted int) {
	e.now = max(e.now, at)
	var all []*instance
	for i := range e.alerts {
		for _, in := range e.alerts[i].instances {
			all = append(all, in)
		}
	}
	slices.SortFunc(all, byAttention)
	omitted = max(len(all)-standingsMax, 0)
	for _, in := range all[:len(all)-omitted] {
		list = append(list, in.standsAt(e.now))
	}
	return list, omitted
}

func (in *instance) standsAt(now time.Duration) Standing {
	s := Standing{Instance: in.name, Labels: in.named(), State: in.state, For: since(in.since, now), Incident: in.incident}
	if in.undecided != never {
		s.Undecided = now - in.undecided
	}
	return s
}

// An Unheard alert has no instance, because no message came that names one.
type Unheard struct {
	Alert  string
	Topics string // on which none came
}

// Unheard lists the alerts that watch nothing yet, by name.
func (e *Engine) Unheard() []Unheard {
	var out []Unheard
	for i := range e.alerts {
		if a := &e.alerts[i]; len(a.instances) == 0 && a != e.unreachable {
			out = append(out, Unheard{a.Name, a.topics()})
		}
	}
	slices.SortFunc(out, func(a, b Unheard) int { return cmp.Compare(a.Alert, b.Alert) })
	return out
}
