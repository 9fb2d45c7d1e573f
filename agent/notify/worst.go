package notify

import (
	"cmp"
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
)

// WorstDay is how many texts about alerts a contact is sent in 24 h at most, when
// something happens all the time and the gateway texts nobody else. What is not
// critical keeps to its share of budget and limits. For what is critical they are
// used up once, and then there is a text every criticalEvery, or every pressedEvery
// beyond the gateway's limits. Answers to what the contact texts, and signs of
// life, come on top.
func (p *People) WorstDay(c *Contact, critical bool) (texts int) {
	return p.worstWithin(24*time.Hour, c, critical)
}

func (p *People) worstWithin(d time.Duration, c *Contact, critical bool) (texts int) {
	// The gateway counts in slots of time, and forgets soonest what it counts at the
	// end of one.
	const begin = volumeSlot - 1
	l := NewLedger(p)
	who := l.person(c.Phone, c.Name)
	for now := begin; now < begin+d; texts++ {
		l.count(who, now)
		now = l.admitsSoonest(who, critical, now)
	}
	return texts
}

// admitsSoonest is when one more text may go to the person, however often that is
// asked from now on.
func (l *Ledger) admitsSoonest(p *person, critical bool, now time.Duration) time.Duration {
	at := l.admits(p, critical, now)
	if room := l.gateway.next(l.people.Limits, 1, now); room < at { // what waits for pressedEvery may go then
		at = min(at, l.admits(p, critical, room))
	}
	return at
}

// WorstIncident is how many texts one incident of an alert costs a contact at most,
// while nobody answers: the alarm and its repeats, once for each level, and the
// end. It is 0 for whom the alert does not tell.
func (p *People) WorstIncident(c *Contact, a *rules.Alert) (texts int) {
	route := p.Routes[a.Name]
	if route == nil || a.Shadow {
		return 0
	}
	step, _ := route.stepOf(c.Phone)
	if step < 0 {
		return 0
	}
	for _, level := range a.Levels {
		texts++
		if len(route.Pauses(route.Steps[step].Repeat, p.Manners[level.Severity])) > 0 {
			texts += RepeatMax
		}
	}
	return texts + 1
}

// Pace is the rate of a contact's budget over the longest time, as far as what is
// not critical may use it.
func (p *People) Pace(c *Contact) Rate {
	slowest := slices.MaxFunc(c.Budget.rates(), func(a, b Rate) int { return cmp.Compare(a.Per, b.Per) })
	return Rate{slowest.part(1 - p.Manners[rules.Critical].Reserve), slowest.Per}
}
