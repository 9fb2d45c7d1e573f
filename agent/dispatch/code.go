package dispatch

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/agent/command"
	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/rules"
)

// lowers tells whether a command lowers protection: it turns a switch off, or
// keeps quiet what is or may become critical. A sender's number can be forged, so
// these ask for a code where the contact requires it.
func (v *conversation) lowers(cmd command.Command) bool {
	switch cmd.Kind {
	case command.Turn:
		return !cmd.On && v.d.isOn(cmd.Switch)
	case command.Mute:
		meant, _ := v.mutable(cmd)
		return cmd.All || slices.ContainsFunc(meant, v.d.critical)
	}
	return false
}

// critical tells whether an incident is critical, or a level of its alert is.
func (d *Dispatcher) critical(i rules.Incident) bool {
	return i.Severity == rules.Critical || slices.ContainsFunc(d.options.Rules.Alerts, func(a *rules.Alert) bool {
		return a.Name == i.Alert && a.Severity == rules.Critical
	})
}

// demandCode carries out a command that has the code for it, and otherwise texts
// one to the contact's own phone, in place of any before.
func (v *conversation) demandCode(cmd command.Command) (did string) {
	code := cmd.Code
	cmd.Code = ""
	if p := v.talk.Code; code != "" && p != nil && reflect.DeepEqual(p.Command, cmd) {
		return v.confirm(code)
	}
	what := cmd.String()
	if left := v.talk.Barred - v.now.At; v.talk.Barred > 0 {
		body := v.Say("code_barred", "for", phrase.Duration(left))
		return fmt.Sprintf("nothing: no code for %s, wrong ones came", what) + v.decline(body)
	}
	p := &confirmation{Code: v.d.options.Code(), Command: cmd, Until: v.now.At + codeLife}
	if p.Wrong = v.wrongSoFar(); !v.answer(v.Say("code", "code", p.Code, "command", what)) {
		return "nothing: no code for " + what
	}
	v.talk.Code = p
	return fmt.Sprintf("sent %s a code to confirm %s", v.with.Name, what)
}

// wrongSoFar are the wrong codes for what waits: who asks again has no more tries.
func (v *conversation) wrongSoFar() int {
	if v.talk.Code == nil {
		return 0
	}
	return v.talk.Code.Wrong
}

// confirm carries out what waits for the code. Without such it is not understood.
func (v *conversation) confirm(code string) (did string) {
	p := v.talk.Code
	if p == nil {
		return "nothing: a code, and nothing waits for one" + v.help()
	}
	what := p.Command.String()
	if code == p.Code {
		v.talk.Code = nil
		if v.with.Allow&rights[p.Command.Kind] == 0 {
			return fmt.Sprintf("nothing: %s may not do that any more", v.with.Name)
		}
		return v.carryOut(p.Command) + ", with its code"
	}
	if p.Wrong++; p.Wrong < codeWrongMax {
		v.answer(v.Say("code_wrong", "command", what))
		return "nothing: a wrong code for " + what
	}
	v.talk.Code, v.talk.Barred, v.talk.Forged = nil, v.now.At+codeBarredFor, v.now.At+forgedPer
	v.answer(v.Say("code_void", "command", what))
	return fmt.Sprintf("nothing: %d wrong codes for %s; the code is void", codeWrongMax, what)
}

// Forged lists the contacts in whose name too many wrong codes came within a day:
// somebody may text with their number.
func (d *Dispatcher) Forged(now time.Duration) (names []string) {
	for _, c := range d.options.People.Contacts {
		if t := d.talks[c.Phone]; t != nil && now < t.Forged {
			names = append(names, c.Name)
		}
	}
	return names
}
