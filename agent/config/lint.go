package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// lint warns about what is no mistake and yet hardly meant. It wants a
// configuration without errors: a misspelt name makes others look unused.
func (l *loader) lint() {
	l.lintPhones()
	l.lintModems()
	l.lintNames()
	if len(l.config.Rules.Alerts) == 0 {
		l.add(&hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: "No alerts",
			Detail: `This gateway will never text anybody. Write an alert, such as alert "freezer_warm" { when = sensor.freezer > -12 }.`})
		return
	}
	l.lintContacts()
	l.lintSensors()
	l.lintSwitches()
	l.lintBrokers()
	l.lintParents()
	l.lintCalls()
	l.lintSchedules()
	l.lintSteps()
	l.lintQuiet()
	l.lintManners()
	l.lintCritical()
	l.lintWindowMemory()
	for _, b := range l.blocks["alert"] {
		l.lintConditions(b)
	}
}

func (l *loader) warn(rng hcl.Range, summary, detail string) {
	l.add(&hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: summary, Detail: detail, Subject: &rng})
}

// warnIn warns about something in b.
func (l *loader) warnIn(b *hclsyntax.Block, rng hcl.Range, summary, detail string) {
	l.found(b, &hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: summary, Detail: detail, Subject: &rng})
}

// lintNames warns about variables and locals that nothing uses.
func (l *loader) lintNames() {
	for _, path := range slices.Sorted(maps.Keys(l.instances)) {
		src := l.instances[path]
		used := src.namesUsed()
		for _, v := range src.variables {
			if !used["var."+v.name] {
				l.warn(v.block.DefRange(), "Unused variable", fmt.Sprintf("Nothing uses var.%s. Remove it, or use it.", v.name))
			}
		}
		for _, a := range src.locals {
			if !used["local."+a.Name] {
				l.warn(a.NameRange, "Unused local", fmt.Sprintf("Nothing uses local.%s. Remove it, or use it.", a.Name))
			}
		}
	}
}

// namesUsed lists the variables and locals that anything but a validation
// looks at.
func (s *source) namesUsed() map[string]bool {
	used := map[string]bool{}
	note := func(n hclsyntax.Node) hcl.Diagnostics {
		if e, ok := n.(*hclsyntax.ScopeTraversalExpr); ok {
			used[e.Traversal.RootName()+"."+stepName(e.Traversal, 1)] = true
		}
		return nil
	}
	for _, b := range slices.Concat(s.blocks, s.calls) {
		hclsyntax.VisitAll(b.Body, note)
	}
	for _, a := range s.locals {
		hclsyntax.VisitAll(a.Expr, note)
	}
	return used
}

// lintPhones warns about two contacts with one phone, of which one is texted.
func (l *loader) lintPhones() {
	first := map[string]*notify.Contact{}
	for _, c := range l.config.People.Contacts {
		other := first[c.Phone]
		if other == nil {
			first[c.Phone] = c
			continue
		}
		if c.Range == other.Range {
			continue // instances of a module, each of which tells its own
		}
		l.warnIn(l.find("contact", c.Name), c.Range, "Same phone", fmt.Sprintf(
			"contact.%s has the phone of contact.%s, on %s. An alert that tells both texts it once.", c.Name, other.Name, place(other.Range)))
	}
}

func (l *loader) lintContacts() {
	told := map[*notify.Contact]bool{}
	for _, route := range l.config.People.Routes {
		for _, a := range route.Everybody() {
			told[a.Contact] = true
		}
	}
	for _, h := range l.config.Heartbeats {
		for _, a := range h.Notify {
			told[a.Contact] = true
		}
	}
	for _, c := range l.config.People.Contacts {
		if !told[c] {
			l.warnIn(l.find("contact", c.Name), c.Range, "Unused contact", fmt.Sprintf(
				"No alert tells contact.%s. Name it in the notify of an alert or a policy, or remove it.", c.Name))
		}
	}
}

// lintCalls warns about policies that would ring phones, and none of whose alarms
// is ever critical.
func (l *loader) lintCalls() {
	rung := map[*notify.Contact]bool{}
	for _, a := range l.config.Rules.Alerts {
		for _, p := range l.called(a) {
			rung[p.Contact] = true
		}
	}
	for _, p := range l.policies {
		calls := slices.ContainsFunc(p.route.Everybody(), func(a notify.Addressee) bool { return a.Call })
		if calls && !slices.ContainsFunc(p.route.Everybody(), func(a notify.Addressee) bool { return rung[a.Contact] }) {
			b := l.find("policy", p.name)
			l.warnIn(b, callOf(b), "Never rings", fmt.Sprintf(
				`Phones ring for critical alarms, and none tells policy.%s. Write severity = "critical" in an alert that does, or remove call.`, p.name))
		}
	}
}

func (l *loader) lintSensors() {
	used := map[string]bool{}
	for _, b := range l.blocks["alert"] {
		for _, name := range sensorsNamed(b.Body) {
			used[name] = true
		}
	}
	for _, s := range l.config.Rules.Sensors {
		if !used[s.Name] {
			l.warnIn(l.find("sensor", s.Name), s.Range, "Unused sensor", fmt.Sprintf("No alert uses sensor.%s. Write one that does, or remove it.", s.Name))
		}
	}
}

func (l *loader) lintSwitches() {
	used := map[string]bool{}
	for _, b := range l.blocks["alert"] {
		for _, name := range blocksNamed(b.Body, "switch") {
			used[name] = true
		}
	}
	for _, s := range l.config.Rules.Switches {
		if !used[s.Name] {
			l.warnIn(l.find("switch", s.Name), s.Range, "Unused switch", fmt.Sprintf("No alert looks at switch.%s. Write one that does, or remove it.", s.Name))
		}
	}
}

// sensorsNamed lists the sensors that anything under node refers to.
func sensorsNamed(node hclsyntax.Node) []string { return blocksNamed(node, "sensor") }

// blocksNamed lists the blocks of one kind that anything under node refers to.
func blocksNamed(node hclsyntax.Node, kind string) []string {
	var names []string
	hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		if e, ok := n.(*hclsyntax.ScopeTraversalExpr); ok && e.Traversal.RootName() == kind && len(e.Traversal) > 1 {
			if attr, ok := e.Traversal[1].(hcl.TraverseAttr); ok {
				names = append(names, attr.Name)
			}
		}
		return nil
	})
	return names
}

func (l *loader) lintBrokers() {
	for i, b := range l.blocks["mqtt"] {
		if len(l.config.Brokers[i].Filters) == 0 {
			l.warn(b.DefRange(), "Unused broker", fmt.Sprintf(
				"No sensor is read from mqtt.%s. Name it in a sensor, as in mqtt = mqtt.%s, or remove it.", label(b), label(b)))
		}
	}
}

// lintParents warns about alerts in shadow that are to suppress others.
func (l *loader) lintParents() {
	for _, b := range l.blocks["alert"] {
		for _, ref := range block.Open(b, l.ctx).Refs("suppressed_by", "alert") {
			for _, parent := range l.config.Rules.Alerts {
				if parent.Name == ref.Name && parent.Shadow {
					l.warnIn(b, ref.Range, "Suppressed by a shadow", fmt.Sprintf(
						"alert.%s is in shadow, so it suppresses nothing: otherwise nobody would be told anything. Remove shadow there, or this.", ref.Name))
				}
			}
		}
	}
}
