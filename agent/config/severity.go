package config

import (
	"fmt"
	"slices"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// severities are those there are, from the most urgent.
var severities = []string{string(rules.Critical), string(rules.Warning), string(rules.Info)}

// reserveMax bounds what is kept for critical texts, in percent: something is left
// for others.
const reserveMax = 90

// severities reads how people are told of each severity, where that is otherwise
// than usual.
func (l *loader) severities() {
	for _, b := range l.blocks["severity"] {
		r := block.Open(b, l.ctx)
		if !slices.Contains(severities, r.Label()) && r.Label() != "" {
			r.Add(block.Mistake(b.LabelRanges[0], "Unknown severity", fmt.Sprintf("%q is no severity. %s", r.Label(), severityInstead(r.Label()))))
		}
		severity := rules.Severity(r.Label())
		l.config.People.Manners[severity] = manner(r, severity, l.config.People.Manners[severity])
		l.found(b, r.Close()...)
	}
}

func severityInstead(given string) string {
	if near := block.Suggest(given, severities); near != "" {
		return fmt.Sprintf("Did you mean %q?", near)
	}
	return `Write "critical", "warning" or "info".`
}

// manner reads how people are told of a severity; usual is what is not said.
func manner(r *block.Reader, severity rules.Severity, usual notify.Manner) notify.Manner {
	m := usual
	m.Quiet, m.Digest = r.Bool("quiet", m.Quiet), r.Bool("digest", m.Digest)
	if repeat := pauses(r); repeat != nil {
		m.Repeat = repeat
	}
	if d, ok := bundle(r); ok {
		m.Bundle = d
	}
	const percent = 100
	m.Reserve = float64(r.Int("reserve", 0, reserveMax, int(m.Reserve*percent))) / percent
	if severity == rules.Critical {
		refuseDelay(r, m)
	} else if r.Has("reserve") {
		r.Add(block.Mistake(r.Range("reserve"), "Unsupported argument", `reserve is the part of every budget that is kept for what is critical. Write it in severity "critical".`))
	}
	return m
}

// refuseDelay complains of what would hold back texts that never wait.
func refuseDelay(r *block.Reader, m notify.Manner) {
	for _, delay := range []struct {
		argument string
		written  bool
	}{{"quiet", m.Quiet}, {"digest", m.Digest}, {"bundle", m.Bundle > 0}} {
		if delay.written {
			r.Add(block.Mistake(r.Range(delay.argument), "Unsupported argument", fmt.Sprintf(
				`What is critical is told at once, so %s cannot hold it back. Remove it, or write severity = "warning" in the alerts that may wait.`, delay.argument)))
		}
	}
}
