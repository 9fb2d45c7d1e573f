package mqtt

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// policy is what mochi asks us while it serves: who may come in, who gets what,
// and when a publisher has to wait.
type policy struct {
	mochi.HookBase
	b *Broker

	hidden int // retained messages of mochi's own; set before anybody connects

	rejected, dropped atomic.Uint64

	mu      sync.Mutex
	changed sync.Cond // an in-process client may have room again
	stopped bool

	// queued is how many messages mochi has queued, and not yet begun to write,
	// for each in-process client.
	queued map[*mochi.Client]int

	// subscribing holds the clients whose SUBSCRIBE is being looked at.
	subscribing map[*mochi.Client]bool

	heard   chan struct{} // closed once an in-process client has subscribed
	hear    func()        // closes it, once
	custody custody
}

func newPolicy(b *Broker) *policy {
	p := &policy{
		b: b, queued: make(map[*mochi.Client]int), subscribing: make(map[*mochi.Client]bool),
		heard: make(chan struct{}), custody: newCustody(),
	}
	p.hear = sync.OnceFunc(func() { close(p.heard) })
	p.changed.L = &p.mu
	return p
}

func (p *policy) ID() string { return "policy" }

func (p *policy) Provides(hook byte) bool {
	return slices.Contains([]byte{
		mochi.OnConnect, mochi.OnConnectAuthenticate, mochi.OnSessionEstablish, mochi.OnSessionEstablished,
		mochi.OnACLCheck, mochi.OnSubscribe, mochi.OnSubscribed,
		mochi.OnPublish, mochi.OnPacketEncode, mochi.OnPublishDropped,
		mochi.OnQosPublish, mochi.OnQosComplete, mochi.OnQosDropped,
	}, hook)
}

// OnConnect bounds the number of sessions.
func (p *policy) OnConnect(cl *mochi.Client, _ packets.Packet) error {
	clients := p.b.server.Clients
	if _, known := clients.Get(cl.ID); !known && clients.Len() >= sessionsMax {
		p.rejected.Add(1)
		return packets.ErrServerBusy
	}
	return nil
}

func (p *policy) OnConnectAuthenticate(cl *mochi.Client, pk packets.Packet) bool {
	if cl.Net.Listener == inProcessID || p.mayEnter(string(pk.Connect.Username), string(pk.Connect.Password)) {
		return true
	}
	p.rejected.Add(1)
	return false
}

func (p *policy) mayEnter(name, password string) bool {
	o := p.b.o
	if o.AllowAnonymous && (name == "" || len(o.Users) == 0) {
		return true
	}
	want, known := o.Users[name]
	got, right := sha256.Sum256([]byte(password)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(got[:], right[:]) == 1 && known
}

// OnSessionEstablish runs before anything is queued for the client.
func (p *policy) OnSessionEstablish(cl *mochi.Client, _ packets.Packet) {
	if cl.Net.Listener != inProcessID {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queued[cl] = 0
}

func (p *policy) OnSessionEstablished(cl *mochi.Client, _ packets.Packet) {
	// With a quota, mochi takes one read lock twice for every packet of an MQTT 5
	// client that has messages in flight, and a publisher in between locks up both.
	cl.State.Inflight.ResetSendQuota(0)
}

// gone forgets the client that was connected through c.
func (p *policy) gone(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	through := func(cl *mochi.Client) bool { return cl.Net.Conn == c }
	maps.DeleteFunc(p.queued, func(cl *mochi.Client, _ int) bool { return through(cl) })
	maps.DeleteFunc(p.subscribing, func(cl *mochi.Client, _ bool) bool { return through(cl) })
	p.custody.forget(c)
	p.changed.Broadcast()
}

// OnACLCheck is asked for every filter in a SUBSCRIBE, and for every message
// that mochi is about to queue for a client (write is false then). Topics that
// begin with $SYS, mochi's own statistics, are not part of what we offer.
func (p *policy) OnACLCheck(cl *mochi.Client, topic string, write bool) bool {
	if write || strings.HasPrefix(topic, "$SYS") {
		return write
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, inner := p.queued[cl]; inner {
		p.queued[cl]++
		return true
	}
	if cl.Net.Listener == inProcessID || p.subscribing[cl] || cl.State.Inflight.Len() < outerMax {
		return true
	}
	p.dropped.Add(1)
	return false
}

func (p *policy) OnSubscribe(cl *mochi.Client, pk packets.Packet) packets.Packet {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.subscribing[cl] = true
	return pk
}

// OnSubscribed takes back what OnACLCheck counted for filters.
func (p *policy) OnSubscribed(cl *mochi.Client, _ packets.Packet, codes []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.subscribing, cl)
	if _, inner := p.queued[cl]; !inner {
		return
	}
	p.hear()
	for _, code := range codes {
		if code < subackFailure {
			p.queued[cl]--
		}
	}
}

// OnPacketEncode runs when mochi begins to write a packet. What it sends again
// after a reconnection (DUP) was not queued.
func (p *policy) OnPacketEncode(cl *mochi.Client, pk packets.Packet) packets.Packet {
	if pk.FixedHeader.Type == packets.Publish && !pk.FixedHeader.Dup {
		p.unqueue(cl)
	}
	return pk
}

func (p *policy) OnPublishDropped(cl *mochi.Client, _ packets.Packet) {
	p.dropped.Add(1)
	p.unqueue(cl)
}

func (p *policy) unqueue(cl *mochi.Client) {
	if cl.Net.Listener != inProcessID {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, inner := p.queued[cl]; inner {
		p.queued[cl]--
		p.changed.Broadcast()
	}
}

func (p *policy) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed.Broadcast()
}

// OnPublish runs before mochi acknowledges the message to its publisher. It
// waits until every in-process client has room, so that mochi drops nothing on
// the way to it, and then until each has acknowledged the message.
func (p *policy) OnPublish(cl *mochi.Client, pk packets.Packet) (packets.Packet, error) {
	if pk.FixedHeader.Retain && len(pk.Payload) > 0 {
		pk.FixedHeader.Retain = p.mayRetain(pk.TopicName)
	}
	p.awaitRoom(cl)
	if cl.Net.Listener == networkID && pk.FixedHeader.Qos > 0 {
		return p.handOn(cl, pk)
	}
	return pk, nil
}

func (p *policy) awaitRoom(cl *mochi.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.stopped && !cl.Net.Inline && p.crowded(cl) {
		p.changed.Wait()
	}
}

// await is how Broker.Publish waits for room before mochi sees the message.
func (p *policy) await(ctx context.Context) error {
	defer context.AfterFunc(ctx, p.wake)()
	p.mu.Lock()
	defer p.mu.Unlock()
	for ctx.Err() == nil && !p.stopped && p.crowded(nil) {
		p.changed.Wait()
	}
	return context.Cause(ctx)
}

// crowded says whether an in-process client other than the publisher has as much
// as it should have; mu must be held.
func (p *policy) crowded(publisher *mochi.Client) bool {
	for cl, queued := range p.queued {
		if cl != publisher && (queued >= heldBackAt || cl.State.Inflight.Len() >= heldBackAt || backedUp(cl)) {
			return true
		}
	}
	return false
}

func backedUp(cl *mochi.Client) bool {
	end, ok := cl.Net.Conn.(brokerEnd)
	return ok && end.out.full()
}

func (p *policy) mayRetain(topic string) bool {
	retained := p.b.server.Topics.Retained
	if _, known := retained.Get(topic); known || retained.Len() < retainedMax+p.hidden {
		return true
	}
	p.rejected.Add(1)
	return false
}

func (p *policy) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	p.changed.Broadcast()
}

// debugOnly logs everything at debug level, for what concerns users is in State,
// and no packets, for they may hold passwords.
type debugOnly struct{ to slog.Handler }

func (h debugOnly) Enabled(ctx context.Context, _ slog.Level) bool {
	return h.to.Enabled(ctx, slog.LevelDebug)
}

func (h debugOnly) Handle(ctx context.Context, r slog.Record) error {
	out := slog.NewRecord(r.Time, slog.LevelDebug, "mochi: "+r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key != "pk" && a.Key != "packet" {
			out.AddAttrs(a)
		}
		return true
	})
	return h.to.Handle(ctx, out)
}

func (h debugOnly) WithAttrs(attrs []slog.Attr) slog.Handler {
	return debugOnly{h.to.WithAttrs(attrs)}
}

func (h debugOnly) WithGroup(name string) slog.Handler { return debugOnly{h.to.WithGroup(name)} }
