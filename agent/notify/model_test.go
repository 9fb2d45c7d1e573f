package notify

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tocsin-edge/tocsin/rules"
)

// A model is a world and what everybody in it has really read.
type model struct {
	*world
	t *rapid.T

	read    map[[2]string]reading // by phone and instance
	planned map[string][]planned  // by phone; what was taken back is no longer in it
	mute    map[string]bool       // phones that opted out
	service time.Duration         // since when there is any, or none
	freed   time.Duration         // when something that keeps alarms back last ended
	fired   map[string]time.Duration
	muted   int // silences in force
}

// A reading is what somebody has read of an instance.
type reading struct {
	Told
	at time.Duration
}

type planned struct {
	id uint64
	at time.Duration
}

var modelRoutes = []string{"smoke", "leak", "door", "battery", "crew"}

// drawPeople makes up who is told of what, and how.
func drawPeople(t *rapid.T) *People {
	night := &Schedule{Name: "night", Days: [7]bool{true, true, true, true, true, true, true}, From: TimeOfDay(22 * time.Hour), To: TimeOfDay(7 * time.Hour)}
	p := &People{Site: "Rosewood", Manners: DefaultManners(), Routes: map[string]*Route{}}
	for i, c := range []Contact{*alice, *bob, *carol} {
		if rapid.Bool().Draw(t, "quiet hours") {
			c.Quiet = []*Schedule{night}
		}
		if i == 1 {
			c.Budget = Budget{{2, 10 * time.Minute}, {6, time.Hour}}
		}
		p.Contacts = append(p.Contacts, &c)
	}
	for _, alert := range modelRoutes {
		route := &Route{Bundle: -1, Digest: DefaultDigest}
		for after := range rapid.IntRange(1, 3).Draw(t, "steps of "+alert) {
			who := rapid.SampledFrom(p.Contacts).Draw(t, "who")
			route.Steps = append(route.Steps, Step{After: time.Duration(after) * 7 * time.Minute, Notify: []Addressee{{Contact: who}}})
		}
		if rapid.Bool().Draw(t, "ack timeout") {
			route.AckTimeout = 20 * time.Minute
		}
		if rapid.Bool().Draw(t, "bundle") {
			route.Bundle = 30 * time.Second
		}
		p.Routes[alert] = route
	}
	if rapid.Bool().Draw(t, "limits") {
		p.Limits = Limits{TextsPerHour: 10, TextsPerDay: 60}
	}
	return p
}

// settle lets the ledger plan until nothing is due, and reads what it sends. The
// network takes texts one at a time, so that what each tells is known when it is
// read.
func (m *model) settle() {
	defer func() {
		if n := len(m.ledger.Silences(m.moment())); n != m.muted {
			m.muted, m.freed = n, m.now
		}
	}()
	for range 100 {
		before := len(m.queue)
		due, ok := m.ledger.NextTick()
		m.plan()
		m.deliver()
		for _, id := range m.lapsed {
			m.lapse(id)
		}
		m.lapsed = nil
		if next, more := m.ledger.NextTick(); before == len(m.queue) && (!more || next > m.now || ok && next == due && next > m.now) {
			return
		}
	}
	m.t.Fatal("the ledger never comes to rest")
}

// plan has the ledger plan and takes note of texts and of what was taken back.
func (m *model) plan() {
	before := slices.Clone(m.queue)
	m.quietly(m.world.plan)
	replaced := map[string]bool{}
	for _, q := range before {
		if !m.waits(q.id) {
			replaced[q.To] = true
			m.planned[q.To] = slices.DeleteFunc(m.planned[q.To], func(p planned) bool { return p.id == q.id })
		}
	}
	for _, q := range m.queue {
		if slices.ContainsFunc(before, func(o queued) bool { return o.id == q.id }) {
			continue
		}
		if !m.critical(q) && !replaced[q.To] {
			m.judgeBudget(q)
		}
		m.planned[q.To] = append(m.planned[q.To], planned{q.id, m.now})
	}
}

// critical tells whether a text tells of anything that is.
func (m *model) critical(q queued) bool {
	for _, s := range m.ledger.stories {
		if r := s.reader(q.To); r != nil && r.Text == q.Tells[0].Text && s.critical() {
			return true
		}
	}
	return false
}

func (m *model) waits(id uint64) bool {
	return slices.ContainsFunc(m.queue, func(q queued) bool { return q.id == id })
}

// judgeBudget checks a new text that is not critical, and in place of none, against
// what its reader may be sent.
func (m *model) judgeBudget(q queued) {
	for _, r := range m.ledger.person(q.To, "").contact.Budget.rates() {
		n := 0
		for _, p := range m.planned[q.To] {
			if m.now-p.at < r.Per {
				n++
			}
		}
		if n >= r.part(0.7) {
			m.t.Fatalf("at %s a text to %s is number %d within %s: %s", m.now, q.Contact, n+1, r.Per, q.Body)
		}
	}
}

// deliver has the network take what waits, if it does, and people read it.
func (m *model) deliver() {
	if m.down {
		return
	}
	for _, q := range m.queue {
		for _, s := range m.ledger.stories {
			if r := s.reader(q.To); r != nil && len(q.Tells) > 0 && r.Text == q.Tells[0].Text {
				m.reads(q, s, r)
			}
		}
	}
	m.queue = nil
}

// reads has somebody read what a text tells of a story.
func (m *model) reads(q queued, s *story, r *reader) {
	key := [2]string{q.To, s.instance}
	was, now := m.read[key], r.Told
	switch {
	case now.knows() && was.knows():
		same := was.Incident == now.Incident && was.Severity == now.Severity && was.Acked == now.Acked && was.Flaps == now.Flaps
		if same && now.Repeats <= was.Repeats {
			m.t.Fatalf("at %s %s is told again what they know of %s: %s\n%+v\n%+v", m.now, q.Contact, s.instance, q.Body, was, r)
		}
		if same && now.At-was.At < 2*time.Minute && now.Flaps == 0 {
			m.t.Fatalf("at %s %s is told again after %s, before a repeat is due: %s", m.now, q.Contact, now.At-was.At, q.Body)
		}
		m.read[key] = reading{now, m.now}
	case now.knows():
		m.read[key] = reading{now, m.now}
	case was.knows():
		delete(m.read, key)
	case r.Was.Owed == 0 && r.Was.Flaps == 0:
		m.t.Fatalf("at %s %s is told of the end of %s, of which they were not told: %s (%+v)", m.now, q.Contact, s.instance, q.Body, r)
	}
}

// lapse has the rules hear that an acknowledgement has lapsed.
func (m *model) lapse(id uint64) {
	for name, i := range m.open {
		if i.ID == id && i.Acked != nil {
			i.Acked, m.freed = nil, m.now
			m.open[name] = i
			m.ledger.Take([]rules.Transition{{At: m.now, From: rules.Firing, To: rules.Firing, Instance: i.Instance(), Incident: i, Acked: true, Message: i.Message}})
		}
	}
}

// pass lets time pass; every due moment is lived through.
func (m *model) pass(d time.Duration) {
	end := m.now + d
	for range 100_000 {
		due, ok := m.ledger.NextTick()
		if !ok || due > end {
			break
		}
		m.now = max(m.now, due)
		m.settle()
		m.judgeCritical()
	}
	m.now = end
	m.settle()
	m.judgeCritical()
}

// judgeCritical checks that whoever is the first to be told of what is critical
// knows of it within the bound.
func (m *model) judgeCritical() {
	bound := criticalEvery
	if m.people.Limits != (Limits{}) {
		bound = pressedEvery
	}
	for name, i := range m.open {
		if i.Severity != rules.Critical || i.Acked != nil || len(i.SuppressedBy) > 0 || m.down || m.ledger.Silenced(i, m.moment()) {
			continue
		}
		since := max(m.fired[name], m.service, m.freed)
		first := m.people.Routes[i.Alert].Steps[0].Notify[0]
		if m.now-since <= bound || m.mute[first.Phone] {
			continue
		}
		if r := m.read[[2]string{first.Phone, i.Instance()}]; !r.knows() {
			m.t.Fatalf("at %s %s does not know of %s, which fires since %s", m.now, first.Name, name, m.fired[name])
		}
	}
}

// someOpen draws something that fires.
func (m *model) someOpen(t *rapid.T) string {
	if len(m.open) == 0 {
		t.Skip("nothing fires")
	}
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.open))).Draw(t, "which")
}

func (m *model) actions() map[string]func(*rapid.T) {
	minutes := func(t *rapid.T, most int) time.Duration {
		return time.Duration(rapid.IntRange(1, most*60).Draw(t, "seconds")) * time.Second
	}
	return map[string]func(*rapid.T){
		"fires": func(t *rapid.T) {
			name := rapid.SampledFrom(modelRoutes).Draw(t, "alert") + " " + rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "where")
			if _, ok := m.open[name]; ok {
				t.Skip("it does already")
			}
			m.fired[name] = m.now
			m.fires(name)
		},
		"ends": func(t *rapid.T) { m.ends(m.someOpen(t)) },
		"acked": func(t *rapid.T) {
			name := m.someOpen(t)
			if m.open[name].Acked != nil {
				t.Skip("it is")
			}
			by := rapid.SampledFrom([]string{"alice", "bob", "carol", "the shell"}).Draw(t, "by")
			for _, c := range m.people.Contacts {
				key := [2]string{c.Phone, m.open[name].Instance()}
				if r, ok := m.read[key]; ok && c.Name == by {
					r.Acked = max(m.now, 1) // who acknowledges knows that without a text
					if len(m.queue) > 0 {
						r.Acked = -1 // and may still read what was written before
					}
					m.read[key] = r
				}
			}
			m.acks(name, by)
		},
		"rises": func(t *rapid.T) {
			name := m.someOpen(t)
			if m.open[name].Severity == rules.Critical {
				t.Skip("it cannot")
			}
			m.fired[name] = m.now
			m.rises(name)
			m.settle()
		},
		"suppressed": func(t *rapid.T) { m.suppressed(m.someOpen(t), "power_lost") },
		"released": func(t *rapid.T) {
			name := m.someOpen(t)
			m.fired[name] = m.now
			m.suppressed(name)
			m.settle()
		},
		"a minute":    func(t *rapid.T) { m.pass(minutes(t, 1)) },
		"some time":   func(t *rapid.T) { m.pass(minutes(t, 15)) },
		"a long time": func(t *rapid.T) { m.pass(minutes(t, 15*60)) },
		"no service":  func(*rapid.T) { m.down, m.service = true, m.now },
		"service": func(*rapid.T) {
			m.down, m.service = false, m.now
			m.deliver()
			m.settle()
		},
		"a restart": func(t *rapid.T) {
			before := len(m.queue)
			m.quietly(func() { m.restart() })
			if len(m.queue) > before {
				t.Fatalf("a restart plans texts: %+v", m.queue[before:])
			}
			m.settle()
		},
		"a silence": func(t *rapid.T) {
			s := Silence{By: "alice", Match: Match{Alerts: []string{rapid.SampledFrom(modelRoutes).Draw(t, "alert")}}}
			if rapid.Bool().Draw(t, "until clear") {
				s.UntilClear = true
			} else {
				s.Until = m.now + minutes(t, 300)
			}
			if _, err := m.ledger.Silence(s, m.moment()); err != nil {
				t.Skip(err)
			}
			m.settle()
		},
		"no silence": func(*rapid.T) {
			m.ledger.Unsilence(func(Silence) bool { return true }, m.moment())
			m.freed = m.now
			m.settle()
		},
		"opted out": func(t *rapid.T) {
			c := rapid.SampledFrom(m.people.Contacts).Draw(t, "who")
			m.mute[c.Phone] = !m.mute[c.Phone]
			m.ledger.OptOut(c.Phone, m.mute[c.Phone], m.moment())
			m.freed = m.now
			m.settle()
		},
		"no clock":     func(*rapid.T) { m.start = time.Time{}; m.settle() },
		"a clock":      func(*rapid.T) { m.start = start; m.settle() },
		"another time": func(t *rapid.T) { m.start = start.Add(minutes(t, 3000) - 25*time.Hour); m.settle() },
	}
}

// quietly runs something without sending anything.
func (m *model) quietly(do func()) {
	down := m.world.down
	m.world.down = true
	do()
	m.world.down = down
}

// Over every sequence of incidents, acknowledgements, silences, outages, restarts
// and clock troubles of some weeks: who has read that something fires reads once
// that it is over; nobody reads the same twice before a repeat is due; what is
// critical is known within its bound; budgets hold; silences end; a restart by
// itself tells nobody anything.
func TestPeopleKnowWhatIsTrue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := drawPeople(t)
		m := &model{
			t: t, world: newWorld(t, people), read: map[[2]string]reading{}, planned: map[string][]planned{},
			mute: map[string]bool{}, fired: map[string]time.Duration{},
		}
		m.then = m.settle
		t.Repeat(m.actions())
		m.down, m.service, m.start = false, m.now, start
		m.deliver()
		for phone := range m.mute {
			m.ledger.OptOut(phone, false, m.moment())
		}
		for _, name := range slices.Sorted(maps.Keys(m.open)) {
			m.ends(name)
		}
		m.settle()
		m.pass(9 * 24 * time.Hour)
		for key, r := range m.read {
			t.Errorf("%s was never told of the end of %s: %+v", key[0], key[1], r)
		}
		if n := len(m.ledger.Silences(m.moment())); n > 0 {
			t.Errorf("%d silences never end", n)
		}
		if n := len(m.ledger.stories); n > 0 {
			t.Errorf("%d stories are kept for ever: %s", n, slices.Sorted(maps.Keys(m.ledger.stories)))
		}
	})
}
