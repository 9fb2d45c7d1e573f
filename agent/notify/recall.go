package notify

import (
	"cmp"
	"slices"
	"time"
)

// recalled is what was in texts that were taken back.
type recalled struct {
	text    uint64        // the number of one of them, to be given to what replaces it
	created time.Duration // when the first of them was
	rang    bool          // the phone has rung because of one of them
	stories stories
	before  map[*story]Told // what they would have told
}

// recall takes back the texts that wait for somebody and are of a kind with the
// news, or tell of the same; without news those that have become late.
func (p *planner) recall(who *person, items []item, critical, late bool) recalled {
	t := recalled{created: p.now.At, before: map[*story]Told{}}
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
		if r := s.reader(who.phone); r != nil && r.reads(q.Tells) {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, byIncident)
	return all
}

func (all stories) critical() bool { return slices.ContainsFunc(all, (*story).critical) }

func (all stories) touches(items []item) bool {
	return slices.ContainsFunc(items, func(i item) bool { return slices.Contains(all, i.story) })
}

// unsent tells whether the last text about a story that was written to somebody
// waits for the network, or is part of this plan.
func (p *planner) unsent(s *story, phone string) bool {
	r := s.reader(phone)
	return r != nil && (slices.ContainsFunc(p.plan.Texts, func(t Text) bool { return t.To == phone && r.reads(t.Tells) }) ||
		slices.ContainsFunc(p.queue.Waiting(phone), func(q Queued) bool { return r.reads(q.Tells) }))
}

// reads tells whether a text that tells this is the last that they know something
// of the story by.
func (r *reader) reads(tells []Telling) bool {
	return r.Text != 0 && slices.ContainsFunc(tells, func(t Telling) bool { return t.Text == r.Text })
}

// waits tells whether a text about the story waits for the network: taken back, it
// must be known what was in it.
func (p *planner) waits(s *story) bool {
	return slices.ContainsFunc(s.Readers, func(r *reader) bool { return p.unsent(s, r.Phone) })
}
