// Package rehearsal is a gateway in virtual time.
//
// Its rules and its knowledge of people are the agent's own: the engine and the
// ledger, restored from their records as after a real reboot. Around them stand
// a broker that keeps messages while the gateway is out of reach, and a mobile
// network that texts wait for. It is told the time, reads no clock and starts
// nothing, so that a year in which nothing happens takes no time at all.
package rehearsal

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

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

	// Moved is told of every transition and Sent of every text that the network
	// has taken, in the order in which they happen. Both may be nil.
	Moved func(rules.Transition)
	Sent  func(Text)
}

// Text is one that the network has taken. All its times are of the rehearsal.
type Text struct {
	notify.Text
	Sent time.Duration
}

// Gateway is one agent, from its first start on. Times are durations since the
// rehearsal began; they never go back, and an earlier one counts as now. It is
// for one goroutine.
type Gateway struct {
	options Options
	engine  *rules.Engine
	ledger  *notify.Ledger
	records map[string][]byte // what the store would hold

	now    time.Duration
	away   time.Duration // spent down: the engine's timeline leaves it out
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
	if g.options.Moved == nil {
		g.options.Moved = func(rules.Transition) {}
	}
	if g.options.Sent == nil {
		g.options.Sent = func(Text) {}
	}
	g.start(rules.Restart{})
	g.link(true)
	return g
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
		g.keep(g.engine.Unsaved(true))
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

// LoseService keeps texts from being sent for that long, be it for want of a
// network or of a modem.
func (g *Gateway) LoseService(at, down time.Duration) {
	g.Pass(at)
	g.phone.back = max(g.phone.back, g.now+down)
}

// SetSwitch turns a switch, which the configuration must have, on or off. While
// the gateway is down nobody can.
func (g *Gateway) SetSwitch(at time.Duration, name string, on bool) {
	g.pass(at, at-1)
	if g.up != 0 {
		return
	}
	d, err := g.engine.SetSwitch(name, on, g.now-g.away)
	if err != nil {
		panic("rehearsal: " + err.Error())
	}
	g.settle(d)
}

// Ack acknowledges every open incident of an alert and tells how many there
// were. While the gateway is down nobody can.
func (g *Gateway) Ack(at time.Duration, alert, by string) (acked int) {
	g.pass(at, at-1)
	if g.up != 0 {
		return 0
	}
	for _, i := range g.engine.Open() {
		if i.Alert != alert {
			continue
		}
		acked++
		// One that is over by the same moment needs no ack.
		if d, err := g.engine.Ack(i.ID, by, g.now-g.away); err == nil {
			g.settle(d)
		}
	}
	return acked
}

// Switches lists every switch and how it stands.
func (g *Gateway) Switches() []rules.SwitchState {
	all := g.engine.Switches()
	for i := range all {
		all[i].Since += g.away
	}
	return all
}

// Open lists the incidents that are not resolved, the oldest first.
func (g *Gateway) Open() []rules.Incident { return g.engine.Open() }

// Stats tells what went through the engine since the gateway last started.
func (g *Gateway) Stats() rules.Stats { return g.engine.Stats() }

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
			g.settle(g.engine.Tick(g.now - g.away))
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

// nextTimer is when a timer of the rules is due.
func (g *Gateway) nextTimer() time.Duration {
	due, ok := g.engine.NextTick()
	if !ok || g.up != 0 {
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
	g.sendAll()
}

// start starts the gateway from its records.
func (g *Gateway) start(r rules.Restart) {
	g.engine, g.ledger = rules.NewEngine(g.options.Rules), notify.NewLedger(g.options.People)
	r.Unlinked = g.options.Brokers
	d, errs := g.engine.Restore(g.recorded(""), r)
	errs = append(errs, g.ledger.Restore(g.recorded(notify.ToldPrefix))...)
	for _, err := range errs {
		panic("rehearsal: the gateway does not know its own " + err.Error())
	}
	g.settle(d)
}

// link tells the rules that the brokers came into reach or went out of it.
func (g *Gateway) link(up bool) {
	for _, name := range g.options.Brokers {
		g.settle(g.engine.Link(name, up, g.now-g.away))
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
	g.settle(g.engine.Observe(rules.Reading{
		Topic: m.Topic, Payload: m.Payload, At: g.now - g.away,
		Retained: retained, Duplicate: m.Dup && !retained, Wall: g.wall(),
	}))
}

// wall is the time of day as far as the gateway knows it.
func (g *Gateway) wall() time.Time {
	if shows, trusted := g.Clock(); trusted {
		return shows
	}
	return time.Time{}
}

// settle does with a decision what the agent does: it remembers it, and texts
// whoever should hear of it.
func (g *Gateway) settle(d rules.Decision) {
	if d.Empty() {
		return
	}
	g.ledger.Take(d.Transitions)
	plan := g.ledger.Plan(notify.Moment{At: g.now - g.away, Wall: g.wall()}, &g.phone)
	g.keep(d.Records)
	g.keep(plan.Records)
	for _, t := range d.Transitions {
		t.At += g.away
		g.options.Moved(t)
	}
	for _, t := range plan.Texts {
		t.Created += g.away
		g.phone.waiting = append(g.phone.waiting, t)
	}
	g.sendAll()
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

// sendAll sends what waits while there is service.
func (g *Gateway) sendAll() {
	if g.up != 0 || g.phone.back != 0 {
		return
	}
	for _, t := range g.phone.due(g.now) {
		g.options.Sent(Text{Text: t, Sent: g.now})
	}
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
