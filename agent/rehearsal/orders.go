package rehearsal

import (
	"fmt"
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
)

// SetSwitch turns a switch, which the configuration must have, on or off. While
// the gateway is down nobody can.
func (g *Gateway) SetSwitch(at time.Duration, name string, on bool) {
	if !g.order(at) {
		return
	}
	if err := g.dispatcher.SetSwitch(name, on, "", g.moment()); err != nil {
		panic("rehearsal: " + err.Error())
	}
	g.settle()
}

// Ack acknowledges every open incident of an alert and tells how many there
// were. While the gateway is down nobody can.
func (g *Gateway) Ack(at time.Duration, alert, by string) (acked int) {
	if !g.order(at) {
		return 0
	}
	for _, i := range g.Open() {
		if i.Alert != alert {
			continue
		}
		acked++
		// One that is over by the same moment needs no ack.
		if g.dispatcher.Ack(i.ID, by, g.now-g.away) == nil {
			g.settle()
		}
	}
	return acked
}

// Silence silences alerts. While the gateway is down nobody can.
func (g *Gateway) Silence(at time.Duration, s notify.Silence) error {
	if !g.order(at) {
		return nil
	}
	if s.Until != 0 {
		s.Until -= g.away
	}
	_, err := g.dispatcher.Silence(s, g.moment())
	g.settle()
	return err
}

// Unsilence ends the silences that people began, and tells how many there were.
// While the gateway is down nobody can.
func (g *Gateway) Unsilence(at time.Duration) (ended int) {
	if !g.order(at) {
		return 0
	}
	ended = g.dispatcher.Unsilence(func(s notify.Silence) bool { return s.Window == "" }, g.moment())
	g.settle()
	return ended
}

// Reply has a text come from a number. It waits while there is no service or the
// gateway is down.
func (g *Gateway) Reply(at time.Duration, from, body string) {
	g.pass(at, at-1)
	r := Reply{From: from, Body: body}
	if i := slices.IndexFunc(g.options.People.Contacts, func(c *notify.Contact) bool { return c.Phone == from }); i >= 0 {
		r.Contact = g.options.People.Contacts[i].Name
	}
	g.phone.inbox = append(g.phone.inbox, r)
	g.hearAll()
}

// hearAll hears what has come, in order, where it can be heard.
func (g *Gateway) hearAll() {
	for g.up == 0 && g.phone.back == 0 && len(g.phone.inbox) > 0 {
		r := g.phone.inbox[0]
		g.phone.inbox = slices.Delete(g.phone.inbox, 0, 1)
		r.At = g.now
		r.Did = g.dispatcher.Hear(dispatch.Inbound{From: r.From, Body: r.Body}, g.moment())
		g.options.Heard(r)
		g.settle()
	}
}

// order lets time pass until somebody gives an order, and is false when the
// gateway is down.
func (g *Gateway) order(at time.Duration) bool {
	g.pass(at, at-1)
	return g.up == 0
}

// code is a one-time code: the first is 1001, the next 1002.
func (g *Gateway) code() string {
	g.codes++
	return fmt.Sprint(1000 + g.codes)
}

// facts is a gateway all of whose troubles are those of the rehearsal.
func (g *Gateway) facts() dispatch.Facts {
	f := dispatch.Facts{
		CanSend: g.phone.back == 0, NoService: g.phone.back != 0, Operator: "Rehearsal", Technology: "LTE", Signal: "good",
		Brokers: len(g.options.Brokers), Waiting: len(g.phone.waiting),
		Sensors: g.Stats().Series, SensorsSilent: g.dispatcher.Engine().Silent(g.now - g.away),
	}
	if g.broker.back == 0 {
		f.BrokersUp = f.Brokers
	}
	if f.NoService {
		f.Trouble, f.NoServiceSince, f.Signal = "no service", g.phone.lost, ""
	}
	return f
}

// Open lists the incidents that are not resolved, the oldest first.
func (g *Gateway) Open() []rules.Incident { return g.dispatcher.Engine().Open() }

// Silenced tells whether nobody is told of the incident now, by a silence or by a
// window of the configuration.
func (g *Gateway) Silenced(i rules.Incident) bool {
	return g.dispatcher.Ledger().Silenced(i, g.moment())
}

// Told lists the open incidents that a phone was told of, the latest first.
func (g *Gateway) Told(phone string) []rules.Incident { return g.dispatcher.Ledger().Told(phone) }

// Switches lists every switch and how it stands.
func (g *Gateway) Switches() []rules.SwitchState {
	all := g.dispatcher.Engine().Switches()
	for i := range all {
		all[i].Since += g.away
	}
	return all
}

// Stats tells what went through the engine since the gateway last started.
func (g *Gateway) Stats() rules.Stats { return g.dispatcher.Engine().Stats() }
