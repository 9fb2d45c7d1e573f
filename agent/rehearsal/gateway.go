// Package rehearsal is a gateway in virtual time.
//
// Its rules and its knowledge of people are the agent's own: the dispatcher with
// engine and ledger, restored from its records as after a real reboot. Around it
// stand a broker that keeps messages while the gateway is out of reach, a mobile
// network that texts wait for, and phones that answer. It is told the time, reads
// no clock and starts nothing, so that a year in which nothing happens takes no
// time at all.
package rehearsal

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
)

// never is a time that does not come.
const never = time.Duration(1<<63 - 1)

// Options is what a gateway is made of.
type Options struct {
	Rules  *rules.Set
	People *notify.People

	// Brokers are the names of the brokers, all of which are in reach or none; nil
	// is one.
	Brokers []string

	// Start is the true time when the rehearsal begins, which the gateway's clock
	// shows and is trusted to show; zero: the gateway does not know what time it is.
	Start time.Time

	Heartbeats []dispatch.Heartbeat

	// What happens is told to those below in the order in which it does: every
	// transition, every text that the network has taken, that failed because it was
	// refused or had waited for too long, or that was taken back while it waited, and
	// every reply with what it led to. All may be nil.
	Moved    func(rules.Transition)
	Sent     func(Text)
	Failed   func(Text)
	Recalled func(Text)
	Heard    func(Reply)
}

// Text is one that the network has taken, or that will not be sent any more. All
// its times are of the rehearsal.
type Text struct {
	notify.Text
	Sent time.Duration // or when it failed, or was taken back
}

// Reply is a text from somebody's phone.
type Reply struct {
	At      time.Duration // when it was heard
	From    string        // the number
	Contact string        // whose that is; "" for a stranger's
	Body    string
	Did     string // what it led to, in words
}

// Gateway is one agent, from its first start on. Times are durations since the
// rehearsal began; they never go back, and an earlier one counts as now. It is
// for one goroutine.
type Gateway struct {
	options    Options
	dispatcher *dispatch.Dispatcher
	records    map[string][]byte // what the store would hold
	codes      int               // that were asked for

	now    time.Duration
	away   time.Duration // spent down: the gateway's timeline leaves it out
	clock  clock
	broker broker
	phone  phone
	up     time.Duration // when a reboot is over; 0 while none is under way
	down   time.Duration // what its clock can tell of how long that takes
}

// New returns a gateway that has heard nothing yet.
func New(o Options) *Gateway {
	g := &Gateway{options: o, records: map[string][]byte{}, clock: clock{shows: o.Start, trusted: !o.Start.IsZero()}}
	if g.options.Brokers == nil {
		g.options.Brokers = []string{"broker"}
	}
	g.options.Moved = orNobody(g.options.Moved)
	g.options.Sent = orNobody(g.options.Sent)
	g.options.Failed = orNobody(g.options.Failed)
	g.options.Recalled = orNobody(g.options.Recalled)
	g.options.Heard = orNobody(g.options.Heard)
	g.start(rules.Restart{})
	g.link(true)
	return g
}

// orNobody is told, or what tells nobody where that is nil.
func orNobody[T any](told func(T)) func(T) {
	if told == nil {
		return func(T) {}
	}
	return told
}

// Pass lets time pass until at, and everything happen that is due by then.
func (g *Gateway) Pass(at time.Duration) { g.pass(at, at) }

// Publish gives the broker a message at that time. Timers that are due at its
// very moment come after it.
func (g *Gateway) Publish(at time.Duration, m Message) {
	g.pass(at, at-1)
	if m.Retain {
		g.broker.keep(m)
	}
	switch {
	case g.hears():
		g.observe(m, false)
	case g.subscribed(m) > 0:
		g.broker.waiting = append(g.broker.waiting, m)
	}
}

// Reboot stops the gateway in good order at that time and starts it again after
// down. What it remembers is its records. Its clock then shows what is given; the
// zero Time says that it kept time.
func (g *Gateway) Reboot(at, down time.Duration, shows time.Time) {
	g.Pass(at)
	if g.up == 0 {
		g.keep(g.dispatcher.Engine().Unsaved(true))
		g.up, g.down = g.now, 0
	}
	more := max(g.now+down-g.up, 0)
	g.up, g.away, g.down = g.up+more, g.away+more, g.down+more
	trusted := g.clock.trusted
	if g.clock.reboot(shows, g.up); !trusted || !g.clock.trusted {
		g.down = 0
	}
}

// StepClock moves the gateway's clock.
func (g *Gateway) StepClock(at, by time.Duration) {
	g.Pass(at)
	g.clock.shows = g.clock.shows.Add(by)
}

// Clock is what the gateway's clock shows, and whether it is to be believed: it
// is not from a reboot on that set it back. It says nothing while the gateway is
// down.
func (g *Gateway) Clock() (shows time.Time, trusted bool) { return g.clock.at(g.now), g.clock.trusted }

// LoseBroker keeps the broker out of the gateway's reach for that long.
func (g *Gateway) LoseBroker(at, down time.Duration) {
	g.Pass(at)
	g.broker.back = max(g.broker.back, g.now+down)
	if g.up == 0 {
		g.link(false)
	}
}

// LoseService keeps texts from being sent and replies from being heard for that
// long, be it for want of a network or of a modem.
func (g *Gateway) LoseService(at, down time.Duration) {
	g.Pass(at)
	g.phone.outage(max(g.now, g.up)-g.away, g.now+down)
}

// LosePerson has the network refuse texts to a number for that long.
func (g *Gateway) LosePerson(at time.Duration, number string, down time.Duration) {
	g.Pass(at)
	g.phone.lose(number, g.now+down)
}

// hears tells whether what is published arrives at once.
func (g *Gateway) hears() bool { return g.up == 0 && g.broker.back == 0 }

// pass lets happen what is due by at; timers of the rules only when they are due
// by timers.
func (g *Gateway) pass(at, timers time.Duration) {
	for {
		back, due := g.nextReturn(), g.nextTimer()
		switch {
		case back <= at && back <= due:
			g.now = max(g.now, back)
			g.comeBack()
		case due <= timers:
			g.now = max(g.now, due)
			g.dispatcher.Tick(g.now - g.away)
			g.settle()
		default:
			g.now = max(g.now, at)
			return
		}
	}
}

// nextReturn is when the first thing that is out comes back.
func (g *Gateway) nextReturn() time.Duration {
	next := never
	for _, back := range [...]time.Duration{g.up, g.broker.back, g.phone.back} {
		if back != 0 {
			next = min(next, back)
		}
	}
	return next
}

// nextTimer is when a timer is due, of the rules or of what people are told.
func (g *Gateway) nextTimer() time.Duration {
	if g.up != 0 {
		return never
	}
	due, ok := g.dispatcher.NextTick(g.moment())
	if !ok {
		return never
	}
	return due + g.away
}

// comeBack restores what is due back. What the broker kept is heard once both
// it and the gateway are there, and texts that waited go out.
func (g *Gateway) comeBack() {
	heard := g.hears()
	for _, back := range [...]*time.Duration{&g.broker.back, &g.phone.back} {
		if *back <= g.now {
			*back = 0
		}
	}
	if g.up != 0 && g.up <= g.now {
		g.up = 0
		g.start(rules.Restart{At: g.now - g.away, Rebooted: true, Downtime: g.down})
	}
	if !heard && g.hears() {
		g.reconnect()
	}
	g.settle()
	g.hearAll()
}

// start starts the gateway from its records.
func (g *Gateway) start(r rules.Restart) {
	g.dispatcher = dispatch.New(dispatch.Options{
		Rules: g.options.Rules, People: g.options.People, Heartbeats: g.options.Heartbeats,
		Queue: &g.phone, Facts: g.facts, Outage: g.phone.dead, Code: g.code,
	})
	r.Unlinked = g.options.Brokers
	for _, err := range g.dispatcher.Restore(g.recorded, r, g.moment()) {
		panic("rehearsal: the gateway does not know its own " + err.Error())
	}
	g.settle()
}

// link tells the rules that the brokers came into reach or went out of it.
func (g *Gateway) link(up bool) {
	for _, name := range g.options.Brokers {
		g.dispatcher.Link(name, up, g.now-g.away)
		g.settle()
	}
}

// recorded are the records whose keys begin with prefix, in the order of their
// keys.
func (g *Gateway) recorded(prefix string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, key := range slices.Sorted(maps.Keys(g.records)) {
			if strings.HasPrefix(key, prefix) && !yield(key, g.records[key]) {
				return
			}
		}
	}
}

// reconnect hears what the broker kept for the gateway, and then once more what
// it keeps for everybody.
func (g *Gateway) reconnect() {
	g.link(true)
	waiting := g.broker.waiting
	g.broker.waiting = nil
	for _, m := range waiting {
		g.observe(m, false)
	}
	for _, topic := range slices.Sorted(maps.Keys(g.broker.retained)) {
		g.observe(g.broker.retained[topic], true)
	}
}

func (g *Gateway) observe(m Message, retained bool) {
	g.dispatcher.Observe(rules.Reading{
		Topic: m.Topic, Payload: m.Payload, At: g.now - g.away,
		Retained: retained, Duplicate: m.Dup && !retained, Wall: g.wall(),
	})
	g.settle()
}

// moment is now, as the gateway knows it.
func (g *Gateway) moment() notify.Moment { return notify.Moment{At: g.now - g.away, Wall: g.wall()} }

// wall is the time of day as far as the gateway knows it.
func (g *Gateway) wall() time.Time {
	if shows, trusted := g.Clock(); trusted {
		return shows
	}
	return time.Time{}
}

// settle does with what was decided what the agent does: it remembers it, and
// texts whoever should hear of it, until nothing follows from that any more.
func (g *Gateway) settle() {
	for again := true; again; again = g.send() {
		g.conclude()
	}
}

func (g *Gateway) conclude() {
	o := g.dispatcher.Conclude(g.moment())
	g.keep(o.Records)
	for _, t := range o.Transitions {
		t.At += g.away
		g.options.Moved(t)
	}
	for _, id := range o.Recalled {
		if w, ok := g.phone.strike(id); ok {
			g.options.Recalled(w.over(g.now))
		}
	}
	g.phone.write(o.Texts, g.away)
}

func (g *Gateway) keep(records []rules.Record) {
	for _, r := range records {
		if r.Value == nil {
			delete(g.records, r.Key)
		} else {
			g.records[r.Key] = r.Value
		}
	}
}

// send sends what waits while there is service, and tells whether some of it
// failed, which others may have to hear then.
func (g *Gateway) send() (failed bool) {
	for g.up == 0 && g.phone.back == 0 {
		w, ok := g.phone.next()
		if !ok {
			break
		}
		if g.phone.takes(w, g.now) {
			g.options.Sent(w.over(g.now))
			continue
		}
		failed = true
		g.options.Failed(w.over(g.now))
		g.dispatcher.Unreached(w.text.Tells, g.moment())
	}
	return failed
}

// subscribed is the quality of service at which the message would be delivered:
// its own, or less where the configuration asks for less; 0 when nobody asks.
func (g *Gateway) subscribed(m Message) byte {
	var qos byte
	for _, s := range g.options.Rules.Sensors {
		if _, ok := s.Pattern.Match(m.Topic, nil); ok {
			qos = max(qos, min(m.QoS, s.QoS))
		}
	}
	for _, s := range g.options.Rules.Switches {
		if s.Topic == m.Topic {
			qos = max(qos, min(m.QoS, switchQoS))
		}
	}
	return qos
}

// switchQoS is that of the subscriptions for switches.
const switchQoS = 1
