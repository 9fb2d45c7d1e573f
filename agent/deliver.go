package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
)

const (
	textLife = notify.TextLife
	// StopGrace is how long the part that is on the wire may take to settle
	// once the agent is told to stop. Most settle within ten seconds.
	StopGrace = 60 * time.Second

	// A part that the modem took without an answer may be on its way. A critical
	// one is sent once more: a text that arrives twice does less harm than an alarm
	// that never arrives.
	repeatMax = 1
	// A part that a crash interrupted is sent again as well, but a gateway that
	// its own texting brings down must not text for ever.
	interruptedMax = 5

	// validityMax bounds how long the service centre tries to deliver. A day later
	// an alarm is history.
	validityMax = 24 * time.Hour
)

// A courier takes texts from the store to one modem, one part at a time, and
// strikes off what the network has accepted.
type courier struct {
	fleet  *fleet
	modem  modem.Modem
	name   string // of the modem block
	prefer int    // the lower the more; equals share the work
	log    *slog.Logger
	wake   chan struct{} // signalled, capacity 1, when there may be something to do

	// These are the fleet's to guard.
	busy    bool                     // sends a part, or rings
	since   time.Duration            // it began with that
	avoided map[uint64]time.Duration // texts that others may have, until when
	hangUp  context.CancelFunc       // ends the call in progress; nil when there is none
	mute    bool                     // the modem has no voice
}

// run delivers and rings until ctx is done. A part on the wire then settles
// first.
func (c *courier) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if c.modem.Ready(ctx) != nil {
			continue
		}
		now := c.fleet.timeline.now()
		if t, ok := c.fleet.take(c, now); ok {
			c.deliver(ctx, t)
			c.fleet.release(c, t)
			continue
		}
		if call, r, ok := c.fleet.takeRing(ctx, c, now); ok {
			c.ring(call, r)
			continue
		}
		c.fleet.await(ctx, c, now)
	}
	return nil
}

// ready reports whether the modem can take a text now, be it after another.
func (c *courier) ready() bool {
	phase := c.modem.State().Phase
	return phase == modem.PhaseReady || phase == modem.PhaseSending
}

// stuck reports whether the courier has been at one thing for so long that others
// should not wait for it. The fleet's lock is held.
func (c *courier) stuck(now time.Duration) bool { return c.busy && now-c.since > partPatience }

// avoids reports whether c leaves a text to others for now. The fleet's lock is
// held.
func (c *courier) avoids(text uint64, now time.Duration) bool { return c.avoided[text] > now }

// deliver sends what is left of a text, from its first part that the network
// has not accepted from this modem: a phone joins only parts that come from one
// number, so those that went through another modem go out again.
func (c *courier) deliver(ctx context.Context, t buffer.Text) {
	parts, err := c.split(t)
	if err != nil {
		c.giveUp(t, err.Error())
		return
	}
	unknown := false
	for i, p := range parts {
		switch ledger := ledgerOf(t, i); {
		case ledger.State == buffer.Accepted && ledger.Modem == c.name:
			continue
		case ledger.State == buffer.Accepted:
			if !c.resend(ctx, t, p) {
				return
			}
			continue
		case ledger.Silent > repeats(t):
			unknown = true
			continue
		}
		if !c.send(ctx, t, p) {
			return
		}
	}
	if unknown {
		c.giveUp(t, "it is not known whether it arrived: "+t.LastError)
		return
	}
	if rings(t) {
		c.fleet.wantRing(t)
	}
	c.fleet.sent(t)
}

// giveUp strikes off a text that nothing will become of.
func (c *courier) giveUp(t buffer.Text, cause string) {
	c.log.Error("a text is given up", "to", modem.Number(t.To).Redacted(), "subject", t.Subject, "cause", cause)
	c.fleet.keep(c.fleet.store.Drop(t.ID, c.fleet.timeline.now(), cause))
	c.fleet.lost()
}

// send takes one part to the modem and reports whether the network has it.
func (c *courier) send(ctx context.Context, t buffer.Text, p modem.Part) bool {
	err := c.fleet.store.Begin(t.ID, p.Index, p.Count, c.name)
	switch {
	case errors.Is(err, buffer.ErrAccepted):
		return true // a report or a late answer told of it meanwhile
	case errors.Is(err, buffer.ErrNoText):
		return false // it was taken back: another is in its place
	case err != nil && !buffer.Remembered(err):
		c.log.Warn("a text cannot be begun", "id", t.ID, "cause", err)
		return false
	}
	c.fleet.keep(err) // a disk that cannot take the intent does not hold back an alarm
	c.fleet.begins(c)
	receipt, err := c.modem.Send(ctx, p)
	if err != nil && !c.refused(ctx, t, p, err) {
		return false
	}
	c.settle(t, p, receipt)
	return true
}

// resend takes a part to the modem that another has sent, and reports whether the
// rest may follow. The part stays accepted meanwhile, so that one whose fate is
// unknown is not sent for ever.
func (c *courier) resend(ctx context.Context, t buffer.Text, p modem.Part) bool {
	c.fleet.begins(c)
	receipt, err := c.modem.Send(ctx, p)
	var failed *modem.SendError
	if unknown := errors.As(err, &failed) && failed.Outcome == modem.Unknown; err != nil && !unknown && !c.refused(ctx, t, p, err) {
		return false
	}
	c.settle(t, p, receipt)
	return true
}

func (c *courier) settle(t buffer.Text, p modem.Part, receipt modem.Receipt) {
	c.fleet.keep(c.fleet.store.Settle(t.ID, p.Index, buffer.Receipt{
		Modem: c.name, Reference: receipt.Reference, At: c.fleet.timeline.now(),
	}))
}

// ledgerOf is what is known of the i-th part, counted from 0.
func ledgerOf(t buffer.Text, i int) buffer.Part {
	if i >= len(t.Parts) {
		return buffer.Part{}
	}
	return t.Parts[i]
}

// repeats is how often a part of the text may be sent again that may have
// arrived.
func repeats(t buffer.Text) int {
	if t.Urgency == 0 {
		return repeatMax
	}
	return 0
}

var errInterrupted = fmt.Errorf("this gateway went down %d times while sending it", interruptedMax+1)

// split makes the parts of a text. One that may be out already asks the service
// centre to refuse what it has (TP-RD, 3GPP 23.040 clause 9.2.3.25), and says so
// where that costs no second part.
func (c *courier) split(t buffer.Text) ([]modem.Part, error) {
	o := c.options(t)
	parts, err := modem.Split(modem.Number(t.To), t.Body, uint16(t.ID), o)
	if err != nil {
		return nil, err
	}
	o.RejectDuplicates = true
	repeats, err := modem.Split(modem.Number(t.To), marked(t), uint16(t.ID), o)
	if err != nil {
		return nil, err
	}
	for i, p := range t.Parts[:min(len(t.Parts), len(parts))] {
		if p.Interrupted > interruptedMax {
			return nil, errInterrupted
		}
		if p.Silent+p.Interrupted > 0 {
			parts[i] = repeats[i]
		}
	}
	return parts, nil
}

// marked is the body of a text that goes out again.
func marked(t buffer.Text) string {
	body := t.Body + " (repeat)"
	if n, _ := modem.Segments(body); n > 1 {
		return t.Body
	}
	return body
}

// options are what goes into every part of a text.
func (c *courier) options(t buffer.Text) modem.SplitOptions {
	o := modem.SplitOptions{
		Validity: validityMax,
		Report:   c.modem.State().ReportsExpected(),
	}
	if t.Expires != 0 {
		o.Validity = min(o.Validity, max(t.Expires-c.fleet.timeline.now(), time.Minute))
	}
	return o
}
