package mqtt

import (
	"context"
	"net"
	"net/url"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// run starts f and returns a function that stops it and waits for its end, which
// is also called when the test ends.
func run(t testing.TB, f func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run returned %v, want nil once its context is done", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

// openBroker runs an embedded broker for the length of the test.
func openBroker(t testing.TB, o BrokerOptions) *Broker {
	t.Helper()
	b, err := NewBroker(o)
	if err != nil {
		t.Fatal(err)
	}
	run(t, b.Run)
	return b
}

// openSession runs a session for the length of the test.
func openSession(t testing.TB, o Options) (*Session, <-chan *Message, func()) {
	t.Helper()
	if o.ClientID == "" {
		o.ClientID = "tocsin"
	}
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	out := make(chan *Message)
	stop := run(t, func(ctx context.Context) error { return s.Run(ctx, out) })
	return s, out, stop
}

// patience is how long a test waits for something outside a bubble.
const patience = 20 * time.Second

// take returns the next message.
func take(t testing.TB, out <-chan *Message) *Message {
	t.Helper()
	select {
	case m := <-out:
		return m
	case <-time.After(patience):
		t.Fatalf("no message within %v", patience)
		return nil
	}
}

// takeAcked returns the text of the next message, acknowledged.
func takeAcked(t testing.TB, out <-chan *Message) string {
	t.Helper()
	m := take(t, out)
	m.Ack()
	return string(m.Payload)
}

// eventually waits until ok.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %v", what, patience)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// subscribed waits until s is connected and its subscriptions are confirmed.
func subscribed(t testing.TB, s *Session) {
	t.Helper()
	eventually(t, "connected and subscribed", func() bool {
		state := s.State()
		return state.Connected && state.Cause == ""
	})
}

// publisher returns a client that publishes through dial and waits for the
// broker's acknowledgement.
func publisher(t testing.TB, id string, dial func(context.Context) (net.Conn, error)) paho.Client {
	t.Helper()
	o := paho.NewClientOptions().AddBroker("tcp://test").SetClientID(id).SetProtocolVersion(4).SetAutoReconnect(false)
	o.SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) { return dial(context.Background()) })
	c := paho.NewClient(o)
	if token := c.Connect(); token.Wait() && token.Error() != nil {
		t.Fatalf("publisher: %v", token.Error())
	}
	t.Cleanup(func() { c.Disconnect(100) })
	return c
}

func publish(t testing.TB, c paho.Client, topic string, qos byte, retained bool, payload string) {
	t.Helper()
	if token := c.Publish(topic, qos, retained, payload); token.Wait() && token.Error() != nil {
		t.Fatalf("publish: %v", token.Error())
	}
}

// dialTCP dials an address the way a sensor would.
func dialTCP(addr string) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) { return new(net.Dialer).DialContext(ctx, "tcp", addr) }
}
