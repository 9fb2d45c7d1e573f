package dispatch

import (
	"fmt"
	"slices"

	"github.com/tocsin-edge/tocsin/agent/command"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// turn sets a switch on or off. That it changed is told to all contacts, the one
// who did it among them; that it stands so already only to the latter.
func (v *conversation) turn(cmd command.Command) (did string) {
	state := onOff(cmd.On)
	if v.d.isOn(cmd.Switch) == cmd.On {
		body := v.Say("is_"+state, "switch", block.Spoken(cmd.Switch))
		return fmt.Sprintf("nothing: %s is %s already", cmd.Switch, state) + v.decline(body)
	}
	// Everybody would be texted each time, and nobody turns a switch so often.
	if !v.count() {
		return fmt.Sprintf("nothing: %s is not set %s", cmd.Switch, state)
	}
	v.talk.Useless = 0
	if err := v.d.SetSwitch(cmd.Switch, cmd.On, v.with.Name, v.now); err != nil {
		return "nothing: " + err.Error()
	}
	return fmt.Sprintf("set %s %s", cmd.Switch, state)
}

// announce tells all contacts of the site how a switch was set, and by whom.
func (d *Dispatcher) announce(name string, on bool, by string, now notify.Moment) {
	for _, c := range d.options.People.Contacts {
		if !d.ledger.OptedOut(c.Phone) {
			v := d.voice(c)
			body := v.Say("switched_"+onOff(on), "who", phrase.Name(by), "switch", block.Spoken(name))
			d.ledger.Say(c, body, answerUrgency, now)
		}
	}
}

func (d *Dispatcher) isOn(name string) bool {
	return slices.ContainsFunc(d.engine.Switches(), func(s rules.SwitchState) bool { return s.Name == name && s.On })
}

// setByText tells whether there are words that set the switch.
func (d *Dispatcher) setByText(name string) bool {
	return slices.ContainsFunc(d.switches, func(s command.Switch) bool { return s.Name == name })
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}
