package rules

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// explainedMax bounds the instances of one answer, so that a question does not
// keep readings waiting.
const explainedMax = 20

// An Explanation is how one instance of an alert stands, and why.
type Explanation struct {
	Instance string
	Labels   []Label
	State    State
	For      time.Duration // how long it has; 0 when it was never anything else
	Incident Incident      // zero while there is none
	Stages   []Stage
}

// A Stage is one level of an alert; most alerts have one.
type Stage struct {
	Severity Severity
	State    State
	For      time.Duration // how long it has; 0 when it was never anything else
	Left     time.Duration // until a pending one fires or a clearing one is over
	Waits    bool          // pending since before a reboot, it wants a reading
	When     Explained
	Clear    *Explained // nil: that `when` is false is enough
}

// Explained is a condition as it stands.
type Explained struct {
	Part
	Counts Truth // what it counts as: while it is unknown its last known truth
}

// A Part is one part of a condition as it stands: what was written, what it
// says now or why it says nothing, and the parts that make it so.
type Part struct {
	Text   string
	Joint  Joint
	Kind   Kind // 0 of a sensor as a whole, which says nothing by itself
	Value  Value
	Said   string    // the value as a text to a person would have it; "" while it is unknown
	Source *Source   // of a sensor's field, or of a sensor
	Window *Observed // of a function of what was so far
	Held   *Held     // of held and happened: what became of their condition
	Parts  []Part
}

// A Source is the series that a part reads.
type Source struct {
	Heard bool          // ever
	Age   time.Duration // of its last message
}

// Observed is how much of its window a function has seen.
type Observed struct {
	Length, Seen time.Duration
	Samples      int // of a trend, of those it wants at least
	SamplesMin   int
}

// Held is since when a condition has been what it is.
type Held struct {
	Truth Truth // Unknown: it never was known
	For   time.Duration
}

// Explain tells how the alert's instances stand at that time that have all of
// the labels, those that need attention first. A label without a name is one of
// any name. Of more than twenty it tells of the first, and how many it omits.
// Timers that are due by then must have fired.
func (e *Engine) Explain(alert string, labels []Label, at time.Duration) (told []Explanation, omitted int, err error) {
	a, err := e.alert(alert)
	if err != nil {
		return nil, 0, err
	}
	e.now = max(e.now, at)
	found := a.matching(labels)
	if len(found) == 0 {
		return nil, 0, a.noInstance(labels)
	}
	slices.SortFunc(found, byAttention)
	omitted = max(len(found)-explainedMax, 0)
	for _, in := range found[:len(found)-omitted] {
		told = append(told, in.explain(e.now))
	}
	return told, omitted, nil
}

// CheckAlert returns nil when there is an alert of that name. Otherwise the error
// says which may be meant.
func (e *Engine) CheckAlert(name string) error {
	_, err := e.alert(name)
	return err
}

// alert is the alert of that name.
func (e *Engine) alert(name string) (*alertState, error) {
	var known []string
	for i := range e.alerts {
		if e.alerts[i].Name == name {
			return &e.alerts[i], nil
		}
		if &e.alerts[i] != e.unreachable {
			known = append(known, e.alerts[i].Name)
		}
	}
	slices.Sort(known)
	switch near := block.Suggest(name, known); {
	case near != "":
		return nil, fmt.Errorf("there is no alert %q; did you mean %s?", name, near)
	case len(known) == 0:
		return nil, fmt.Errorf("there is no alert %q, nor any other", name)
	}
	return nil, fmt.Errorf("there is no alert %q; there are: %s", name, someOf(known))
}

// matching are the instances that have all of the labels.
func (a *alertState) matching(labels []Label) []*instance {
	var found []*instance
	for _, in := range a.instances {
		if !slices.ContainsFunc(labels, func(l Label) bool { return !in.has(l) }) {
			found = append(found, in)
		}
	}
	return found
}

// has tells whether the instance has the label; one without a name under any.
func (in *instance) has(l Label) bool {
	for i, v := range in.labels {
		if v == l.Value && (l.Name == "" || l.Name == in.alert.Labels[i]) {
			return true
		}
	}
	return false
}

// noInstance says why there is none with the labels.
func (a *alertState) noInstance(labels []Label) error {
	if len(a.instances) == 0 {
		return fmt.Errorf("alert %s watches nothing yet: no message has come on %s", a.Name, a.topics())
	}
	var known []string
	for _, key := range slices.Sorted(maps.Keys(a.instances)) {
		known = append(known, a.instances[key].name)
	}
	return fmt.Errorf("alert %s has no instance %s; there are: %s", a.Name, asGiven(labels), someOf(known))
}

// asGiven says labels as they were asked for.
func asGiven(labels []Label) string {
	var out []string
	for _, l := range labels {
		value := strconv.Quote(l.Value)
		if l.Name != "" {
			value = l.Name + "=" + value
		}
		out = append(out, value)
	}
	return strings.Join(out, ", ")
}

// topics are those whose messages bring an instance to life.
func (a *alertState) topics() string {
	var filters []string
	for _, in := range a.inputs {
		if in.whole(a.Alert) {
			filters = append(filters, in.sensor.Pattern.Filter())
		}
	}
	return strings.Join(filters, " or ")
}

// byAttention has those first that fire, then those about to, then those that
// cannot tell.
func byAttention(a, b *instance) int {
	return cmp.Or(
		cmp.Compare(attention[b.state], attention[a.state]),
		cmp.Compare(a.undecided, b.undecided),
		cmp.Compare(a.name, b.name),
	)
}

var attention = [...]int{Firing: 3, Clearing: 2, Pending: 1, OK: 0}

func (in *instance) explain(now time.Duration) Explanation {
	in.frame.Now = now
	x := Explanation{
		Instance: in.name, Labels: in.named(), State: in.state, For: since(in.since, now), Incident: in.incident,
	}
	for i := range in.stages {
		x.Stages = append(x.Stages, in.stages[i].explain(&in.frame))
	}
	return x
}

func (s *stage) explain(f *Frame) Stage {
	out := Stage{Severity: s.Severity, State: s.state, For: since(s.since, f.Now), When: s.when.explain(f, s.is)}
	if s.clearWhen != nil {
		clear := s.clearWhen.explain(f, s.over)
		out.Clear = &clear
	}
	switch s.state {
	case Pending:
		out.Left, out.Waits = max(s.since+s.Level.For-f.Now, 0), !s.fresh
	case Clearing:
		out.Left = max(s.since+s.ClearFor-f.Now, 0)
	}
	return out
}

// since is how long ago a state began; nothing for one that is as old as the
// timeline, which never was another.
func since(began, now time.Duration) time.Duration {
	if began == 0 {
		return 0
	}
	return max(now-began, 0)
}

// explain tells how the condition stands in f; counts is what it was last
// known as.
func (c *Condition) explain(f *Frame, counts Truth) Explained {
	return Explained{c.told.explain(f), counts}
}

func (c *clause) explain(f *Frame) Part {
	p := Part{Text: c.text, Joint: c.joint, Kind: c.value.kind, Source: c.source(f), Window: c.observed(f), Held: c.held(f)}
	if p.Kind != 0 {
		p.Value, p.Said = c.value.tell(f)
	}
	for i := range c.parts {
		p.Parts = append(p.Parts, c.parts[i].explain(f))
	}
	return p
}

// tell is what x says in f, and that as a message has it.
func (x expr) tell(f *Frame) (v Value, said string) {
	switch x.kind {
	case Bool:
		v.Bool, v.Why = x.truth(f)
	case String:
		v.Str, v.Why = x.str(f)
	default:
		v.Num, v.Why = x.num(f)
	}
	if v.Why != Known {
		return Value{Why: v.Why}, ""
	}
	text, _ := oneLine(x.printed())(nil, f)
	return v, string(text)
}

func (c *clause) source(f *Frame) *Source {
	if c.slot == none {
		return nil
	}
	s := f.Series[c.slot]
	if s == nil || !s.spoke {
		return &Source{}
	}
	return &Source{Heard: true, Age: max(f.Now-s.heard, 0)}
}

func (c *clause) observed(f *Frame) *Observed {
	if c.window == none {
		return nil
	}
	w, ok := windowOf[spanned](f, c.of, c.window)
	if !ok {
		return nil
	}
	o := w.seen(f.Now)
	if t, ok := w.(*trend); ok {
		t.advance(f.Now)
		o.Samples, o.SamplesMin = int(t.n.sum), trendSamplesMin
	}
	return &o
}

// spanned is a window that has a length.
type spanned interface {
	window
	seen(now time.Duration) Observed
}

// seen is how much of the window was observed.
func (s *span) seen(now time.Duration) Observed {
	o := Observed{Length: s.length}
	if s.begun {
		o.Seen = min(max(now-s.since, 0), s.length)
	}
	return o
}

func (c *clause) held(f *Frame) *Held {
	if c.watch == none {
		return nil
	}
	w := f.watch(c.watch)
	if w.Truth == Unknown {
		return &Held{}
	}
	return &Held{w.Truth, max(f.Now-w.Since, 0)}
}
