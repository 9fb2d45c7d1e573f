package mqtt

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// policy is what mochi asks us while it serves: who may come in, and when a
// publisher has to wait.
type policy struct {
	mochi.HookBase
	b *Broker

	rejected, dropped atomic.Uint64

	mu      sync.Mutex
	changed sync.Cond // a subscriber may have room again
	inner   []*mochi.Client
	stopped bool
}

func newPolicy(b *Broker) *policy {
	p := &policy{b: b}
	p.changed.L = &p.mu
	return p
}

func (p *policy) ID() string { return "policy" }

func (p *policy) Provides(hook byte) bool {
	return slices.Contains([]byte{
		mochi.OnConnectAuthenticate, mochi.OnACLCheck, mochi.OnConnect, mochi.OnSessionEstablished,
		mochi.OnDisconnect, mochi.OnPublish, mochi.OnPublishDropped, mochi.OnQosComplete,
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

// OnACLCheck keeps $SYS empty: mochi's own statistics are not part of what we offer.
func (p *policy) OnACLCheck(_ *mochi.Client, topic string, _ bool) bool {
	return !strings.HasPrefix(topic, "$SYS")
}

func (p *policy) OnSessionEstablished(cl *mochi.Client, _ packets.Packet) {
	// With a quota, mochi takes one read lock twice for every packet of an MQTT 5
	// client that has messages in flight, and a publisher in between locks up both.
	cl.State.Inflight.ResetSendQuota(0)
	if cl.Net.Listener != inProcessID {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inner = append(p.inner, cl)
}

func (p *policy) OnDisconnect(cl *mochi.Client, _ error, _ bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inner = slices.DeleteFunc(p.inner, func(c *mochi.Client) bool { return c == cl })
	p.changed.Broadcast()
}

// OnPublish runs before mochi acknowledges the message to its publisher. It
// waits until every in-process client has room, so that mochi drops nothing on
// the way to it, and nothing that is acknowledged can be lost for want of room.
func (p *policy) OnPublish(cl *mochi.Client, pk packets.Packet) (packets.Packet, error) {
	if pk.FixedHeader.Retain && len(pk.Payload) > 0 {
		pk.FixedHeader.Retain = p.mayRetain(pk.TopicName)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.stopped && slices.ContainsFunc(p.inner, func(c *mochi.Client) bool { return c != cl && crowded(c) }) {
		p.changed.Wait()
	}
	return pk, nil
}

// crowded says whether an in-process client has as much as it should have.
func crowded(c *mochi.Client) bool {
	end, ok := c.Net.Conn.(brokerEnd)
	return c.State.Inflight.Len() >= heldBackAt || ok && end.out.full()
}

func (p *policy) mayRetain(topic string) bool {
	retained := p.b.server.Topics.Retained
	if _, known := retained.Get(topic); known || retained.Len() < retainedMax {
		return true
	}
	p.rejected.Add(1)
	return false
}

func (p *policy) OnPublishDropped(*mochi.Client, packets.Packet) { p.dropped.Add(1) }

func (p *policy) OnQosComplete(cl *mochi.Client, _ packets.Packet) {
	if cl.Net.Listener == inProcessID {
		p.wake()
	}
}

func (p *policy) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.changed.Broadcast()
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
