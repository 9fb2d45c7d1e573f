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
		l.config.Contacts = append(l.config.Contacts, &notify.Contact{
			Name:  r.Label(),
			Phone: reach(r),
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

func (l *loader) policies() {
	for _, b := range l.blocks["policy"] {
		r := block.Open(b, l.ctx)
		r.Need("notify", "Write whom it tells, such as notify = [contact.alice].")
		refs := r.Refs("notify", "contact")
		call, flash := r.Bool("call", false), r.Bool("flash", false)
		r.Later("step", "ack_timeout", "digest")
		l.found(b, r.Close()...)
		p := &notify.Policy{Name: r.Label(), Notify: l.people(refs)}
		for i := range p.Notify {
			p.Notify[i].Call, p.Notify[i].Flash = call, flash
		}
		l.config.Policies = append(l.config.Policies, p)
	}
}

// people resolves references to contacts and policies into the contacts they
// stand for, each once, in order.
func (l *loader) people(refs []block.Ref) []notify.Addressee {
	var all []notify.Addressee
	for _, ref := range refs {
		if l.knows(ref) {
			all = notify.Merge(all, l.behind(ref)...)
		}
	}
	return all
}

// behind returns the contacts a reference that exists stands for.
func (l *loader) behind(ref block.Ref) []notify.Addressee {
	if ref.Kind == "policy" {
		i := slices.IndexFunc(l.config.Policies, func(p *notify.Policy) bool { return p.Name == ref.Name })
		return l.config.Policies[i].Notify
	}
	i := slices.IndexFunc(l.config.Contacts, func(c *notify.Contact) bool { return c.Name == ref.Name })
	return []notify.Addressee{{Contact: l.config.Contacts[i]}}
}

// notify resolves whom each alert tells. It asks the blocks and not the rules,
// which lack the alerts whose conditions are wrong.
func (l *loader) notify() {
	if len(l.blocks["alert"]) > 0 && len(l.blocks["contact"]) == 0 && !l.partial {
		l.add(wholeMistake("Missing block", `There is nobody to text. Write contact "alice" { phone = "+353871234567" }.`))
		return
	}
	for _, b := range l.blocks["alert"] {
		r := block.Open(b, l.ctx)
		if r.Has("notify") {
			l.config.Notify[r.Label()] = l.people(r.Refs("notify", "contact", "policy"))
		} else {
			l.config.Notify[r.Label()] = l.everybody(b, r)
		}
	}
}

// notifyOutage lets those be told of a broker that is out of reach who would be
// told that its sensors are silent. Others see it in the status.
func (l *loader) notifyOutage() {
	var all []notify.Addressee
	for _, a := range l.config.Rules.Alerts {
		if a.AsksForSilence() {
			all = notify.Merge(all, l.config.Notify[a.Name]...)
		}
	}
	if len(all) > 0 {
		l.config.Notify[rules.BrokerUnreachable] = all
	}
}

// everybody is whom an alert without notify tells: the only policy, or the only
// contact when there is no policy. With more to choose from it is a mistake.
func (l *loader) everybody(b *hclsyntax.Block, alert *block.Reader) []notify.Addressee {
	policies, contacts := l.config.Policies, l.config.Contacts
	switch {
	case len(policies) == 1:
		return policies[0].Notify
	case len(policies) == 0 && len(contacts) == 1:
		return []notify.Addressee{{Contact: contacts[0]}}
	case !l.partial:
		l.found(b, block.Mistake(alert.Header(), "Missing argument", fmt.Sprintf(
			"%s has no notify, and there is more than one to choose from. Write notify = %s.", alert.Title(), l.someone())))
	}
	return nil
}

// someone is a reference to write as an example.
func (l *loader) someone() block.Ref {
	if p := l.config.Policies; len(p) > 0 {
		return block.Ref{Kind: "policy", Name: p[0].Name}
	}
	return block.Ref{Kind: "contact", Name: l.config.Contacts[0].Name}
}
