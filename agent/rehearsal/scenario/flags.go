package scenario

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/tocsin-edge/tocsin/agent/rehearsal"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// flags are what an incident can be marked as, by the argument of expect that
// lists the alerts with such an incident.
var flags = []struct {
	name string
	of   func(*rehearsal.Gateway, rules.Incident) bool
}{
	{"acked", func(_ *rehearsal.Gateway, i rules.Incident) bool { return i.Acked != nil }},
	{"latched", func(_ *rehearsal.Gateway, i rules.Incident) bool { return i.Latched }},
	{"stale", func(_ *rehearsal.Gateway, i rules.Incident) bool { return i.Stale }},
	{"suppressed", func(_ *rehearsal.Gateway, i rules.Incident) bool { return len(i.SuppressedBy) > 0 }},
	{"silenced", (*rehearsal.Gateway).Silenced},
}

type severity struct {
	of  rules.Severity
	rng hcl.Range
}

// severity reads how urgent the most urgent incident is to be, nil when nothing
// is written.
func (l *loader) severity(r *block.Reader) *severity {
	word := r.Words("severity", string(rules.Critical), string(rules.Warning), string(rules.Info))
	if word == "" {
		return nil
	}
	return &severity{rules.Severity(word), r.Range("severity")}
}

// flagged reads which alerts are to be marked, in the order of flags; nil where
// nothing is written.
func (l *loader) flagged(r *block.Reader) []*names {
	all := make([]*names, len(flags))
	for i, f := range flags {
		all[i] = references(r, f.name, "alert", alertNames(l.config.Rules.Alerts))
	}
	return all
}

// judgeFlag compares the alerts that have an incident so marked.
func (p *player) judgeFlag(name string, is func(*rehearsal.Gateway, rules.Incident) bool, want *names) {
	if want == nil {
		return
	}
	var marked, extra []string
	for _, i := range p.gateway.Open() {
		if !is(p.gateway, i) {
			continue
		}
		marked = append(marked, i.Alert)
		if !slices.Contains(want.all, i.Alert) {
			extra = append(extra, fmt.Sprintf("%s is %s.", i.Instance(), name))
		}
	}
	for _, alert := range want.all {
		if !slices.Contains(marked, alert) {
			p.fail(want.rng, fmt.Sprintf("%s should be %s, and it is not.", spoken("alert", alert), name), p.whyNot(alert))
		}
	}
	if len(extra) > 0 {
		p.fail(want.rng, fmt.Sprintf("Nothing%s should be %s.", map[bool]string{true: " else"}[len(want.all) > 0], name), strings.Join(extra, " "))
	}
}

// judgeSeverity compares that of the most urgent incident.
func (p *player) judgeSeverity(want *severity) {
	if want == nil {
		return
	}
	var worst rules.Incident
	for _, i := range p.gateway.Open() {
		if worst.ID == 0 || i.Severity.Above(worst.Severity) {
			worst = i
		}
	}
	wanted := fmt.Sprintf("The most urgent incident should be %s.", want.of)
	switch {
	case worst.ID == 0:
		p.fail(want.rng, wanted, "There is none.")
	case worst.Severity != want.of:
		p.fail(want.rng, wanted, fmt.Sprintf("%s is %s.", worst.Instance(), worst.Severity))
	}
}

// ack reads the step that somebody acknowledges what is open of alerts.
func (l *loader) ack(r *block.Reader) step {
	r.Need("alert", "Write of which alert, such as alert = "+example("alert", alertNames(l.config.Rules.Alerts))+".")
	r.Need("by", "Write who acknowledges it, such as by = "+example("contact", contactNames(l.config.People.Contacts))+".")
	alerts := references(r, "alert", "alert", alertNames(l.config.Rules.Alerts))
	by := l.by(r, "One person acknowledges at a time. Write an ack block for each.")
	if alerts == nil || by == "" {
		return step{}
	}
	return step{
		fmt.Sprintf("%s acknowledges %s", by, strings.Join(alerts.all, ", ")),
		func(p *player, at time.Duration) {
			for _, alert := range alerts.all {
				if p.gateway.Ack(at, alert, by) == 0 {
					p.fail(alerts.rng, spoken("alert", alert)+" should be acknowledged, and nothing of it is open.", p.whyNot(alert))
				}
			}
		},
	}
}
