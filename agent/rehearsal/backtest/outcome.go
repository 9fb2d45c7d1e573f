package backtest

import (
	"time"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/agent/rehearsal"
	"github.com/tocsin-edge/tocsin/rules"
)

// Texts between these hours, at the site, are at night.
const (
	nightBegins = 22
	nightEnds   = 7
)

// firingsMax bounds the firings of one alert that are kept; all are counted.
const firingsMax = 100_000

// Outcome is what one configuration would have done.
type Outcome struct {
	Alerts []*Alert  // as the configuration has them
	People []*Person // likewise, with those who are told nothing
}

// Alert is one alert with all its instances.
type Alert struct {
	Name     string
	Severity rules.Severity
	Count    int           // firings
	Lasted   time.Duration // all together
	Texts    int           // that tell of it; one that tells of several alerts counts for each
	Night    int           // of them, those at night
	Firings  []*Firing     // in the order they began, the first firingsMax
}

// Firing is one excursion of one instance.
type Firing struct {
	Instance   string
	Start, End time.Time // End is that of the history when it Lasts
	Lasts      bool      // it was not over at the end
	Texts      int
	Night      int // texts at night

	alert *Alert
}

// Duration is how long it fired, as far as is known.
func (f *Firing) Duration() time.Duration { return f.End.Sub(f.Start) }

// Person is one contact.
type Person struct {
	Name  string
	Texts int
	Night int // texts at night
}

// A tally adds up what a gateway does.
type tally struct {
	zone   *time.Location
	origin int64 // of the gateway's time, in nanoseconds since 1970
	alerts map[string]*Alert
	people map[string]*Person
	order  Outcome
	last   map[string]*Firing // by instance
}

func newTally(c *config.Config) *tally {
	t := &tally{
		zone: c.Site.Zone, alerts: map[string]*Alert{}, people: map[string]*Person{}, last: map[string]*Firing{},
	}
	for _, a := range c.Rules.Alerts {
		t.alerts[a.Name] = &Alert{Name: a.Name, Severity: a.Severity}
		t.order.Alerts = append(t.order.Alerts, t.alerts[a.Name])
	}
	for _, p := range c.People.Contacts {
		t.people[p.Name] = &Person{Name: p.Name}
		t.order.People = append(t.order.People, t.people[p.Name])
	}
	return t
}

// wall is the time at the site.
func (t *tally) wall(at time.Duration) time.Time {
	return time.Unix(0, t.origin+int64(at)).In(t.zone)
}

func (t *tally) moved(m rules.Transition) {
	switch {
	case m.Opens():
		a := t.alerts[m.Incident.Alert]
		f := &Firing{Instance: m.Instance, Start: t.wall(m.At), Lasts: true, alert: a}
		if a.Count++; a.Count <= firingsMax {
			a.Firings = append(a.Firings, f)
		}
		t.last[m.Instance] = f
	case m.Resolves():
		f := t.last[m.Instance]
		f.End, f.Lasts = t.wall(m.At), false
		f.alert.Lasted += f.Duration()
	}
}

// sent counts a text: once for its reader and each alert that it tells of, and for
// the last firing of each instance.
func (t *tally) sent(text rehearsal.Text) {
	night := 0
	if hour := t.wall(text.Sent).Hour(); hour >= nightBegins || hour < nightEnds {
		night = 1
	}
	p := t.people[text.Contact]
	p.Texts, p.Night = p.Texts+1, p.Night+night
	counted := map[*Alert]bool{}
	for _, instance := range text.Instances {
		f := t.last[instance]
		f.Texts, f.Night = f.Texts+1, f.Night+night
		if a := f.alert; !counted[a] {
			counted[a] = true
			a.Texts, a.Night = a.Texts+1, a.Night+night
		}
	}
}

// outcome closes the account at the end of the history.
func (t *tally) outcome(end time.Time) *Outcome {
	for _, f := range t.last {
		if f.Lasts {
			f.End = end
			f.alert.Lasted += f.Duration()
		}
	}
	return &t.order
}
