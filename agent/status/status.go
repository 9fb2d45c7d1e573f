// Package status is the agent's account of itself: one Snapshot, taken at one
// moment, and its renderings.
package status

import (
	"time"

	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/mqtt"
)

// Snapshot is all there is to know of a running agent. Wall clock times are
// zero when they are not known.
type Snapshot struct {
	Version  string        `json:"version"`
	Site     string        `json:"site,omitempty"`
	PID      int           `json:"pid"`
	Since    time.Time     `json:"since"`
	Up       time.Duration `json:"up_ns"` // since then, whatever was done to the clock
	Problems []Problem     `json:"problems"`
	Firing   []Incident    `json:"firing"`

	// Undecided are the alerts that watch nothing, as far as anybody can tell.
	Undecided []Undecided `json:"undecided,omitempty"`

	Switches []Switch  `json:"switches,omitempty"`
	Silences []Silence `json:"silences,omitempty"`
	People   []Person  `json:"people,omitempty"`

	// Deaf are the critical alerts that nobody would hear of: all have opted out.
	Deaf []string `json:"deaf,omitempty"`
	// Limited is for how much longer the limits of the whole gateway are reached.
	Limited time.Duration `json:"limited_ns,omitempty"`

	Rules   Rules    `json:"rules"`
	Brokers []Broker `json:"brokers"`

	// Embedded is the broker in this process; nil when there is none.
	Embedded *mqtt.BrokerState `json:"embedded_broker,omitempty"`

	Modems  []modem.State `json:"modems"`
	Store   buffer.State  `json:"store"`
	Waiting []WaitingText `json:"waiting"`
	Sent    uint64        `json:"sent"` // texts the network accepted since the start

	Lost     []SentText     `json:"lost,omitempty"`   // what became known within a day of not arriving
	Recent   []SentText     `json:"recent,omitempty"` // the last of all that left the queue
	Received []ReceivedText `json:"received,omitempty"`
}

// Problem is something an operator should know of, with what to do about it.
type Problem struct {
	Code   string `json:"code"`
	Cause  string `json:"cause"`
	Remedy string `json:"remedy"`
}

// Broker is a broker the agent listens to.
type Broker struct {
	Name string `json:"name"`
	mqtt.State
}

// Undecided is an alert whose condition has been unknown for long while its
// sensors talk.
type Undecided struct {
	Alert     string        `json:"alert"`
	Instance  string        `json:"instance"`  // for which that is so for longest
	Instances int           `json:"instances"` // how many of the alert's
	For       time.Duration `json:"for_ns"`
	Part      string        `json:"part"`   // of the condition that is to blame, as written
	Reason    string        `json:"reason"` // it is unknown
}

// Rules counts what went through the rules since the start.
type Rules struct {
	Readings  uint64            `json:"readings"`
	Unmatched uint64            `json:"unmatched"` // on a topic of no sensor
	Unknown   map[string]uint64 `json:"unknown"`   // values by the reason they are unknown
	Refused   uint64            `json:"refused"`   // readings of a new series beyond the bound
	Series    int               `json:"series"`
	Instances int               `json:"instances"`

	// Windowless are the series without windows, for which there was no memory.
	Windowless int    `json:"windowless,omitempty"`
	Unread     uint64 `json:"unread,omitempty"` // messages for a switch that say neither on nor off

	// ClocksAhead are the sensors that sent a time more than a minute ahead.
	ClocksAhead []string `json:"clocks_ahead,omitempty"`
}
