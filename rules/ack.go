package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Ack takes down that somebody has seen to an incident. One that was latched
// and whose conditions are clear is over with that; who acknowledges an incident
// once more changes nothing. The error says that no such incident is open.
func (e *Engine) Ack(id uint64, by string, at time.Duration) (Decision, error) {
	in := e.openInstance(id)
	if in == nil {
		return Decision{}, fmt.Errorf("incident %d is not open", id)
	}
	e.begin(at)
	e.fire(e.now) // the conditions may be clear by now
	if in.incident.ID == id && in.incident.Acked == nil {
		in.frame.Now = e.now
		in.incident.Acked = &Ack{By: by, At: e.now}
		e.settle(in, -1, e.now)
		e.announceAck(in, id)
	}
	return e.end(), nil
}

// Lapse undoes that an incident was acknowledged: nobody has seen to it for too
// long. One that nobody acknowledged, or that is over, stays as it is.
func (e *Engine) Lapse(id uint64, at time.Duration) Decision {
	in := e.openInstance(id)
	if in == nil {
		return Decision{}
	}
	e.begin(at)
	e.fire(e.now)
	if in.incident.ID == id && in.incident.Acked != nil {
		in.incident.Acked = nil
		e.touch(in)
		e.announceAck(in, id)
	}
	return e.end()
}

// announceAck tells that whether an incident of the instance is acknowledged has
// changed, if it is still open.
func (e *Engine) announceAck(in *instance, id uint64) {
	if in.incident.ID != id {
		return
	}
	e.decision.Transitions = append(e.decision.Transitions, Transition{
		At: e.now, From: in.state, To: in.state, Instance: in.name, Incident: in.incident,
		Message: in.incident.Message, Shadow: in.alert.Shadow, Acked: true,
	})
}

// Open lists the incidents that are not resolved, the oldest first.
func (e *Engine) Open() []Incident {
	var open []Incident
	for in := range e.openInstances {
		open = append(open, in.incident)
	}
	slices.SortFunc(open, func(a, b Incident) int { return cmp.Compare(a.ID, b.ID) })
	return open
}

// openInstances goes through the instances with an open incident, in no order.
func (e *Engine) openInstances(yield func(*instance) bool) {
	for _, a := range e.alerts {
		for _, in := range a.instances {
			if in.incident.ID != 0 && !yield(in) {
				return
			}
		}
	}
}

// openInstance is the instance whose incident has that ID, nil when it is not
// open.
func (e *Engine) openInstance(id uint64) *instance {
	for in := range e.openInstances {
		if in.incident.ID == id {
			return in
		}
	}
	return nil
}

// NumberMax is the greatest number that an incident has to be answered with:
// two digits are soon typed.
const NumberMax = 99

// numbers are those of the open incidents.
type numbers struct {
	taken [NumberMax + 1]bool
	last  int // given
	kept  int // the last that a record holds
}

// take gives the next number that is free after the last one given, so that an
// answer that comes late does not meet another incident; 0 when none is.
func (n *numbers) take() int {
	for range NumberMax {
		n.last = n.last%NumberMax + 1
		if !n.taken[n.last] {
			n.taken[n.last] = true
			return n.last
		}
	}
	return 0
}

// give makes a number free again.
func (n *numbers) give(number int) { n.taken[number] = false }

// hold takes up the number of an incident of an earlier run; one that this
// program cannot have given is none.
func (n *numbers) hold(i *Incident) {
	if i.Number < 0 || i.Number > NumberMax {
		i.Number = 0
	}
	n.taken[i.Number] = i.Number > 0
}

// keepNumber has the last number outlive the process.
func (e *Engine) keepNumber() {
	if e.numbers.last != e.numbers.kept {
		e.put(numberKey, []byte(strconv.Itoa(e.numbers.last)))
		e.numbers.kept = e.numbers.last
	}
}

// restoreNumber takes up the last number that was given.
func (e *Engine) restoreNumber(value []byte) error {
	n, err := strconv.Atoi(string(value))
	if err == nil && (n < 0 || n > NumberMax) {
		err = fmt.Errorf("number %d, at most %d is given", n, NumberMax)
	}
	if err == nil {
		e.numbers.last, e.numbers.kept = n, n
	}
	return err
}
