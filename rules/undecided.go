package rules

import (
	"cmp"
	"slices"
	"time"
)

// undecidedAfter is how long a condition may be unknown, while its sensors
// talk, before somebody should look why.
const undecidedAfter = time.Hour

// Undecided is an alert that watches nothing, as far as anybody can tell: its
// sensors talk, and yet its condition has been unknown for an hour.
type Undecided struct {
	Alert     string
	Instance  string        // the one for which that is so for longest
	Instances int           // how many of the alert's
	For       time.Duration // how long the condition is unknown
	Part      string        // of the condition that is to blame, as written
	Why       Reason        // it is unknown
}

// Undecided lists such alerts, those that are so for longest first. Timers that
// are due by then must have fired.
func (e *Engine) Undecided(at time.Duration) []Undecided {
	e.now = max(e.now, at)
	var out []Undecided
	for i := range e.alerts {
		if u := e.alerts[i].doubt(e.now); u.Instances > 0 {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b Undecided) int {
		return cmp.Or(cmp.Compare(b.For, a.For), cmp.Compare(a.Alert, b.Alert))
	})
	return out
}

// doubt sums up the alert's undecided instances; those that it has none of are
// no doubt.
func (a *alertState) doubt(now time.Duration) Undecided {
	u := Undecided{Alert: a.Name}
	var worst *instance
	for _, in := range a.instances {
		if !in.isUndecided(now) {
			continue
		}
		u.Instances++
		if worst == nil || cmp.Or(cmp.Compare(in.undecided, worst.undecided), cmp.Compare(in.name, worst.name)) < 0 {
			worst = in
		}
	}
	if worst != nil {
		blamed := worst.blame(now)
		u.Instance, u.For, u.Part, u.Why = worst.name, now-worst.undecided, blamed.Text, blamed.Value.Why
	}
	return u
}

// decide notes since when the conditions leave the instance undecided.
func (in *instance) decide(at time.Duration, known bool) {
	switch {
	case known:
		in.undecided = never
	case in.undecided == never:
		in.undecided = at
	}
}

func (in *instance) isUndecided(now time.Duration) bool {
	if in.undecided == never || now-in.undecided < undecidedAfter || !in.talkedTo() {
		return false
	}
	// A window that fills is no riddle, until it should have filled.
	return in.blame(now).Value.Why != Unobserved || now-in.undecided >= undecidedAfter+in.alert.longestWindow()
}

// talkedTo tells whether a message arrived since the conditions became unknown.
func (in *instance) talkedTo() bool {
	return slices.ContainsFunc(in.inputs, func(s *series) bool { return s != nil && s.spoke && s.heard > in.undecided })
}

func (a *Alert) longestWindow() time.Duration {
	longest := time.Duration(0)
	for _, w := range a.windows {
		longest = max(longest, w.Length)
	}
	return longest
}

// blame is the part of the conditions that makes them unknown.
func (in *instance) blame(now time.Duration) Part {
	in.frame.Now = now
	var root Part
	for i := range in.stages {
		for _, c := range [...]*Condition{in.stages[i].when, in.stages[i].clearWhen} {
			if c == nil {
				continue
			}
			if root = c.told.explain(&in.frame); root.Value.Why != Known {
				return root.blame()
			}
		}
	}
	return root.blame()
}

// blame is the innermost part that makes p unknown, the first of several.
func (p Part) blame() Part {
	for _, part := range p.Parts {
		if part.Value.Why != Known && part.Value.Why != Over {
			return part.blame()
		}
	}
	return p
}
