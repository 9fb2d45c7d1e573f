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
	f.NoServiceSince, f.NoService = a.fleet.outage()
	a.fleet.facts(&f)
	return f
}

// facts adds what is to be known of the modems: of several the preferred one that
// can send counts.
func (f *fleet) facts(to *dispatch.Facts) {
	states := f.states()
	if len(states) == 0 {
		to.Trouble = "there is no modem"
		return
	}
	can := slices.IndexFunc(states, canSend)
	to.CanSend = can >= 0
	which := states[max(can, 0)]
	to.Operator, to.Technology, to.Signal, to.Trouble = which.Operator, which.Technology, which.Signal, which.Cause
	for _, s := range states {
		for _, c := range s.Cautions {
			to.Warnings = append(to.Warnings, c.Cause)
		}
	}
}

// outage is since when no modem can send, and whether that is so: the last one
// that could ceased to be ready then.
func (f *fleet) outage() (since time.Duration, down bool) {
	states := f.states()
	if slices.ContainsFunc(states, canSend) {
		return 0, false
	}
	var last time.Time
	for _, s := range states {
		if s.NotReadySince.After(last) {
			last = s.NotReadySince
		}
	}
	if last.IsZero() {
		return 0, true // there is none
	}
	return f.timeline.now() - time.Since(last), true
}

func (f *fleet) states() (all []modem.State) {
	for _, c := range f.couriers {
		all = append(all, c.modem.State())
	}
	return all
}

func canSend(s modem.State) bool { return s.CanSend != modem.CanSendNo }
