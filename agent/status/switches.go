package status

import (
	"io"
	"strings"
	"time"
)

// Switch is how a switch stands.
type Switch struct {
	Name string        `json:"name"`
	On   bool          `json:"on"`
	Set  bool          `json:"set"`              // until it is set it stands at its default
	For  time.Duration `json:"for_ns,omitempty"` // since it was
}

// Turned is how a switch stands that was to be turned.
type Turned struct {
	Switch
	Unsaved string `json:"unsaved,omitempty"` // what the store has against writing it down
}

// WriteSwitches writes how switches stand for a person at a terminal.
func WriteSwitches(w io.Writer, all []Switch) error {
	var p page
	for _, s := range all {
		p.line("", s.words())
	}
	if len(all) == 0 {
		p.line("", "There are no switches.")
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// words are: away is on, for 3h5m.
func (s Switch) words() string {
	state := "off"
	if s.On {
		state = "on"
	}
	if !s.Set {
		return s.Name + " is " + state + ", its default"
	}
	return s.Name + " is " + state + ", set " + lasting(s.For) + " ago"
}

// switches tells of switches as a part of the agent.
func (p *page) switches(all []Switch) {
	var words []string
	for _, s := range all[:min(len(all), listedMax)] {
		words = append(words, s.words())
	}
	if len(words) > 0 {
		p.line("switches", strings.Join(words, "; "))
	}
}
