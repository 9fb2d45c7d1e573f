package status

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Incident is an alert that fires.
type Incident struct {
	ID       uint64        `json:"id"`
	Number   int           `json:"number,omitempty"` // short, to acknowledge it by; 0 for none
	Instance string        `json:"instance"`
	Severity string        `json:"severity"`
	For      time.Duration `json:"for_ns"`
	Message  string        `json:"message"`
	Acked    *Ack          `json:"acked,omitempty"`
	Latched  bool          `json:"latched,omitempty"` // it is over, and waits to be acknowledged

	// Stale: what it looks at is offline.
	Stale bool `json:"stale,omitempty"`
	// Shadow: it is only on trial, so that nobody is texted.
	Shadow bool `json:"shadow,omitempty"`
	// Suppressed are the alerts that fire and on account of which nobody is
	// texted of this one.
	Suppressed []string `json:"suppressed_by,omitempty"`
	// Silenced: nobody is texted of it, because somebody wanted it so.
	Silenced bool `json:"silenced,omitempty"`
}

// Ack says who acknowledged an incident, and how long ago.
type Ack struct {
	By  string        `json:"by"`
	Ago time.Duration `json:"ago_ns"`
}

// Acked are the incidents that were acknowledged.
type Acked struct {
	Incidents []Incident `json:"incidents"`
	Already   []Incident `json:"already,omitempty"` // somebody had done so before
	Over      []Incident `json:"over,omitempty"`
	Unsaved   string     `json:"unsaved,omitempty"` // what the store has against writing it down
}

// WriteText writes what was acknowledged for a person at a terminal.
func (a Acked) WriteText(w io.Writer) error {
	var p page
	for _, i := range a.Incidents {
		p.line("", "acknowledged: "+i.title())
	}
	for _, i := range a.Already {
		p.line("", i.title()+": "+i.flags())
	}
	for _, i := range a.Over {
		p.line("", "over now: "+i.title())
	}
	if len(a.Incidents)+len(a.Already)+len(a.Over) == 0 {
		p.line("", "No alert fires.")
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// name is: 12 smoke{room="kitchen"}.
func (i Incident) name() string {
	if i.Number == 0 {
		return i.Instance
	}
	return fmt.Sprintf("%d %s", i.Number, i.Instance)
}

// title is: 12 smoke{room="kitchen"}, critical, for 3m.
func (i Incident) title() string { return list(i.name(), i.Severity, "for "+lasting(i.For)) }

// flags are what keeps an incident from being an ordinary one.
func (i Incident) flags() string {
	var flags []string
	if i.Latched {
		flags = append(flags, "its condition is clear, and it waits for `tocsin ack`")
	}
	if i.Acked != nil {
		flags = append(flags, fmt.Sprintf("acknowledged by %s %s ago", i.Acked.By, lasting(i.Acked.Ago)))
	}
	if i.Stale {
		flags = append(flags, "stale: what it looks at is offline")
	}
	if i.Shadow {
		flags = append(flags, "shadow: nobody is texted")
	}
	if i.Silenced {
		flags = append(flags, "silenced; `tocsin silence` says by whom")
	}
	if len(i.Suppressed) > 0 {
		flags = append(flags, "kept quiet by "+strings.Join(i.Suppressed, " and "))
	}
	return strings.Join(flags, "; ")
}
