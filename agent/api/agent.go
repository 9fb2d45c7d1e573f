package api

import (
	"context"
	"time"

	"github.com/tocsin-edge/tocsin/agent/status"
)

// Agent is what answers.
type Agent interface {
	Snapshot(context.Context) (status.Snapshot, error)
	Alerts(context.Context) (status.Alerts, error)
	Why(context.Context, Question) (status.Why, error)
	Switches(context.Context) ([]status.Switch, error)
	SetSwitch(context.Context, Turn) (status.Turned, error)
	Ack(context.Context, Ack) (status.Acked, error)
	Queue(context.Context) (status.Queue, error)
	Send(context.Context, Send) (status.Enqueued, error)
	Text(context.Context, uint64) (status.TextFate, error)
	Silences(context.Context) ([]status.Silence, error)
	Silence(context.Context, Silence) (status.Silenced, error)
	Unsilence(context.Context, Unsilence) (status.Unsilenced, error)
}

// A Question asks why instances of an alert stand as they do: those that have
// all of the labels.
type Question struct {
	Alert  string
	Labels []Label
}

// A Label is one label of an instance. Without a name it is one of any name.
type Label struct{ Name, Value string }

// A Turn sets a switch.
type Turn struct {
	Switch string `json:"switch"`
	On     *bool  `json:"on"` // nil, which is neither, is refused
	By     string `json:"by"` // who turns it
}

// An Ack acknowledges incidents.
type Ack struct {
	What string `json:"what"` // number, ID, alert or instance; empty: the only one there is
	All  bool   `json:"all"`  // whatever there is; What is empty
	By   string `json:"by"`   // who acknowledges
}

// A Silence has people told nothing of some alerts for a while.
type Silence struct {
	What       string        `json:"what"`   // number, ID, alert or instance
	All        bool          `json:"all"`    // every alert; What is empty
	For        time.Duration `json:"for_ns"` // 0: as long as silences last when nobody says
	UntilClear bool          `json:"until_clear"`
	By         string        `json:"by"` // who silences
}

// An Unsilence ends silences that people made.
type Unsilence struct {
	ID  int    `json:"id"`
	All bool   `json:"all"` // whatever there is; ID is 0
	By  string `json:"by"`
}

// A Send orders a text.
type Send struct {
	To   string `json:"to"` // a contact's name, or a number as ITU-T E.164 has it, with its plus
	Body string `json:"body"`
	By   string `json:"by"` // who orders it
}

// A Refusal is returned by an Agent for what was understood and cannot be. Its
// cause is for whoever asked.
type Refusal struct{ Cause error }

func (r *Refusal) Error() string { return r.Cause.Error() }
func (r *Refusal) Unwrap() error { return r.Cause }
