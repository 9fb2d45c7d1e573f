package config

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// routes resolves whom each alert tells. It asks the blocks and not the rules,
// which lack the alerts whose conditions are wrong.
func (l *loader) routes() {
	if len(l.blocks["alert"]) > 0 && len(l.blocks["contact"]) == 0 && !l.partial {
		l.add(wholeMistake("Missing block", `There is nobody to text. Write contact "alice" { phone = "+353871234567" }.`))
		return
	}
	for _, b := range l.blocks["alert"] {
		r := block.Open(b, l.ctx)
		var route *notify.Route
		if r.Has("notify") {
			route = l.route(r.Refs("notify", "contact", "policy"))
		} else {
			route = l.everybody(b, r)
		}
		if route != nil {
			l.manner(b, route)
			l.config.People.Routes[r.Label()] = route
		}
	}
}

// manner reads how an alert tells people that is otherwise than its severity has
// it. The rest of the block is for the rules.
func (l *loader) manner(b *hclsyntax.Block, route *notify.Route) {
	r := block.Open(partOf(b, "bundle", "repeat"), l.ctx)
	route.Repeat = pauses(r)
	if d, ok := bundle(r); ok {
		route.Bundle = d
	}
	l.found(b, r.Close()...)
}

// partOf is a block as if it had these of its arguments and nothing else.
func partOf(b *hclsyntax.Block, names ...string) *hclsyntax.Block {
	body := *b.Body
	body.Attributes, body.Blocks = hclsyntax.Attributes{}, nil
	for _, name := range names {
		if a := b.Body.Attributes[name]; a != nil {
			body.Attributes[name] = a
		}
	}
	part := *b
	part.Body = &body
	return &part
}

// route resolves references to contacts and policies into one route, which has
// the steps of all of them. A contact by itself is told at once. Acknowledgements
// lapse after the shortest time that a policy says, and the first that says when
// the digest comes is followed.
func (l *loader) route(refs []block.Ref) *notify.Route {
	route := &notify.Route{Digest: noDigest, Bundle: asSeverity}
	var steps []notify.Step
	for _, ref := range refs {
		if !l.knows(ref) {
			continue
		}
		other := l.behind(ref)
		steps = append(steps, other.Steps...)
		route.AckTimeout = shorter(route.AckTimeout, other.AckTimeout)
		if route.Digest == noDigest {
			route.Digest = other.Digest
		}
	}
	if route.Digest == noDigest {
		route.Digest = notify.DefaultDigest
	}
	slices.SortStableFunc(steps, func(a, b notify.Step) int { return cmp.Compare(a.After, b.After) })
	for _, s := range steps {
		route.Steps = joined(route.Steps, s)
	}
	return route
}

// shorter is the shorter of two times of which 0 is none.
func shorter(a, b time.Duration) time.Duration {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// joined adds a step to those that are no later. Each contact is in the earliest
// step that tells it, in every way that steps of that time ask for: nobody has a
// second turn.
func joined(steps []notify.Step, s notify.Step) []notify.Step {
	rest := anew(steps, s)
	for i := range steps {
		t := &steps[i]
		if t.After != s.After {
			continue
		}
		for _, a := range s.Notify {
			if slices.ContainsFunc(t.Notify, is(a)) {
				t.Notify = notify.Merge(t.Notify, a)
			}
		}
		if sameRepeat(*t, s) {
			t.Notify, rest = notify.Merge(t.Notify, rest...), nil
		}
	}
	if len(rest) > 0 {
		steps = append(steps, notify.Step{After: s.After, Notify: rest, Repeat: s.Repeat})
	}
	return steps
}

// anew lists those of a step who are not told by those before it.
func anew(before []notify.Step, s notify.Step) []notify.Addressee {
	told := notify.Route{Steps: before}
	all := told.Everybody()
	return slices.DeleteFunc(slices.Clone(s.Notify), func(a notify.Addressee) bool { return slices.ContainsFunc(all, is(a)) })
}

func is(a notify.Addressee) func(notify.Addressee) bool {
	return func(other notify.Addressee) bool { return other.Contact == a.Contact }
}

func sameRepeat(a, b notify.Step) bool {
	return (a.Repeat == nil) == (b.Repeat == nil) && slices.Equal(a.Repeat, b.Repeat)
}

// behind is the route that a reference which leads somewhere stands for.
func (l *loader) behind(ref block.Ref) *notify.Route {
	if ref.Kind == "policy" {
		i := slices.IndexFunc(l.policies, func(p policy) bool { return p.name == ref.Name })
		return l.policies[i].route
	}
	steps := []notify.Step{{Notify: []notify.Addressee{{Contact: l.contactOf(ref)}}}}
	return &notify.Route{Steps: steps, Digest: noDigest}
}

// contactOf is the contact that a reference which leads somewhere is to.
func (l *loader) contactOf(ref block.Ref) *notify.Contact {
	contacts := l.config.People.Contacts
	return contacts[slices.IndexFunc(contacts, func(c *notify.Contact) bool { return c.Name == ref.Name })]
}

// routeOutage lets those be told of a broker that is out of reach who would be
// told that its sensors are silent. Others see it in the status.
func (l *loader) routeOutage() {
	var all []notify.Addressee
	for _, a := range l.config.Rules.Alerts {
		if a.AsksForSilence() {
			all = notify.Merge(all, l.tells(a.Name)...)
		}
	}
	if len(all) > 0 {
		l.config.People.Routes[rules.BrokerUnreachable] = notify.Immediately(all...)
	}
}

// tells is whom an alert tells in any of its steps.
func (l *loader) tells(alert string) []notify.Addressee {
	if route := l.config.People.Routes[alert]; route != nil {
		return route.Everybody()
	}
	return nil
}

// everybody is the route of an alert without notify: that of the only policy, or
// to the only contact when there is no policy. With more to choose from it is a
// mistake.
func (l *loader) everybody(b *hclsyntax.Block, alert *block.Reader) *notify.Route {
	policies, contacts := len(l.policies), len(l.config.People.Contacts)
	if policies == 1 || policies == 0 && contacts == 1 {
		return l.route([]block.Ref{l.someone()})
	}
	if !l.partial {
		l.found(b, block.Mistake(alert.Header(), "Missing argument", fmt.Sprintf(
			"%s has no notify, and there is more than one to choose from. Write notify = %s.", alert.Title(), l.someone())))
	}
	return nil
}

// someone is a reference to the first whom an alert could tell.
func (l *loader) someone() block.Ref {
	if p := l.policies; len(p) > 0 {
		return block.Ref{Kind: "policy", Name: p[0].name}
	}
	return block.Ref{Kind: "contact", Name: l.config.People.Contacts[0].Name}
}
