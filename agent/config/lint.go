package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/agent/notify"
)

// lint warns about what is no mistake and yet hardly meant. It wants a
// configuration without errors: a misspelt name makes others look unused.
func (l *loader) lint() {
	l.lintPhones()
	if len(l.config.Rules.Alerts) == 0 {
		l.add(&hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: "No alerts",
			Detail: `This gateway will never text anybody. Write an alert, such as alert "freezer_warm" { when = sensor.freezer > -12 }.`})
		return
	}
	l.lintContacts()
	l.lintSensors()
	l.lintBrokers()
	for _, b := range l.blocks["alert"] {
		l.lintThreshold(b)
	}
}

func (l *loader) warn(rng hcl.Range, summary, detail string) {
	l.add(&hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: summary, Detail: detail, Subject: &rng})
}

// lintPhones warns about two contacts with one phone: both would be texted.
func (l *loader) lintPhones() {
	first := map[string]*notify.Contact{}
	for _, c := range l.config.Contacts {
		other := first[c.Phone]
		if other == nil {
			first[c.Phone] = c
			continue
		}
		l.warn(c.Range, "Same phone", fmt.Sprintf(
			"contact.%s has the phone of contact.%s, on %s. An alert that tells both texts it twice.", c.Name, other.Name, place(other.Range)))
	}
}

func (l *loader) lintContacts() {
	told := map[*notify.Contact]bool{}
	for _, people := range l.config.Notify {
		for _, c := range people {
			told[c] = true
		}
	}
	for _, c := range l.config.Contacts {
		if !told[c] {
			l.warn(c.Range, "Unused contact", fmt.Sprintf(
				"No alert tells contact.%s. Name it in the notify of an alert or a policy, or remove it.", c.Name))
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
			l.warn(s.Range, "Unused sensor", fmt.Sprintf("No alert uses sensor.%s. Write one that does, or remove it.", s.Name))
		}
	}
}

// sensorsNamed lists the sensors that anything under node refers to.
func sensorsNamed(node hclsyntax.Node) []string {
	var names []string
	hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		if e, ok := n.(*hclsyntax.ScopeTraversalExpr); ok && e.Traversal.RootName() == "sensor" && len(e.Traversal) > 1 {
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

// lintThreshold warns about a reading that is compared and nothing else: around
// the limit it would text again and again.
func (l *loader) lintThreshold(b *hclsyntax.Block) {
	for _, calming := range []string{"for", "clear_when", "clear_for"} {
		if b.Body.Attributes[calming] != nil {
			return
		}
	}
	when := b.Body.Attributes["when"]
	if c := bareComparison(when.Expr); c != nil {
		l.warn(c.Range(), "Bare threshold", fmt.Sprintf(
			"A reading that wavers around the limit makes alert %q text again and again. Write for = \"1m\", or clear_when with some distance to the limit.", label(b)))
	}
}

// bareComparison finds a comparison of a sensor's reading that no function
// smooths, nil when there is none.
func bareComparison(e hclsyntax.Expression) *hclsyntax.BinaryOpExpr {
	orders := []*hclsyntax.Operation{
		hclsyntax.OpGreaterThan, hclsyntax.OpGreaterThanOrEqual, hclsyntax.OpLessThan, hclsyntax.OpLessThanOrEqual,
	}
	var found *hclsyntax.BinaryOpExpr
	hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		c, ok := n.(*hclsyntax.BinaryOpExpr)
		if found == nil && ok && slices.Contains(orders, c.Op) && len(sensorsNamed(c)) > 0 && !calls(c) {
			found = c
		}
		return nil
	})
	return found
}

// calls reports whether anything under node is a function call.
func calls(node hclsyntax.Node) bool {
	found := false
	hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		_, call := n.(*hclsyntax.FunctionCallExpr)
		found = found || call
		return nil
	})
	return found
}
