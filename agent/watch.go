package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/mqtt"
	"github.com/tocsin-edge/tocsin/rules"
)

const (
	// groupMax messages share one commit at most; they are all still the
	// broker's until it is done.
	groupMax = 20
	// saveEvery bounds how often readings that changed nothing are written.
	saveEvery = time.Minute
	// saveMaxBytes of them share one commit, give or take one.
	saveMaxBytes = 2 << 20
	// retryEvery is how often a commit that the disk refused is tried again.
	retryEvery = time.Second
	// heldMax messages may wait, unacknowledged, for such a commit.
	heldMax = 200
)

// A watch takes messages, received texts and the passing of time to the
// dispatcher, and what follows from them to the store. Only then does it let the
// broker forget a message.
type watch struct {
	dispatch *dispatch.Dispatcher
	store    *buffer.Store
	timeline timeline
	clock    *wallClock
	zone     *time.Location // of the site
	inbox    *inbox
	texts    overdue
	messages <-chan *mqtt.Message
	ask      <-chan question
	linked   <-chan struct{}        // a broker came into reach or went out of it
	links    func() map[string]bool // which are in reach, by name
	heard    <-chan struct{}        // a whole text was received
	fated    <-chan struct{}        // a text will not reach its reader
	changed  func(rules.Transition) // told of every transition that was decided
	publish  func(dispatch.Beat)    // does not block
	log      *slog.Logger

	refused   error           // the store's last word, when it was no
	unsettled []*mqtt.Message // decided on, not yet acknowledged
	pending   buffer.Batch    // what was decided, not yet in the store
}

// run watches until ctx is done, and leaves behind what the next run needs.
func (w *watch) run(ctx context.Context) error {
	w.restore()
	save := time.NewTicker(saveEvery)
	defer save.Stop()
	tick := time.NewTimer(0)
	defer tick.Stop()
	for ctx.Err() == nil {
		w.regain()
		tick.Reset(w.untilTick())
		select {
		case <-ctx.Done():
		case m := <-w.intake():
			w.take(m)
		case <-tick.C:
			w.dispatch.Tick(w.timeline.now())
			w.settle()
		case <-save.C:
			w.save(false)
		case <-w.linked:
			w.relink()
		case <-w.heard:
			w.hear()
			w.settle()
		case <-w.fated:
			w.texts.changed()
			w.settle()
		case q := <-w.ask:
			w.answer(q)
		}
	}
	w.save(true)
	return nil
}

// A question is put to the dispatcher between two of its decisions. What follows
// from it is in the store, or held for it, when done is closed.
type question struct {
	put  func(*dispatch.Dispatcher, notify.Moment)
	done chan<- error // what the store has against it
}

// answer lets due timers fire first, so that the question finds everything as it
// stands at this moment.
func (w *watch) answer(q question) {
	now := w.moment()
	w.dispatch.Tick(now.At)
	q.put(w.dispatch, now)
	w.settle()
	q.done <- w.refused
}

// restore takes up where the last run stopped. Alerts that are no longer
// configured end here, and whoever was told of them hears it. Texts that were
// received and not carried out are carried out now.
func (w *watch) restore() {
	r := rules.Restart{At: w.timeline.now(), Rebooted: w.timeline.rebooted, Unlinked: slices.Sorted(maps.Keys(w.links()))}
	if r.Rebooted {
		r.Downtime = w.clock.missed(r.At)
	}
	for _, err := range w.dispatch.Restore(w.store.Records, r, w.moment()) {
		w.log.Warn("a record of an earlier run is set aside", "cause", err)
	}
	w.pending.Records = append(w.pending.Records, w.timeline.record(w.clock))
	w.hear()
	w.settle()
}

// hear carries out what was received and is not carried out yet. That it was is
// on disk together with what follows from it.
func (w *watch) hear() {
	for _, r := range w.inbox.undone() {
		did := w.carryOut(r)
		w.log.Info("text carried out", "from", r.sender(), "did", did)
		w.pending.Records = append(w.pending.Records, w.inbox.done(r, did))
	}
}

// hearMax is how long after it came a text is still carried out. One that waited
// longer, as over a gateway's downtime, was meant for another situation.
const hearMax = time.Hour

// carryOut does what a text asks for and tells in words what that was.
func (w *watch) carryOut(r received) (did string) {
	now := w.moment()
	if age := now.At - r.At; age > hearMax {
		return fmt.Sprintf("nothing: it came %s before it could be carried out", phrase.Duration(age))
	}
	return w.dispatch.Hear(dispatch.Inbound{From: r.From, Name: r.Name, Body: r.Body}, now)
}

// relink tells the rules which brokers are in reach. What sensors are excused for
// because of it is written down at once: a restart would find them silent.
func (w *watch) relink() {
	now, up := w.timeline.now(), w.links()
	for _, broker := range slices.Sorted(maps.Keys(up)) {
		w.dispatch.Link(broker, up[broker], now)
	}
	w.save(false)
}

// regain takes in how long a reboot took once that is known, be it long after:
// a gateway may boot without a clock and hear of the time from the network.
func (w *watch) regain() {
	now := w.timeline.now()
	if d := w.clock.missed(now); d > 0 {
		w.log.Info("the time of day is known; the gateway was down", "for", d.Round(time.Second))
		w.dispatch.Missed(d, w.timeline.began, now)
		w.save(false)
	}
}

// intake is where messages come from; nowhere while too many wait for the disk,
// so that they stay with the broker.
func (w *watch) intake() <-chan *mqtt.Message {
	if len(w.unsettled) >= heldMax {
		return nil
	}
	return w.messages
}

// untilTick is how long until a timer of the dispatcher or of a text is due;
// shorter while the store refuses what was decided, which is then tried again.
func (w *watch) untilTick() time.Duration {
	wait := saveEvery
	if w.refused != nil {
		wait = retryEvery
	}
	now := w.moment()
	if due, ok := w.dispatch.NextTick(now); ok {
		wait = min(wait, max(due-now.At, 0))
	}
	return min(wait, max(w.texts.due-now.At, 0))
}

// take decides on a message and on those that wait behind it, together.
func (w *watch) take(m *mqtt.Message) {
	for m != nil {
		w.unsettled = append(w.unsettled, m)
		if m.Oversize == 0 { // the session has counted it
			w.dispatch.Observe(rules.Reading{
				Topic: m.Topic, Payload: m.Payload, At: w.timeline.now(), Wall: w.clock.now(),
				Retained: m.Retained, Duplicate: m.Duplicate,
			})
		}
		if len(w.unsettled) >= groupMax {
			break
		}
		select {
		case m = <-w.messages:
		default:
			m = nil
		}
	}
	w.settle()
}

func (w *watch) moment() notify.Moment {
	now := notify.Moment{At: w.timeline.now(), Wall: w.clock.now()}
	if !now.Wall.IsZero() {
		now.Wall = now.Wall.In(w.zone)
	}
	return now
}

// conclude adds what follows from all that was taken in to what is pending.
func (w *watch) conclude() {
	now := w.moment()
	w.pending.Unreached = append(w.pending.Unreached, w.texts.pass(now, w.dispatch)...)
	o := w.dispatch.Conclude(now)
	w.pending.Records = appendRecords(w.pending.Records, o.Records)
	for _, t := range o.Texts {
		w.pending.Texts = append(w.pending.Texts, w.text(t))
		w.texts.expect(t, now.At)
	}
	w.pending.Recalled = append(w.pending.Recalled, o.Recalled...)
	for _, t := range o.Transitions {
		w.changed(t)
	}
	for _, b := range o.Beats {
		w.publish(b)
	}
}

// text is t as the store keeps it.
func (w *watch) text(t notify.Text) buffer.Text {
	return buffer.Text{
		To: t.To, Contact: t.Contact, Body: t.Body, Urgency: t.Urgency,
		Subject: t.Subject, Created: t.Created, Expires: t.Created + textLife,
		Call: t.Call, Flash: t.Flash, Tells: w.texts.outbox.encode(t),
	}
}

func appendRecords(to []buffer.Record, from []rules.Record) []buffer.Record {
	for _, r := range from {
		to = append(to, buffer.Record{Key: r.Key, Value: r.Value})
	}
	return to
}

// settle puts what follows from everything so far on disk and lets the broker
// forget the messages it came from. What the disk refuses is held in memory, so
// that people are told all the same, and the broker keeps the messages until it
// is written.
func (w *watch) settle() {
	w.conclude()
	w.commit()
	err := w.store.Flush()
	w.report(err)
	if err != nil && !errors.Is(err, buffer.ErrReadOnly) {
		return
	}
	// On a file system that has become read-only nothing will ever be written;
	// messages kept back would only keep later ones from being heard.
	for _, m := range w.unsettled {
		m.Ack()
	}
	clear(w.unsettled)
	w.unsettled = w.unsettled[:0]
}

// commit hands what is pending to the store.
func (w *watch) commit() {
	b := w.pending
	if b.Empty() {
		return
	}
	w.pending = buffer.Batch{}
	b.Records = append(b.Records, w.timeline.record(w.clock))
	_, err := w.store.Commit(b)
	w.report(err)
	if err == nil {
		return
	}
	if errors.Is(err, buffer.ErrQueueFull) {
		b.Texts = w.mostUrgent(b.Texts)
	}
	if _, err = w.store.Hold(b); err == nil {
		return
	}
	// What is to be remembered does not fit; people are told all the same.
	_, untold := w.store.Hold(buffer.Batch{Texts: b.Texts, Recalled: b.Recalled})
	if untold != nil {
		w.store.Release(b.Recalled...)
	}
	w.log.Error("a decision is not remembered", "records", len(b.Records), "texts", len(b.Texts),
		"cause", err, "texts_lost", untold)
}

// mostUrgent is what of the texts is worth exceeding the queue's bound for.
func (w *watch) mostUrgent(texts []buffer.Text) []buffer.Text {
	urgent := slices.DeleteFunc(slices.Clone(texts), func(t buffer.Text) bool { return t.Urgency > 0 })
	w.log.Error("too many texts wait, the least urgent are dropped", "dropped", len(texts)-len(urgent))
	return urgent
}

// report logs when the store begins or ceases to refuse.
func (w *watch) report(err error) {
	if (err == nil) == (w.refused == nil) {
		return
	}
	w.refused = err
	if err != nil {
		w.log.Error("the store refuses what was decided; it is held in memory", "cause", err)
		return
	}
	w.log.Info("the store takes what was decided again")
}

// save writes down the readings that changed nothing; at the end all of them, and
// until when the gateway watched. They do not depend on each other, and may be
// more than one commit takes. What the store holds in memory while it refuses is
// room for decisions.
func (w *watch) save(end bool) {
	w.settle()
	if w.refused != nil {
		return
	}
	size := 0
	for _, r := range w.dispatch.Engine().Unsaved(end) {
		if size += len(r.Key) + len(r.Value); size > saveMaxBytes {
			w.settle()
			size = 0
		}
		w.pending.Records = append(w.pending.Records, buffer.Record{Key: r.Key, Value: r.Value})
	}
	if end {
		w.pending.Records = append(w.pending.Records, w.timeline.record(w.clock))
	}
	w.settle()
}
