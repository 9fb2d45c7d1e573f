package status

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Alerts is how every instance of every alert stands, those that need attention
// first.
type Alerts struct {
	Instances []Standing `json:"instances"`
	Omitted   int        `json:"omitted,omitempty"`
	Unheard   []Unheard  `json:"unheard"`
}

// Standing is how one instance stands, in a line.
type Standing struct {
	Instance  string        `json:"instance"`
	State     string        `json:"state"`                  // ok, pending, firing or clearing
	For       time.Duration `json:"for_ns"`                 // 0 when it was never anything else
	Undecided time.Duration `json:"undecided_ns,omitempty"` // how long its condition is unknown
	Incident  *Incident     `json:"incident,omitempty"`
}

// Unheard is an alert that watches nothing yet, because no message came on the
// topics.
type Unheard struct {
	Alert  string `json:"alert"`
	Topics string `json:"topics"`
}

// WriteText writes it for a person at a terminal, a line for each where words
// allow.
func (a Alerts) WriteText(w io.Writer) error {
	var p page
	for _, s := range a.Instances {
		p.line(s.mark(), s.words())
	}
	if a.Omitted > 0 {
		p.line("", "… and "+count(a.Omitted, "more instance")+".")
	}
	for _, u := range a.Unheard {
		p.line("unheard", u.Alert+", no message has come on "+u.Topics)
	}
	if len(a.Instances)+len(a.Unheard) == 0 {
		p.line("", "There are no alerts.")
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// mark is the state, loud when people are told of it.
func (s Standing) mark() string {
	if s.State == "firing" || s.State == "clearing" {
		return strings.ToUpper(s.State)
	}
	return s.State
}

func (s Standing) words() string {
	name, flags, unknown := s.Instance, "", ""
	if s.Incident != nil {
		name, flags = s.Incident.name(), s.Incident.flags()
	}
	if s.Undecided > 0 {
		unknown = fmt.Sprintf("its condition is unknown for %s", lasting(s.Undecided))
	}
	return list(name, duration(s.For), flags, unknown)
}

// duration is: for 3m; nothing for none.
func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return "for " + lasting(d)
}
