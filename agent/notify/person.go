package notify

import (
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
)

const (
	// bundleWithin is how long after a text the next one waits, so that what comes
	// meanwhile is one text with it. What is critical does not.
	bundleWithin = 2 * time.Minute
	// criticalEvery is how often somebody hears at most of what is critical once
	// their budget is used up, and pressedEvery once the gateway's limits are.
	criticalEvery = time.Minute
	pressedEvery  = 10 * time.Minute
	// lateAfter is how long a text may wait for the network and not say so.
	lateAfter = 2 * time.Minute
)

// A person is somebody with a phone: what they may be told now, and what waits.
// The exported members are its form on flash.
type person struct {
	Version  int
	OptedOut bool            `json:",omitempty"`
	Sent     []time.Duration `json:",omitempty"` // when texts were planned that budgets still look back to

	phone   string
	contact *Contact
	pending map[*story]time.Duration // when there is news for them
	next    time.Duration            // when the first of it may be told
	late    time.Duration            // when the first text that waits is late
	changed bool                     // since the record was written
}

// person is the one with that phone; name counts only for one whom the
// configuration no longer has.
func (l *Ledger) person(phone, name string) *person {
	p := l.persons[phone]
	if p == nil {
		p = &person{phone: phone, contact: &Contact{Name: name, Phone: phone, Allow: MayAll}, pending: map[*story]time.Duration{}, next: never, late: never}
		i := slices.IndexFunc(l.people.Contacts, func(c *Contact) bool { return c.Phone == phone })
		if i >= 0 {
			p.contact = l.people.Contacts[i]
		}
		l.persons[phone] = p
		l.order = append(l.order, p)
	}
	return p
}

// last is when the person was last sent something; false when that is forgotten.
func (p *person) last() (time.Duration, bool) {
	if len(p.Sent) == 0 {
		return 0, false
	}
	return p.Sent[len(p.Sent)-1], true
}

// admits is when one more text may go to the person.
func (l *Ledger) admits(p *person, critical bool, now time.Duration) time.Duration {
	share := 1 - l.people.Manners[rules.Critical].Reserve
	if !critical {
		at := max(p.contact.Budget.Next(p.Sent, now, share), l.gateway.next(l.people.Limits, share, now))
		if last, ok := p.last(); ok {
			at = max(at, last+bundleWithin)
		}
		return at
	}
	last, ok := p.last()
	if !ok {
		return now
	}
	at := max(now, min(p.contact.Budget.slower(criticalEvery).Next(p.Sent, now, 1), last+criticalEvery))
	if l.gateway.next(l.people.Limits, 1, now) > now {
		at = max(at, last+pressedEvery)
	}
	return at
}

// slower are the rates over more than that time, or all when there are no such.
func (b Budget) slower(than time.Duration) Budget {
	slow := slices.DeleteFunc(slices.Clone(b.rates()), func(r Rate) bool { return r.Per <= than })
	if len(slow) == 0 {
		return b
	}
	return slow
}

// count notes that a text goes to the person.
func (l *Ledger) count(p *person, now time.Duration) {
	p.Sent = append(p.contact.Budget.Keep(p.Sent, now), now)
	p.changed = true
	l.gateway.add(now)
}

// uncount notes that the one which was planned then does not.
func (l *Ledger) uncount(p *person, planned time.Duration) {
	if i := slices.Index(p.Sent, planned); i >= 0 {
		p.Sent = slices.Delete(p.Sent, i, i+1)
	}
	p.changed = true
	l.gateway.takeBack(planned)
}
