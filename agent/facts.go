package agent

import (
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/modem"
)

// facts is how the gateway is, for texts that say so. It is for the watch, whose
// the dispatcher is.
func (a *Agent) facts() dispatch.Facts {
	now, store := a.timeline.now(), a.store.State()
	f := dispatch.Facts{
		Brokers: len(a.sessions), Waiting: store.Texts,
		Sensors: a.dispatch.Engine().Stats().Series, SensorsSilent: a.dispatch.Engine().Silent(now),
	}
	for _, up := range a.links() {
		if up {
			f.BrokersUp++
		}
	}
	if store.Cause != "" {
		f.Warnings = append(f.Warnings, store.Cause)
	}
	a.fleet.facts(&f, now)
	return f
}

// facts adds what is to be known of the modems: of several the preferred one that
// can send counts.
func (f *fleet) facts(to *dispatch.Facts, now time.Duration) {
	var states []modem.State
	for _, c := range f.couriers {
		states = append(states, c.modem.State())
	}
	can := func(s modem.State) bool { return s.CanSend != modem.CanSendNo }
	to.NoService = !slices.ContainsFunc(states, can)
	to.CanSend = !to.NoService
	if len(states) == 0 {
		to.Trouble = "there is no modem"
		return
	}
	which := states[max(slices.IndexFunc(states, can), 0)]
	to.Operator, to.Technology, to.Signal, to.Trouble = which.Operator, which.Technology, which.Signal, which.Cause
	if to.NoService {
		to.NoServiceSince = now - time.Since(lastReady(states))
	}
	for _, s := range states {
		for _, c := range s.Cautions {
			to.Warnings = append(to.Warnings, c.Cause)
		}
	}
}

// lastReady is when the last of the modems ceased to be ready.
func lastReady(states []modem.State) (at time.Time) {
	for _, s := range states {
		if s.NotReadySince.After(at) {
			at = s.NotReadySince
		}
	}
	return at
}
