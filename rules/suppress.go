package rules

import (
	"cmp"
	"slices"
	"time"
)

// heldMax is how long a critical alarm waits at most for an alert that may be
// the reason of it and is still pending.
const heldMax = 10 * time.Second

// A parent is an alert that keeps the alarms of another back.
type parent struct {
	*alertState
	shared [][2]int // where the labels that both have stand: in the parent's, in the other's
}

// addFamilies tells every alert what keeps its alarms back, directly or through
// others, and whose it keeps back. An alert in shadow keeps back none: then
// nobody would be told anything.
func (e *Engine) addFamilies() {
	states := map[*Alert]*alertState{}
	for i := range e.alerts {
		states[e.alerts[i].Alert] = &e.alerts[i]
	}
	for i := range e.alerts {
		child := &e.alerts[i]
		for _, a := range child.ancestors() {
			if a.Shadow {
				continue
			}
			p := states[a]
			child.parents = append(child.parents, parent{p, sharedLabels(a.Labels, child.Labels)})
			p.children = append(p.children, child)
		}
	}
}

// ancestors are the alerts that it is suppressed by, and that those are.
func (a *Alert) ancestors() []*Alert {
	all := slices.Clone(a.SuppressedBy)
	for i := 0; i < len(all); i++ {
		for _, next := range all[i].SuppressedBy {
			if !slices.Contains(all, next) {
				all = append(all, next)
			}
		}
	}
	return all
}

func sharedLabels(a, b []string) [][2]int {
	var shared [][2]int
	for i, label := range a {
		if j, ok := slices.BinarySearch(b, label); ok {
			shared = append(shared, [2]int{i, j})
		}
	}
	return shared
}

// about tells whether the parent's instance agrees with another alert's in every
// label that both have.
func (p parent) about(own, other *instance) bool {
	for _, at := range p.shared {
		if own.labels[at[0]] != other.labels[at[1]] {
			return false
		}
	}
	return true
}

// suppress finds out anew which alarms are kept back, after all that has moved
// in this decision, and announces those that no longer are.
func (e *Engine) suppress() {
	if len(e.touched) == 0 && len(e.revisit) == 0 {
		return
	}
	for _, in := range e.swayed() {
		e.sway(in)
	}
	for _, m := range e.moved {
		t := &e.decision.Transitions[m.at]
		if m.in.incident.ID == t.Incident.ID {
			t.Incident.SuppressedBy = m.in.incident.SuppressedBy
		} else { // it is over by now
			t.Incident.SuppressedBy, _ = e.keepers(m.in, t.Incident)
		}
	}
}

// swayed are the instances with an open incident whose alarm may be kept back,
// or no longer be, after this decision; the oldest incident first.
func (e *Engine) swayed() []*instance {
	all := slices.Clone(e.revisit)
	for _, in := range e.touched {
		if len(in.home.parents) > 0 {
			all = append(all, in)
		}
		for _, child := range in.home.children {
			for _, other := range child.instances {
				all = append(all, other)
			}
		}
	}
	all = slices.DeleteFunc(all, func(in *instance) bool { return in.incident.ID == 0 })
	slices.SortFunc(all, func(a, b *instance) int { return cmp.Compare(a.incident.ID, b.incident.ID) })
	return slices.Compact(all)
}

// sway finds out what keeps the instance's alarm back now.
func (e *Engine) sway(in *instance) {
	names, until := e.keepers(in, in.incident)
	in.held = until
	e.arm(in, e.now)
	before := in.incident.SuppressedBy
	if slices.Equal(names, before) {
		return
	}
	in.incident.SuppressedBy = names
	e.touch(in)
	if len(before) > 0 && len(names) == 0 && (in.state == Firing || in.incident.Latched) {
		e.decision.Transitions = append(e.decision.Transitions, Transition{
			At: e.now, From: in.state, To: in.state, Instance: in.name, Incident: in.incident,
			Message: in.incident.Message, Shadow: in.alert.Shadow, Released: true,
		})
	}
}

// keepers names the alerts that keep an incident of the instance from being told
// now, and tells when one that is pending ceases to; never when none does.
func (e *Engine) keepers(in *instance, i Incident) (names []string, until time.Duration) {
	until = never
	patience := never
	if i.Severity == Critical {
		patience = max(i.Since, i.Rose) + heldMax
	}
	for _, p := range in.home.parents {
		fires, pends := p.stands(in)
		pends = pends && e.now < patience
		if pends && !fires {
			until = patience
		}
		if fires || pends {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names, until
}

// stands tells how the parent's instances stand that are about another alert's.
// One that is only latched is no reason of anything any more.
func (p parent) stands(other *instance) (fires, pends bool) {
	for _, own := range p.instances {
		if !p.about(own, other) {
			continue
		}
		fires = fires || own.incident.ID != 0 && !own.incident.Latched
		pends = pends || own.state == Pending
	}
	return fires, pends
}
