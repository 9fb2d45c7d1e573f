package config

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// localTime is how a time in the site's zone is written.
const localTime = "2006-01-02 15:04"

// silences reads the silence blocks.
func (l *loader) silences() {
	for _, b := range l.blocks["silence"] {
		r := block.Open(b, l.ctx)
		w := &notify.Window{Name: r.Label(), Match: l.match(r)}
		if r.Has("schedule") {
			w.Schedule = l.silencing(r)
		} else {
			w.From, w.Until = l.span(r)
		}
		l.config.People.Windows = append(l.config.People.Windows, w)
		l.found(b, r.Close()...)
	}
}

// silencing reads the schedule of a silence.
func (l *loader) silencing(r *block.Reader) *notify.Schedule {
	for _, name := range []string{"from", "until"} {
		if r.Has(name) {
			r.Add(block.Mistake(r.Range(name), "Conflicting arguments", fmt.Sprintf(
				"%s follows a schedule and has a time of its own, too. Keep schedule for what recurs, from and until for what is once.", r.Title())))
		}
	}
	refs := r.Refs("schedule", "schedule")
	switch {
	case len(refs) > 1:
		r.Add(block.Mistake(refs[1].Range, "Invalid reference", "A silence has one schedule. Write another silence for the other."))
	case len(refs) == 0 || !l.knows(refs[0]):
		return nil
	}
	s := l.scheduleOf(refs[0])
	if endless([]*notify.Schedule{s}) {
		r.Add(block.Mistake(r.Range("schedule"), "Endless silence", fmt.Sprintf(
			"%s never ends, and a silence has to. Write shadow = true in an alert that nobody is to be texted of.", refs[0])))
	}
	return s
}

// span reads from when until when a silence is, once.
func (l *loader) span(r *block.Reader) (from, until time.Time) {
	const remedy = `Write schedule = schedule.some_name for what recurs, or from and until, such as "2026-03-01 22:00", for what is once.`
	if !r.Has("from") && !r.Has("until") {
		r.Add(block.Mistake(r.Header(), "Missing argument", fmt.Sprintf("%s does not say when it is. %s", r.Title(), remedy)))
		return
	}
	r.Need("from", remedy)
	r.Need("until", remedy)
	from, fromOK := l.instant(r, "from")
	until, untilOK := l.instant(r, "until")
	switch {
	case !fromOK || !untilOK:
	case !until.After(from):
		r.Add(block.Mistake(r.Range("until"), "Invalid time", "This silence ends before it begins. Write a later until."))
	case until.Sub(from) > notify.SilenceMax:
		r.Add(block.Mistake(r.Range("until"), "Invalid time", fmt.Sprintf(
			"This silence is longer than %s. Write an until that is no later than %q, or a schedule.", inWords(notify.SilenceMax), from.Add(notify.SilenceMax).Format(localTime))))
	}
	return from, until
}

// instant reads a time with its zone, as RFC 3339 has it, or as clocks at the site
// show it.
func (l *loader) instant(r *block.Reader, name string) (time.Time, bool) {
	text, ok := r.Text(name)
	if !ok {
		return time.Time{}, false
	}
	if t, err := time.ParseInLocation(localTime, text, l.config.Site.Zone); err == nil {
		return t, true
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		r.Add(block.Mistake(r.Range(name), "Invalid time", fmt.Sprintf(
			`%q is no date and time. Write one as clocks at the site show it, such as "2026-03-01 22:00", or with its zone, such as "2026-03-01T22:00:00Z".`, text)))
	}
	return t.In(l.config.Site.Zone), err == nil
}

// match reads which incidents a silence is about.
func (l *loader) match(r *block.Reader) notify.Match {
	r.Need("match", `Write which alerts it silences, such as match = { alert = "freezer_*" }, or match = { alert = "*" } for all.`)
	module, _ := block.Unqualify(r.Label())
	m := matcher{loader: l, Reader: r, module: module}
	pairs := r.Pairs("match")
	for _, p := range pairs {
		if p.Key == "alert" { // first: the others are about these alerts
			m.alerts(p)
		}
	}
	if module != "" && len(m.Alerts) == 0 {
		m.Alerts = []string{block.Qualify(module, "*")}
	}
	for _, p := range pairs {
		switch p.Key {
		case "alert":
		case "severity":
			m.severities(p)
		default:
			m.label(p)
		}
	}
	return m.Match
}

// A matcher reads the match of one silence.
type matcher struct {
	*loader
	*block.Reader
	notify.Match
	module string // in which the silence stands, and whose alerts it is about
}

// alerts reads names of alerts, in which * stands for any text, and references to
// alerts.
func (m *matcher) alerts(p block.Pair) {
	for _, item := range m.items(p) {
		if _, diags := hcl.AbsTraversalForExpr(item); !diags.HasErrors() {
			if ref, ok := m.RefOf(item, "alert", "alert"); ok && m.knows(ref) {
				m.Alerts = append(m.Alerts, ref.Name)
			}
			continue
		}
		text, ok := m.StringOf(item, "alert")
		if !ok {
			continue
		}
		name := block.Qualify(m.module, text)
		if !slices.ContainsFunc(m.alertNames(), matches(name)) && !m.partial {
			m.Add(block.Mistake(item.Range(), "Unknown alert", fmt.Sprintf("No alert is called %q. %s", text, m.alertInstead(text))))
			continue
		}
		m.Alerts = append(m.Alerts, name)
	}
}

// items are the values of a member that takes one or a list.
func (m *matcher) items(p block.Pair) []hcl.Expression {
	items, diags := hcl.ExprList(p.Value)
	if diags.HasErrors() {
		return []hcl.Expression{p.Value}
	}
	if len(items) == 0 {
		m.Add(block.Mistake(p.Value.Range(), "Invalid value", fmt.Sprintf("%s is an empty list, so this silences nothing. Write what is meant, or leave it out.", p.Key)))
	}
	return items
}

// alertNames are the names of all alerts, that of Tocsin's own included.
func (m *matcher) alertNames() []string {
	names := []string{rules.BrokerUnreachable}
	for _, b := range m.blocks["alert"] {
		names = append(names, label(b))
	}
	return names
}

func (m *matcher) alertInstead(text string) string {
	var own []string
	for _, name := range m.alertNames() {
		if module, name := block.Unqualify(name); module == m.module {
			own = append(own, name)
		}
	}
	if near := block.Suggest(text, own); near != "" {
		return fmt.Sprintf("Did you mean %q?", near)
	}
	slices.Sort(own)
	return fmt.Sprintf("There is %s; * stands for any text.", someOf(own))
}

// severities reads one severity or several.
func (m *matcher) severities(p block.Pair) {
	for _, item := range m.items(p) {
		if word := m.WordOf(item, "severity", severities...); word != "" {
			m.Severity = append(m.Severity, rules.Severity(word))
		}
	}
	if len(m.Severity) > 0 && m.none(func(a *rules.Alert) bool { return slices.ContainsFunc(a.Levels, m.hasSeverity) }) {
		m.Add(block.Mistake(p.Value.Range(), "Nothing to silence", "No alert that this silences has such a severity. Write another, or leave severity out."))
	}
}

func (m *matcher) hasSeverity(level *rules.Level) bool {
	return slices.Contains(m.Severity, level.Severity)
}

// label reads the value of a label, in which * stands for any text.
func (m *matcher) label(p block.Pair) {
	text, ok := m.StringOf(p.Value, p.Key)
	if !ok {
		return
	}
	if m.Labels == nil {
		m.Labels = map[string]string{}
	}
	m.Labels[p.Key] = text
	if m.none(func(a *rules.Alert) bool { return slices.Contains(a.Labels, p.Key) }) {
		m.Add(block.Mistake(p.KeyRange, "Unknown label", fmt.Sprintf("No alert that this silences has a label %s. %s", p.Key, m.labelInstead(p.Key))))
	}
}

func (m *matcher) labelInstead(given string) string {
	known := map[string]bool{"alert": true, "severity": true}
	for _, a := range m.known() {
		for _, label := range a.Labels {
			known[label] = m.isNamed(a.Name) || known[label]
		}
	}
	maps.DeleteFunc(known, func(_ string, named bool) bool { return !named })
	all := slices.Sorted(maps.Keys(known))
	if near := block.Suggest(given, all); near != "" {
		return fmt.Sprintf("Did you mean %s?", near)
	}
	return fmt.Sprintf("There is %s.", someOf(all))
}

// none tells whether no alert that is named is so, as far as they are known: those
// with mistakes are not.
func (m *matcher) none(so func(*rules.Alert) bool) bool {
	whole := len(m.config.Rules.Alerts) == len(m.blocks["alert"]) && !m.partial
	return whole && !slices.ContainsFunc(m.known(), func(a *rules.Alert) bool { return m.isNamed(a.Name) && so(a) })
}

// known are the alerts without mistakes and Tocsin's own.
func (m *matcher) known() []*rules.Alert {
	own := &rules.Alert{Name: rules.BrokerUnreachable, Labels: []string{"broker"}, Levels: []*rules.Level{{Severity: rules.Warning}}}
	return append(slices.Clone(m.config.Rules.Alerts), own)
}

// isNamed tells whether an alert of that name is among those silenced.
func (m *matcher) isNamed(name string) bool {
	return len(m.Alerts) == 0 || slices.ContainsFunc(m.Alerts, func(pattern string) bool { return matches(pattern)(name) })
}

// matches tells the names of alerts that a pattern stands for.
func matches(pattern string) func(name string) bool {
	m := notify.Match{Alerts: []string{pattern}}
	return func(name string) bool { return m.Matches(rules.Incident{Alert: name}) }
}
