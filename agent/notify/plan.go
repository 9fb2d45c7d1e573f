package notify

import (
	"slices"
	"time"
)

// A planner makes one plan.
type planner struct {
	*Ledger
	now   Moment
	queue Queue
	plan  Plan
	keep  map[*story]bool // whose records may have changed
}

// An item is one piece of news for somebody.
type item struct {
	*story
	listener
	kind kind
	was  Told
}

// roundsMax bounds how often a plan looks for what follows from itself.
const roundsMax = 8

// Plan says who should now hear what. A nil Queue is one in which nothing waits.
func (l *Ledger) Plan(now Moment, q Queue) Plan {
	l.lookAtClock(now)
	if len(l.dirty) == 0 && !l.all && len(l.said) == 0 && len(l.records) == 0 && now.At < l.due {
		return Plan{}
	}
	if q == nil {
		q = noQueue{}
	}
	p := &planner{Ledger: l, now: now, queue: q, keep: map[*story]bool{}}
	l.tendSilences(now)
	for round := 0; round < roundsMax && p.round(); round++ {
	}
	p.plan.Texts = append(p.plan.Texts, l.said...)
	l.said = nil
	p.record()
	l.due = p.nextTick()
	return p.plan
}

// noQueue is one in which nothing waits.
type noQueue struct{}

func (noQueue) Waiting(string) []Queued { return nil }
func (noQueue) Recall(uint64) bool      { return false }

// NextTick is when Plan is next to be asked although nothing has happened, and
// false when that is never.
func (l *Ledger) NextTick() (time.Duration, bool) { return l.due, l.due != never }

// lookAtClock has everything be considered anew when the time of day is not what
// it was taken to be.
func (l *Ledger) lookAtClock(now Moment) {
	if !l.running {
		l.running, l.began = true, now.At
	}
	const slew = 2 * time.Second
	timed, ahead := !now.Wall.IsZero(), time.Duration(now.Wall.UnixNano())-now.At
	if timed != l.timed || timed && (ahead-l.ahead).Abs() > slew {
		l.timed, l.ahead, l.all = timed, ahead, true
	}
}

// round considers what has changed and tells what is due, and reports whether
// anything was told.
func (p *planner) round() (told bool) {
	for _, s := range p.toConsider() {
		p.consider(s)
	}
	for _, who := range p.order {
		if min(who.next, who.late) <= p.now.At {
			told = p.flush(who) || told
		}
	}
	return told
}

// toConsider takes the stories that are to be considered, in the order of their
// incidents.
func (p *planner) toConsider() []*story {
	var all []*story
	for _, s := range p.stories {
		if p.all || p.dirty[s] || s.next <= p.now.At {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, byIncident)
	p.all = false
	clear(p.dirty)
	return all
}

// consider finds out who is to hear what of a story, and when.
func (p *planner) consider(s *story) {
	p.keep[s] = true
	s.settleFlap(p.now.At)
	all := p.listeners(s)
	p.owe(s, all, p.now)
	for _, who := range p.order {
		delete(who.pending, s)
	}
	for _, w := range all {
		who := p.person(w.Phone, w.Name)
		if k, due := p.Ledger.consider(s, w, p.now); k != nothing && due != never {
			who.pending[s] = due
			who.next = min(who.next, due)
		}
	}
	s.next = p.review(s)
}

// review is when a story is to be considered again although nothing happens.
func (p *planner) review(s *story) time.Duration {
	next := never
	if s.Flapping != nil && s.calm() > p.now.At {
		next = s.calm()
	}
	if s.Closed && s.toldToAll() {
		next = min(next, max(s.Ended+flapQuiet, p.now.At+time.Second))
	}
	route, acked := p.people.Routes[s.Incident.Alert], s.Incident.Acked
	if s.Closed || acked == nil || route == nil || route.AckTimeout == 0 {
		return next
	}
	lapses := acked.At + route.AckTimeout
	if lapses <= p.now.At {
		if !slices.Contains(p.plan.Lapsed, s.Incident.ID) {
			p.plan.Lapsed = append(p.plan.Lapsed, s.Incident.ID)
		}
		return next
	}
	return min(next, lapses)
}

// nextTick is when something is due.
func (p *planner) nextTick() time.Duration {
	next := p.nextSilence(p.now)
	for _, s := range p.stories {
		next = min(next, s.next)
	}
	for _, who := range p.order {
		next = min(next, who.next, who.late)
	}
	if len(p.dirty) > 0 {
		next = p.now.At
	}
	return next
}
