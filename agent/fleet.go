package agent

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
)

const (
	// stormTexts due at once are more than one modem should be left alone with:
	// beyond them all that are ready send, whichever is preferred.
	stormTexts = 5
	// partPatience is how long a preferred modem may be busy with one thing before
	// others take what waits for it. Most parts settle well within it.
	partPatience = 10 * time.Second
	// lookAgain is how soon a courier looks again at a text that it leaves to
	// another.
	lookAgain = time.Second
	// expireEvery is how often texts are struck off that nobody should be woken by
	// any more.
	expireEvery = time.Minute
)

// A fleet is the couriers of all modems over one store. It gives each text to one
// of them at a time, and of the texts to one person never two at once: they would
// overtake each other.
type fleet struct {
	store    *buffer.Store
	timeline timeline
	sent     func(buffer.Text) // told of every text the network has accepted
	lost     func()            // told when one was given up
	log      *slog.Logger
	couriers []*courier // the preferred first

	mu        sync.Mutex
	held      map[string]bool // numbers to which a courier is sending
	ringing   []ring          // telephones that are to ring
	unwritten bool            // the store could not write down what became of the last text
}

// run rouses the couriers when there may be something to send, and strikes off
// what is too old, until ctx is done.
func (f *fleet) run(ctx context.Context) error {
	expiry := time.NewTicker(expireEvery)
	defer expiry.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-f.store.Wake():
			f.clearLine()
			f.rouse()
		case <-expiry.C:
			f.expire()
		}
	}
	return nil
}

// rouse lets every courier look whether there is something for it.
func (f *fleet) rouse() {
	for _, c := range f.couriers {
		signal(c.wake)
	}
}

func (f *fleet) expire() {
	old, err := f.store.Expire(f.timeline.now())
	f.keep(err)
	for _, t := range old {
		f.log.Warn("a text was too old to be worth sending", "to", modem.Number(t.To).Redacted(), "subject", t.Subject, "cause", t.LastError)
	}
	if len(old) > 0 {
		f.lost()
	}
}

// reports tells of which modems status reports come, by name.
func (f *fleet) reports() map[string]bool {
	come := map[string]bool{}
	for _, c := range f.couriers {
		come[c.name] = c.modem.State().Reports == modem.ReportsWorking
	}
	return come
}

// take gives c the text that it is to send next, if there is one, and with it the
// recipient until release.
func (f *fleet) take(c *courier, now time.Duration) (buffer.Text, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	t, ok := f.next(c, now)
	if ok {
		f.held[t.To] = true
		c.busy, c.since = true, now
	}
	return t, ok
}

// next is the most urgent text that is due and not left to another courier. It
// needs mu.
func (f *fleet) next(c *courier, now time.Duration) (buffer.Text, bool) {
	storm := f.store.Backlog(now) > stormTexts
	passed := slices.Collect(maps.Keys(f.held))
	for {
		t, ok := f.store.Next(now, passed...)
		if !ok || !c.avoids(t.ID, now) && !f.leaves(c, t.ID, storm, now) {
			return t, ok
		}
		passed = append(passed, t.To)
	}
}

// leaves reports whether c leaves a text to a preferred courier that will see to
// it soon.
func (f *fleet) leaves(c *courier, text uint64, storm bool, now time.Duration) bool {
	return !storm && slices.ContainsFunc(f.couriers, func(o *courier) bool {
		return o.prefer < c.prefer && o.ready() && !o.avoids(text, now) && !o.stuck(now)
	})
}

// release ends what take began.
func (f *fleet) release(c *courier, t buffer.Text) {
	f.mu.Lock()
	delete(f.held, t.To)
	c.busy = false
	f.mu.Unlock()
	f.rouse()
}

// avoid keeps a text away from c for a while, which another may send meanwhile.
func (f *fleet) avoid(c *courier, text uint64, until time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.timeline.now()
	maps.DeleteFunc(c.avoided, func(_ uint64, until time.Duration) bool { return until <= now })
	c.avoided[text] = until
}

// hand gives a text that c will not be able to send for a while to another that is
// ready and may be, and reports whether there is one.
func (f *fleet) hand(c *courier, text uint64, pause time.Duration) bool {
	now := f.timeline.now()
	f.mu.Lock()
	other := slices.ContainsFunc(f.couriers, func(o *courier) bool { return o != c && o.ready() && !o.avoids(text, now) })
	f.mu.Unlock()
	if other {
		f.avoid(c, text, now+pause)
	}
	return other
}

// avoidedElsewhere reports whether a text was handed to c because another could
// not send it.
func (f *fleet) avoidedElsewhere(c *courier, text uint64) bool {
	now := f.timeline.now()
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.couriers, func(o *courier) bool { return o != c && o.avoids(text, now) })
}

// begins notes that c begins with the next part: its patience starts anew.
func (f *fleet) begins(c *courier) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.since = f.timeline.now()
}

// await returns when there may be something for c to do, or ctx is done.
func (f *fleet) await(ctx context.Context, c *courier, now time.Duration) {
	var due <-chan time.Time
	if at, ok := f.store.NextDue(now); ok {
		wait := at - now
		if wait <= 0 { // another has it, or c avoids it
			wait = lookAgain
		}
		due = time.After(wait)
	}
	select {
	case <-ctx.Done():
	case <-c.wake:
	case <-due:
	}
}

// keep logs when the store begins or ceases to write down what becomes of
// texts. The store itself remembers it for as long as the process lives.
func (f *fleet) keep(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if (err == nil) == !f.unwritten {
		return
	}
	f.unwritten = err != nil
	if f.unwritten {
		f.log.Warn("what becomes of texts is not on disk", "cause", err)
		return
	}
	f.log.Info("what becomes of texts is on disk again")
}
