package notify

import (
	"maps"
	"slices"
	"time"
)

// flush tells somebody what is due, and reports whether there was anything.
func (p *planner) flush(who *person) (told bool) {
	critical, rest := p.ready(who)
	late := who.late <= p.now.At
	for _, some := range []struct {
		items    []item
		critical bool
	}{{critical, true}, {rest, false}} {
		told = p.tell(who, some.items, some.critical, late) || told
	}
	if late {
		who.late = p.nextLate(who)
	}
	return told
}

// ready is the news that is due for somebody, and notes when the next is.
func (p *planner) ready(who *person) (critical, rest []item) {
	who.next = never
	var joining []item
	for _, s := range slices.SortedFunc(maps.Keys(who.pending), byIncident) {
		i, due := p.item(s, who)
		if i.kind == repeated && due <= p.now.At && p.unsent(s, who.phone) {
			due = p.now.At + due - i.was.At // nobody is told again what they were not told yet
		}
		switch {
		case i.kind == nothing || due == never:
			delete(who.pending, s)
			continue
		case due > p.now.At:
			who.next = min(who.next, due)
			if p.joins(i) {
				joining = append(joining, i)
			}
		case s.critical():
			critical = append(critical, i)
		default:
			rest = append(rest, i)
		}
		who.pending[s] = due
	}
	if len(rest) > 0 {
		rest = append(rest, joining...)
	}
	return critical, rest
}

// joins tells whether an item waits for nothing but others to be told with.
func (p *planner) joins(i item) bool {
	return i.kind == alarm && !i.critical() && p.hold(i.story, i.listener, alarm, i.listener.due(i.story), p.now) <= p.now.At
}

// item is what somebody is to hear next of a story.
func (p *planner) item(s *story, who *person) (item, time.Duration) {
	all := p.listeners(s)
	at := slices.IndexFunc(all, func(w listener) bool { return w.Phone == who.phone })
	if at < 0 {
		return item{}, never
	}
	k, due := p.Ledger.consider(s, all[at], p.now)
	return item{s, all[at], k, s.told(who.phone)}, due
}

// tell tells somebody news, together with what a text that waits would have told
// them, and reports whether it did.
func (p *planner) tell(who *person, items []item, critical, late bool) bool {
	if len(items) == 0 && !late {
		return false
	}
	taken := p.recall(who, items, critical, late)
	if len(taken.stories) == 0 {
		if len(items) == 0 {
			return false
		}
		if at := p.admits(who, critical, p.now.At); at > p.now.At {
			who.next = min(who.next, at)
			return false
		}
	}
	for _, i := range items {
		delete(taken.before, i.story) // it is due by itself
		taken.rang = false
	}
	items = p.anew(who, items, taken)
	if len(items) > 0 {
		p.send(who, items, taken)
	}
	for _, i := range items {
		p.consider(i.story)
	}
	return true
}

// anew is what is to be told now that some texts were taken back.
func (p *planner) anew(who *person, items []item, t recalled) []item {
	var all []item
	for _, i := range items {
		if !slices.Contains(t.stories, i.story) {
			all = append(all, i)
		}
	}
	for _, s := range t.stories {
		p.keep[s] = true
		i, due := p.item(s, who)
		if i.kind != nothing && due <= p.now.At {
			all = append(all, i)
			continue
		}
		p.dirty[s] = true
	}
	return all
}

// send plans a text.
func (p *planner) send(who *person, items []item, t recalled) {
	number := t.text
	if number == 0 {
		p.gateway.Texts++
		number = p.gateway.Texts
	}
	text := p.compose(who, items, t.created)
	text.Call = text.Call && !t.rang
	text.Tells = []Telling{{Text: number, At: p.now.At, Late: p.now.At-t.created >= lateAfter}}
	p.plan.Texts = append(p.plan.Texts, text)
	p.count(who, p.now.At)
	who.late = min(who.late, max(t.created+lateAfter, p.now.At+1))
	for _, i := range items {
		after := i.story.after(i.was, i.kind, p.now.At)
		if b, ok := t.before[i.story]; ok && b.Incident == after.Incident && b.Severity == after.Severity {
			after.At, after.Repeats = b.At, b.Repeats // it is the same once more
		}
		i.story.tell(i.Name, i.Phone, after, number)
	}
}

// nextLate is when the next text that waits for somebody is late, and does not
// say so yet.
func (p *planner) nextLate(who *person) time.Duration {
	next := never
	for _, q := range p.queue.Waiting(who.phone) {
		if at := q.Created + lateAfter; !q.late() && at > p.now.At {
			next = min(next, at)
		}
	}
	for _, t := range p.plan.Texts {
		if at := t.Created + lateAfter; t.To == who.phone && at > p.now.At {
			next = min(next, at)
		}
	}
	return next
}
