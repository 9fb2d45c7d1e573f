package main

import (
	"time"

	"github.com/tocsin-edge/tocsin/agent/notify"
)

// whoJSON is the answer of `tocsin who --json`.
type whoJSON struct {
	Alert    string            `json:"alert"`
	Labels   map[string]string `json:"labels,omitempty"`
	Severity string            `json:"severity"`
	At       time.Time         `json:"at"` // when it fires
	Steps    int               `json:"steps"`
	People   []prospectJSON    `json:"people"`

	// Depends are the silences that concern some instances of the alert.
	Depends []waitJSON `json:"depends,omitempty"`

	// Unknown is why it is not known who has opted out and what people have silenced.
	Unknown string `json:"unknown,omitempty"`
}

type prospectJSON struct {
	Contact string     `json:"contact"`
	Phone   string     `json:"phone"`
	Step    int        `json:"step,omitempty"`          // from 1
	After   float64    `json:"after_seconds,omitempty"` // of the step, since it fired
	At      *time.Time `json:"at,omitempty"`            // when they are told
	Waits   []waitJSON `json:"waits,omitempty"`
	Call    bool       `json:"call,omitempty"`
	Flash   bool       `json:"flash,omitempty"`
	Repeat  []float64  `json:"repeat_seconds,omitempty"` // pauses, the last one for all further
	Absent  string     `json:"absent,omitempty"`         // why they are not told
}

type waitJSON struct {
	For   string     `json:"for"` // silence, mute, quiet, digest or bundle
	Name  string     `json:"name,omitempty"`
	Until *time.Time `json:"until,omitempty"`
}

func newWhoJSON(q notify.Question, a notify.Answer, unknown string) whoJSON {
	out := whoJSON{Alert: q.Alert, Severity: string(q.Severity), At: q.At, Steps: a.Steps, People: []prospectJSON{}, Depends: waitsJSON(a.Depends), Unknown: unknown}
	for _, l := range q.Labels {
		if out.Labels == nil {
			out.Labels = map[string]string{}
		}
		out.Labels[l.Name] = l.Value
	}
	for _, p := range a.People {
		out.People = append(out.People, newProspectJSON(p))
	}
	return out
}

func newProspectJSON(p notify.Prospect) prospectJSON {
	out := prospectJSON{
		Contact: p.Name, Phone: p.Phone, Step: p.Step, After: p.After.Seconds(), At: given(p.At), Waits: waitsJSON(p.Waits),
		Call: p.Call, Flash: p.Flash, Absent: string(p.Absent),
	}
	for _, pause := range p.Repeat {
		out.Repeat = append(out.Repeat, pause.Seconds())
	}
	return out
}

func waitsJSON(all []notify.Wait) (out []waitJSON) {
	for _, w := range all {
		out = append(out, waitJSON{string(w.For), w.Name, given(w.Until)})
	}
	return out
}

// given is nil for the zero time.
func given(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
