package dispatch

import (
	"fmt"
	"slices"

	"github.com/tocsin-edge/tocsin/agent/command"
	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/rules"
)

// ack acknowledges what the contact can know of: OK the latest it was told, OK ALL
// all that it was told, and a number that incident if it was told or its alert
// tells it, be it in a step that is still to come.
func (v *conversation) ack(cmd command.Command) (did string) {
	var meant []rules.Incident
	var missing []int
	switch {
	case cmd.All:
		meant = v.told()
	case len(cmd.Numbers) > 0:
		meant, missing = numbered(v.known(), cmd.Numbers)
	default:
		meant = v.latest()
	}
	acked, before := v.ackEach(meant)
	body := v.ackAnswer(acked, before, missing)
	if len(acked) == 0 {
		return "nothing: nothing to acknowledge" + v.decline(body)
	}
	v.answer(body)
	return "acknowledged " + Names(acked)
}

// latest is the incident that OK means, or else those that it was too late for.
func (v *conversation) latest() []rules.Incident {
	told := v.told()
	if id, ok := v.d.ledger.Latest(v.with.Phone); ok {
		return slices.DeleteFunc(told, func(i rules.Incident) bool { return i.ID != id })
	}
	return told
}

// ackEach acknowledges incidents, and sorts out those that somebody had
// acknowledged before.
func (v *conversation) ackEach(meant []rules.Incident) (acked, before []rules.Incident) {
	for _, i := range meant {
		if i.Acked != nil {
			before = append(before, i)
		} else if v.d.Ack(i.ID, v.with.Name, v.now.At) == nil {
			acked = append(acked, i)
		}
	}
	return acked, before
}

// ackAnswer says what came of an acknowledgement, and what is open when it was
// about nothing that is.
func (v *conversation) ackAnswer(acked, before []rules.Incident, missing []int) string {
	said := v.voice
	for _, n := range missing {
		said = said.after(v.Say("number_over", "number", n) + ". ")
	}
	switch {
	case len(acked) > 0:
		return said.list("acked", items(acked))
	case len(before) > 0:
		return v.ackedBefore(said, before)
	case len(missing) == 0 && len(v.known()) > 0:
		said = said.after(v.Say("nothing_waits") + ". ")
	}
	return v.stillOpen(said)
}

// ackedBefore goes on with who is on it already: of several, the one who has the
// first of them.
func (v *conversation) ackedBefore(said voice, before []rules.Incident) string {
	who := before[0].Acked.By
	same := items(slices.DeleteFunc(before, func(i rules.Incident) bool { return i.Acked.By != who }))
	if who == v.with.Name {
		return said.list("acked", same)
	}
	return said.list("acked_by", same, "who", phrase.Name(who))
}

// stillOpen goes on with what is open of what the contact can know of.
func (v *conversation) stillOpen(said voice) string {
	if known := v.known(); len(known) > 0 {
		return said.list("open", items(known))
	}
	return said.before + v.Say("nothing_open")
}

// isOver answers that a number is none of an open incident, and what is open.
func (v *conversation) isOver(number int) (did string) {
	body := v.stillOpen(v.after(v.Say("number_over", "number", number) + ". "))
	return fmt.Sprintf("nothing: %d is not open", number) + v.decline(body)
}
