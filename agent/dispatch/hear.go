package dispatch

import "github.com/tocsin-edge/tocsin/agent/notify"

// Inbound is a text that somebody sent to the gateway.
type Inbound struct {
	From string // as the network gives it
	Name bool   // From is a name and no number (3GPP 23.040 clause 9.1.2.5)
	Body string
}

// Hear does what a text asks for, and tells in words for the journal what it did.
func (d *Dispatcher) Hear(in Inbound, now notify.Moment) (did string) {
	return "nothing: from a stranger"
}
