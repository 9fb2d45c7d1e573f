package config

import (
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
)

// promptness is how soon somebody is to hear of what is critical.
const promptness = 15 * time.Minute

// lintSchedules warns about schedules that nothing follows.
func (l *loader) lintSchedules() {
	used := map[*notify.Schedule]bool{}
	for _, c := range l.config.People.Contacts {
		for _, s := range c.Quiet {
			used[s] = true
		}
	}
	for _, w := range l.config.People.Windows {
		used[w.Schedule] = true
	}
	for _, s := range l.schedules {
		if !used[s] {
			b := l.find("schedule", s.Name)
			l.warnIn(b, b.DefRange(), "Unused schedule", fmt.Sprintf(
				"Nothing follows schedule.%s. Name it in the quiet of a contact or in a silence, or remove it.", s.Name))
		}
	}
}

// lintSteps warns about steps of policies that tell nobody new.
func (l *loader) lintSteps() {
	for _, p := range l.policies {
		for _, at := range p.idle {
			l.warnIn(l.find("policy", p.name), at, "Idle step",
				"Everybody in this step is told by an earlier one, and nobody has a second turn. Name somebody else; in the earlier step, repeat tells them again and call = true rings their phones.")
		}
	}
}

// lintQuiet warns about quiet hours that hold nothing back.
func (l *loader) lintQuiet() {
	for _, c := range l.config.People.Contacts {
		if told, held := l.hears(c); len(c.Quiet) == 0 || !told || held {
			continue
		}
		b := l.find("contact", c.Name)
		l.warnIn(b, quietOf(b), "Quiet hours without effect", fmt.Sprintf(
			"contact.%s is told of nothing that quiet hours hold back: what is critical is told at any hour. Remove quiet, or let an alert that may wait tell the contact.", c.Name))
	}
}

// hears tells whether a contact is told of anything, and whether quiet hours hold
// back any of that.
func (l *loader) hears(c *notify.Contact) (told, held bool) {
	isContact := is(notify.Addressee{Contact: c})
	quiet := func(level *rules.Level) bool { return l.config.People.Manners[level.Severity].Quiet }
	for _, a := range l.config.Rules.Alerts {
		if slices.ContainsFunc(l.tells(a.Name), isContact) {
			told = true
			held = held || slices.ContainsFunc(a.Levels, quiet)
		}
	}
	for _, h := range l.config.Heartbeats {
		held = held || slices.ContainsFunc(h.Notify, isContact)
	}
	return told, held || slices.ContainsFunc(l.tells(rules.BrokerUnreachable), isContact)
}

// quietOf is where a contact's quiet hours are written, the block's header when
// they are not.
func quietOf(contact *hclsyntax.Block) hcl.Range {
	if a := contact.Body.Attributes["quiet"]; a != nil {
		return a.Expr.Range()
	}
	for _, b := range contact.Body.Blocks {
		if b.Type == "quiet" {
			return b.DefRange()
		}
	}
	return contact.DefRange()
}

// lintManners warns about severities and alerts that say what has no effect on how
// people are told.
func (l *loader) lintManners() {
	for _, b := range l.blocks["severity"] {
		m := l.config.People.Manners[rules.Severity(label(b))]
		if a := b.Body.Attributes["repeat"]; a != nil && m.Digest && len(m.Repeat) > 0 {
			l.warnIn(b, a.Expr.Range(), "Repeat without effect", "What is told in the daily digest is not repeated. Remove repeat, or write digest = false.")
		}
	}
	for _, a := range l.config.Rules.Alerts {
		b := l.find("alert", a.Name)
		l.lintManner(a, b)
	}
}

func (l *loader) lintManner(a *rules.Alert, b *hclsyntax.Block) {
	route := l.config.People.Routes[a.Name]
	digested := !slices.ContainsFunc(a.Levels, func(level *rules.Level) bool { return !l.config.People.Manners[level.Severity].Digest })
	if repeat := b.Body.Attributes["repeat"]; repeat != nil && digested && len(route.Repeat) > 0 {
		l.warnIn(b, repeat.Expr.Range(), "Repeat without effect", fmt.Sprintf(
			"alert %q is told in the daily digest, which is not repeated. Remove repeat, or write severity = \"warning\".", a.Name))
	}
	prompt := !slices.ContainsFunc(a.Levels, func(level *rules.Level) bool { return level.Severity != rules.Critical })
	if bundle := b.Body.Attributes["bundle"]; bundle != nil && prompt && route.Bundle > 0 {
		l.warnIn(b, bundle.Expr.Range(), "Bundle without effect", "What is critical waits for nothing. Remove bundle.")
	}
}

// lintCritical warns about critical alerts that nobody can acknowledge, or nobody
// hears of soon.
func (l *loader) lintCritical() {
	for _, a := range l.config.Rules.Alerts {
		told := l.tells(a.Name)
		if a.Shadow || len(told) == 0 || !isCritical(a) {
			continue
		}
		b := l.find("alert", a.Name)
		if !slices.ContainsFunc(told, func(p notify.Addressee) bool { return p.Allow&notify.MayAck != 0 }) {
			l.warnIn(b, b.DefRange(), "Nobody may acknowledge", fmt.Sprintf(
				`Of those whom alert %q tells nobody may acknowledge it by text, so it is repeated whatever they answer. Write "ack" into the allow of one of them: %s.`, a.Name, people(told)))
		}
		if after := l.config.People.Routes[a.Name].Steps[0].After; after > promptness {
			l.warnIn(b, b.DefRange(), "Nobody hears soon", fmt.Sprintf(
				"alert %q is critical, and the first to hear of it do so after %s. Name somebody in its notify who is told at once.", a.Name, inWords(after)))
		}
	}
}

// isCritical tells whether an alert can become critical.
func isCritical(a *rules.Alert) bool {
	return slices.ContainsFunc(a.Levels, func(level *rules.Level) bool { return level.Severity == rules.Critical })
}

// lintWindowMemory warns about windows of sensors that are expected and for which
// there is no memory.
func (l *loader) lintWindowMemory() {
	limit, wanted := l.config.Rules.WindowMemoryMax, 0
	for _, s := range l.config.Rules.Sensors {
		wanted += s.WindowMemory() * len(s.Expect)
	}
	if limit == 0 || wanted <= limit {
		return
	}
	b := l.blocks["limits"][0]
	l.warnIn(b, b.Body.Attributes["window_memory_max"].Expr.Range(), "Too little memory", fmt.Sprintf(
		"The windows of the sensors that are expected take %d KiB, so some would have none, and what looks at them would stay unknown. Write a larger size, or shorter windows.", wanted>>10))
}
