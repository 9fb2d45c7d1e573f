package buffer

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Sent is a text that has left the queue: the network has accepted all of it, or
// it was given up. It is kept until what became of it is known, and for a while
// after.
type Sent struct {
	Text
	Ended time.Duration // when the network accepted its last part, or it was given up
	Cause string        // why it was given up; "" when the network accepted it
}

// A Receipt is the network's acceptance of a part.
type Receipt struct {
	Modem     string        // the name of the modem it went through
	Reference uint8         // TP-MR, by which a status report names the part
	At        time.Duration // when
}

// A Report is what the last status report says of a part (3GPP 23.040 clause
// 9.2.2.3). This is also its form on flash.
type Report struct {
	Fate       Fate          `json:"fate,omitempty"`
	Status     uint8         `json:"status"` // TP-ST, clause 9.2.3.15
	Modem      string        `json:"modem"`
	Reference  uint8         `json:"reference"`
	At         time.Duration `json:"at"`                  // when it came
	Submitted  time.Time     `json:"submitted,omitzero"`  // to the service centre, by its clock
	Discharged time.Time     `json:"discharged,omitzero"` // delivered, or last tried, by the same clock
}

// same reports whether r and o are one report that came twice.
func (r Report) same(o *Report) bool {
	return o != nil && r.Modem == o.Modem && r.Reference == o.Reference && r.Status == o.Status && r.Discharged.Equal(o.Discharged)
}

// Fate is what became of a part, or a text, after the network accepted it.
type Fate uint8

const (
	Pending     Fate = iota // no report yet, or the service centre still tries
	Delivered               // the phone has it
	Unconfirmed             // nobody can tell any more, or ever could
	Failed                  // the network has given it up
)

func (f Fate) String() string {
	switch f {
	case Pending:
		return "pending"
	case Delivered:
		return "delivered"
	case Unconfirmed:
		return "unconfirmed"
	case Failed:
		return "failed"
	}
	return fmt.Sprintf("Fate(%d)", uint8(f))
}

// ReportMax is how long after its acceptance a part's report is waited for: the
// 24 hours for which the service centre tries, and one for the report's own way.
const ReportMax = 25 * time.Hour

// Fate is what is known at now of the part.
func (p Part) Fate(now time.Duration) Fate {
	switch {
	case p.Report != nil && p.Report.Fate != Pending:
		return p.Report.Fate
	case p.State == Accepted && p.At+ReportMax < now:
		return Unconfirmed
	}
	return Pending
}

// Fate is what is known at now of the whole text: of its parts the worst counts,
// and one that may still become so before one that nobody can tell of.
func (s *Sent) Fate(now time.Duration) Fate {
	if s.Cause != "" {
		return Failed
	}
	worst := Delivered
	for _, f := range []Fate{Unconfirmed, Pending, Failed} {
		if slices.ContainsFunc(s.Parts, func(p Part) bool { return p.Fate(now) == f }) {
			worst = f
		}
	}
	return worst
}

func (s *Sent) clone() Sent {
	c := *s
	c.Text = s.Text.clone()
	return c
}

// sentV1 is version 1 of a stored Sent.
type sentV1 struct {
	textV1
	Ended time.Duration `json:"ended"`
	Cause string        `json:"cause,omitempty"`
}

func encodeSent(s *Sent) []byte {
	j, err := json.Marshal(sentV1{s.Text.v1(), s.Ended, s.Cause})
	if err != nil {
		panic(err)
	}
	return sentKind.wrap(j)
}

func decodeSent(key string, stored []byte) (*Sent, error) {
	id, ok := sentKind.id(key)
	if !ok {
		return nil, fmt.Errorf("key %q: not that of a text that was sent", key)
	}
	j, ok := sentKind.unwrap(stored)
	if !ok {
		return nil, fmt.Errorf("sent text %d: written by another release", id)
	}
	var v sentV1
	if err := json.Unmarshal(j, &v); err != nil {
		return nil, fmt.Errorf("sent text %d: %w", id, err)
	}
	return &Sent{*v.text(id), v.Ended, v.Cause}, nil
}

func putSent(sent []*Sent) []op {
	ops := make([]op, len(sent))
	for i, s := range sent {
		ops[i] = op{sentKind.key(s.ID), encodeSent(s)}
	}
	return ops
}
