package rehearsal

import "time"

// Message is one PUBLISH to the broker.
type Message struct {
	Topic   string
	Payload []byte // kept, and so not to be changed, while it is retained or waits
	QoS     byte
	Retain  bool // the broker keeps it for whoever connects later (MQTT 3.1.1 §3.3.1.3)
	Dup     bool // it is delivered as one that may have been delivered before (§3.3.1.1)
}

// A broker keeps for the gateway, whose session is persistent, what is published
// at QoS 1 or 2 while it cannot be delivered (MQTT 3.1.1 §4.1).
type broker struct {
	back     time.Duration // when it is in reach again; 0 while it is
	waiting  []Message
	retained map[string]Message // by topic
}

// keep retains a message. An empty one ends that (MQTT 3.1.1 §3.3.1.3).
func (b *broker) keep(m Message) {
	if len(m.Payload) == 0 {
		delete(b.retained, m.Topic)
		return
	}
	if b.retained == nil {
		b.retained = map[string]Message{}
	}
	b.retained[m.Topic] = m
}

// A clock is the gateway's, which may be wrong.
type clock struct {
	shows   time.Time     // at since
	since   time.Duration // of the rehearsal
	trusted bool
}

func (c clock) at(now time.Duration) time.Time { return c.shows.Add(now - c.since) }

// reboot lets the clock show another time from at on; with the zero Time it kept
// time. One that was set back is not trusted: nothing vouches for it.
func (c *clock) reboot(shows time.Time, at time.Duration) {
	if !shows.IsZero() {
		*c = clock{shows: shows.In(c.shows.Location()), since: at, trusted: !shows.Before(c.at(at))}
	}
}
