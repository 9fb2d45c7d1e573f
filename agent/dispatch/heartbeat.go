package dispatch

import (
	"time"

	"github.com/tocsin-edge/tocsin/agent/notify"
)

// A Heartbeat is the gateway's own sign of life, one `heartbeat` block.
type Heartbeat struct {
	Name   string
	Every  time.Duration    // on the gateway's timeline; 0 where At counts
	At     notify.TimeOfDay // negative where Every counts
	Notify []notify.Addressee
	Topic  string // that it is published on; "" for none
	Broker string // whose topic that is
}

// A Beat is a heartbeat to be published, not retained.
type Beat struct {
	Heartbeat     string
	Topic, Broker string
	Payload       []byte
}
