package rules

import (
	"strings"
	"time"
)

// State is where an instance of an alert stands.
type State uint8

// The states. Nobody is told of Pending and Clearing.
const (
	OK State = iota
	Pending
	Firing
	Clearing
)

func (s State) String() string {
	switch s {
	case OK:
		return "ok"
	case Pending:
		return "pending"
	case Firing:
		return "firing"
	case Clearing:
		return "clearing"
	}
	return "no state"
}

// Label is one named part of the topic an instance was heard on.
type Label struct{ Name, Value string }

// Incident is one excursion of an instance, from Firing until it is resolved.
type Incident struct {
	ID       uint64 // permanent, rising, never used again on this gateway
	Number   int    `json:",omitempty"` // 1 to NumberMax, to answer with; 0 when all were taken
	Alert    string
	Labels   []Label
	Severity Severity      // of the most urgent level that fires or clears
	Since    time.Duration // when it fired
	Rose     time.Duration `json:",omitempty"` // when it last became more urgent; 0 when it never did
	Message  string        // as rendered when it fired, or last rose
	Acked    *Ack          `json:",omitempty"` // nil: nobody did, or it rose since
	Latched  bool          `json:",omitempty"` // the conditions are clear; it waits for an ack
	Stale    bool          `json:",omitempty"` // a sensor that the conditions read is offline
	Shadow   bool          `json:",omitempty"` // nobody is to be texted

	// SuppressedBy are the alerts on account of which it is not to be told now:
	// they fire, or are pending and may fire at once.
	SuppressedBy []string `json:",omitempty"`
}

// Ack says who acknowledged an incident, and when.
type Ack struct {
	By string
	At time.Duration
}

// Instance names what the incident is about, for people who operate the
// gateway: freezer_warm{n="3",site="a"}.
func (i Incident) Instance() string { return instanceName(i.Alert, i.Labels) }

func instanceName(alert string, labels []Label) string {
	if len(labels) == 0 {
		return alert
	}
	var b strings.Builder
	b.WriteString(alert)
	separator := byte('{')
	for _, l := range labels {
		b.WriteByte(separator)
		b.WriteString(l.Name + `="` + plainText(l.Value) + `"`)
		separator = ','
	}
	b.WriteByte('}')
	return b.String()
}

// Transition is one change of an instance's state, or what is to be told like one. Those to Firing from OK or
// Pending open an incident, those to OK from Firing or Clearing resolve it, and
// one from Firing to Firing is a more urgent level that fires as well.
type Transition struct {
	At       time.Duration
	From, To State
	Instance string
	Incident Incident // zero for an instance that was only pending
	Message  string   // what to tell people; empty when it is nothing of theirs
	Shadow   bool     // nobody is to be texted but who was told before
	Released bool     // no change of state: the alarm, which was kept back, may now be told
	Acked    bool     // no change of state: somebody has acknowledged the incident, or that has lapsed
}

// Opens says whether the transition opens its incident.
func (t Transition) Opens() bool { return t.To == Firing && t.From < Firing }

// Rises says whether a more urgent level fires than the incident had so far.
func (t Transition) Rises() bool {
	return t.From == Firing && t.To == Firing && !t.Released && !t.Acked
}

// Resolves says whether the transition ends its incident.
func (t Transition) Resolves() bool { return t.To == OK && t.From >= Firing }

// Record is a piece of state that must outlive the process; a nil Value says
// that what was under Key is no longer needed.
type Record struct {
	Key   string
	Value []byte
}

// Decision is what a reading or the passing of time changed. Its records and
// whatever follows from its transitions belong on disk together, before the
// reading is acknowledged.
type Decision struct {
	Transitions []Transition
	Records     []Record
}

// Empty says that nothing changed, so that nothing needs to be written.
func (d Decision) Empty() bool { return len(d.Transitions) == 0 && len(d.Records) == 0 }
