package agent

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
)

const (
	// resolvePause is how long a late answer or a report may take to tell of a
	// part whose answer did not come, before the part is thought of again.
	resolvePause = 2 * time.Minute
	// waitAgain is how long a courier leaves a text to others that its modem could
	// not take just now.
	waitAgain = 5 * time.Second
	// handOver is how much longer than its pause the modem that refused a text
	// leaves it to others, so that the next try is theirs.
	handOver = 5 * time.Second
	// yield is how much longer than its modem rests a text is avoided whose refusal
	// made it rest: the first try after that is for somebody whom the refusal may
	// not have been about.
	yield = 30 * time.Second
	// permanentAvoid is how long a modem leaves a text to others that it will never
	// be able to send.
	permanentAvoid = time.Hour
	// jitter is the share of a pause, one in so many, by which it may be longer, so
	// that the gateways of a cell do not all come back at once.
	jitter = 4
)

// A failure is a part that the modem has not passed on.
type failure struct {
	*modem.SendError
	verdict modem.Verdict
	class   modem.Class   // after so many refusals in a row
	pause   time.Duration // before the next try
	cause   string        // in plain words
}

// failureOf says what is to be thought of an error of Send for a text.
func (c *courier) failureOf(t buffer.Text, err error) failure {
	var f failure
	if !errors.As(err, &f.SendError) {
		f.SendError = &modem.SendError{Outcome: modem.NotSent, Err: err}
	}
	f.verdict = f.Verdict()
	n := 1
	if f.Outcome == modem.Refused && f.Code == t.Code {
		n += t.Refusals
	}
	f.class, f.pause = f.verdict.At(n)
	f.cause = f.verdict.Cause
	switch {
	case f.Outcome == modem.NotSent:
		f.cause = f.Err.Error()
	case f.Code != 0:
		f.cause += fmt.Sprintf(" (code %d)", f.Code)
	}
	if len(c.fleet.couriers) > 1 {
		f.cause = "modem " + c.name + ": " + f.cause
	}
	return f
}

// refused decides what becomes of a part that was not accepted, and reports
// whether it is as good as accepted all the same.
func (c *courier) refused(ctx context.Context, t buffer.Text, p modem.Part, err error) bool {
	f := c.failureOf(t, err)
	if f.class == modem.Done {
		return true
	}
	if f.cause != t.LastError {
		c.log.Warn("a text was not accepted", "to", p.To.Redacted(), "subject", t.Subject, "part", p.Index, "parts", p.Count,
			"outcome", f.Outcome, "cause", f.cause, "remedy", f.verdict.Remedy, "error", err)
	}
	switch now := c.fleet.timeline.now(); {
	case ctx.Err() != nil && f.Outcome == modem.NotSent:
		c.put(t, p, f, buffer.Deferral{Until: now, Cause: t.LastError})
	case f.Outcome == modem.Unknown:
		c.put(t, p, f, buffer.Deferral{Why: buffer.Silent, Until: now + resolvePause, Cause: f.cause})
	case f.Outcome == modem.NotSent || f.class.OfModem():
		c.leave(t, p, f)
	case f.class == modem.Permanent && !c.fleet.hand(c, t.ID, permanentAvoid):
		c.giveUp(t, f.cause)
	case f.class == modem.Permanent:
		c.put(t, p, f, buffer.Deferral{Why: buffer.Refused, Until: now})
	default:
		c.retry(t, p, f)
	}
	return false
}

// leave lets another modem have at once what this one cannot send for a reason of
// its own. That is no attempt, unless a second modem gives the text's SIM or
// account as the reason: then it may be about the recipient.
func (c *courier) leave(t buffer.Text, p modem.Part, f failure) {
	pause := max(f.pause, waitAgain)
	if f.class == modem.Account {
		pause += yield
	}
	d := buffer.Deferral{Until: c.fleet.timeline.now(), Free: true}
	if f.Outcome == modem.Refused {
		d.Why = buffer.Refused
		d.Free = f.class != modem.Account || !c.fleet.avoidedElsewhere(c, t.ID)
	}
	c.fleet.avoid(c, t.ID, d.Until+pause)
	c.put(t, p, f, d)
}

// retry has a text that was refused tried again after a while, by another modem
// if one is ready then.
func (c *courier) retry(t buffer.Text, p modem.Part, f failure) {
	pause := max(f.pause, waitAgain)
	pause += rand.N(pause / jitter)
	until := c.fleet.timeline.now() + pause
	if len(c.fleet.couriers) > 1 {
		c.fleet.avoid(c, t.ID, until+handOver)
	}
	c.put(t, p, f, buffer.Deferral{Why: buffer.Refused, Until: until})
}

// put writes down that a part was not accepted.
func (c *courier) put(t buffer.Text, p modem.Part, f failure, d buffer.Deferral) {
	d.Code, d.Cause = f.Code, f.cause
	if rings(t) && f.Outcome != modem.NotSent {
		// The text may take its time; the telephone can ring meanwhile.
		d.Rang = true
		c.fleet.wantRing(t)
	}
	c.fleet.keep(c.fleet.store.Defer(t.ID, p.Index, d))
}
