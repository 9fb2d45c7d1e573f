package agent

import (
	"slices"

	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/rules"
)

// people adds to the snapshot how the contacts stand.
func (a *Agent) people(s *status.Snapshot, d *dispatch.Dispatcher, now notify.Moment) {
	forged := d.Forged(now.At)
	for _, p := range d.Ledger().Persons(now) {
		s.People = append(s.People, status.Person{
			Name: p.Contact.Name, OptedOut: p.OptedOut, Texts: len(p.Sent), Held: p.Held,
			Forged: slices.Contains(forged, p.Contact.Name),
		})
	}
	if until, limited := d.Ledger().Limited(now); limited {
		s.Limited = until - now.At
	}
	s.Deaf = a.deaf(d.Ledger())
}

// deaf are the critical alerts of which everybody has opted out whom they tell.
func (a *Agent) deaf(l *notify.Ledger) (alerts []string) {
	for _, alert := range a.options.Config.Rules.Alerts {
		route := a.options.Config.People.Routes[alert.Name]
		if alert.Severity != rules.Critical || route == nil {
			continue
		}
		told := route.Everybody()
		hears := func(c notify.Addressee) bool { return !l.OptedOut(c.Phone) }
		if len(told) > 0 && !slices.ContainsFunc(told, hears) {
			alerts = append(alerts, alert.Name)
		}
	}
	return alerts
}
