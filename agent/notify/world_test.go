package notify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tocsin-edge/tocsin/rules"
)

var (
	alice = &Contact{Name: "alice", Phone: "+353871234567", Allow: MayAll}
	bob   = &Contact{Name: "bob", Phone: "+353867654321", Allow: MayAll}
	carol = &Contact{Name: "carol", Phone: "+353850000001", Allow: MayAll}
)

// start is the time of day when every world begins: a Monday, at noon.
var start = time.Date(2026, time.January, 5, 12, 0, 0, 0, time.UTC)

// A world is a ledger in virtual time, with a network that takes texts at once or
// not at all, a disk, and alerts that fire when they are told to.
type world struct {
	t      rapid.TB
	people *People
	ledger *Ledger
	disk   map[string][]byte
	now    time.Duration
	start  time.Time // zero: nobody knows the time of day
	down   bool      // nothing can be sent
	stuck  map[uint64]bool
	queue  []queued
	serial uint64 // of incidents
	texts  uint64
	open   map[string]rules.Incident // by instance
	said   []string                  // texts that were sent, and when
	lapsed []uint64
	then   func() // what follows whenever something happens
}

type queued struct {
	Text
	id uint64
}

// rosewood tells alice and bob of smoke, which is critical, bob of the door, which
// is a warning, and alice of the battery, which informs.
func rosewood() *People {
	return &People{
		Site: "Rosewood", Contacts: []*Contact{alice, bob, carol}, Manners: DefaultManners(),
		Routes: map[string]*Route{"smoke": to(alice, bob), "door": to(bob), "battery": to(alice), "leak": to(alice)},
	}
}

var severities = map[string]rules.Severity{"smoke": rules.Critical, "leak": rules.Critical, "battery": rules.Info}

func to(contacts ...*Contact) *Route {
	var all []Addressee
	for _, c := range contacts {
		all = append(all, Addressee{Contact: c})
	}
	return Immediately(all...)
}

func newWorld(t rapid.TB, people *People) *world {
	w := &world{t: t, people: people, disk: map[string][]byte{}, start: start, open: map[string]rules.Incident{}, stuck: map[uint64]bool{}}
	w.ledger, w.then = NewLedger(people), w.plan
	w.plan()
	return w
}

func (w *world) moment() Moment {
	m := Moment{At: w.now}
	if !w.start.IsZero() {
		m.Wall = w.start.Add(w.now)
	}
	return m
}

// Waiting is of a Queue, and so is Recall.
func (w *world) Waiting(to string) []Queued {
	var all []Queued
	for _, q := range w.queue {
		if q.To == to && len(q.Tells) > 0 {
			all = append(all, Queued{ID: q.id, Created: q.Created, Tells: q.Tells})
		}
	}
	return all
}

func (w *world) Recall(id uint64) bool {
	if w.stuck[id] {
		return false
	}
	before := len(w.queue)
	w.queue = slices.DeleteFunc(w.queue, func(q queued) bool { return q.id == id })
	return len(w.queue) < before
}

// plan has the ledger plan, keeps the records and sends the texts.
func (w *world) plan() {
	w.t.Helper()
	w.ledger.Outage(0, w.down)
	p := w.ledger.Plan(w.moment(), w)
	for _, r := range p.Records {
		if r.Value == nil {
			delete(w.disk, r.Key)
		} else {
			w.disk[r.Key] = r.Value
		}
	}
	w.lapsed = append(w.lapsed, p.Lapsed...)
	for _, t := range p.Texts {
		w.texts++
		w.queue = append(w.queue, queued{t, w.texts})
	}
	w.send()
}

func (w *world) send() {
	if w.down {
		return
	}
	for _, q := range w.queue {
		ring := ""
		if q.Call {
			ring = " (rings)"
		}
		w.said = append(w.said, fmt.Sprintf("%s %s%s: %s", w.now, q.Contact, ring, strings.TrimPrefix(q.Body, "Rosewood: ")))
	}
	w.queue = nil
}

// pass lets time pass, and what is due by then happen.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	end := w.now + d
	for range 100_000 {
		due, ok := w.ledger.NextTick()
		if !ok || due > end {
			w.now = end
			w.plan()
			return
		}
		w.now = max(w.now, due)
		w.plan()
	}
	w.t.Fatal("the ledger never comes to rest")
}

func (w *world) take(t rules.Transition) {
	w.t.Helper()
	t.At, t.Instance = w.now, t.Incident.Instance()
	w.ledger.Take([]rules.Transition{t})
	w.then()
}

// fires has an alert fire; its instance is told by words after its name.
func (w *world) fires(name string) rules.Incident {
	w.t.Helper()
	alert, where, _ := strings.Cut(name, " ")
	w.serial++
	i := rules.Incident{ID: w.serial, Number: int(w.serial-1)%rules.NumberMax + 1, Alert: alert, Severity: severities[alert], Since: w.now, Message: "ALARM " + name}
	if i.Severity == "" {
		i.Severity = rules.Warning
	}
	if where != "" {
		i.Labels = []rules.Label{{Name: "where", Value: where}}
	}
	w.open[name] = i
	w.take(rules.Transition{From: rules.OK, To: rules.Firing, Incident: i, Message: i.Message})
	return i
}

func (w *world) ends(name string) {
	w.t.Helper()
	i := w.open[name]
	delete(w.open, name)
	w.take(rules.Transition{From: rules.Firing, To: rules.OK, Incident: i, Message: "OVER " + name})
}

// acks has somebody acknowledge it; by nobody, that has lapsed.
func (w *world) acks(name, by string) {
	w.t.Helper()
	i := w.open[name]
	i.Acked = nil
	if by != "" {
		i.Acked = &rules.Ack{By: by, At: w.now}
	}
	w.open[name] = i
	w.take(rules.Transition{From: rules.Firing, To: rules.Firing, Incident: i, Acked: true, Message: i.Message})
}

// rises makes it critical.
func (w *world) rises(name string) {
	w.t.Helper()
	i := w.open[name]
	i.Severity, i.Rose, i.Acked, i.Message = rules.Critical, w.now, nil, "WORSE "+name
	w.open[name] = i
	w.take(rules.Transition{From: rules.Firing, To: rules.Firing, Incident: i, Message: i.Message})
}

// suppressed has an alert keep it back, or no longer.
func (w *world) suppressed(name string, by ...string) {
	w.t.Helper()
	i := w.open[name]
	i.SuppressedBy = by
	w.open[name] = i
	w.take(rules.Transition{From: rules.Firing, To: rules.Firing, Incident: i, Released: true, Message: i.Message})
}

func (w *world) service(up bool) {
	w.t.Helper()
	w.down = !up
	w.send()
}

// restart begins again with what is on the disk.
func (w *world) restart() {
	w.t.Helper()
	w.ledger = NewLedger(w.people)
	for _, prefix := range Prefixes {
		for _, key := range slices.Sorted(maps.Keys(w.disk)) {
			if !strings.HasPrefix(key, prefix) {
				continue
			}
			if errs := w.ledger.Restore(func(yield func(string, []byte) bool) { yield(key, w.disk[key]) }); len(errs) > 0 {
				w.t.Fatal(errs)
			}
		}
	}
	w.ledger.Abandoned(slices.Collect(maps.Values(w.open)), w.moment())
	w.plan()
}

// want compares the texts sent since the last time.
func (w *world) want(texts ...string) {
	w.t.Helper()
	if diff := cmp.Diff(texts, w.said); diff != "" {
		w.t.Errorf("texts (-want +got):\n%s", diff)
	}
	w.said = nil
}
