package rules

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// The bounds of an alert's durations.
const (
	holdMin = time.Second
	holdMax = 7 * 24 * time.Hour
)

// Severity says how much an alert matters to the person who is woken by it.
type Severity string

// The severities, from the most urgent.
const (
	Critical Severity = "critical"
	Warning  Severity = "warning"
	Info     Severity = "info"
)

// Set is every sensor, switch and alert of one configuration.
type Set struct {
	Sensors  []*Sensor
	Switches []*Switch
	Alerts   []*Alert

	// SeriesMax bounds the series of one sensor; 0 is the constant of that name,
	// which it does not exceed. Readings of those beyond are refused.
	SeriesMax int
	// WindowMemoryMax bounds the memory of all windows of all series, in bytes;
	// 0 is 16 MiB. A new series beyond it has no windows: what looks at them is
	// unknown, everything else about it works.
	WindowMemoryMax int
}

// Alert is one rule. Its instances are the combinations of label values that
// its sensors were heard with. One without labels that looks at a switch has its
// only instance from the start.
type Alert struct {
	Name     string
	Severity Severity    // of its most urgent level
	Notify   []block.Ref // as written; resolved by whoever knows people
	Labels   []string    // of every instance, sorted
	Levels   []*Level    // from the least urgent; one of an alert without `level` blocks
	Leveled  bool        // it has such blocks
	Latch    bool        // its incidents last until they are acknowledged
	Shadow   bool        // nobody is texted

	OnOffline OnOffline // what its conditions count as while a sensor they read is silent

	SuppressedBy []*Alert // while one of them fires, or is about to, its alarms are not told

	Range hcl.Range // of the block's header

	message *Template // nil: the alert's name and labels
	cleared *Template // nil: "Over after …" and the message

	inputs   []input
	switches []int // by index in Set.Switches
	silence  bool
	windows  []WindowUse
	watched  []watched
	wakeups  []wakeup // when a condition may change although no reading arrives
	heeds    []heed   // the sensors that on_offline is about

	suppressedBy []block.Ref // as written
}

// reads tells whether any of its conditions looks at what sensors say.
func (a *Alert) reads() bool {
	return slices.ContainsFunc(a.Levels, (*Level).reads)
}

// AsksForSilence tells whether the alert asks with offline(…) whether a sensor is
// silent. Whom it tells hears of it when a broker is out of reach, see
// BrokerUnreachable.
func (a *Alert) AsksForSilence() bool { return a.silence }

// An input is one sensor an alert reads. places[i] is where, among the alert's
// labels, the sensor's i-th stands.
type input struct {
	sensor *Sensor
	places []int
}

// whole says whether the sensor carries every label of the alert, so that one
// of its series is enough to name an instance.
func (in input) whole(a *Alert) bool { return len(in.places) == len(a.Labels) }

// Load reads the `sensor`, `switch` and `alert` blocks among blocks. It reports
// every mistake there is, with the block it was found in as the Extra of the
// diagnostic; the Set holds what could be understood and is fit to run only
// when there are no errors. zone is where a time in a payload is meant that says
// no zone; nil when nobody knows, and then such a time is none.
func Load(blocks []*hclsyntax.Block, ctx *hcl.EvalContext, zone *time.Location) (*Set, hcl.Diagnostics) {
	set := &Set{}
	known := map[string]*Sensor{}
	var diags hcl.Diagnostics
	for _, b := range blocks {
		switch b.Type {
		case "sensor":
			s, ds := loadSensor(b, ctx, zone)
			diags = append(diags, block.Within(b, ds)...)
			if s != nil {
				set.Sensors = append(set.Sensors, s)
				known[s.Name] = s
			}
		case "switch":
			s, ds := loadSwitch(b, ctx)
			ds = append(ds, s.repeatedWords(set.Switches)...)
			diags = append(diags, block.Within(b, ds)...)
			set.Switches = append(set.Switches, s)
		}
	}
	for _, b := range blocks {
		if b.Type != "alert" {
			continue
		}
		a, ds := loadAlert(b, ctx, set, known)
		diags = append(diags, block.Within(b, ds)...)
		if a != nil {
			set.Alerts = append(set.Alerts, a)
		}
	}
	return set, append(diags, resolveSuppression(blocks, set.Alerts)...)
}

// loadAlert reads one `alert` block; the alert is nil when its condition could
// not be compiled.
func loadAlert(b *hclsyntax.Block, ctx *hcl.EvalContext, set *Set, known map[string]*Sensor) (*Alert, hcl.Diagnostics) {
	r := block.Open(b, ctx)
	a := &Alert{
		Name:   strings.Join(b.Labels, " "),
		Notify: r.Refs("notify", "contact", "policy"),
		Latch:  r.Bool("latch", false),
		Shadow: r.Bool("shadow", false),
		Range:  b.DefRange(),

		suppressedBy: r.Refs("suppressed_by", "alert"),
	}
	a.OnOffline = OnOffline(cmp.Or(r.Words("on_offline", string(Hold), string(Clear), string(Fire)), string(Hold)))
	e := alertExpressions{levels: a.loadLevels(r), message: r.Expr("message"), cleared: r.Expr("cleared")}
	if r.Has("on_offline") {
		rng := r.Range("on_offline")
		e.onOffline = &rng
	}
	for _, name := range []string{"bundle", "repeat"} {
		r.Has(name) // how people are told is read by whoever knows them
	}
	if a.Name == BrokerUnreachable {
		r.Add(block.Mistake(b.LabelRanges[0], "Invalid name", BrokerUnreachable+" is an alert of Tocsin's own, which fires when the sensors of a broker cannot be heard. Choose another name."))
	}
	diags := r.Close()
	ds := a.compile(e, set, known)
	diags = append(diags, ds...)
	if len(a.Levels) == 0 || ds.HasErrors() {
		return nil, diags
	}
	return a, diags
}

// alertExpressions are the parts of an alert that are compiled; nil where the
// user wrote nothing.
type alertExpressions struct {
	levels           []levelExpressions
	message, cleared hcl.Expression
	onOffline        *hcl.Range // nil: it is not written
}

func (e alertExpressions) each() []hcl.Expression {
	var all []hcl.Expression
	for _, l := range e.levels {
		all = append(all, l.when, l.clearWhen)
	}
	for _, l := range e.levels {
		all = append(all, l.message)
	}
	all = append(all, e.message, e.cleared)
	return slices.DeleteFunc(all, func(x hcl.Expression) bool { return x == nil })
}

// compile compiles what the alert says. Without a condition it has no levels.
func (a *Alert) compile(e alertExpressions, set *Set, known map[string]*Sensor) hcl.Diagnostics {
	var used []*Sensor
	var diags hcl.Diagnostics
	for _, x := range e.each() {
		sensors, ds := sensorsUsed(x, known)
		diags = append(diags, ds...)
		for _, s := range sensors {
			if !slices.Contains(used, s) {
				used = append(used, s)
			}
		}
	}
	diags = append(diags, a.join(used)...)
	c := alertCompiler{scope: &Scope{Sensors: used, All: set.Sensors, Labels: a.Labels, Switches: set.Switches}}
	for _, l := range e.levels {
		if c.level(l); l.level.when != nil {
			a.Levels = append(a.Levels, l.level)
			a.Severity = l.level.Severity
		}
	}
	a.message, a.cleared = c.template(e.message), c.template(e.cleared)
	a.silence = c.scope.silence
	a.windows, a.watched, a.wakeups, a.switches = c.scope.windows, c.scope.watched, c.scope.wakeups, c.scope.looked
	if diags = append(diags, c.diags...); !diags.HasErrors() { // of trees whose depth was checked
		for _, l := range e.levels {
			l.level.meaning = meaning(l.when, l.clearWhen)
		}
		if a.heed(used); e.onOffline != nil && len(a.heeds) == 0 {
			diags = append(diags, a.needless(*e.onOffline, used))
		}
	}
	return dedupe(diags)
}

// An alertCompiler compiles the parts of one alert.
type alertCompiler struct {
	scope *Scope
	diags hcl.Diagnostics
}

func (c *alertCompiler) level(l levelExpressions) {
	l.level.when, l.level.clearWhen = c.condition(l.when), c.condition(l.clearWhen)
	l.level.message = c.template(l.message)
}

// condition compiles a condition, nil when there is none.
func (c *alertCompiler) condition(x hcl.Expression) *Condition {
	if x == nil {
		return nil
	}
	out, diags := compileCondition(x, c.scope)
	c.diags = append(c.diags, diags...)
	return out
}

// template compiles a message, nil when there is none.
func (c *alertCompiler) template(x hcl.Expression) *Template {
	if x == nil {
		return nil
	}
	out, diags := compileTemplate(x, c.scope)
	c.diags = append(c.diags, diags...)
	return out
}

// join finds the labels of the alert's instances. A sensor that carries every
// label names the instances, the others are joined to them by the labels they
// share. Without such a sensor there is no telling which reading belongs to
// which.
func (a *Alert) join(used []*Sensor) hcl.Diagnostics {
	for _, s := range used {
		a.Labels = append(a.Labels, s.Pattern.Labels()...)
	}
	slices.Sort(a.Labels)
	a.Labels = slices.Compact(a.Labels)
	named := len(used) == 0
	for _, s := range used {
		in := input{sensor: s}
		for _, l := range s.Pattern.Labels() {
			at, _ := slices.BinarySearch(a.Labels, l)
			in.places = append(in.places, at)
		}
		a.inputs = append(a.inputs, in)
		named = named || in.whole(a)
	}
	if named {
		return nil
	}
	return hcl.Diagnostics{block.Mistake(a.Range, "Ambiguous join", "The sensors of this alert carry the labels "+
		sensorLabels(used)+", and none of them carries all. Tocsin cannot tell which readings belong together. "+
		"Use sensors of which one has every label, or write one alert for each.")}
}

// sensorLabels lists sensors with their labels: "engine {machine}, door {site}".
func sensorLabels(sensors []*Sensor) string {
	var out []string
	for _, s := range sensors {
		out = append(out, s.Name+" {"+strings.Join(s.Pattern.Labels(), ", ")+"}")
	}
	return strings.Join(out, ", ")
}

// dedupe drops diagnostics that say the same of the same place: an expression
// is looked at once for the sensors it uses and once more to be compiled.
func dedupe(diags hcl.Diagnostics) hcl.Diagnostics {
	type place struct {
		file       string
		start, end hcl.Pos
		summary    string
	}
	seen := map[place]bool{}
	return slices.DeleteFunc(diags, func(d *hcl.Diagnostic) bool {
		p := place{summary: d.Summary}
		if d.Subject != nil {
			p.file, p.start, p.end = d.Subject.Filename, d.Subject.Start, d.Subject.End
		}
		again := seen[p]
		seen[p] = true
		return again
	})
}
