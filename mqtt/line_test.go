package mqtt

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// proxy is a TCP line to a broker that can be cut, or turned into a black hole
// that takes everything and passes nothing on.
type proxy struct {
	addr string
	to   string
	l    net.Listener

	mu    sync.Mutex
	conns []net.Conn
	hole  bool
}

func newProxy(t testing.TB, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String(), to: to, l: l}
	go p.serve()
	t.Cleanup(func() { _ = l.Close(); p.cut() })
	return p
}

func (p *proxy) serve() {
	for {
		c, err := p.l.Accept()
		if err != nil {
			return
		}
		b, err := net.Dial("tcp", p.to)
		if err != nil {
			_ = c.Close()
			continue
		}
		p.mu.Lock()
		p.conns = append(p.conns, c, b)
		p.mu.Unlock()
		go p.copy(c, b)
		go p.copy(b, c)
	}
}

func (p *proxy) copy(to, from net.Conn) {
	_, _ = io.Copy(writerFunc(func(b []byte) (int, error) {
		if p.swallows() {
			return len(b), nil
		}
		return to.Write(b)
	}), from)
	if !p.swallows() {
		_ = to.Close()
	}
}

func (p *proxy) swallows() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hole
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		_ = c.Close()
	}
	p.conns = nil
}

func (p *proxy) blackHole(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hole = on
}

// canned is the broker's end of a connection on which the test plays the broker.
type canned struct{ net.Conn }

// cannedBroker returns a dialler whose connections are served by play and closed
// when it returns.
func cannedBroker(play func(canned)) func(context.Context) (net.Conn, error) {
	return func(context.Context) (net.Conn, error) {
		ours, theirs := pipe()
		go func() {
			defer theirs.Close()
			play(canned{theirs})
		}()
		return ours, nil
	}
}

// accept reads CONNECT and answers with CONNACK.
func (c canned) accept(code byte) {
	_, _ = packets.ReadPacket(c)
	_, _ = c.Write([]byte{typeConnack << 4, 2, 0, code})
}

// listen reads until the other side closes.
func (c canned) listen() { _, _ = io.Copy(io.Discard, c) }

// pong answers every PINGREQ and nothing else.
func (c canned) pong() {
	for {
		p, err := packets.ReadPacket(c)
		if err != nil {
			return
		}
		if _, ok := p.(*packets.PingreqPacket); ok {
			_, _ = c.Write([]byte{typePingresp << 4, 0})
		}
	}
}
