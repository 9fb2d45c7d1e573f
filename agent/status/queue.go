package status

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Queue is every text there is to know of: those that wait, those that have left
// and what became of them, and those that came.
type Queue struct {
	Waiting  []WaitingText  `json:"waiting"`
	Sent     []SentText     `json:"sent"`
	Received []ReceivedText `json:"received"`
}

// WaitingText is a text the network has not accepted yet.
type WaitingText struct {
	ID       uint64        `json:"id"`
	Contact  string        `json:"contact"`
	To       string        `json:"to"` // redacted
	Subject  string        `json:"subject"`
	Age      time.Duration `json:"age_ns"`
	Attempts int           `json:"attempts"`
	NextTry  time.Duration `json:"next_try_ns,omitempty"` // from now; 0 when it only waits for its turn, or a modem
	Cause    string        `json:"cause,omitempty"`
}

// The fates of a text that has left the queue.
const (
	FateAccepted    = "accepted"    // by the network, and no report has come yet
	FateUnreported  = "unreported"  // accepted, and the modem or SIM has no reports
	FateDelivered   = "delivered"   // the phone has it
	FateUnconfirmed = "unconfirmed" // accepted, and no report tells whether it arrived
	FateFailed      = "failed"      // accepted, and then not delivered
	FateGivenUp     = "given_up"    // never accepted
)

// SentText is a text that has left the queue.
type SentText struct {
	ID      uint64        `json:"id"`
	Contact string        `json:"contact"`
	To      string        `json:"to"` // redacted
	Subject string        `json:"subject"`
	Fate    string        `json:"fate"`              // one of the Fate constants
	Ago     time.Duration `json:"ago_ns"`            // since it was accepted, or given up
	Known   time.Duration `json:"known_ns"`          // since its fate is what it is
	Took    time.Duration `json:"took_ns,omitempty"` // to the phone, from the service centre; 0: not known
	Cause   string        `json:"cause,omitempty"`   // why it did not arrive, or may not have
	Parts   []SentPart    `json:"parts"`
}

// SentPart is one part of a text that has left the queue.
type SentPart struct {
	Modem      string    `json:"modem"`
	Reference  uint8     `json:"reference"` // TP-MR
	Fate       string    `json:"fate"`
	Submitted  time.Time `json:"submitted,omitzero"`  // to the service centre, by its clock
	Discharged time.Time `json:"discharged,omitzero"` // delivered, or last tried, by the same clock
}

// Lost reports whether the recipient does not have it and will not get it.
func (t SentText) Lost() bool { return t.Fate == FateFailed || t.Fate == FateGivenUp }

// ReceivedText is a text from somebody, or a PDU that cannot be read.
type ReceivedText struct {
	From    string        `json:"from"` // a contact, a name, or a number, redacted; empty when unreadable
	Modem   string        `json:"modem"`
	Body    string        `json:"body"`
	Ago     time.Duration `json:"ago_ns"`
	Sent    time.Time     `json:"sent,omitzero"` // by the service centre's clock
	Parts   int           `json:"parts"`         // that came, of Count
	Count   int           `json:"count"`
	Problem string        `json:"problem,omitempty"` // why it cannot be read
	PDU     string        `json:"pdu,omitempty"`     // then, in hex
	Did     string        `json:"did,omitempty"`     // what it led to; "" while it is not carried out
}

// WriteText writes it for a person at a terminal: what waits, then what left, then
// what came, each the oldest first.
func (q Queue) WriteText(w io.Writer) error {
	var p page
	for _, t := range q.Waiting {
		p.line("waiting", t.words())
		p.more(t.next())
	}
	for _, t := range q.Sent {
		p.line(t.mark(), t.words())
		p.more(t.Cause)
	}
	for _, t := range q.Received {
		p.line("received", t.words())
		p.more(t.Body)
		p.more(t.flaws())
		p.more(t.did())
	}
	if len(q.Waiting)+len(q.Sent)+len(q.Received) == 0 {
		p.line("", "No text waits, none was sent and none has come.")
	}
	_, err := io.WriteString(w, p.String())
	return err
}

// recipient names who a text is for.
func recipient(contact, to string) string {
	if contact == "" {
		return to
	}
	return fmt.Sprintf("%s (%s)", contact, to)
}

// about says what a text is about; an answer is about nothing.
func about(subject string) string {
	if subject == "" {
		return ""
	}
	return ": " + subject
}

func (t WaitingText) words() string {
	return fmt.Sprintf("text %d to %s for %s", t.ID, recipient(t.Contact, t.To), lasting(t.Age)) + about(t.Subject)
}

// next is why it waits, and until when.
func (t WaitingText) next() string {
	var words []string
	if t.Cause != "" {
		words = append(words, t.Cause)
	}
	if t.NextTry > 0 {
		words = append(words, "next try in "+lasting(t.NextTry))
	}
	return strings.Join(words, "; ")
}

// mark is the fate, loud when the recipient does not have it.
func (t SentText) mark() string {
	switch t.Fate {
	case FateFailed:
		return "FAILED"
	case FateGivenUp:
		return "GIVEN UP"
	}
	return "sent"
}

func (t SentText) words() string {
	return fmt.Sprintf("text %d to %s, %s", t.ID, recipient(t.Contact, t.To), t.outcome()) + about(t.Subject)
}

// outcome is what became of it, and when.
func (t SentText) outcome() string {
	accepted := fmt.Sprintf("accepted %s ago, ", lasting(t.Ago))
	switch t.Fate {
	case FateDelivered:
		if t.Took > 0 {
			return fmt.Sprintf("%sdelivered within %s", accepted, lasting(t.Took))
		}
		return accepted + "delivered"
	case FateUnconfirmed:
		return accepted + "not confirmed"
	case FateUnreported:
		return accepted + "reports not available"
	case FateFailed:
		return fmt.Sprintf("%sknown for %s not to have arrived", accepted, lasting(t.Known))
	case FateGivenUp:
		return fmt.Sprintf("%s ago", lasting(t.Ago))
	}
	return accepted + "no report yet"
}

func (t ReceivedText) words() string {
	from := "from " + t.From
	if t.From == "" {
		from = "from an unreadable sender"
	}
	return fmt.Sprintf("%s, %s ago", from, lasting(t.Ago))
}

// did is what it led to, "" before it is carried out.
func (t ReceivedText) did() string {
	if t.Did == "" {
		return ""
	}
	return "did: " + t.Did
}

// flaws is what is wrong with it.
func (t ReceivedText) flaws() string {
	switch {
	case t.Problem != "":
		return fmt.Sprintf("cannot be read: %s; PDU %s", t.Problem, t.PDU)
	case t.Parts < t.Count:
		return fmt.Sprintf("%d of its %d parts never came", t.Count-t.Parts, t.Count)
	}
	return ""
}
