package learn

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// about says what the sensor was made from.
func (w *writer) about(p *proposal) {
	messages, retained := 0, 0
	for _, u := range p.units {
		messages += u.messages
		retained += u.retained
	}
	w.comment("%s%s%s.%s", count(messages, "message"), p.over(), kept(messages, retained), p.pace())
	if p.others > 0 {
		w.comment("The pattern matches %s besides, on which something else is said: these fields are unknown there.", count(p.others, "topic"))
	}
	if p.clockBy > offByMax {
		w.comment("What it says of the time is %s from when it came, so that was not taken for the time of the message.", about(p.clockBy))
	}
	if len(p.names) > 0 || p.left > 0 || p.lost() {
		w.comment("%s", p.undeclared())
	}
	if len(p.bytes) > 0 {
		w.comment("Bytes as text, of which a field may read a part (encoding, at, format): %s.", listed(p.bytes, false))
	}
	w.example(p)
}

// example shows one message, save where the declaration says the same.
func (w *writer) example(p *proposal) {
	u := p.units[0]
	labelled := len(p.topics) > 1 || u.topic != text(p.levels)
	if !labelled && p.values[0].path == wholePath || u.format == formatSparkplug {
		return
	}
	w.line("#")
	if labelled {
		w.line("#   %s", printable(u.topic, exampleColumns))
	}
	w.line("#   %s", printable(u.example, exampleColumns))
}

// exampleColumns bounds a line of an example.
const exampleColumns = 110

// over says on how many topics messages came, where they are several.
func (p *proposal) over() string {
	if len(p.topics) == 1 {
		return ""
	}
	return fmt.Sprintf(" on %d topics", len(p.topics))
}

func kept(messages, retained int) string {
	switch {
	case retained == 0:
		return ""
	case retained == messages:
		return ", retained"
	}
	return fmt.Sprintf(", %d of them retained", retained)
}

// pace says how often messages came.
func (p *proposal) pace() string {
	switch {
	case p.offlineAfter > 0:
		var mean time.Duration
		for _, u := range p.units {
			if u.rhythm.told() {
				mean = max(mean, u.rhythm.mean())
			}
		}
		return " One every " + about(mean) + "."
	case p.irregular:
		return " They come irregularly."
	}
	return ""
}

// about rounds a duration to what people say.
func about(d time.Duration) string {
	switch {
	case d < time.Second:
		return "moment"
	case d < time.Minute:
		return block.FormatDuration(d.Round(time.Second))
	case d < time.Hour:
		return block.FormatDuration(d.Round(10 * time.Second))
	case d < 2*day:
		return block.FormatDuration(d.Round(time.Minute))
	}
	return block.FormatDuration(d.Round(day))
}

func (p *proposal) lost() bool {
	return slices.ContainsFunc(p.units, func(u *unit) bool { return u.lost })
}

// namesMax is how many names of what is not declared are told.
const namesMax = 10

func (p *proposal) undeclared() string {
	var parts []string
	names := slices.Clone(p.names)
	slices.Sort(names)
	names = slices.Compact(names)
	if more := len(names) - namesMax; more > 0 {
		names = append(names[:namesMax], fmt.Sprintf("%d more", more))
	}
	for _, n := range names {
		parts = append(parts, printable(n, 40))
	}
	text := ""
	if len(parts) > 0 {
		text = "Not declared, because they name things: " + strings.Join(parts, ", ") + "."
	}
	if p.left > 0 || p.lost() {
		text += fmt.Sprintf(" There are more values than these %d; declare what you need.", len(p.values))
	}
	return text
}
