package notify

import (
	"slices"
	"strings"

	"github.com/tocsin-edge/tocsin/rules"
)

// Matches reports whether m chooses the incident. A label that the incident does
// not have matches nothing, not even *.
func (m Match) Matches(i rules.Incident) bool {
	if len(m.Alerts) > 0 && !slices.ContainsFunc(m.Alerts, func(p string) bool { return matchesGlob(p, i.Alert) }) {
		return false
	}
	if len(m.Severity) > 0 && !slices.Contains(m.Severity, i.Severity) {
		return false
	}
	for name, pattern := range m.Labels {
		if !slices.ContainsFunc(i.Labels, func(l rules.Label) bool { return l.Name == name && matchesGlob(pattern, l.Value) }) {
			return false
		}
	}
	return true
}

// matchesGlob reports whether the whole text is as the pattern has it, in which *
// stands for any text. Each piece between stars takes the first place that it
// finds, which leaves the most to those after it, so nothing is tried twice.
func matchesGlob(pattern, text string) bool {
	first, rest, star := strings.Cut(pattern, "*")
	text, ok := strings.CutPrefix(text, first)
	if !star {
		return ok && text == ""
	}
	pieces := strings.Split(rest, "*")
	last := len(pieces) - 1
	for _, piece := range pieces[:last] {
		_, after, found := strings.Cut(text, piece)
		if !found {
			return false
		}
		text = after
	}
	return ok && strings.HasSuffix(text, pieces[last])
}
