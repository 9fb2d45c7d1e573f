package mqtt

import (
	"maps"
	"net"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// What mochi acknowledges to a publisher it holds in memory only. So a message
// with QoS 1 or 2 from the network is handed on before mochi acknowledges it, and
// the publisher waits for the acknowledgement until every in-process client has
// given its own: what a sensor was told is safe is as safe as they have made it.

// relayID names to mochi the publishers in whose name messages are handed on.
const relayID = "relay"

// A delivery is a message on its way to an in-process client. Its packet
// identifier stays the same when the client connects anew (§4.4).
type delivery struct {
	client string
	packet uint16
}

// A sender is a client from the network that has sent a message with QoS 1
// or 2.
type sender struct {
	conn    net.Conn          // its last
	relay   *mochi.Client     // who hands on in its name, so that No Local still holds
	waiting int               // its connections that wait, more than one while it is taken over
	owed    map[delivery]bool // what they wait for
}

// custody is who waits for what.
type custody struct {
	senders map[string]*sender  // by client id
	owners  map[delivery]string // client ids
}

func newCustody() custody {
	return custody{senders: make(map[string]*sender), owners: make(map[delivery]string)}
}

// handOn gives a publisher's message to every subscriber, waits until those in
// this process have acknowledged it, and tells mochi only to acknowledge it.
// When the broker stops before, the publisher gets no acknowledgement and will
// send it again.
func (p *policy) handOn(cl *mochi.Client, pk packets.Packet) (packets.Packet, error) {
	from := p.sender(cl)
	out := pk
	out.Properties.TopicAliasFlag, out.Properties.TopicAlias = false, 0 // is resolved already
	err := p.b.server.InjectPacket(from.relay, out)
	p.mu.Lock()
	defer p.mu.Unlock()
	defer func() { from.waiting-- }()
	for err == nil && !p.stopped && len(from.owed) > 0 {
		p.changed.Wait()
	}
	switch {
	case err != nil:
		return pk, nil // mochi finds the same mistake, and answers it
	case p.stopped:
		return pk, packets.ErrRejectPacket
	}
	return pk, packets.CodeSuccessIgnore
}

// sender is cl as one that waits.
func (p *policy) sender(cl *mochi.Client) *sender {
	p.mu.Lock()
	defer p.mu.Unlock()
	from := p.custody.senders[cl.ID]
	if from == nil {
		from = &sender{relay: p.b.server.NewClient(nil, relayID, cl.ID, true), owed: make(map[delivery]bool)}
		from.relay.Properties.ProtocolVersion = cl.Properties.ProtocolVersion
		p.custody.senders[cl.ID] = from
	}
	from.conn = cl.Net.Conn
	from.waiting++
	return from
}

// OnQosPublish runs when mochi has given a message to a client a packet
// identifier.
func (p *policy) OnQosPublish(cl *mochi.Client, pk packets.Packet, _ int64, _ int) {
	if cl.Net.Listener != inProcessID || pk.FixedHeader.Type != packets.Publish {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if from := p.custody.senders[pk.Origin]; from != nil && from.waiting > 0 {
		d := delivery{cl.ID, pk.PacketID}
		from.owed[d] = true
		p.custody.owners[d] = pk.Origin
	}
}

// OnQosComplete runs when a client has acknowledged a message.
func (p *policy) OnQosComplete(cl *mochi.Client, pk packets.Packet) { p.delivered(cl, pk) }

// OnQosDropped runs when mochi gives a message up, as with an expired session;
// also when a session goes on over another connection, and the message with it.
func (p *policy) OnQosDropped(cl *mochi.Client, pk packets.Packet) {
	if !cl.IsTakenOver() {
		p.delivered(cl, pk)
	}
}

func (p *policy) delivered(cl *mochi.Client, pk packets.Packet) {
	if cl.Net.Listener != inProcessID {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	d := delivery{cl.ID, pk.PacketID}
	if from := p.custody.senders[p.custody.owners[d]]; from != nil {
		delete(from.owed, d)
	}
	delete(p.custody.owners, d)
	p.changed.Broadcast()
}

// forget drops the publisher that came through c, unless it waits on another
// connection.
func (c *custody) forget(conn net.Conn) {
	maps.DeleteFunc(c.senders, func(_ string, from *sender) bool {
		return from.conn == conn && from.waiting == 0
	})
}
