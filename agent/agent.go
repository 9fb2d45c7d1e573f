// Package agent wires the line from a broker's message to a text in a person's
// hand. It owns every goroutine; everything else blocks in a Run of its own.
package agent

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/modem/modemmanager"
	"github.com/tocsin-edge/tocsin/mqtt"
	"github.com/tocsin-edge/tocsin/rules"
)

// Options is what an agent is made of.
type Options struct {
	Version string
	Config  *config.Config
	Data    string // directory of the store
	Socket  string // path of the unix socket; empty: none
	Store   buffer.Options
	Boot    Boot
	Clock   Clock
	Log     *slog.Logger

	// Changed is told of every transition as it is decided, and Sent of every
	// text that the network has accepted; both may be nil. They must not block.
	Changed func(rules.Transition)
	Sent    func(buffer.Text)
}

// Agent is one gateway's watch.
type Agent struct {
	options  Options
	log      *slog.Logger
	started  time.Time
	store    *buffer.Store
	timeline timeline
	inbox    *inbox
	fleet    *fleet
	broker   *mqtt.Broker // nil: none embedded
	sessions []*mqtt.Session
	dispatch *dispatch.Dispatcher // the watch's alone once Run was called
	messages chan *mqtt.Message
	ask      chan question

	// These are signalled, capacity 1, for the watch to look.
	linked chan struct{} // a session connected, or lost its connection
	heard  chan struct{} // a text was received whole
	fated  chan struct{} // a text will not reach its reader
}

// New opens the store and prepares everything else; nothing runs yet. Close
// what it returns, or Run it.
func New(o Options) (*Agent, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a := &Agent{
		options: o, log: o.Log, started: time.Now(),
		messages: make(chan *mqtt.Message), // a rendezvous: what is not taken is still the broker's
		ask:      make(chan question),
		linked:   make(chan struct{}, 1),
		heard:    make(chan struct{}, 1),
		fated:    make(chan struct{}, 1),
	}
	if err := a.connectors(); err != nil {
		return nil, err
	}
	if err := a.open(); err != nil {
		return nil, err
	}
	return a, nil
}

// connectors makes what reaches out of the process.
func (a *Agent) connectors() (err error) {
	if b := a.options.Config.Broker; b != nil {
		o := *b
		o.Log = a.log.With("task", "broker")
		o.AwaitSubscriber = slices.ContainsFunc(a.options.Config.Brokers, embedded)
		if a.broker, err = mqtt.NewBroker(o); err != nil {
			return err
		}
	}
	for _, o := range a.options.Config.Brokers {
		if embedded(o) {
			o.Dial = a.broker.Dial
		}
		o.Log = a.log.With("task", "mqtt "+o.Name)
		o.Changed = a.noteLink
		s, err := mqtt.New(o)
		if err != nil {
			return err
		}
		a.sessions = append(a.sessions, s)
	}
	return nil
}

// noteLink lets the watch look at the sessions.
func (a *Agent) noteLink() { signal(a.linked) }

// signal has whoever listens look. One look is as good as several.
func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// links tells which brokers are in reach, by the names of the configuration.
func (a *Agent) links() map[string]bool {
	up := map[string]bool{}
	for i, s := range a.sessions {
		up[a.options.Config.Brokers[i].Name] = s.State().Connected
	}
	return up
}

// embedded says whether the session is with the broker in this process.
func embedded(o mqtt.Options) bool { return o.URL == "" && o.Dial == nil }

// open opens the store, and with it what an earlier run left behind.
func (a *Agent) open() (err error) {
	o := a.options.Store
	o.Log = a.log.With("task", "store")
	if a.store, _, err = buffer.Open(a.options.Data, o); err != nil {
		return err
	}
	a.timeline, err = resume(a.options.Boot, get(a.store, timelineKey))
	if err != nil {
		a.log.Warn("the gateway's timeline begins anew", "cause", err)
	}
	if a.timeline.rebooted {
		// Time that could not be measured must not be waited out once more.
		a.store.Hasten(a.timeline.now())
	}
	a.inbox = a.newInbox()
	a.fleet = a.newFleet()
	a.dispatch = dispatch.New(dispatch.Options{
		Rules: a.options.Config.Rules, People: a.options.Config.People, Queue: a.outbox(), Facts: a.facts, Outage: a.fleet.outage, Code: oneTimeCode,
		Heartbeats: a.options.Config.Heartbeats,
	})
	return nil
}

func (a *Agent) outbox() outbox { return outbox{a.store, a.log.With("task", "watch")} }

// oneTimeCode is four digits that nobody can foresee.
func oneTimeCode() string {
	n, err := rand.Int(rand.Reader, big.NewInt(10_000))
	if err != nil {
		panic("agent: random numbers: " + err.Error()) // crypto/rand itself never returns one
	}
	return fmt.Sprintf("%04d", n)
}

// NewModem makes the kind of modem that its block asks for. It starts nothing.
func NewModem(m config.Modem) modem.Modem {
	if m.Backend == config.BackendModemManager {
		return modemmanager.New(modemmanager.Options{Options: m.Options, Device: m.Device})
	}
	return modem.New(m.Options)
}

// Run watches and delivers until ctx is done or a task fails. Every goroutine
// the agent owns starts here and has ended when Run returns.
func (a *Agent) Run(ctx context.Context) error {
	tasks, ctx := errgroup.WithContext(ctx)
	start := func(name string, run func(context.Context) error) {
		tasks.Go(func() error {
			a.log.Debug("ready", "task", name)
			if err := run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	}
	start("fleet", a.fleet.run)
	for _, c := range a.fleet.couriers {
		// The line outlives its courier, whose last part still has to settle.
		line, hangUp := outlive(ctx, StopGrace)
		defer hangUp()
		start("modem "+c.name, func(context.Context) error { return c.modem.Run(line) })
		start("deliver "+c.name, func(ctx context.Context) error { defer hangUp(); return c.run(ctx) })
	}
	start("watch", a.watch().run)
	if a.broker != nil {
		start("broker", a.broker.Run)
	}
	for _, s := range a.sessions {
		start("mqtt", func(ctx context.Context) error { return s.Run(ctx, a.messages) })
	}
	if a.options.Socket != "" {
		start("socket", a.serveSocket)
	}
	err := tasks.Wait()
	return errors.Join(err, a.store.Close())
}

// serveSocket answers questions. That it cannot is no reason to stop alerting.
func (a *Agent) serveSocket(ctx context.Context) error {
	if err := api.Serve(ctx, a.options.Socket, a); err != nil {
		a.log.Error("nobody can ask this agent how it is", "cause", err)
	}
	return nil
}

// outlive returns a context that ends only grace after ctx, or with its cancel.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() {
		limit := time.NewTimer(grace)
		defer limit.Stop()
		select {
		case <-limit.C:
			cancel()
		case <-longer.Done():
		}
	})
	return longer, cancel
}

func (a *Agent) watch() *watch {
	return &watch{
		dispatch: a.dispatch, store: a.store, inbox: a.inbox, texts: overdue{outbox: a.outbox(), reports: a.fleet.reports},
		timeline: a.timeline, clock: newWallClock(a.clock(), a.timeline), zone: a.options.Config.Site.Zone,
		messages: a.messages, ask: a.ask, linked: a.linked, links: a.links, heard: a.heard, fated: a.fated,
		changed: a.changed, publish: a.publish, log: a.log.With("task", "watch"),
	}
}

// clock is the machine's, beside that of the network.
func (a *Agent) clock() Clock {
	c := a.options.Clock
	c.Network = a.networkTime
	return c
}

// networkTime is the time of day that a modem has from its network, the one
// that asked last; zero when none has.
func (a *Agent) networkTime() time.Time {
	var latest modem.State
	for _, c := range a.fleet.couriers {
		if st := c.modem.State(); st.NetworkTimeRead.After(latest.NetworkTimeRead) {
			latest = st
		}
	}
	return latest.NetworkClock(time.Now())
}

func (a *Agent) newFleet() *fleet {
	f := &fleet{
		store: a.store, timeline: a.timeline, sent: a.textSent, lost: func() { signal(a.fated) },
		log: a.log.With("task", "deliver"), held: map[string]bool{},
	}
	for _, m := range a.options.Config.Modems {
		m.PINs, m.Notes, m.Inbox = pinLedger{a.store}, modemNotes{a.store}, a.inbox
		m.Log = a.log.With("task", "modem")
		f.couriers = append(f.couriers, &courier{
			fleet: f, modem: NewModem(m), name: m.Name, prefer: m.Prefer,
			log: f.log.With("modem", m.Name), wake: make(chan struct{}, 1), avoided: map[uint64]time.Duration{},
		})
	}
	slices.SortStableFunc(f.couriers, func(a, b *courier) int { return cmp.Compare(a.prefer, b.prefer) })
	return f
}

// get returns the value of one record, nil when there is none.
func get(s *buffer.Store, key string) []byte {
	for k, value := range s.Records(key) {
		if k == key {
			return value
		}
	}
	return nil
}
