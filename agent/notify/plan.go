package notify

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
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

// Plan says who should now hear what.
func (l *Ledger) Plan(now Moment, q Queue) Plan {
	l.lookAtClock(now)
	if len(l.dirty) == 0 && !l.all && len(l.said) == 0 && len(l.records) == 0 && now.At < l.due {
		return Plan{}
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

// NextTick is when Plan is next to be asked although nothing has happened, and
// false when that is never.
func (l *Ledger) NextTick() (time.Duration, bool) { return l.due, l.due != never }

// lookAtClock has everything be considered anew when the time of day is not what
// it was taken to be.
func (l *Ledger) lookAtClock(now Moment) {
	if !l.began {
		l.began, l.settled = true, now.At+restartPause
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
	slices.SortFunc(all, func(a, b *story) int { return cmp.Compare(a.Incident.ID, b.Incident.ID) })
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
	for _, s := range slices.SortedFunc(maps.Keys(who.pending), func(a, b *story) int { return cmp.Compare(a.Incident.ID, b.Incident.ID) }) {
		i, due := p.item(s, who)
		if i.kind == repeated && due <= p.now.At && p.unsent(who, s) {
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

// unsent tells whether the last text about a story that was written to somebody
// waits for the network, or is part of this plan.
func (p *planner) unsent(who *person, s *story) bool {
	r := s.reader(who.phone)
	if r == nil || r.Text == 0 {
		return false
	}
	in := func(t Telling) bool { return t.Text == r.Text }
	return slices.ContainsFunc(p.plan.Texts, func(t Text) bool { return t.To == who.phone && slices.ContainsFunc(t.Tells, in) }) ||
		p.queue != nil && slices.ContainsFunc(p.queue.Waiting(who.phone), func(q Queued) bool { return slices.ContainsFunc(q.Tells, in) })
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

// recalled is what was in texts that were taken back.
type recalled struct {
	text    uint64        // the number of one of them, to be given to what replaces it
	created time.Duration // when the first of them was
	rang    bool          // the phone has rung because of one of them
	stories []*story
	before  map[*story]Told // what they would have told
}

// recall takes back the texts that wait for somebody and are of a kind with the
// news, or tell of the same; without news those that have become late.
func (p *planner) recall(who *person, items []item, critical, late bool) recalled {
	t := recalled{created: p.now.At, before: map[*story]Told{}}
	if p.queue == nil {
		return t
	}
	for _, q := range p.queue.Waiting(who.phone) {
		about := p.toldBy(who, q)
		becomesLate := late && !q.late() && q.Created+lateAfter <= p.now.At
		wanted := len(items) > 0 && about.critical() == critical || becomesLate && about.critical() == critical || about.touches(items)
		if !wanted || len(about) == 0 || !p.queue.Recall(q.ID) {
			continue
		}
		p.plan.Recalled = append(p.plan.Recalled, q.ID)
		p.uncount(who, q.Tells[0].At)
		t.rang = t.rang || q.Rang
		t.text, t.created = cmp.Or(t.text, q.Tells[0].Text), min(t.created, q.Created)
		for _, s := range about {
			r := s.reader(who.phone)
			t.before[s] = r.Told
			t.stories = append(t.stories, s)
			r.takeBack(s)
		}
	}
	return t
}

// stories are those that a text tells of.
type stories []*story

func (p *planner) toldBy(who *person, q Queued) stories {
	var all stories
	for _, s := range p.stories {
		r := s.reader(who.phone)
		if r != nil && slices.ContainsFunc(q.Tells, func(t Telling) bool { return t.Text == r.Text }) {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b *story) int { return cmp.Compare(a.Incident.ID, b.Incident.ID) })
	return all
}

func (all stories) critical() bool { return slices.ContainsFunc(all, (*story).critical) }

func (all stories) touches(items []item) bool {
	return slices.ContainsFunc(items, func(i item) bool { return slices.Contains(all, i.story) })
}

// anew is what is to be told now that some texts were taken back.
func (p *planner) anew(who *person, items []item, t recalled) []item {
	var all []item
	about := stories(t.stories)
	for _, i := range items {
		if !slices.Contains(about, i.story) {
			all = append(all, i)
		}
	}
	for _, s := range about {
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
	if p.queue == nil {
		return next
	}
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

// record adds the records that have changed.
func (p *planner) record() {
	for _, s := range slices.SortedFunc(maps.Keys(p.keep), func(a, b *story) int { return cmp.Compare(a.Incident.ID, b.Incident.ID) }) {
		p.recordStory(s)
	}
	p.plan.Records = append(p.plan.Records, p.records...)
	p.records = nil
	for _, who := range p.order {
		if who.changed {
			who.changed, who.Version = false, recordVersion
			p.put(personPrefix+who.phone, encode(who))
		}
	}
	if p.gateway.changed {
		p.gateway.changed, p.gateway.Version = false, recordVersion
		p.put(gatewayKey, encode(&p.gateway))
	}
}

func (p *planner) put(key string, value []byte) {
	p.plan.Records = append(p.plan.Records, rules.Record{Key: key, Value: value})
}

// recordStory writes a story down, or ends it.
func (p *planner) recordStory(s *story) {
	key := storyKey(s.Incident.ID)
	switch finished := s.finished(p.now.At); {
	case finished && p.waits(s):
		s.next = p.now.At + flapQuiet
	case finished:
		delete(p.stories, s.instance)
		for _, who := range p.order {
			delete(who.pending, s)
		}
		key = ""
	}
	if s.key != "" && s.key != key {
		p.put(s.key, nil)
		s.kept = 0
	}
	if s.key = key; key == "" {
		return
	}
	s.Version = recordVersion
	value := encode(s)
	if digest := p.digest64(value); digest != s.kept {
		p.put(key, value)
		s.kept = digest
	}
}

// waits tells whether a text about the story waits for the network: taken back, it
// must be known what was in it.
func (p *planner) waits(s *story) bool {
	return slices.ContainsFunc(s.Readers, func(r *reader) bool {
		in := func(t Telling) bool { return r.Text != 0 && t.Text == r.Text }
		return slices.ContainsFunc(p.plan.Texts, func(t Text) bool { return t.To == r.Phone && slices.ContainsFunc(t.Tells, in) }) ||
			p.queue != nil && slices.ContainsFunc(p.queue.Waiting(r.Phone), func(q Queued) bool { return slices.ContainsFunc(q.Tells, in) })
	})
}
