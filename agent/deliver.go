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

	// A part that the modem took without an answer may be on its way. It is
	// sent once more: a text that arrives twice does less harm than an alarm
	// that never arrives.
	silentMax = 1
	// A part that a crash interrupted is sent again as well, but a gateway that
	// its own texting brings down must not text for ever.
	interruptedMax = 5

	backoffFirst = 5 * time.Second
	backoffMax   = 15 * time.Minute
	// waitAgain is the pause after the modem said that it cannot send just now.
	waitAgain = 5 * time.Second
)

// A courier takes texts from the store to the modem, one part at a time, and
// strikes off what the network has accepted.
type courier struct {
	store    *buffer.Store
	modem    modem.Modem
	timeline timeline
	sent     func(buffer.Text) // told of every text the network has accepted
	log      *slog.Logger

	unwritten bool // the store could not write down what became of the last text
}

// run delivers until ctx is done. A part on the wire then settles first.
func (c *courier) run(ctx context.Context) error {
	for ctx.Err() == nil {
		if c.modem.Ready(ctx) != nil {
			continue
		}
		now := c.timeline.now()
		c.expire(now)
		if t, ok := c.store.Next(now); ok {
			c.deliver(ctx, t)
			continue
		}
		c.await(ctx, now)
	}
	return nil
}

// expire strikes off what nobody should be woken by any more.
func (c *courier) expire(now time.Duration) {
	old, err := c.store.Expire(now)
	c.keep(err)
	for _, t := range old {
		c.log.Warn("a text was too old to be worth sending", "to", modem.Number(t.To).Redacted(), "subject", t.Subject)
	}
}

// await returns when there may be something to send.
func (c *courier) await(ctx context.Context, now time.Duration) {
	var due <-chan time.Time
	if at, ok := c.store.NextDue(now); ok {
		due = time.After(at - now)
	}
	select {
	case <-ctx.Done():
	case <-c.store.Wake():
	case <-due:
	}
}

// deliver sends what is left of a text, from its first part that the network
// has not accepted.
func (c *courier) deliver(ctx context.Context, t buffer.Text) {
	parts, err := split(t)
	if err != nil {
		c.giveUp(t, err)
		return
	}
	for i, p := range parts {
		if i < len(t.Parts) && t.Parts[i].State == buffer.Accepted {
			continue
		}
		// A disk that cannot take the intent does not hold back an alarm.
		err := c.store.Begin(t.ID, p.Index, p.Count, c.modem.State().Name)
		if errors.Is(err, buffer.ErrAccepted) {
			continue // the answer came while it was deferred
		}
		c.keep(err)
		receipt, err := c.modem.Send(ctx, p)
		if err != nil {
			c.postpone(t, p.Index, err)
			return
		}
		c.keep(c.store.Settle(t.ID, p.Index, buffer.Receipt{
			Modem: c.modem.State().Name, Reference: receipt.Reference, At: c.timeline.now(),
		}))
	}
	c.sent(t)
}

// giveUp strikes off a text that nothing will become of.
func (c *courier) giveUp(t buffer.Text, cause error) {
	c.log.Error("a text is given up", "to", modem.Number(t.To).Redacted(), "subject", t.Subject, "cause", cause)
	c.keep(c.store.Drop(t.ID, c.timeline.now(), cause.Error()))
}

var errInterrupted = fmt.Errorf("this gateway went down %d times while sending it", interruptedMax+1)

// split makes the parts of a text. A text that may be out already says so,
// where that costs no second part, and asks the service centre to refuse what
// it has (TP-RD, 3GPP 23.040 §9.2.3.25).
func split(t buffer.Text) ([]modem.Part, error) {
	body, again := t.Body, false
	for _, p := range t.Parts {
		if p.Interrupted > interruptedMax {
			return nil, errInterrupted
		}
		again = again || p.Silent+p.Interrupted > 0
	}
	if marked := body + " (repeat)"; again && len(t.Parts) == 1 {
		if n, _ := modem.Segments(marked); n == 1 {
			body = marked
		}
	}
	return modem.Split(modem.Number(t.To), body, uint16(t.ID), modem.SplitOptions{RejectDuplicates: again})
}

// postpone decides what becomes of a part that was not accepted.
func (c *courier) postpone(t buffer.Text, part int, err error) {
	var failed *modem.SendError
	if !errors.As(err, &failed) {
		failed = &modem.SendError{Outcome: modem.NotSent, Err: err}
	}
	c.log.Warn("a text was not accepted", "to", modem.Number(t.To).Redacted(), "subject", t.Subject,
		"part", part, "outcome", failed.Outcome, "cause", err)
	now := c.timeline.now()
	switch {
	case failed.Outcome == modem.Unknown && silent(t, part) >= silentMax:
		c.giveUp(t, fmt.Errorf("the modem never said what became of it, twice: %w", err))
	case failed.Outcome == modem.Unknown:
		c.keep(c.store.Defer(t.ID, part, buffer.Silent, now+waitAgain, err.Error()))
	case failed.Outcome == modem.NotSent, failed.Verdict().Class.OfModem():
		c.keep(c.store.Defer(t.ID, part, buffer.NotSent, now+waitAgain, err.Error()))
	default:
		c.keep(c.store.Defer(t.ID, part, buffer.Refused, now+backoff(t.Attempts), err.Error()))
	}
}

func silent(t buffer.Text, part int) int {
	if part > len(t.Parts) {
		return 0
	}
	return t.Parts[part-1].Silent
}

// backoff is the pause after a text's n-th refusal, counted from 0.
func backoff(n int) time.Duration {
	d := backoffFirst
	for ; n > 0 && d < backoffMax; n-- {
		d *= 3
	}
	return min(d, backoffMax)
}

// keep logs when the store begins or ceases to write down what becomes of
// texts. The store itself remembers it for as long as the process lives.
func (c *courier) keep(err error) {
	if (err == nil) == !c.unwritten {
		return
	}
	c.unwritten = err != nil
	if c.unwritten {
		c.log.Warn("what becomes of texts is not on disk", "cause", err)
		return
	}
	c.log.Info("what becomes of texts is on disk again")
}
