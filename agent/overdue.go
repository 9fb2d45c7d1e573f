package agent

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/buffer"
)

const (
	// acceptWindow is how long a critical text may wait for the network before the
	// next person is told: EN 54-21 takes the way for faulty when nothing is
	// acknowledged within 100 s (type 1).
	acceptWindow = 100 * time.Second
	// reportWindow is how long after it was accepted a critical text's report may
	// take, where reports come: of texts that arrive, nearly all do so within it.
	reportWindow = 5 * time.Minute

	never = time.Duration(math.MaxInt64)
)

// An overdue finds the texts that do not reach their readers, so that somebody
// else is told: those given up or not delivered, and critical ones of which
// nothing is heard in time. Each is found once, also across restarts. It is for
// one goroutine.
type overdue struct {
	outbox  outbox
	reports func() map[string]bool // the modems whose reports come, by name
	due     time.Duration          // when the next text may be overdue; 0: look at once
}

// changed notes that something became of a text.
func (o *overdue) changed() { o.due = 0 }

// expect notes a text that is about to wait for the network.
func (o *overdue) expect(t notify.Text, now time.Duration) {
	if t.Urgency == 0 {
		o.due = min(o.due, now+acceptWindow)
	}
}

// pass tells d what its readers do not know by texts that are overdue, and
// returns their IDs. That d was told belongs on disk with what follows from it.
func (o *overdue) pass(now notify.Moment, d *dispatch.Dispatcher) (ids []uint64) {
	if now.At < o.due {
		return nil
	}
	for _, t := range o.find(now.At) {
		d.Unreached(o.outbox.decode(t.ID, t.Tells), now)
		ids = append(ids, t.ID)
	}
	return ids
}

// find returns the texts that are overdue, in the order they came, and notes when
// the next one may be.
func (o *overdue) find(now time.Duration) (late []buffer.Text) {
	reports := o.reports()
	o.due = never
	o.outbox.store.Unsettled(func(t *buffer.Text, sent *buffer.Sent) {
		switch at := o.deadline(t, sent, reports, now); {
		case at <= now:
			late = append(late, buffer.Text{ID: t.ID, Tells: t.Tells})
		case at < o.due:
			o.due = at
		}
	})
	slices.SortFunc(late, func(a, b buffer.Text) int { return cmp.Compare(a.ID, b.ID) })
	return late
}

// deadline is when the text is overdue unless something becomes of it, sent nil
// while it waits.
func (o *overdue) deadline(t *buffer.Text, sent *buffer.Sent, reports map[string]bool, now time.Duration) time.Duration {
	switch critical := t.Urgency == 0; {
	case sent == nil && critical && t.Created+acceptWindow > now:
		return t.Created + acceptWindow
	case sent == nil && critical:
		return o.written(t) + acceptWindow
	case sent == nil:
		return never
	case sent.Fate(now) == buffer.Failed:
		return now
	case critical && awaitsReport(sent, reports, now):
		return sent.Ended + reportWindow
	}
	return never
}

// written is when the text was: one that is told anew, in place of another, counts
// from then on.
func (o *overdue) written(t *buffer.Text) time.Duration {
	at := t.Created
	for _, told := range o.outbox.decode(t.ID, t.Tells) {
		at = max(at, told.At)
	}
	return at
}

// awaitsReport reports whether a report of a part is yet to come.
func awaitsReport(sent *buffer.Sent, reports map[string]bool, now time.Duration) bool {
	return slices.ContainsFunc(sent.Parts, func(p buffer.Part) bool { return p.Fate(now) == buffer.Pending && reports[p.Modem] })
}
