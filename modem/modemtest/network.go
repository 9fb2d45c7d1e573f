package modemtest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// transitTime is how long a text takes from one modem to another.
const transitTime = time.Second

// Network is the service centre that modems share, and the telephones behind
// it: what was taken through whichever of them is counted here. A text to the
// number of a modem's own SIM reaches that modem.
type Network struct {
	mu      sync.Mutex
	changed *sync.Cond // broadcast after every text
	centre  centre
	members []member
}

type member struct {
	modem  *Modem
	number string // of its SIM
}

// NewNetwork makes a network without modems.
func NewNetwork() *Network {
	n := new(Network)
	n.changed = sync.NewCond(&n.mu)
	return n
}

// On puts the modem into n, with an IMEI and a SIM of its own; without it each
// modem has a network to itself.
func On(n *Network) Option { return func(c *config) { c.network = n } }

// Accepted returns the whole texts the network took through any modem, in the
// order in which they became whole; at most the last 10 000.
func (n *Network) Accepted() []Text { return n.accepted(func(delivery) bool { return true }) }

func (n *Network) accepted(wanted func(delivery) bool) []Text {
	n.mu.Lock()
	defer n.mu.Unlock()
	var texts []Text
	for _, d := range n.centre.texts {
		if wanted(d) {
			text := d.text
			text.Copies = n.centre.copies(d.group)
			text.References = slices.Clone(d.text.References)
			texts = append(texts, text)
		}
	}
	return texts
}

// WaitAccepted returns the texts the network took once there are count of them,
// or with the context's error.
func (n *Network) WaitAccepted(ctx context.Context, count int) ([]Text, error) {
	stop := context.AfterFunc(ctx, n.changed.Broadcast)
	defer stop()
	n.mu.Lock()
	for len(n.centre.texts) < count && ctx.Err() == nil {
		n.changed.Wait()
	}
	enough := len(n.centre.texts) >= count
	n.mu.Unlock()
	if enough {
		return n.Accepted(), nil
	}
	return n.Accepted(), ctx.Err()
}

var errNobody = errors.New("no modem on the network has a SIM of that number")

// Text brings a text to the modem whose SIM has the number to.
func (n *Network) Text(to, from, body string) error {
	m := n.subscriber(to)
	if m == nil {
		return errNobody
	}
	m.Text(from, body)
	return nil
}

// join makes the modem a member, and tells how many were there before.
func (n *Network) join(m *Modem) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.members = append(n.members, member{modem: m})
	return len(n.members) - 1
}

// subscribe gives a member the number of the SIM that is in it.
func (n *Network) subscribe(m *Modem, number string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i := range n.members {
		if n.members[i].modem == m {
			n.members[i].number = number
		}
	}
}

// subscriber is the modem whose SIM has that number, nil when there is none.
func (n *Network) subscriber(number string) *Modem {
	n.mu.Lock()
	defer n.mu.Unlock()
	i := slices.IndexFunc(n.members, func(m member) bool { return m.number == number })
	if i < 0 {
		return nil
	}
	return n.members[i].modem
}

// accept takes a part from a modem that is locked, or says why not.
func (n *Network) accept(m *Modem, s submit, told byte, now time.Time) (*Text, *refusal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	text, wrong := n.centre.accept(m, m.card.Number, s, told, now)
	if text != nil {
		n.changed.Broadcast()
	}
	return text, wrong
}

// pending returns how many texts from that number the centre has only parts of.
func (n *Network) pending(from string) int {
	n.mu.Lock()
	defer n.mu.Unlock()
	count := 0
	for _, g := range n.centre.groups {
		if g.whole == 0 && g.key.from == from {
			count++
		}
	}
	return count
}

// route brings a part to a modem that has the number it is for.
func (n *Network) route(from string, s submit) {
	m := n.subscriber(s.to)
	if m == nil {
		return
	}
	octets := s.delivered(from, time.Now())
	plain := plainDeliver(from, time.Now(), s.body)
	time.AfterFunc(transitTime, func() {
		m.with(func() { m.arrive(arrival{message: m.newMessage(octets, plain)}) })
	})
}
