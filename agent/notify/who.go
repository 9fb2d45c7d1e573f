package notify

import (
	"maps"
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
)

// A Question asks whom an incident would be told to, were it to begin at a time.
type Question struct {
	Alert    string
	Severity rules.Severity
	Labels   []rules.Label // as far as they are given
	Shadow   bool          // of the alert: nobody is texted
	At       time.Time     // when it fires, in the site's zone

	// What only a running agent knows.
	OptedOut []string // phones
	Hushes   []Hush
}

// A Hush keeps alarms back that somebody has silenced by hand.
type Hush struct {
	By    string // who did
	Match Match
	Until time.Time // zero: as long as what it matches lasts
}

// An Answer is what would become of the alarm for every contact there is.
type Answer struct {
	Steps   int        // of the alert's route
	People  []Prospect // those who are told, the first of them first; then the others as they are configured
	Depends []Wait     // silences of the moment it fires that concern it or not, by labels the question leaves open
}

// A Prospect is what one contact would hear of the alarm, as long as nobody
// acknowledges it and it does not end, were there nothing else to tell: budgets are
// not reckoned with.
type Prospect struct {
	*Contact
	Step   int             // in which they are told, from 1; 0: the alert does not name them
	After  time.Duration   // that step, since the alert fired
	At     time.Time       // when they are told; zero: they are not, see Absent
	Waits  []Wait          // what that is later for than the step is due, in turn
	Call   bool            // the phone rings as well
	Flash  bool            // the text shows at once
	Repeat []time.Duration // pauses before each repeat, the last one for all further; empty: none
	Absent Absence
}

// An Absence is why a contact is not told, "" when they are.
type Absence string

// The absences.
const (
	NotNamed Absence = "not_named"
	InShadow Absence = "shadow"
	OptedOut Absence = "opted_out"
	Silenced Absence = "silenced" // for longer than can be foreseen, by the last of Waits
)

// A Wait is what keeps an alarm back for a time.
type Wait struct {
	For   Cause
	Name  string    // of the silence, or who muted it; else ""
	Until time.Time // zero: nobody knows
}

// A Cause is why an alarm waits.
type Cause string

// The causes.
const (
	ForSilence Cause = "silence" // of the configuration
	ForMute    Cause = "mute"    // a silence that somebody made
	ForQuiet   Cause = "quiet"   // hours of the contact
	ForDigest  Cause = "digest"  // of the day
	ForBundle  Cause = "bundle"  // with others
)

// waitsMax bounds how many causes are followed, one after another.
const waitsMax = 32

// Who says whom an alarm would be told to, when, and why not the others.
func Who(p *People, q Question) Answer {
	route := p.Routes[q.Alert]
	if route == nil {
		route = &Route{}
	}
	i := inquiry{Question: q, windows: p.Windows, route: route, manner: p.Manners[q.Severity]}
	a := Answer{Steps: len(route.Steps), Depends: i.depends()}
	for _, c := range p.Contacts {
		a.People = append(a.People, i.prospect(c))
	}
	slices.SortStableFunc(a.People, func(a, b Prospect) int { return zeroLast(a.At, b.At) })
	return a
}

// zeroLast orders times, the zero time as one that never comes.
func zeroLast(a, b time.Time) int {
	switch {
	case a.IsZero() == b.IsZero():
		return a.Compare(b)
	case a.IsZero():
		return 1
	}
	return -1
}

// An inquiry is a question with what the configuration says of its alert.
type inquiry struct {
	Question
	windows []*Window
	route   *Route
	manner  Manner
}

// incident is what the question is about, as silences see it.
func (i inquiry) incident() rules.Incident {
	return rules.Incident{Alert: i.Alert, Labels: i.Labels, Severity: i.Severity}
}

func (i inquiry) prospect(c *Contact) Prospect {
	n, how := i.route.stepOf(c.Phone)
	if n < 0 {
		return Prospect{Contact: c, Absent: NotNamed}
	}
	step := i.route.Steps[n]
	out := Prospect{
		Contact: c, Step: n + 1, After: step.After, Repeat: i.route.Pauses(step.Repeat, i.manner),
		Call: how.Call && i.Severity == rules.Critical, Flash: how.Flash, Absent: i.absence(c),
	}
	if out.Absent == "" {
		i.schedule(&out)
	}
	return out
}

// absence is why nobody needs to reckon when a contact whom the alert names is
// told.
func (i inquiry) absence(c *Contact) Absence {
	switch {
	case i.Shadow:
		return InShadow
	case slices.Contains(i.OptedOut, c.Phone):
		return OptedOut
	}
	return ""
}

// schedule reckons when a contact is told: when it is their turn, and later for one
// cause after another.
func (i inquiry) schedule(p *Prospect) {
	due := i.At.Add(p.After)
	if wait := i.bundle(); wait > 0 && p.After == 0 {
		due = due.Add(wait)
	}
	at := due
	for range waitsMax {
		w, waits := i.wait(p, due, at)
		if !waits {
			i.settle(p, at)
			return
		}
		p.await(w)
		if w.Until.IsZero() {
			break
		}
		at = w.Until
	}
	p.Absent = Silenced
}

// settle has a contact told at a time, of which the wait for others is only said
// when nothing else delays it.
func (i inquiry) settle(p *Prospect, at time.Time) {
	p.At = at
	if len(p.Waits) == 0 && at.After(i.At.Add(p.After)) {
		p.await(Wait{For: ForBundle, Until: at})
	}
}

// wait is what at a time keeps the alarm back from a contact that was due before,
// if anything does. Who waits for the digest waits for nothing else, and nobody
// waits for either with what is critical.
func (i inquiry) wait(p *Prospect, due, at time.Time) (Wait, bool) {
	if w, ok := i.silence(at); ok {
		return w, true
	}
	if i.Severity == rules.Critical {
		return Wait{}, false
	}
	if i.manner.Digest {
		digest := i.route.Digest.Next(due)
		return Wait{For: ForDigest, Until: digest}, digest.After(at)
	}
	until, quiet := held(p.Quiet, at)
	return Wait{For: ForQuiet, Until: until}, quiet && i.manner.Quiet
}

// bundle is how long a first text waits for others.
func (i inquiry) bundle() time.Duration {
	return i.route.FirstWait(i.Severity, i.manner)
}

// await adds what the alarm waits for, as one with the last when it is the same
// that goes on.
func (p *Prospect) await(w Wait) {
	if last := len(p.Waits) - 1; last >= 0 && p.Waits[last].For == w.For && p.Waits[last].Name == w.Name {
		p.Waits[last].Until = w.Until
		return
	}
	p.Waits = append(p.Waits, w)
}

// silence is what silences the alarm at a time, for the longest where several do.
func (i inquiry) silence(at time.Time) (longest Wait, ok bool) {
	all := i.silences(at, func(m Match) bool { return m.Matches(i.incident()) })
	if len(all) == 0 {
		return Wait{}, false
	}
	return slices.MaxFunc(all, func(a, b Wait) int { return zeroLast(a.Until, b.Until) }), true
}

// silences are those in force at a time that are chosen by what they match.
func (i inquiry) silences(at time.Time, chosen func(Match) bool) (all []Wait) {
	for _, w := range i.windows {
		if until, ok := w.holds(at); ok && chosen(w.Match) {
			all = append(all, Wait{For: ForSilence, Name: w.Name, Until: until})
		}
	}
	for _, h := range i.Hushes {
		if chosen(h.Match) && (h.Until.IsZero() || at.Before(h.Until)) {
			all = append(all, Wait{For: ForMute, Name: h.By, Until: h.Until})
		}
	}
	return all
}

// depends are the silences of the moment it fires of which the question does not
// tell whether they concern it: they match by labels that it leaves open.
func (i inquiry) depends() []Wait {
	return i.silences(i.At, func(m Match) bool {
		given := Match{Alerts: m.Alerts, Severity: m.Severity, Labels: maps.Clone(m.Labels)}
		maps.DeleteFunc(given.Labels, func(name, _ string) bool { return !i.has(name) })
		return len(given.Labels) < len(m.Labels) && given.Matches(i.incident())
	})
}

func (i inquiry) has(label string) bool {
	return slices.ContainsFunc(i.Labels, func(l rules.Label) bool { return l.Name == label })
}
