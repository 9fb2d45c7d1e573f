package dispatch

import (
	"slices"
	"strings"

	"github.com/tocsin-edge/tocsin/agent/command"
	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/rules"
)

// whySegmentsMax bounds the text that explains an incident.
const whySegmentsMax = 2

// why tells the values behind an incident: the one of the number, or else the
// latest that the contact was told of, or the only one that is open.
func (v *conversation) why(cmd command.Command) (did string) {
	meant := v.d.open()
	if len(cmd.Numbers) > 0 {
		found, missing := numbered(meant, cmd.Numbers[:1])
		if len(missing) > 0 {
			return v.isOver(missing[0])
		}
		meant = found
	} else if told := v.d.ledger.Told(v.with.Phone); len(meant) > 1 && len(told) > 0 {
		meant = slices.DeleteFunc(meant, func(i rules.Incident) bool { return i.ID != told[0].ID })
	}
	switch len(meant) {
	case 0:
		return "nothing: nothing is open" + v.decline(v.Say("nothing_open"))
	case 1:
		v.answer(v.explain(meant[0]))
		return "explained " + Names(meant)
	}
	v.answer(v.list("which_number", items(meant)))
	return "nothing: it does not say which of those that are open"
}

// explain says what the values are that an incident's alert looks at.
func (v *conversation) explain(i rules.Incident) string {
	told, _, err := v.d.engine.Explain(i.Alert, i.Labels, v.now.At)
	at := slices.IndexFunc(told, func(x rules.Explanation) bool { return x.Incident.ID == i.ID })
	if err != nil || at < 0 {
		return v.list("open", items([]rules.Incident{i}))
	}
	var values []string
	for _, p := range slices.Backward(told[at].Stages) { // the most urgent first
		values = v.values(values, p.When.Part)
	}
	text, _ := v.listIn(whySegmentsMax, "more_untold", "why", values,
		"incident", item(i), "for", phrase.Duration(v.now.At-i.Since))
	return text
}

// values adds what the parts of a condition say that have a value of their own:
// sensors, switches, and functions of what was so far.
func (v *conversation) values(said []string, p rules.Part) []string {
	inner := slices.ContainsFunc(p.Parts, func(p rules.Part) bool { return p.Kind != 0 })
	if inner && p.Window == nil && p.Held == nil {
		for _, part := range p.Parts {
			said = v.values(said, part)
		}
		return said
	}
	label := p.Source == nil && p.Window == nil && p.Held == nil && !strings.ContainsAny(p.Text, ".(")
	if text := v.value(p); !label && !slices.Contains(said, text) {
		said = append(said, text)
	}
	return said
}

// value is a part of a condition and what it says.
func (v *conversation) value(p rules.Part) string {
	value := p.Said
	if p.Value.Why != rules.Known {
		value = v.Say("unknown_value")
	}
	if p.Source != nil && p.Source.Heard {
		value = v.Say("why_age", "value", value, "ago", phrase.Duration(p.Source.Age))
	}
	return v.Say("why_value", "name", strings.ReplaceAll(p.Text, "sensor.", ""), "value", value)
}
