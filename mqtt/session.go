package mqtt

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"net/url"
	"slices"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
	"github.com/eclipse/paho.mqtt.golang/packets"
)

const (
	// handshakeTimeout is how long the broker may take from CONNECT to CONNACK.
	handshakeTimeout = 20 * time.Second

	// subackTimeout is how long it may take to answer SUBSCRIBE.
	subackTimeout = 30 * time.Second

	// The pause before the next attempt doubles from the first to the last, and
	// varies by a fifth so that a thousand gateways do not come back at once.
	pauseFirst = time.Second
	pauseLast  = 30 * time.Second

	// subackFailure in place of a granted quality of service (§3.9.3).
	subackFailure = 0x80
)

var errNoSuback = fmt.Errorf("no SUBACK within %v", subackTimeout)

// Session is a connection to one broker that is made again whenever it is lost.
// The broker keeps its subscriptions and unacknowledged messages in between
// (CleanSession 0, §3.1.2.4), unless Options.Clean.
type Session struct {
	o       Options
	filters []Filter // minimal
	where   string   // the broker, for people
	said    chan Publish
	status  status
}

// New returns a session that is not yet connected. Its error joins the Problems
// that Check finds.
func New(o Options) (*Session, error) {
	if found := o.Check(); len(found) > 0 {
		return nil, joinProblems(found)
	}
	if o.KeepAlive == 0 {
		o.KeepAlive = KeepAliveDefault
	}
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	changed := o.Changed
	if changed == nil {
		changed = func() {}
	}
	where := o.URL
	if o.Dial != nil {
		where = "the embedded broker"
	}
	return &Session{
		o:       o,
		filters: minimal(slices.Clone(o.Filters)),
		where:   where,
		said:    make(chan Publish, saidMax),
		status:  status{log: log.With("broker", o.Name, "url", o.URL), changed: changed},
	}, nil
}

// State may be called from any goroutine.
func (s *Session) State() State { return s.status.snapshot() }

// Run connects, subscribes and hands messages to out, one at a time and in the
// order in which the broker sent them, for as long as ctx lasts; then it returns
// nil. A broker that is absent, refuses or falls silent is a State, never an
// error.
//
// While nobody takes from out, nothing is read from the broker, the messages
// stay with it, and the connection is kept alive. When Run returns, messages
// that are not yet acknowledged stay with the broker too.
func (s *Session) Run(ctx context.Context, out chan<- *Message) error {
	s.status.offline(progress("connecting to " + s.where))
	var retry backoff
	for ctx.Err() == nil {
		lived, err := s.connection(ctx, out)
		if ctx.Err() != nil {
			break
		}
		s.status.lost(explain(err, s.where, time.Now()), lived, endedByPeer(err), s.o.ClientID)
		if lived >= settled {
			retry = backoff{}
		}
		retry.wait(ctx)
	}
	s.status.offline(progress("stopped"))
	return nil
}

// backoff is the pause before the next attempt.
type backoff struct{ last time.Duration }

func (b *backoff) wait(ctx context.Context) {
	b.last = min(max(pauseFirst, 2*b.last), pauseLast)
	spread := time.Duration((rand.Float64() - 0.5) * 0.4 * float64(b.last))
	sleep(ctx, b.last+spread)
}

// sleep waits for d, or less when ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// connection is one connection, from dialling to its loss. It returns why it
// ended and how long the broker had accepted us, 0 when it did not. The library
// gets a new client for each: what went wrong with one cannot outlive it.
func (s *Session) connection(ctx context.Context, out chan<- *Message) (lived time.Duration, err error) {
	password, err := s.password()
	if err != nil {
		return 0, err
	}
	conn, err := s.o.dial(ctx)
	if err != nil {
		return 0, err
	}
	l := newLink(conn, s.o.KeepAlive, len(s.filters))
	defer l.Close()
	client := paho.NewClient(s.clientOptions(l, password, s.handOver(ctx, l, out)))
	if err := connect(ctx, client, l); err != nil {
		return 0, err
	}
	defer part(client, l)
	accepted := time.Now()
	s.hush()
	s.status.connected(s.subscribing())
	err = s.watch(ctx, l, s.subscribe(client))
	return max(1, time.Since(accepted)), err
}

func (s *Session) password() (string, error) {
	if s.o.PasswordFile == "" {
		return "", nil
	}
	return readPassword(s.o.PasswordFile)
}

func (s *Session) clientOptions(l *link, password string, handle paho.MessageHandler) *paho.ClientOptions {
	o := paho.NewClientOptions()
	o.AddBroker("tcp://broker") // never dialled: the link is already open
	o.SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) { return l, nil })
	o.SetProtocolVersion(4)
	o.SetClientID(s.o.ClientID)
	o.SetCleanSession(s.o.Clean)
	o.SetUsername(s.o.Username)
	o.SetPassword(password)
	o.SetKeepAlive(s.o.KeepAlive)
	o.SetPingTimeout(math.MaxInt64) // the link notices silence, see there
	o.SetConnectTimeout(handshakeTimeout)
	o.SetWriteTimeout(writeTimeout)
	o.SetAutoReconnect(false)
	o.SetConnectRetry(false)
	o.SetOrderMatters(true)
	o.SetAutoAckDisabled(true)
	o.SetStore(noStore{})
	o.SetDefaultPublishHandler(handle)
	return o
}

// connect goes from CONNECT to CONNACK.
func connect(ctx context.Context, client paho.Client, l *link) error {
	stop := l.endWith(ctx)
	defer stop()
	token := client.Connect()
	token.Wait()
	return token.Error()
}

const (
	// partGrace is how long DISCONNECT may take.
	partGrace = 250 // ms

	// partMax is how long a consumer may take over the last QoS 0 message of a
	// lost connection before the next connection is made all the same.
	partMax = 24 * 60 * 60 * 1000 // ms
)

// part says goodbye [MQTT-3.14.4-1] and waits until the library's goroutines for
// this connection have ended.
func part(client paho.Client, l *link) {
	client.Disconnect(partGrace)
	_ = l.Close()
	client.Disconnect(partMax)
}

// handOver returns what the library calls for every PUBLISH, one after the
// other. It waits for the consumer; see link for why it may. A message with QoS
// 1 or 2 is given up when its connection is lost: the broker will deliver it
// again. One with QoS 0 exists nowhere else, so the consumer still gets it.
func (s *Session) handOver(ctx context.Context, l *link, out chan<- *Message) paho.MessageHandler {
	return func(_ paho.Client, delivered paho.Message) {
		m := receive(l, delivered)
		s.status.received(m.Oversize > 0)
		gone := l.dead
		if m.QoS == 0 {
			gone = nil
		}
		select {
		case out <- m:
		case <-gone:
		case <-ctx.Done():
		}
	}
}

func receive(l *link, delivered paho.Message) *Message {
	m := &Message{
		Topic:     delivered.Topic(),
		Payload:   delivered.Payload(),
		QoS:       delivered.Qos(),
		Retained:  delivered.Retained(),
		Duplicate: delivered.Duplicate(),
		delivered: delivered,
	}
	if m.Oversize = l.frames.oversize(m.Payload); m.Oversize > 0 {
		m.Payload = nil
	}
	return m
}

// subscribing is what is wrong until SUBACK has come.
func (s *Session) subscribing() advice {
	if len(s.filters) == 0 {
		return advice{}
	}
	return progress("waiting for the broker to confirm our subscriptions")
}

// subscribe asks for all filters in one packet, at every connection: a broker
// that restarted without its state has forgotten them, although it may say
// otherwise. It returns nil when there is nothing to subscribe to.
func (s *Session) subscribe(client paho.Client) *paho.SubscribeToken {
	if len(s.filters) == 0 {
		return nil
	}
	wanted := make(map[string]byte, len(s.filters))
	for _, f := range s.filters {
		wanted[f.Topic] = f.QoS
	}
	return client.SubscribeMultiple(wanted, nil).(*paho.SubscribeToken)
}

// watch waits for the end of the connection, keeps it alive and looks at what
// the broker answered to our subscriptions.
func (s *Session) watch(ctx context.Context, l *link, token *paho.SubscribeToken) error {
	tick := time.NewTicker(l.probeEvery())
	defer tick.Stop()
	began := time.Now()
	var unanswered time.Duration // listened for, without SUBACK
	var answered <-chan struct{}
	p := newPrompter(s.o.Publish)
	defer p.timer.Stop()
	if token != nil {
		answered = token.Done()
	} else {
		p.prompt(l)
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-l.dead:
			return l.cause
		case <-answered:
			answered = nil
			if err := token.Error(); err != nil {
				return l.fail(err)
			}
			s.granted(token.Result())
			p.prompt(l)
		case <-p.timer.C:
			p.prompt(l)
		case said := <-s.said:
			_, _ = l.Write(said.packet()) // a failure ends the link
		case <-tick.C:
			l.probe()
			s.status.lasts(time.Since(began))
			if unanswered += l.probeEvery(); l.idle() || answered == nil {
				unanswered = 0
			}
			if unanswered >= subackTimeout {
				return l.fail(errNoSuback)
			}
		}
	}
}

// granted compares what the broker granted with what we asked for (§3.9.3).
func (s *Session) granted(codes map[string]byte) {
	var refused []string
	for _, f := range s.filters {
		switch code, ok := codes[f.Topic]; {
		case !ok || code >= subackFailure:
			refused = append(refused, f.Topic)
		case code < f.QoS:
			s.status.log.Warn("broker: a subscription has a lower quality of service than asked for",
				"filter", f.Topic, "asked", f.QoS, "granted", code)
		}
	}
	s.status.granted(refused, len(s.filters))
}

// noStore keeps nothing for the library: what we publish may be lost, and what we
// receive is the broker's until it is acknowledged.
type noStore struct{}

func (noStore) Open()                             {}
func (noStore) Put(string, packets.ControlPacket) {}
func (noStore) Get(string) packets.ControlPacket  { return nil }
func (noStore) All() []string                     { return nil }
func (noStore) Del(string)                        {}
func (noStore) Close()                            {}
func (noStore) Reset()                            {}
