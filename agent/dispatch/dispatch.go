// Package dispatch is where rules and people meet: what the rules decide is told
// by the ledger, and what people text back changes what the rules know.
//
// It is pure: readings, texts, times and questions go in, and out come the texts
// to send and the records to keep. It keeps no clock, touches no disk and starts
// nothing.
package dispatch

import (
	"iter"
	"time"

	"github.com/tocsin-edge/tocsin/agent/command"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
)

// Options is what a Dispatcher is made of.
type Options struct {
	Rules  *rules.Set
	People *notify.People
	Queue  notify.Queue // of the texts that wait for the network

	// Facts tells how the gateway is, for STATUS and heartbeats; nil: nothing is
	// wrong with it.
	Facts func() Facts
	// Code makes a one-time code, of four digits. It is needed only where a contact
	// requires codes.
	Code func() string

	Heartbeats []Heartbeat

	// Outage tells since when nothing can be sent, and whether that is so; nil: it
	// never is. It is asked with each Conclude.
	Outage func() (since time.Duration, down bool)
}

// A Dispatcher is the engine of the rules and the ledger of the people, and all
// that passes between them. What it is told it takes down; what follows from that
// it says when asked to conclude. It is for one goroutine.
type Dispatcher struct {
	options  Options
	engine   *rules.Engine
	ledger   *notify.Ledger
	switches []command.Switch // those that texts set
	talks    map[string]*talk // by phone
	beats    map[string]beat  // the last of each heartbeat, by its name
	noted    Outcome          // since the last Conclude
}

// An Outcome is what follows from all that a Dispatcher was told since the one
// before. Its records, its texts and the disappearance of those recalled belong
// on disk together.
type Outcome struct {
	Transitions []rules.Transition
	Records     []rules.Record // in order: a later one of the same key counts
	Texts       []notify.Text
	Recalled    []uint64 // of the queue, in whose place Texts are
	Beats       []Beat
}

// Empty says that nothing is to be done.
func (o Outcome) Empty() bool {
	return len(o.Transitions) == 0 && len(o.Records) == 0 && len(o.Texts) == 0 && len(o.Recalled) == 0 && len(o.Beats) == 0
}

// New returns a Dispatcher that has heard nothing yet.
func New(o Options) *Dispatcher {
	d := &Dispatcher{
		options: o, engine: rules.NewEngine(o.Rules), ledger: notify.NewLedger(o.People),
		talks: map[string]*talk{}, beats: map[string]beat{},
	}
	for _, s := range o.Rules.Switches {
		if s.Words[0] != "" {
			d.switches = append(d.switches, command.Switch{Name: s.Name, On: s.Words[0], Off: s.Words[1]})
		}
	}
	return d
}

// Engine is the rules' engine, to look at.
func (d *Dispatcher) Engine() *rules.Engine { return d.engine }

// Ledger is the ledger of the people, to look at.
func (d *Dispatcher) Ledger() *notify.Ledger { return d.ledger }

// Restore takes up the records of an earlier run: records yields those whose keys
// begin with a prefix. What the configuration no longer has ends here, and whoever
// was told of it hears that. Records that cannot be read are returned as errors;
// the rest is restored all the same.
func (d *Dispatcher) Restore(records func(prefix string) iter.Seq2[string, []byte], r rules.Restart, now notify.Moment) []error {
	decision, errs := d.engine.Restore(records(""), r)
	for _, prefix := range notify.Prefixes {
		errs = append(errs, d.ledger.Restore(records(prefix))...)
	}
	errs = append(errs, d.restoreTalks(records(TalkPrefix))...)
	errs = append(errs, d.restoreBeats(records(BeatPrefix), r)...)
	d.absorb(decision)
	d.ledger.Abandoned(d.engine.Open(), now)
	return errs
}

// Observe takes a reading in, as [rules.Engine.Observe] does.
func (d *Dispatcher) Observe(r rules.Reading) { d.absorb(d.engine.Observe(r)) }

// Tick lets time pass until at.
func (d *Dispatcher) Tick(at time.Duration) { d.absorb(d.engine.Tick(at)) }

// Link takes in that a broker came into reach or went out of it.
func (d *Dispatcher) Link(broker string, up bool, at time.Duration) {
	d.absorb(d.engine.Link(broker, up, at))
}

// Missed takes in that before a moment of the timeline time passed which it leaves
// out, as [rules.Engine.Missed] does.
func (d *Dispatcher) Missed(down, before, at time.Duration) {
	d.absorb(d.engine.Missed(down, before, at))
	d.ageBeats(down, before)
}

// Ack takes down that somebody has seen to an incident: a contact by name, or
// whoever else it was. The error says that no such incident is open.
func (d *Dispatcher) Ack(id uint64, by string, at time.Duration) error {
	decision, err := d.engine.Ack(id, by, at)
	d.absorb(decision)
	return err
}

// SetSwitch turns a switch on or off. One that texts set is told to all contacts
// of the site when it changes, with who did it; "" by is nobody they should hear
// of. The error says that there is no switch of that name.
func (d *Dispatcher) SetSwitch(name string, on bool, by string, now notify.Moment) error {
	was := d.isOn(name)
	decision, err := d.engine.SetSwitch(name, on, now.At)
	d.absorb(decision)
	if err == nil && on != was && by != "" && d.setByText(name) {
		d.announce(name, on, by, now)
	}
	return err
}

// Silence keeps incidents from being told, as [notify.Ledger.Silence] does.
func (d *Dispatcher) Silence(s notify.Silence, now notify.Moment) (notify.Silence, error) {
	return d.ledger.Silence(s, now)
}

// Unsilence ends the silences that match, and tells how many.
func (d *Dispatcher) Unsilence(match func(notify.Silence) bool, now notify.Moment) int {
	return d.ledger.Unsilence(match, now)
}

// Unreached takes down that a text with these tellings did not reach its reader
// and will not.
func (d *Dispatcher) Unreached(tells []notify.Telling, now notify.Moment) {
	d.ledger.Unreached(tells, now)
}

// absorb takes a decision of the rules down, for the ledger to hear.
func (d *Dispatcher) absorb(decision rules.Decision) {
	d.noted.Transitions = append(d.noted.Transitions, decision.Transitions...)
	d.noted.Records = append(d.noted.Records, decision.Records...)
	d.ledger.Take(decision.Transitions)
}

func (d *Dispatcher) include(p notify.Plan) {
	d.noted.Records = append(d.noted.Records, p.Records...)
	d.noted.Texts = append(d.noted.Texts, p.Texts...)
	d.noted.Recalled = append(d.noted.Recalled, p.Recalled...)
}

// plansMax bounds how often one Conclude plans: acknowledgements that lapse may
// have others follow, but not for ever.
const plansMax = 4

// Conclude says what follows from all that was taken down since it was last
// called.
func (d *Dispatcher) Conclude(now notify.Moment) Outcome {
	if outage := d.options.Outage; outage != nil {
		d.ledger.Outage(outage())
	}
	d.beat(now)
	for range plansMax {
		plan := d.ledger.Plan(now, d.options.Queue)
		d.include(plan)
		if len(plan.Lapsed) == 0 {
			break
		}
		for _, id := range plan.Lapsed {
			d.absorb(d.engine.Lapse(id, now.At))
		}
	}
	out := d.noted
	d.noted = Outcome{}
	return out
}

// NextTick is when Tick and Conclude are next to be called although nothing has
// happened, and false when that is never.
func (d *Dispatcher) NextTick(now notify.Moment) (time.Duration, bool) {
	due, ok := d.engine.NextTick()
	if at, also := d.ledger.NextTick(); also && (!ok || at < due) {
		due, ok = at, true
	}
	for _, h := range d.options.Heartbeats {
		if at := d.nextBeat(h, now); !ok || at < due {
			due, ok = at, true
		}
	}
	return due, ok
}
