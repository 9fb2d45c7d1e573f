package mqtt

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// onLoopback runs an embedded broker on a free port.
func onLoopback(t testing.TB, o BrokerOptions) *Broker {
	t.Helper()
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	b := openBroker(t, o)
	eventually(t, "listening", func() bool { return b.State().Listening })
	return b
}

func TestNothingIsLostOnTheWayToAnInProcessSubscriber(t *testing.T) {
	const publishers, each, flood = 4, 5_000, 40_000
	b := onLoopback(t, BrokerOptions{AllowAnonymous: true})
	s, out, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"#", 1}}})
	subscribed(t, s)
	var work sync.WaitGroup
	for i := range publishers {
		p := publisher(t, fmt.Sprintf("sensor%d", i), dialTCP(b.Addr()))
		work.Go(func() {
			var last paho.Token
			for n := range each {
				last = p.Publish("sensor", 1, false, fmt.Sprintf("%d/%d", i, n))
			}
			last.Wait()
		})
	}
	p := publisher(t, "flood", dialTCP(b.Addr()))
	work.Go(func() {
		for range flood {
			p.Publish("flood", 0, false, strings.Repeat("x", 100)).Wait()
		}
	})
	seen := make(map[string]bool)
	zero := 0
	for n := range publishers*each + flood {
		m := take(t, out)
		if n%10_000 == 0 {
			<-time.After(50 * time.Millisecond) // a commit takes a while
		}
		if m.QoS == 0 {
			zero++
			continue
		}
		seen[string(m.Payload)] = true
		m.Ack()
	}
	work.Wait()
	if len(seen) != publishers*each || zero != flood {
		t.Errorf("%d messages with QoS 1 and %d with QoS 0 came; want %d and %d", len(seen), zero, publishers*each, flood)
	}
	if got := b.State(); got.Dropped != 0 {
		t.Errorf("%d dropped", got.Dropped)
	}
}

func TestAPublisherWaitsWhileTheSubscriberIsFull(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		_, out, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"#", 1}}})
		synctest.Wait()
		p := publisher(t, "sensor", b.Dial)
		var held []*Message
		work := make(chan struct{})
		go func() {
			defer close(work)
			for n := range heldBackAt + 10 {
				p.Publish("a", 1, false, fmt.Sprint(n)).Wait()
			}
		}()
		for range heldBackAt {
			held = append(held, take(t, out))
		}
		time.Sleep(10 * time.Second) // less than the publisher waits for PINGRESP
		select {
		case m := <-out:
			t.Fatalf("message %s came although %d are unacknowledged", m.Payload, heldBackAt)
		default:
		}
		for _, m := range held {
			m.Ack()
		}
		for n := heldBackAt; n < heldBackAt+10; n++ {
			if got, want := takeAcked(t, out), fmt.Sprint(n); got != want {
				t.Fatalf("got %s, want %s", got, want)
			}
		}
		<-work
	})
}

func TestEveryRetainedMessageArrivesAndOneTooManyIsNotRetained(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		p := publisher(t, "sensor", b.Dial)
		for n := range retainedMax + 1 {
			publish(t, p, fmt.Sprintf("sensor/%d", n), 1, true, "x")
		}
		publish(t, p, "sensor/0", 1, true, "x again")
		synctest.Wait() // PUBACK comes before delivery
		_, out, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"#", 1}}})
		time.Sleep(time.Second)
		seen := make(map[string]bool)
		for range retainedMax {
			m := take(t, out)
			seen[m.Topic] = true
			m.Ack()
		}
		if len(seen) != retainedMax || seen[fmt.Sprintf("sensor/%d", retainedMax)] {
			t.Errorf("%d topics came, want the first %d", len(seen), retainedMax)
		}
		if got := b.State(); got.Dropped != 0 || got.Rejected != 1 {
			t.Errorf("%d dropped, %d rejected; want 0, 1", got.Dropped, got.Rejected)
		}
	})
}

func TestANetworkClientThatAcknowledgesNothingLosesOnlyItsOwn(t *testing.T) {
	b := onLoopback(t, BrokerOptions{AllowAnonymous: true})
	s, out, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"#", 1}}})
	idle, _, _ := openSession(t, Options{URL: "mqtt://" + b.Addr(), ClientID: "idle", Filters: []Filter{{"#", 1}}})
	subscribed(t, s)
	subscribed(t, idle)
	p := publisher(t, "sensor", dialTCP(b.Addr()))
	for n := range outerMax + 100 {
		p.Publish("a", 1, false, fmt.Sprint(n))
	}
	for n := range outerMax + 100 {
		if got, want := takeAcked(t, out), fmt.Sprint(n); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	eventually(t, "counted", func() bool { return b.State().Dropped == 100 })
}

// enter tries to connect and returns what CONNACK said.
func enter(t testing.TB, addr, user, password string) error {
	t.Helper()
	o := paho.NewClientOptions().AddBroker("tcp://" + addr).SetClientID("c" + user).SetUsername(user).SetPassword(password)
	o.SetProtocolVersion(4).SetAutoReconnect(false)
	c := paho.NewClient(o)
	defer c.Disconnect(10)
	token := c.Connect()
	token.Wait()
	return token.Error()
}

func TestOnlyUsersComeInFromTheNetwork(t *testing.T) {
	users := map[string]string{"zigbee": "secret", "empty": ""}
	for _, c := range []struct {
		o              BrokerOptions
		user, password string
		in             bool
	}{
		{BrokerOptions{Users: users}, "zigbee", "secret", true},
		{BrokerOptions{Users: users}, "zigbee", "wrong", false},
		{BrokerOptions{Users: users}, "stranger", "", false},
		{BrokerOptions{Users: users}, "", "", false},
		{BrokerOptions{Users: users, AllowAnonymous: true}, "", "", true},
		{BrokerOptions{Users: users, AllowAnonymous: true}, "zigbee", "wrong", false},
		{BrokerOptions{AllowAnonymous: true}, "anybody", "anything", true},
	} {
		b := onLoopback(t, c.o)
		if err := enter(t, b.Addr(), c.user, c.password); (err == nil) != c.in {
			t.Errorf("%+v: user %q with %q: %v, want in: %v", c.o, c.user, c.password, err, c.in)
		}
		if got := b.State().Rejected; (got == 0) != c.in {
			t.Errorf("%+v: user %q with %q: %d rejections counted", c.o, c.user, c.password, got)
		}
	}
}

func TestAnAddressInUseIsSaidInWordsAndTheInsideStillWorks(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	b := openBroker(t, BrokerOptions{Listen: taken.Addr().String(), AllowAnonymous: true})
	eventually(t, "said in words", func() bool {
		got := b.State()
		return !got.Listening && strings.Contains(got.Cause, "is in use") && got.Remedy != ""
	})
	s, _, _ := openSession(t, Options{Dial: b.Dial})
	eventually(t, "connected", func() bool { return s.State().Connected })
}

func TestTLSWithClientCertificatesReachesTheEmbeddedBroker(t *testing.T) {
	a := newAuthority(t)
	cert, key := a.issueNow("server")
	ours, ourKey := a.issueNow("gateway")
	b := onLoopback(t, BrokerOptions{AllowAnonymous: true, TLS: TLSFiles{CA: a.file, Cert: cert, Key: key}})
	url := "mqtts://" + b.Addr()
	s, _, _ := openSession(t, Options{URL: url, TLS: TLSFiles{CA: a.file, Cert: ours, Key: ourKey}})
	eventually(t, "connected", func() bool { return s.State().Connected })
	bare, _, _ := openSession(t, Options{URL: url, ClientID: "bare", TLS: TLSFiles{CA: a.file}})
	wantCause(t, bare, "broke off TLS", "cert_file")
}

func TestRetainedMessagesOutliveADayAndTheBrokersOwnTopicsStayHidden(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		p := publisher(t, "sensor", b.Dial)
		publish(t, p, "home/door", 1, true, "open")
		p.Disconnect(100)
		time.Sleep(25 * time.Hour)
		_, out, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"#", 1}, {"$SYS/#", 1}}})
		if got := take(t, out); got.Topic != "home/door" || !got.Retained {
			t.Errorf("got %s, retained %v; want home/door, retained", got.Topic, got.Retained)
		}
		synctest.Wait()
		select {
		case m := <-out:
			t.Errorf("got %s as well", m.Topic)
		default:
		}
	})
}

func TestConnectionsThatNeverSayConnectAreClosed(t *testing.T) {
	t.Parallel()
	b := onLoopback(t, BrokerOptions{AllowAnonymous: true})
	c, err := net.Dial("tcp", b.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(connectTimeout + 5*time.Second))
	if _, err := c.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
		t.Errorf("still open after %v: %v", connectTimeout+5*time.Second, err)
	}
}

func TestOneConnectionTooManyIsClosedAndCounted(t *testing.T) {
	b := onLoopback(t, BrokerOptions{AllowAnonymous: true})
	for range connectionsMax + 1 {
		c, err := net.Dial("tcp", b.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	eventually(t, "counted", func() bool {
		got := b.State()
		return got.Connections == connectionsMax && got.Rejected == 1
	})
}

func TestAPacketOverTheBoundEndsItsPublisherOnly(t *testing.T) {
	b := onLoopback(t, BrokerOptions{AllowAnonymous: true})
	s, out, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"#", 1}}})
	subscribed(t, s)
	bad := publisher(t, "camera", dialTCP(b.Addr()))
	bad.Publish("a", 1, false, strings.Repeat("x", packetMaxBytes))
	eventually(t, "camera closed", func() bool { return !bad.IsConnectionOpen() })
	publisher(t, "sensor", dialTCP(b.Addr())).Publish("a", 1, false, "fine")
	if got := takeAcked(t, out); got != "fine" {
		t.Errorf("got %q, want fine", got)
	}
}

func TestEveryWrongBrokerOptionIsNamed(t *testing.T) {
	for want, o := range map[string]BrokerOptions{
		"listen: \"1883\" is not an address": {Listen: "1883", AllowAnonymous: true},
		"users: nobody could connect":        {Listen: ":1883"},
		"tls: ca_file is given without":      {Listen: ":1883", AllowAnonymous: true, TLS: TLSFiles{CA: "x"}},
		"tls: a certificate and its key":     {TLS: TLSFiles{Cert: "x"}},
	} {
		if _, err := NewBroker(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestTheBrokersOwnMessagesWaitForRoomToo(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		_, out, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"#", 1}}})
		synctest.Wait()
		for range heldBackAt {
			if err := b.Publish(t.Context(), "a", []byte("x"), 1, false); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := b.Publish(ctx, "a", []byte("late"), 1, false); err != context.DeadlineExceeded {
			t.Errorf("with a full subscriber: got %v, want to wait until the deadline", err)
		}
		takeAcked(t, out)
		synctest.Wait()
		if err := b.Publish(t.Context(), "a", []byte("last"), 1, false); err != nil {
			t.Error(err)
		}
		for range heldBackAt - 1 {
			takeAcked(t, out)
		}
		if got := takeAcked(t, out); got != "last" {
			t.Errorf("got %q, want last", got)
		}
	})
}

func TestDialSaysWhenTheBrokerHasStopped(t *testing.T) {
	b, err := NewBroker(BrokerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if _, err := b.Dial(ctx); err != context.DeadlineExceeded {
		t.Errorf("before Run: got %v, want to wait until the deadline", err)
	}
	run(t, b.Run)()
	if _, err := b.Dial(context.Background()); err != errBrokerStopped {
		t.Errorf("after Run: got %v, want %v", err, errBrokerStopped)
	}
	if err := b.Publish(context.Background(), "a", nil, 0, false); err != errBrokerStopped {
		t.Errorf("after Run: got %v, want %v", err, errBrokerStopped)
	}
}

// Whatever a client sends, everybody else is served.
func FuzzTheBrokerSurvivesEveryClient(f *testing.F) {
	b := openBroker(f, BrokerOptions{})
	connect := []byte{1 << 4, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 1, 'c'}
	f.Add(connect)
	f.Add(append(connect, 8<<4|2, 6, 0, 1, 0, 1, '#', 1, 12<<4, 0))
	f.Add(append(connect, bytesOf(f, publishPacket("a", 2, []byte("x")))...))
	f.Add([]byte{1 << 4, 14, 0, 4, 'M', 'Q', 'T', 'T', 5, 2, 0, 0, 0, 0, 1, 'c'})
	f.Fuzz(func(t *testing.T, sent []byte) {
		conn, err := b.Dial(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		go canned{conn}.listen()
		_, _ = conn.Write(sent)
		_ = conn.Close()
		enterInside(t, b)
	})
}

func enterInside(t *testing.T, b *Broker) {
	conn, err := b.Dial(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	_, _ = conn.Write([]byte{1 << 4, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 1, 'o'})
	if _, err := io.ReadFull(conn, make([]byte, 4)); err != nil {
		t.Errorf("somebody else gets no CONNACK: %v", err)
	}
}
