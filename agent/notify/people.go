package notify

import (
	"cmp"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/rules"
)

// People is who there is to tell, and how: all that the configuration says of
// people.
type People struct {
	Site     string // begins every text; may be empty
	Language string // of texts to whom no other is configured for: "en", "de", "es" or "fr"
	Contacts []*Contact
	Routes   map[string]*Route         // whom each alert tells, and when, by the alert's name
	Manners  map[rules.Severity]Manner // one for each severity
	Windows  []*Window                 // when alerts are silenced
	Limits   Limits                    // of the whole gateway
}

// Contact is a person who can be texted.
type Contact struct {
	Name        string      // the label of the contact block
	Phone       string      // E.164 with its plus, or a short code
	Language    string      // of texts to this person; "" the site's
	Quiet       []*Schedule // hours in which only what is critical is told
	Budget      Budget      // of texts to this person; nil is DefaultBudget
	Allow       Right       // what texts from this phone may do
	RequireCode bool        // what lowers protection wants a one-time code
	Range       hcl.Range   // of the block's header
}

// Right is a set of what texts from a phone may do.
type Right uint8

// The rights.
const (
	MayAck Right = 1 << iota
	MaySilence
	MaySwitch
	MayAsk // STATUS, LIST, WHY
	MayAll = MayAck | MaySilence | MaySwitch | MayAsk
)

// A Route is whom an alert tells, and when.
type Route struct {
	Steps      []Step          // the earliest first
	AckTimeout time.Duration   // an acknowledgement lapses after so long; 0: never
	Digest     TimeOfDay       // when what is only informative is told
	Bundle     time.Duration   // the first text waits so long for others; negative: as the severity has it
	Repeat     []time.Duration // pauses before each repeat, the last one for all further; nil: as step or severity have it; empty: none
}

// A Step is a part of a route.
type Step struct {
	After  time.Duration // since the alert fired
	Notify []Addressee
	Repeat []time.Duration // as of a Route
}

// Addressee is a contact whom an alert tells, and how.
type Addressee struct {
	*Contact
	Call  bool // critical alarms ring the phone as well
	Flash bool // alarms show at once on the phone, which does not keep them
}

// A Manner is how people are told of a severity.
type Manner struct {
	Repeat []time.Duration // as of a Route; empty: none
	Quiet  bool            // it waits while a person's quiet hours last
	Bundle time.Duration   // the first text waits so long for others
	Digest bool            // it is told once a day
	// Reserve is the share of every budget, from 0 to 1, that only what is critical
	// may use. Of the others it says nothing.
	Reserve float64
}

// DefaultManners is how people are told where the configuration does not say.
func DefaultManners() map[rules.Severity]Manner {
	return map[rules.Severity]Manner{
		rules.Critical: {
			Repeat:  []time.Duration{2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 30 * time.Minute},
			Reserve: 0.3,
		},
		rules.Warning: {Quiet: true},
		rules.Info:    {Quiet: true, Digest: true},
	}
}

// A TimeOfDay is a time on the clock, since midnight, from 0 to 24 h.
type TimeOfDay time.Duration

// DefaultDigest is when what is only informative is told.
const DefaultDigest = TimeOfDay(8 * time.Hour)

// A Schedule is time that recurs every week: on each of Days from From until To,
// which is on the day after when it is not later than From.
type Schedule struct {
	Name     string
	Days     [7]bool // by time.Weekday, of when it begins
	From, To TimeOfDay
}

// A Window is when alerts are silenced by the configuration: while the schedule
// holds, or once from From until Until.
type Window struct {
	Name        string
	Match       Match
	Schedule    *Schedule // nil: From and Until count
	From, Until time.Time
}

// A Match chooses incidents. Each member narrows it; the zero Match chooses all.
// In each text * stands for any text.
type Match struct {
	Alerts   []string          // names, one of which is to be the alert's
	Severity []rules.Severity  // one of which is to be the incident's
	Labels   map[string]string // all of which are to be the incident's
}

// MatchInstance chooses the incidents of one instance of an alert.
func MatchInstance(alert string, labels []rules.Label) Match {
	m := Match{Alerts: []string{alert}, Labels: map[string]string{}}
	for _, l := range labels {
		m.Labels[l.Name] = l.Value
	}
	return m
}

// Limits bound the texts of the whole gateway; 0: no limit.
type Limits struct {
	TextsPerHour int
	TextsPerDay  int
}

// Merge adds people to those who are told already: each contact once, in order,
// and in every way that any mention of it asks for.
func Merge(told []Addressee, more ...Addressee) []Addressee {
	for _, a := range more {
		i := slices.IndexFunc(told, func(t Addressee) bool { return t.Contact == a.Contact })
		if i < 0 {
			told = append(told, a)
			continue
		}
		told[i].Call = told[i].Call || a.Call
		told[i].Flash = told[i].Flash || a.Flash
	}
	return told
}

// Everybody lists whom the route tells in any of its steps, each contact once.
func (r *Route) Everybody() []Addressee {
	var all []Addressee
	for _, s := range r.Steps {
		all = Merge(all, s.Notify...)
	}
	return all
}

// Pauses are those before each repeat of an alarm, where the step that tells it has
// such of its own or nil, and its severity that manner.
func (r *Route) Pauses(step []time.Duration, m Manner) []time.Duration {
	switch {
	case r.Repeat != nil:
		return r.Repeat
	case step != nil:
		return step
	}
	return m.Repeat
}

// FirstWait is how long the first text of an alarm waits for others, where its
// severity has that manner. What is critical never waits.
func (r *Route) FirstWait(severity rules.Severity, m Manner) time.Duration {
	switch {
	case severity == rules.Critical:
		return 0
	case r.Bundle >= 0:
		return r.Bundle
	}
	return m.Bundle
}

// Tells reports whether the route tells a phone, in any of its steps.
func (r *Route) Tells(phone string) bool {
	n, _ := r.stepOf(phone)
	return n >= 0
}

// stepOf is the first step of the route that tells a phone, by its place, and how;
// -1 when none does.
func (r *Route) stepOf(phone string) (int, Addressee) {
	for n, step := range r.Steps {
		for _, a := range step.Notify {
			if a.Phone == phone {
				return n, a
			}
		}
	}
	return -1, Addressee{}
}

// Signed puts the site before what is said: a person may look after several.
func (p *People) Signed(body string) string {
	if p.Site == "" {
		return body
	}
	return p.Site + ": " + body
}

// LanguageOf is the one in which somebody is texted.
func (p *People) LanguageOf(c *Contact) phrase.Language {
	return phrase.In(cmp.Or(c.Language, p.Language))
}

// Immediately is a route that tells all of them at once, as the severity has it.
func Immediately(told ...Addressee) *Route {
	return &Route{Steps: []Step{{Notify: told}}, Digest: DefaultDigest, Bundle: -1}
}
