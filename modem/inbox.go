package modem

import "time"

// An Inbox takes custody of what the network sends. Once a method has returned
// nil, what it was given is on disk and the modem deletes its copy; after an
// error the modem keeps it and offers it again later. What was taken may come
// again all the same, when power fails between the two.
//
// The methods are called by the goroutine that owns the modem, one at a time for
// each modem. They must not call the modem, and must return within a second or so.
type Inbox interface {
	Text(Inbound) error
	Report(Report) error
	Late(Late) error
}

// Inbound is one part of a text from somebody: an SMS-DELIVER (3GPP 23.040 clause
// 9.2.2.1), or octets that are none.
type Inbound struct {
	Modem string // the name of the modem it came through
	// PDU is what came, with the service centre's address in front. Where
	// ModemManager keeps that to itself it is what tells this text from others.
	PDU []byte

	From string    // a number with or without plus, or a name; "" when unreadable
	Name bool      // From is a name: alphanumeric, and nothing can be sent to it
	Body string    // of this part
	Sent time.Time // when the service centre took it, by its clock; zero when unreadable

	// The place in a longer text (clause 9.2.3.24.1). A text by itself has
	// Count 1.
	Reference    uint16
	Index, Count int

	Problem string // why PDU cannot be read, with nothing but Modem and PDU set; "" when it can
}

// Report is an SMS-STATUS-REPORT (3GPP 23.040 clause 9.2.2.3): what became of a
// part that the network accepted.
type Report struct {
	Modem      string // the name of the modem it came through
	To         string // TP-RA, whom the part was for: a number with or without plus
	Reference  uint8  // TP-MR of the part
	Status     uint8  // TP-ST (clause 9.2.3.15)
	Submitted  time.Time
	Discharged time.Time // when it was delivered, or last tried, by the service centre's clock
}

// Late is the answer to a part whose outcome was Unknown, from a modem that found
// its tongue again before it was spoken to.
type Late struct {
	Modem     string // the name of the modem
	Part      Part
	Receipt   Receipt
	Err       *SendError // nil: accepted
	Submitted time.Time  // when the part was given to the modem
}
