// Package notify decides what each person should hear.
//
// It keeps a ledger of what everybody was last told of each incident, and makes
// that agree with what is true: what nobody could be told in time is told as it
// stands by then, in as few texts as it takes, and whoever was told that something
// fires is told that it is over.
//
// It is pure: transitions, people, the texts that wait and the time go in, texts
// and the ledger's records come out. It keeps no clock and touches no disk.
package notify

import (
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
)

// A Moment is now, on both clocks.
type Moment struct {
	At   time.Duration // on the gateway's own timeline
	Wall time.Time     // in the site's zone; zero while nobody knows the time of day
}

// wall is the time of day at another moment of the timeline, the zero Time while
// nobody knows.
func (m Moment) wall(at time.Duration) time.Time {
	if m.Wall.IsZero() {
		return time.Time{}
	}
	return m.Wall.Add(at - m.At)
}

// at is the moment of the timeline at which clocks show wall, which must be known.
func (m Moment) at(wall time.Time) time.Duration { return m.At + wall.Sub(m.Wall) }

// never is a time that does not come.
const never = time.Duration(1<<63 - 1)

// Text is one message to one person.
type Text struct {
	Contact string // who it is for, as the configuration names them
	To      string // E.164
	Body    string
	Urgency uint8  // 0 is the most urgent
	Subject string // what it is about: an instance
	Created time.Duration
	Call    bool // the phone is to ring as well
	Flash   bool // the phone shows it at once and does not keep it

	// Tells is what its reader knows by it. While nothing of the text was sent the
	// ledger may take it back, and tell what is true by then in its place. A text
	// that tells of no incident is never taken back.
	Tells []Telling
	// Instances are those that it tells of, and Messages the alerts' own of each.
	Instances []string
	Messages  []string
}

// A Telling says by which of the ledger's texts somebody knows what they know.
type Telling struct {
	Text uint64        // the ledger's own number of it
	At   time.Duration // when it was planned
	Late bool          `json:",omitempty"` // it says that it comes late
}

// Told is what a person knows of an instance.
type Told struct {
	Incident uint64         `json:",omitempty"` // that they were last told of
	Severity rules.Severity `json:",omitempty"` // with which they know that it fires; "" when they do not
	Least    rules.Severity `json:",omitempty"` // the least urgent one of that incident
	At       time.Duration  `json:",omitempty"` // when they were last told that it fires
	Repeats  int            `json:",omitempty"` // of that
	Acked    time.Duration  `json:",omitempty"` // of the acknowledgement that they know of; 0 for none
	Flaps    int            `json:",omitempty"` // how often it had fired when they were told that it comes and goes

	// Owed is how many incidents they are to hear of even if they are over by then:
	// the text about it never went out, or they wait for the digest. Since is when
	// the first of them began.
	Owed  int           `json:",omitempty"`
	Since time.Duration `json:",omitempty"`
}

// knows tells whether the person believes that it fires.
func (t Told) knows() bool { return t.Severity != "" }

// TextLife is how long a text is worth sending.
const TextLife = 72 * time.Hour

// A Queue is the texts that wait for the network.
type Queue interface {
	// Waiting lists the texts to a number that tell of incidents and that the
	// network has not accepted yet.
	Waiting(to string) []Queued
	// Recall takes back a text of which nothing was sent, and is false when
	// something was. It is sent no more, unless what the plan that it was taken back
	// for decides is not kept.
	Recall(id uint64) bool
}

// Queued is a text that waits.
type Queued struct {
	ID      uint64
	Created time.Duration
	Rang    bool // the phone has rung because of it
	Tells   []Telling
}

// late tells whether its reader will see that it comes late.
func (q Queued) late() bool {
	return slices.ContainsFunc(q.Tells, func(t Telling) bool { return t.Late })
}

// Plan is what people are to hear: texts, which of those that wait they are in
// place of, and the ledger's records that must be on disk with them.
type Plan struct {
	Texts    []Text
	Recalled []uint64
	Records  []rules.Record
	// Lapsed are incidents whose acknowledgement has lapsed, for the rules to hear.
	Lapsed []uint64
}

// urgency is how a text of that severity ranks among others: 0 goes first.
func urgency(s rules.Severity) uint8 {
	return uint8(slices.Index([]rules.Severity{rules.Critical, rules.Warning, rules.Info}, s))
}
