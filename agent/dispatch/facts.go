package dispatch

import (
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/modem"
)

// Facts is how the gateway is, apart from what the rules know.
type Facts struct {
	CanSend        bool
	Trouble        string // why it cannot, in plain words
	Operator       string // of the network
	Technology     string // of the network, such as LTE
	Signal         string // its strength, one of package modem's words; "" when nobody knows
	NoService      bool
	NoServiceSince time.Duration
	Brokers        int
	BrokersUp      int // of them, those in reach
	Sensors        int
	SensorsSilent  int // of them, those that are offline
	Waiting        int // texts that wait for the network
	Warnings       []string
}

// facts tells how the gateway is. One of which nobody can tell has nothing wrong
// with it.
func (d *Dispatcher) facts() Facts {
	if d.options.Facts == nil {
		return Facts{CanSend: true, Signal: modem.SignalGood, Brokers: 1, BrokersUp: 1, Sensors: d.engine.Stats().Series}
	}
	return d.options.Facts()
}

// A fact is one of Facts in words.
type fact struct {
	text string
	well bool
}

// inWords says the facts, those first that matter most.
func (f Facts) inWords(v voice, now time.Duration) []fact {
	facts := append([]fact{f.modem(v)}, f.network(v, now)...)
	facts = append(facts, f.brokers(v), f.sensors(v))
	if f.Waiting > 0 {
		facts = append(facts, fact{v.Say("texts_wait", "count", f.Waiting), true})
	}
	if n := len(f.Warnings); n > 0 {
		facts = append(facts, fact{v.Say("warnings", "count", n), false})
	}
	return facts
}

func (f Facts) modem(v voice) fact {
	if f.CanSend {
		return fact{v.Say("modem_ok"), true}
	}
	return fact{v.Say("modem_trouble", "cause", f.Trouble), false}
}

// signals are the phrases for package modem's words.
var signals = map[string]string{
	modem.SignalMarginal:  "signal_marginal",
	modem.SignalWorkable:  "signal_workable",
	modem.SignalGood:      "signal_good",
	modem.SignalExcellent: "signal_excellent",
}

func (f Facts) network(v voice, now time.Duration) []fact {
	if f.NoService {
		return []fact{{v.Say("no_service", "for", phrase.Duration(now-f.NoServiceSince)), false}}
	}
	var facts []fact
	if name := strings.TrimSpace(f.Operator + " " + f.Technology); name != "" {
		facts = append(facts, fact{name, true})
	}
	if f.Signal != "" {
		facts = append(facts, f.signal(v))
	}
	return facts
}

func (f Facts) signal(v voice) fact {
	said, ok := signals[f.Signal]
	if !ok {
		return fact{f.Signal, true}
	}
	return fact{v.Say(said), true}
}

func (f Facts) brokers(v voice) fact {
	if f.BrokersUp == f.Brokers {
		return fact{v.Say("broker_ok"), true}
	}
	return fact{v.Say("brokers_up", "up", f.BrokersUp, "count", f.Brokers), false}
}

func (f Facts) sensors(v voice) fact {
	switch {
	case f.SensorsSilent > 0:
		return fact{v.Say("sensors_silent", "silent", f.SensorsSilent, "count", f.Sensors), false}
	case f.Sensors == 1:
		return fact{v.Say("sensor_ok"), true}
	}
	return fact{v.Say("sensors_ok", "count", f.Sensors), true}
}

// status answers how the gateway is and what is open.
func (v *conversation) status() (did string) {
	var facts []string
	for _, f := range v.d.facts().inWords(v.voice, v.now.At) {
		facts = append(facts, f.text)
	}
	v.answer(v.d.account(v.voice, facts))
	return "told the status"
}

// account says facts and what is open in one segment. What is open is worth more
// of it than all facts but the first.
func (d *Dispatcher) account(v voice, facts []string) string {
	open := items(d.open())
	if len(open) == 0 {
		return strings.Join(append(facts, v.Say("nothing_fires")), ", ")
	}
	for {
		said := strings.Join(facts, ", ")
		if said != "" {
			said += ". "
		}
		text := v.after(said).list("open", open)
		if v.segments(text) <= 1 || len(facts) <= 1 {
			return text
		}
		facts = facts[:len(facts)-1]
	}
}
