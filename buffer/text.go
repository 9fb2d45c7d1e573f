package buffer

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// Text is one text to one person, waiting for the network.
type Text struct {
	ID      uint64 // assigned by Commit; ascending, never used twice
	To      string // the number
	Contact string // whose it is, for people who read the queue
	Body    string // at most bodyMaxBytes
	Urgency uint8  // 0 is the most urgent
	Subject string // what it is about, such as an incident's key

	Created   time.Duration
	Expires   time.Duration // 0: never
	NotBefore time.Duration
	Reference uint16 // of the concatenation, 3GPP TS 23.040 9.2.3.24.8

	Call  bool  // the phone is to ring before it
	Rang  bool  // that was done
	Flash bool  // shown at once and not kept: message class 0, 3GPP TS 23.038 clause 4
	Alter uint8 // how it is encoded otherwise than at first, as the modem counts it

	// Tells is what its reader will know by it, in its writer's own form: at most
	// TellsMaxBytes. The store does not look inside.
	Tells []byte
	// Unreached: its writer was told that it has not reached its reader.
	Unreached bool

	Parts     []Part // empty until the first Begin
	Attempts  int    // how often a part went to the modem and was not accepted
	LastError string
	Code      int // of the last refusal, as the modem has it
	Refusals  int // of that code in a row
}

// Part is the ledger of one part of a text.
type Part struct {
	State       PartState
	Modem       string        // the name of the modem it last went to
	Reference   uint8         // TP-MR, once accepted
	At          time.Duration // when it was accepted
	Silent      int           // how often it went out and the modem never answered
	Interrupted int           // how often it went out and the agent was killed before the answer
	Report      *Report       // the last about it; nil: none came
}

// unanswered reports whether the part may be on its way, as far as the modem
// said.
func (p Part) unanswered() bool { return p.Silent+p.Interrupted > 0 }

// PartState is where a part is on its way.
type PartState uint8

const (
	Waiting   PartState = iota // not at the modem
	Submitted                  // at the modem, no final answer yet
	Accepted                   // the service centre has it
)

func (p PartState) String() string {
	switch p {
	case Waiting:
		return "waiting"
	case Submitted:
		return "submitted"
	case Accepted:
		return "accepted"
	}
	return fmt.Sprintf("PartState(%d)", uint8(p))
}

// bodyMaxBytes bounds the body of one text: more than any number of parts a
// person would read, little enough that a full queue fits into memory.
const bodyMaxBytes = 4 << 10

// TellsMaxBytes bounds what a text says of itself to its writer.
const TellsMaxBytes = 1 << 10

// errorMaxBytes bounds what is kept of a text's last error.
const errorMaxBytes = 200

// size is what a text costs in the queue's memory, roughly.
func (t *Text) size() int {
	const fixed = 256
	return fixed + len(t.To) + len(t.Contact) + len(t.Body) + len(t.Subject) + len(t.LastError) + len(t.Tells)
}

// inFlight reports whether a part is at the modem without a final answer.
func (t *Text) inFlight() bool {
	return slices.ContainsFunc(t.Parts, func(p Part) bool { return p.State == Submitted })
}

// untouched reports whether nothing of the text can be on its way.
func (t *Text) untouched() bool {
	return !slices.ContainsFunc(t.Parts, func(p Part) bool { return p.State != Waiting || p.unanswered() })
}

func (t *Text) expired(now time.Duration) bool {
	return t.Expires != 0 && t.Expires <= now && !t.inFlight()
}

func (t *Text) clone() Text {
	c := *t
	c.Parts = slices.Clone(t.Parts)
	return c
}

// interrupt puts parts that were at the modem when the agent was killed back to
// waiting. They may already be on their way, which Interrupted remembers, unless
// a report says that they are.
func (t *Text) interrupt() (parts int) {
	for i := range t.Parts {
		if p := &t.Parts[i]; p.State == Submitted {
			p.State = Waiting
			p.Interrupted++
			p.resolve()
			parts++
		}
	}
	return parts
}

// resolve takes the part for accepted when nobody said so but a report about it
// has come.
func (p *Part) resolve() {
	if p.State == Waiting && p.unanswered() && p.Report != nil {
		p.State, p.Modem, p.Reference, p.At = Accepted, p.Report.Modem, p.Report.Reference, p.Report.At
	}
}

func (t *Text) check() error {
	switch rest := len(t.Contact) + len(t.Subject) + len(t.To); {
	case t.To == "":
		return fmt.Errorf("text about %q: no number to send it to", t.Subject)
	case len(t.Body) > bodyMaxBytes:
		return fmt.Errorf("text about %q: body of %d bytes, at most %d: %w", t.Subject, len(t.Body), bodyMaxBytes, ErrTooBig)
	case len(t.Tells) > TellsMaxBytes:
		return fmt.Errorf("text about %q: tells of %d bytes, at most %d: %w", t.Subject, len(t.Tells), TellsMaxBytes, ErrTooBig)
	case rest > bodyMaxBytes:
		return fmt.Errorf("text: number, contact and subject of %d bytes together, at most %d: %w", rest, bodyMaxBytes, ErrTooBig)
	}
	return nil
}

// textV1 is version 1 of a stored text: JSON, so that a person with a hex
// editor can still read who should have been told what. Instants are
// nanoseconds. Fields may be added; none changes its meaning.
type textV1 struct {
	To        string        `json:"to"`
	Contact   string        `json:"contact,omitempty"`
	Body      string        `json:"body"`
	Urgency   uint8         `json:"urgency,omitempty"`
	Subject   string        `json:"subject,omitempty"`
	Created   time.Duration `json:"created"`
	Expires   time.Duration `json:"expires,omitempty"`
	NotBefore time.Duration `json:"not_before,omitempty"`
	Reference uint16        `json:"reference,omitempty"`
	Call      bool          `json:"call,omitempty"`
	Rang      bool          `json:"rang,omitempty"`
	Flash     bool          `json:"flash,omitempty"`
	Alter     uint8         `json:"alter,omitempty"`
	Tells     []byte        `json:"tells,omitempty"`
	Unreached bool          `json:"unreached,omitempty"`
	Parts     []partV1      `json:"parts,omitempty"`
	Attempts  int           `json:"attempts,omitempty"`
	LastError string        `json:"last_error,omitempty"`
	Code      int           `json:"code,omitempty"`
	Refusals  int           `json:"refusals,omitempty"`
}

type partV1 struct {
	State       PartState     `json:"state"`
	Modem       string        `json:"modem,omitempty"`
	Reference   uint8         `json:"reference,omitempty"`
	At          time.Duration `json:"at,omitempty"`
	Silent      int           `json:"silent,omitempty"`
	Interrupted int           `json:"interrupted,omitempty"`
	Report      *Report       `json:"report,omitempty"`
}

// encodeText cannot fail: JSON has a form for everything a textV1 holds. Bytes
// that are not UTF-8 become the replacement character.
func encodeText(t *Text) []byte {
	j, err := json.Marshal(t.v1())
	if err != nil {
		panic(err)
	}
	return textKind.wrap(j)
}

func (t *Text) v1() textV1 {
	v := textV1{
		To: t.To, Contact: t.Contact, Body: t.Body, Urgency: t.Urgency, Subject: t.Subject,
		Created: t.Created, Expires: t.Expires, NotBefore: t.NotBefore, Reference: t.Reference,
		Call: t.Call, Rang: t.Rang, Flash: t.Flash, Alter: t.Alter, Tells: t.Tells, Unreached: t.Unreached,
		Attempts: t.Attempts, LastError: t.LastError, Code: t.Code, Refusals: t.Refusals,
	}
	for _, p := range t.Parts {
		v.Parts = append(v.Parts, partV1(p))
	}
	return v
}

// text is the text that was stored as v under this ID.
func (v *textV1) text(id uint64) *Text {
	t := &Text{
		ID: id, To: v.To, Contact: v.Contact, Body: v.Body, Urgency: v.Urgency, Subject: v.Subject,
		Created: v.Created, Expires: v.Expires, NotBefore: v.NotBefore, Reference: v.Reference,
		Call: v.Call, Rang: v.Rang, Flash: v.Flash, Alter: v.Alter, Tells: v.Tells, Unreached: v.Unreached,
		Attempts: v.Attempts, LastError: v.LastError, Code: v.Code, Refusals: v.Refusals,
	}
	for _, p := range v.Parts {
		t.Parts = append(t.Parts, Part(p))
	}
	return t
}

func decodeText(key string, stored []byte) (*Text, error) {
	id, ok := textKind.id(key)
	if !ok {
		return nil, fmt.Errorf("key %q: not a text's", key)
	}
	j, ok := textKind.unwrap(stored)
	if !ok {
		return nil, fmt.Errorf("text %d: written by another release", id)
	}
	var v textV1
	if err := json.Unmarshal(j, &v); err != nil {
		return nil, fmt.Errorf("text %d: %w", id, err)
	}
	return v.text(id), nil
}
