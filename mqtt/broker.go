package mqtt

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	mochi "github.com/mochi-mqtt/server/v2"
)

// The bounds of the embedded broker.
const (
	// packetMaxBytes is the largest packet a client may send; a larger one ends
	// its connection. It holds the largest payload a Session hands over, with the
	// longest topic.
	packetMaxBytes = 384 << 10

	// connectionsMax counts network connections, also those that have not yet
	// sent CONNECT. The next one is closed as it comes.
	connectionsMax = 256

	// connectTimeout is how long a connection may take over TLS and CONNECT.
	connectTimeout = 10 * time.Second

	// sessionsMax counts client ids that are connected or that the broker keeps
	// messages for.
	sessionsMax = 1024

	// sessionKeptFor is how long the broker keeps them for a client that is away.
	sessionKeptFor = 7 * 24 * time.Hour

	// retainedMax is how many topics may have a retained message. A message to
	// retain on one more topic is delivered, but not retained.
	retainedMax = 4096

	// heldBackAt is how many messages may be queued or unacknowledged for an
	// in-process client before publishers wait. They also wait while it has
	// pipeMaxBytes unread.
	heldBackAt = 1536

	// innerMax is how many there can then be: all retained messages when it
	// subscribes, and one more from each publisher that looked at the same moment.
	// mochi drops what is beyond.
	innerMax = retainedMax + heldBackAt + 2*connectionsMax

	// outerMax is how many messages with QoS 1 or 2 are kept for a client from the
	// network. For a client that has as many unacknowledged, more are dropped.
	outerMax = 1000

	// statisticsEvery is how often mochi collects statistics that nobody can see;
	// it stops the world for them.
	statisticsEvery = 24 * time.Hour

	// listenRetry is the pause before an address that could not be had is tried again.
	listenRetry = 5 * time.Second
)

// BrokerOptions say who may use the embedded broker and from where.
type BrokerOptions struct {
	Listen          string            // host:port for TCP, or TLS with TLS.Cert; "" for in-process connections only
	Users           map[string]string // name → password
	AwaitSubscriber bool              // listen only once an in-process client has subscribed, who could otherwise miss messages
	AllowAnonymous  bool              // also lets in clients that give no name, and when there are no Users, any name
	TLS             TLSFiles          // CA, when given, makes clients show a certificate that it signed
	Log             *slog.Logger      // nil discards
}

// Check lists everything NewBroker would refuse, without touching files or network.
func (o BrokerOptions) Check() []Problem {
	found := o.TLS.check()
	if o.Listen == "" {
		return found
	}
	if _, port, err := net.SplitHostPort(o.Listen); err != nil || port == "" {
		found = append(found, Problem{"listen", fmt.Sprintf("%q is not an address to listen on", o.Listen), `write host:port, such as "127.0.0.1:1883", or ":1883" for every interface`})
	}
	if len(o.Users) == 0 && !o.AllowAnonymous {
		found = append(found, Problem{"users", "nobody could connect", "give users, or write allow_anonymous = true"})
	}
	if o.TLS.CA != "" && o.TLS.Cert == "" {
		found = append(found, Problem{"tls", "ca_file is given without a certificate of the broker's own", "give cert_file and key_file as well"})
	}
	return found
}

// BrokerState is the embedded broker's account of itself.
type BrokerState struct {
	Listening bool   `json:"listening"` // false also when there is no address to listen on
	Cause     string `json:"cause"`     // why it does not listen; empty otherwise
	Remedy    string `json:"remedy"`

	Connections int    `json:"connections"` // from the network
	Rejected    uint64 `json:"rejected"`    // connections, sessions and retained messages over a bound, and wrong passwords
	Dropped     uint64 `json:"dropped"`     // messages for clients from the network that did not keep up
}

// Broker is an MQTT 3.1, 3.1.1 and 5 server in this process. Everything it holds,
// retained messages too, is in memory and gone when Run returns. So a publisher
// gets its PUBACK or PUBREC only when every in-process client that subscribes to
// the message has acknowledged it: what they have made safe, it may forget.
//
// Nothing is dropped on the way to an in-process client. While 1,536 messages are
// queued or unacknowledged for one, or it has 64 KiB unread, publishers wait:
// their PUBACK is held back, and nothing more is read from them. A client from
// the network for which 1,000 messages are unacknowledged loses more, see State.
// A Receive Maximum that an MQTT 5 client asks for is not honoured. Topics that
// begin with $SYS are empty.
type Broker struct {
	o      BrokerOptions
	log    *slog.Logger
	server *mochi.Server
	policy *policy

	dialled chan net.Conn
	started chan struct{}
	stopped chan struct{}

	mu    sync.Mutex
	addr  string
	conns map[net.Conn]string // where each came from: networkID or inProcessID
	state BrokerState
}

// NewBroker returns a broker that does not yet run. Its error joins the Problems
// that Check finds.
func NewBroker(o BrokerOptions) (*Broker, error) {
	if found := o.Check(); len(found) > 0 {
		return nil, joinProblems(found)
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	b := &Broker{
		o: o, log: log, addr: o.Listen, conns: make(map[net.Conn]string),
		dialled: make(chan net.Conn), started: make(chan struct{}), stopped: make(chan struct{}),
	}
	b.server = mochi.New(&mochi.Options{
		Capabilities:           capabilities(),
		InlineClient:           true, // what Publish publishes as
		Logger:                 slog.New(debugOnly{log.Handler()}),
		SysTopicResendInterval: int64(statisticsEvery / time.Second),
	})
	b.policy = newPolicy(b)
	if err := b.server.AddHook(b.policy, nil); err != nil {
		return nil, err
	}
	return b, nil
}

func capabilities() *mochi.Capabilities {
	c := mochi.NewDefaultServerCapabilities()
	c.MaximumPacketSize = packetMaxBytes
	c.MaximumInflight = innerMax
	c.MaximumClientWritesPending = innerMax
	c.MaximumSessionExpiryInterval = uint32(sessionKeptFor / time.Second)
	// Otherwise retained messages are deleted after a day, and all of them at once
	// when a clock that began in 1970 is set. 0 leaves it to the publisher.
	c.MaximumMessageExpiryInterval = 0
	return c
}

// Run serves until ctx is done and returns nil. An address that cannot be had is
// a State and tried again; in-process connections work all the same. Run may be
// called once.
func (b *Broker) Run(ctx context.Context) error {
	if err := b.server.Serve(); err != nil {
		return err
	}
	b.policy.hidden = b.server.Topics.Retained.Len()
	close(b.started)
	var work sync.WaitGroup
	if b.o.Listen != "" {
		work.Go(func() { b.listen(ctx, &work) })
	}
	b.welcome(ctx, &work)
	close(b.stopped)
	b.policy.stop()
	b.closeAll()
	work.Wait()
	return b.server.Close()
}

// inProcessID and networkID name to mochi where a client came from.
const (
	inProcessID = "in process"
	networkID   = "network"
)

// welcome serves in-process connections until ctx is done.
func (b *Broker) welcome(ctx context.Context, work *sync.WaitGroup) {
	for {
		select {
		case <-ctx.Done():
			return
		case c := <-b.dialled:
			if b.admit(inProcessID, c) {
				work.Go(func() { b.serve(inProcessID, c) })
			}
		}
	}
}

func (b *Broker) serve(from string, c net.Conn) {
	defer b.forget(c)
	defer b.policy.gone(c)
	if err := b.server.EstablishConnection(from, c); err != nil {
		b.log.Debug("embedded broker: a connection ended", "from", c.RemoteAddr(), "err", err)
	}
}

// Dial opens a connection inside the process; it needs no user and no network.
// It waits for Run.
func (b *Broker) Dial(ctx context.Context) (net.Conn, error) {
	if err := b.running(ctx); err != nil {
		return nil, err
	}
	ours, theirs := pipe()
	// mochi holds a lock while it writes. If it had to wait for the subscriber, so
	// would everybody who has a message for it; policy makes publishers wait instead.
	ours.in.boundless = true
	ours.in.drained = b.policy.wake
	select {
	case b.dialled <- brokerEnd{theirs}:
		return ours, nil
	case <-b.stopped:
		return nil, errBrokerStopped
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Publish publishes as the broker itself: a topic name (§4.7), and a QoS that each
// subscription may lower. It waits for Run and for room, see Broker, and returns
// once the message is on its way to every subscriber.
func (b *Broker) Publish(ctx context.Context, topic string, payload []byte, qos byte, retain bool) error {
	if err := b.running(ctx); err != nil {
		return err
	}
	if err := b.policy.await(ctx); err != nil {
		return err
	}
	return b.server.Publish(topic, payload, retain, qos)
}

// running waits for Run.
func (b *Broker) running(ctx context.Context) error {
	select {
	case <-b.started:
	case <-b.stopped:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-b.stopped:
		return errBrokerStopped
	default:
		return nil
	}
}

var errBrokerStopped = errors.New("the embedded broker has stopped")

// brokerEnd is the broker's end of an in-process connection. It has no deadlines:
// a subscriber in this process that does not read is busy, not dead.
type brokerEnd struct{ pipeEnd }

func (brokerEnd) SetDeadline(time.Time) error      { return nil }
func (brokerEnd) SetReadDeadline(time.Time) error  { return nil }
func (brokerEnd) SetWriteDeadline(time.Time) error { return nil }

// Addr is the address the broker listens on; until it does, Listen as configured.
func (b *Broker) Addr() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.addr
}

// State may be called from any goroutine.
func (b *Broker) State() BrokerState {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.state
	s.Connections = b.fromNetwork()
	s.Rejected += b.policy.rejected.Load()
	s.Dropped = b.policy.dropped.Load()
	return s
}

// listen serves the network until ctx is done.
func (b *Broker) listen(ctx context.Context, work *sync.WaitGroup) {
	if b.o.AwaitSubscriber {
		select {
		case <-b.policy.heard:
		case <-ctx.Done():
		}
	}
	for ctx.Err() == nil {
		l, err := b.bind(ctx)
		if err == nil {
			stop := context.AfterFunc(ctx, func() { _ = l.Close() })
			b.listening(l.Addr().String(), nil)
			err = b.accept(l, work)
			stop()
			_ = l.Close()
		}
		if ctx.Err() != nil {
			return
		}
		b.listening(b.o.Listen, err)
		sleep(ctx, listenRetry)
	}
}

// bind listens, with TLS when there is a certificate.
func (b *Broker) bind(ctx context.Context) (net.Listener, error) {
	var secure *tls.Config
	if b.o.TLS.Cert != "" {
		var err error
		if secure, err = b.o.TLS.server(); err != nil {
			return nil, err
		}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", b.o.Listen)
	if err != nil || secure == nil {
		return l, err
	}
	return tls.NewListener(l, secure), nil
}

func (b *Broker) listening(addr string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.addr = addr
	b.state.Listening = err == nil
	var a advice
	if err != nil {
		a = explainListen(err, b.o.Listen)
	}
	if a.cause != b.state.Cause {
		b.log.Warn("embedded broker: "+a.cause, "remedy", a.remedy)
	}
	b.state.Cause, b.state.Remedy = a.cause, a.remedy
}

func (b *Broker) accept(l net.Listener, work *sync.WaitGroup) error {
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		if !b.admit(networkID, c) {
			continue
		}
		// mochi sets the next deadline after CONNECT.
		_ = c.SetDeadline(time.Now().Add(connectTimeout))
		work.Go(func() { b.serve(networkID, c) })
	}
}

// admit keeps c to be closed at the end, or closes it now.
func (b *Broker) admit(from string, c net.Conn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if from == networkID && b.fromNetwork() >= connectionsMax {
		b.state.Rejected++
		_ = c.Close()
		return false
	}
	select {
	case <-b.stopped:
		_ = c.Close()
		return false
	default:
		b.conns[c] = from
		return true
	}
}

// fromNetwork counts; mu must be held.
func (b *Broker) fromNetwork() int {
	n := 0
	for _, from := range b.conns {
		if from == networkID {
			n++
		}
	}
	return n
}

func (b *Broker) forget(c net.Conn) {
	_ = c.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.conns, c)
}

func (b *Broker) closeAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.conns {
		_ = c.Close()
	}
}
