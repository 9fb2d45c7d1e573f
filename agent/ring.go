package agent

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
)

const (
	// ringLife is how long after its text a telephone may ring: later it would
	// startle more than it helps.
	ringLife = 10 * time.Minute
	// ringsMax bounds the telephones that wait for their turn. The texts are out.
	ringsMax = 32
	// ringTries is how often a ring that a modem refuses is tried.
	ringTries = 3
)

// A ring is a telephone that is to ring once because of a text.
type ring struct {
	to    modem.Number
	until time.Duration
	tries int
}

// rings reports whether t's telephone is still to ring.
func rings(t buffer.Text) bool { return t.Call && !t.Rang }

// wantRing has t's telephone ring when no text waits. The text goes first: it says
// what is the matter, and a call takes half a minute.
func (f *fleet) wantRing(t buffer.Text) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.ringing) < ringsMax {
		f.ringing = append(f.ringing, ring{to: modem.Number(t.To), until: f.timeline.now() + ringLife})
	}
}

// takeRing gives c the next telephone to ring, and a context that ends when a
// critical text cannot wait for the end of the call.
func (f *fleet) takeRing(ctx context.Context, c *courier, now time.Duration) (call context.Context, r ring, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ringing = slices.DeleteFunc(f.ringing, func(r ring) bool { return r.until <= now })
	if c.mute || len(f.ringing) == 0 {
		return nil, ring{}, false
	}
	r, f.ringing = f.ringing[0], f.ringing[1:]
	call, c.hangUp = context.WithCancel(ctx)
	c.busy, c.since = true, now
	return call, r, true
}

// clearLine ends calls that a critical text would have to wait for.
func (f *fleet) clearLine() {
	t, due := f.store.Next(f.timeline.now())
	if !due || t.Urgency > 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.couriers {
		if c.hangUp != nil {
			c.hangUp()
		}
	}
}

// ring rings a telephone once, unless a critical text comes between.
func (c *courier) ring(call context.Context, r ring) {
	err := c.modem.Call(call, r.to)
	interrupted := call.Err() != nil
	again := c.rang(r, err, interrupted)
	f := c.fleet
	f.mu.Lock()
	c.hangUp()
	c.hangUp, c.busy = nil, false
	c.mute = c.mute || errors.Is(err, modem.ErrNoVoice)
	if again && !f.dumb() {
		r.tries++
		f.ringing = append(f.ringing, r)
	}
	f.mu.Unlock()
	f.rouse()
}

// rang logs how a call ended, and reports whether it is to be tried again.
func (c *courier) rang(r ring, err error, interrupted bool) (again bool) {
	log := c.log.With("to", r.to.Redacted())
	switch {
	case err == nil:
		log.Info("a telephone rang")
	case interrupted:
		log.Info("a call made way for a critical text")
		return true
	case errors.Is(err, modem.ErrNoVoice):
		log.Warn("a telephone cannot be rung", "cause", err)
		return true // by another modem
	default:
		log.Warn("a telephone did not ring", "cause", err)
		return !errors.Is(err, modem.ErrBusy) && !errors.Is(err, modem.ErrNotReached) && r.tries < ringTries
	}
	return false
}

// dumb reports whether no modem can ring a telephone. It needs mu.
func (f *fleet) dumb() bool {
	return !slices.ContainsFunc(f.couriers, func(c *courier) bool { return !c.mute })
}
