package status

import (
	"fmt"
	"io"
	"time"
)

// Silence is on what account people are told nothing of some alerts.
type Silence struct {
	ID     int           `json:"id,omitempty"`     // to end it by; 0 for a configured one
	Window string        `json:"window,omitempty"` // the name of the configured one
	What   string        `json:"what"`             // what it silences, in words
	By     string        `json:"by,omitempty"`
	Ago    time.Duration `json:"ago_ns,omitempty"`  // since it began
	Left   time.Duration `json:"left_ns,omitempty"` // 0: no longer than what it silences lasts, or as configured

	UntilClear bool `json:"until_clear,omitempty"`

	// Match is what it silences of alarms to come; nil for a configured one, and for
	// one of a single incident.
	Match *Match `json:"match,omitempty"`
}

// Match chooses incidents; what is empty does not narrow it.
type Match struct {
	Alerts     []string          `json:"alerts,omitempty"` // names, with * for any text
	Severities []string          `json:"severities,omitempty"`
	Labels     map[string]string `json:"labels,omitempty"` // values, with * for any text
}

// Silenced is a silence that began.
type Silenced struct {
	Silence
	Unsaved string `json:"unsaved,omitempty"` // what the store has against writing it down
}

// Unsilenced is how many silences ended.
type Unsilenced struct {
	Ended   int    `json:"ended"`
	Unsaved string `json:"unsaved,omitempty"`
}

// WriteSilences writes silences for a person at a terminal.
func WriteSilences(w io.Writer, all []Silence) error {
	var p page
	for _, s := range all {
		p.line("", s.words())
	}
	if len(all) == 0 {
		p.line("", "No alert is silenced.")
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// WriteText writes how many silences ended for a person at a terminal.
func (u Unsilenced) WriteText(w io.Writer) error {
	var p page
	p.line("", count(u.Ended, "silence")+" ended.")
	_, err := io.WriteString(w, p.String())
	return err
}

// words are: 3: smoke{room="kitchen"}, for 1h59m more, by alice 1m ago.
func (s Silence) words() string {
	name, by := fmt.Sprintf("%d: ", s.ID), ""
	if s.Window != "" {
		name = fmt.Sprintf("%q: ", s.Window)
	}
	if s.By != "" {
		by = fmt.Sprintf("by %s %s ago", s.By, lasting(s.Ago))
	}
	return name + list(s.What, s.until(), by)
}

func (s Silence) until() string {
	switch {
	case s.UntilClear:
		return "until it clears"
	case s.Left > 0:
		return "for " + lasting(s.Left) + " more"
	}
	return ""
}

// silences tells of silences as a part of the agent.
func (p *page) silences(all []Silence) {
	for _, s := range all[:min(len(all), listedMax)] {
		p.line("silenced", s.words())
	}
}
