package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

func (l *loader) contacts() {
	for _, b := range l.blocks["contact"] {
		r := block.Open(b, l.ctx)
		l.config.People.Contacts = append(l.config.People.Contacts, &notify.Contact{
			Name:  r.Label(),
			Phone: reach(r),
			Allow: notify.MayAll,
			Range: r.Header(),
		})
		r.Later("quiet", "language", "budget", "allow", "require_code")
		l.found(b, r.Close()...)
	}
}

// reach reads by which number a contact is texted, "" when that is missing or
// wrong: a person's phone, or a short code that means something in the SIM's own
// network only.
func reach(r *block.Reader) string {
	hasPhone := r.Has("phone")
	switch {
	case !r.Has("short_code"):
		r.Need("phone", `Write phone = "+353871234567": a plus, the country and the number.`)
		return phone(r, "phone")
	case hasPhone:
		r.Add(block.Mistake(r.Range("short_code"), "Conflicting arguments", fmt.Sprintf(
			"%s has both phone and short_code. Keep phone for a person, short_code for a service of the operator.", r.Title())))
		return phone(r, "phone")
	}
	return shortCode(r, "short_code")
}

// phone reads an argument that is a telephone number, "" when it is absent or
// wrong.
func phone(r *block.Reader, name string) string {
	given, ok := r.Text(name)
	if !ok {
		return ""
	}
	number, err := modem.ParseNumber(given)
	if err != nil {
		detail := sentence("The " + err.Error())
		if code, err := modem.ParseShortCode(given); err == nil {
			detail += fmt.Sprintf(" If it is a short code of the operator, write short_code = %q instead of %s.", code, name)
		}
		r.Add(block.Mistake(r.Range(name), "Invalid phone number", detail))
	}
	return string(number)
}

// shortCode reads an argument that is a short code, "" when it is wrong.
func shortCode(r *block.Reader, name string) string {
	given, ok := r.Text(name)
	if !ok {
		return ""
	}
	code, err := modem.ParseShortCode(given)
	if err != nil {
		r.Add(block.Mistake(r.Range(name), "Invalid short code", sentence("The "+err.Error())))
	}
	return string(code)
}

// A policy is one policy block.
type policy struct {
	name  string
	route *notify.Route
}

func (l *loader) readPolicies() {
	for _, b := range l.blocks["policy"] {
		r := block.Open(b, l.ctx)
		r.Need("notify", "Write whom it tells, such as notify = [contact.alice].")
		refs := r.Refs("notify", "contact")
		call, flash := r.Bool("call", false), r.Bool("flash", false)
		r.Later("step", "ack_timeout", "digest")
		l.found(b, r.Close()...)
		route := l.route(refs)
		for _, step := range route.Steps {
			for i := range step.Notify {
				step.Notify[i].Call, step.Notify[i].Flash = call, flash
			}
		}
		l.policies = append(l.policies, policy{r.Label(), route})
	}
}

// route resolves references to contacts and policies into the route to the
// contacts they stand for, each once, in order.
func (l *loader) route(refs []block.Ref) *notify.Route {
	var all []notify.Addressee
	for _, ref := range refs {
		if l.knows(ref) {
			all = notify.Merge(all, l.behind(ref)...)
		}
	}
	return notify.Immediately(all...)
}

// behind returns the contacts a reference that exists stands for.
func (l *loader) behind(ref block.Ref) []notify.Addressee {
	if ref.Kind == "policy" {
		i := slices.IndexFunc(l.policies, func(p policy) bool { return p.name == ref.Name })
		return l.policies[i].route.Everybody()
	}
	contacts := l.config.People.Contacts
	i := slices.IndexFunc(contacts, func(c *notify.Contact) bool { return c.Name == ref.Name })
	return []notify.Addressee{{Contact: contacts[i]}}
}

// routes resolves whom each alert tells. It asks the blocks and not the rules,
// which lack the alerts whose conditions are wrong.
func (l *loader) routes() {
	if len(l.blocks["alert"]) > 0 && len(l.blocks["contact"]) == 0 && !l.partial {
		l.add(wholeMistake("Missing block", `There is nobody to text. Write contact "alice" { phone = "+353871234567" }.`))
		return
	}
	for _, b := range l.blocks["alert"] {
		r := block.Open(b, l.ctx)
		if r.Has("notify") {
			l.config.People.Routes[r.Label()] = l.route(r.Refs("notify", "contact", "policy"))
		} else if route := l.everybody(b, r); route != nil {
			l.config.People.Routes[r.Label()] = route
		}
	}
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

// everybody is the route of an alert without notify: the only policy, or to the
// only contact when there is no policy. With more to choose from it is a mistake.
func (l *loader) everybody(b *hclsyntax.Block, alert *block.Reader) *notify.Route {
	policies, contacts := l.policies, l.config.People.Contacts
	switch {
	case len(policies) == 1:
		return policies[0].route
	case len(policies) == 0 && len(contacts) == 1:
		return notify.Immediately(notify.Addressee{Contact: contacts[0]})
	case !l.partial:
		l.found(b, block.Mistake(alert.Header(), "Missing argument", fmt.Sprintf(
			"%s has no notify, and there is more than one to choose from. Write notify = %s.", alert.Title(), l.someone())))
	}
	return nil
}

// someone is a reference to write as an example.
func (l *loader) someone() block.Ref {
	if p := l.policies; len(p) > 0 {
		return block.Ref{Kind: "policy", Name: p[0].name}
	}
	return block.Ref{Kind: "contact", Name: l.config.People.Contacts[0].Name}
}
