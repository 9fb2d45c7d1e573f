package dispatch

import (
	"fmt"

	"github.com/tocsin-edge/tocsin/agent/notify"
)

// help answers what the contact can say. Who may do nothing is not answered. It
// returns what else the journal is to know.
func (v *conversation) help() (journal string) {
	if v.with.Allow == 0 {
		return ""
	}
	return v.decline(v.list("help", v.sayable()))
}

// sayable are the words that the contact may text.
func (v *conversation) sayable() []string {
	var all []string
	for _, h := range [...]struct {
		right notify.Right
		words string
	}{{notify.MayAck, "help_ack"}, {notify.MayAsk, "help_ask"}, {notify.MaySilence, "help_silence"}} {
		if v.with.Allow&h.right != 0 {
			all = append(all, v.Say(h.words))
		}
	}
	all = append(all, "STOP") // what carriers know in every language
	if v.with.Allow&notify.MaySwitch != 0 {
		for _, s := range v.d.switches {
			all = append(all, s.On+", "+s.Off)
		}
	}
	return all
}

// stop lets a contact be told nothing more, which is confirmed once.
func (v *conversation) stop() (did string) {
	if v.d.ledger.OptedOut(v.with.Phone) {
		return fmt.Sprintf("nothing: %s had opted out already", v.with.Name)
	}
	v.answer(v.Say("stopped"))
	v.d.ledger.OptOut(v.with.Phone, true, v.now)
	return v.with.Name + " opted out"
}

// start lets a contact be told again.
func (v *conversation) start() (did string) {
	if !v.d.ledger.OptedOut(v.with.Phone) {
		return fmt.Sprintf("nothing: %s had not opted out", v.with.Name) + v.decline(v.Say("started"))
	}
	v.d.ledger.OptOut(v.with.Phone, false, v.now)
	v.answer(v.Say("started"))
	return v.with.Name + " opted in"
}
