package mqtt

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// mosquitto is the real broker, on a loopback port.
type mosquitto struct {
	t    testing.TB
	addr string
	conf string
	cmd  *exec.Cmd
}

// newMosquitto writes the configuration for a listener on a free port; extra
// lines follow the listener. It skips the test where mosquitto is not installed.
func newMosquitto(t testing.TB, extra ...string) *mosquitto {
	t.Helper()
	if _, err := exec.LookPath("mosquitto"); err != nil {
		t.Skip("mosquitto is not installed")
	}
	m := &mosquitto{t: t, addr: freeAddr(t), conf: filepath.Join(t.TempDir(), "mosquitto.conf")}
	_, port, _ := net.SplitHostPort(m.addr)
	lines := append([]string{"listener " + port + " 127.0.0.1", "persistence false"}, extra...)
	if !slices.ContainsFunc(extra, func(s string) bool { return strings.HasPrefix(s, "allow_anonymous") }) {
		lines = append(lines, "allow_anonymous true")
	}
	if os.Getuid() == 0 {
		lines = append(lines, "user root")
	}
	if err := os.WriteFile(m.conf, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.stop)
	return m
}

func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func (m *mosquitto) start() *mosquitto {
	m.t.Helper()
	var said bytes.Buffer
	m.cmd = exec.Command("mosquitto", "-c", m.conf)
	m.cmd.Stderr, m.cmd.Stdout = &said, &said
	if err := m.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	for end := time.Now().Add(patience); ; {
		c, err := net.Dial("tcp", m.addr)
		if err == nil {
			_ = c.Close()
			return m
		}
		if time.Now().After(end) {
			m.stop()
			m.t.Fatalf("mosquitto does not listen on %s: %s", m.addr, said.String())
		}
		<-time.After(5 * time.Millisecond)
	}
}

func (m *mosquitto) stop() {
	if m.cmd == nil {
		return
	}
	_ = m.cmd.Process.Kill()
	_ = m.cmd.Wait()
	m.cmd = nil
}

func (m *mosquitto) url() string { return "mqtt://" + m.addr }

func TestAMessageThatWasNotAcknowledgedComesAgainAsADuplicate(t *testing.T) {
	for _, qos := range []byte{1, 2} {
		t.Run(fmt.Sprintf("QoS %d", qos), func(t *testing.T) {
			m := newMosquitto(t).start()
			line := newProxy(t, m.addr)
			s, out, _ := openSession(t, Options{URL: "mqtt://" + line.addr, Filters: []Filter{{"#", 2}}})
			subscribed(t, s)
			p := publisher(t, "sensor", dialTCP(m.addr))
			publish(t, p, "a", qos, false, "1")
			publish(t, p, "a", qos, false, "2")
			first := take(t, out)
			if got := takeWithoutAck(t, out); got != "2" {
				t.Fatalf("got %q, want 2", got)
			}
			line.cut()

			again := take(t, out)
			if !again.Duplicate || string(again.Payload) != "1" {
				t.Errorf("got %q, duplicate %v; want 1 again, as a duplicate", again.Payload, again.Duplicate)
			}
			first.Ack() // of a connection that is gone
			again.Ack()
			if got := takeAcked(t, out); got != "2" {
				t.Errorf("got %q, want 2", got)
			}
			publish(t, p, "a", qos, false, "3")
			if got := takeAcked(t, out); got != "3" {
				t.Errorf("got %q, want 3: what was acknowledged must not come again", got)
			}
		})
	}
}

func takeWithoutAck(t testing.TB, out <-chan *Message) string {
	t.Helper()
	return string(take(t, out).Payload)
}

func TestABrokerThatForgotEverythingIsSubscribedToAgain(t *testing.T) {
	t.Parallel()
	m := newMosquitto(t).start()
	s, out, _ := openSession(t, Options{URL: m.url(), Filters: []Filter{{"a/#", 1}}})
	subscribed(t, s)
	m.stop()
	eventually(t, "connection lost", func() bool { return !s.State().Connected })
	m.start()
	subscribed(t, s)
	publish(t, publisher(t, "sensor", dialTCP(m.addr)), "a/b", 1, false, "back")
	if got := takeAcked(t, out); got != "back" {
		t.Errorf("got %q, want back", got)
	}
	if got := s.State().Reconnects; got != 1 {
		t.Errorf("%d reconnections counted, want 1", got)
	}
}

func TestABrokerThatIsNotThereIsSaidInWordsAndFoundLater(t *testing.T) {
	t.Parallel()
	m := newMosquitto(t)
	s, out, _ := openSession(t, Options{URL: m.url(), Filters: []Filter{{"#", 1}}})
	wantCause(t, s, "nothing listens at "+m.url(), "start the broker")
	m.start()
	subscribed(t, s)
	publish(t, publisher(t, "sensor", dialTCP(m.addr)), "a", 1, false, "hello")
	if got := takeAcked(t, out); got != "hello" {
		t.Errorf("got %q, want hello", got)
	}
}

// wantCause waits until the session's cause and remedy contain these words.
func wantCause(t testing.TB, s *Session, cause, remedy string) {
	t.Helper()
	for end := time.Now().Add(patience); ; {
		got := s.State()
		if strings.Contains(got.Cause, cause) && strings.Contains(got.Remedy, remedy) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("got cause %q, remedy %q; want %q, %q", got.Cause, got.Remedy, cause, remedy)
		}
		<-time.After(5 * time.Millisecond)
	}
}

func TestAnOversizedPayloadIsDroppedCountedAndAcknowledged(t *testing.T) {
	for _, qos := range []byte{0, 1, 2} {
		t.Run(fmt.Sprintf("QoS %d", qos), func(t *testing.T) {
			m := newMosquitto(t, "max_inflight_messages 1").start()
			s, out, _ := openSession(t, Options{URL: m.url(), Filters: []Filter{{"#", 2}}})
			subscribed(t, s)
			p := publisher(t, "camera", dialTCP(m.addr))
			publish(t, p, "a/picture", qos, false, strings.Repeat("x", 2<<20))
			publish(t, p, "a/limit", qos, false, strings.Repeat("y", payloadMaxBytes))
			publish(t, p, "a/small", qos, false, "z")

			big := take(t, out)
			if big.Topic != "a/picture" || big.Oversize != 2<<20 || big.Payload != nil || big.QoS != qos {
				t.Errorf("got %s, QoS %d, %d bytes, oversize %d; want a/picture, QoS %d, none, %d",
					big.Topic, big.QoS, len(big.Payload), big.Oversize, qos, 2<<20)
			}
			big.Ack()
			limit := take(t, out)
			if len(limit.Payload) != payloadMaxBytes || limit.Oversize != 0 {
				t.Errorf("got %d bytes, oversize %d; want %d, 0", len(limit.Payload), limit.Oversize, payloadMaxBytes)
			}
			limit.Ack()
			if got := takeAcked(t, out); got != "z" {
				t.Errorf("got %q, want z", got)
			}
			if got := s.State(); got.Oversize != 1 || got.Received != 3 || got.Reconnects != 0 {
				t.Errorf("got %+v, want 3 received, 1 oversize, no reconnection", got)
			}
		})
	}
}

func TestMoreUnacknowledgedMessagesThanTheBrokersWindowFlowOnceAcknowledged(t *testing.T) {
	m := newMosquitto(t).start() // max_inflight_messages is 20
	s, out, _ := openSession(t, Options{URL: m.url(), Filters: []Filter{{"#", 1}}})
	subscribed(t, s)
	p := publisher(t, "sensor", dialTCP(m.addr))
	for i := range 60 {
		publish(t, p, "n", 1, false, fmt.Sprint(i))
	}
	var held []*Message
	for range 20 {
		held = append(held, take(t, out))
	}
	select {
	case m := <-out:
		t.Fatalf("message %s came although 20 are unacknowledged", m.Payload)
	case <-time.After(50 * time.Millisecond):
	}
	for _, m := range held {
		m.Ack()
	}
	for i := 20; i < 60; i++ {
		if got, want := takeAcked(t, out), fmt.Sprint(i); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}

func TestOverlappingFiltersBringAMessageOnce(t *testing.T) {
	m := newMosquitto(t).start()
	s, out, _ := openSession(t, Options{URL: m.url(), Filters: []Filter{{"a/+/c", 1}, {"+/b/c", 1}}})
	subscribed(t, s)
	p := publisher(t, "sensor", dialTCP(m.addr))
	publish(t, p, "a/b/c", 1, false, "1")
	publish(t, p, "a/b/c", 1, false, "2")
	if a, b := takeAcked(t, out), takeAcked(t, out); a != "1" || b != "2" {
		t.Errorf("got %s, %s; want 1, 2", a, b)
	}
}

func TestThePasswordFileIsReadAgainAtEveryConnection(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	users := filepath.Join(dir, "users")
	if out, err := exec.Command("mosquitto_passwd", "-b", "-c", users, "gateway", "secret").CombinedOutput(); err != nil {
		t.Skipf("mosquitto_passwd: %v %s", err, out)
	}
	m := newMosquitto(t, "allow_anonymous false", "password_file "+users).start()
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte("wrong\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _, _ := openSession(t, Options{URL: m.url(), Username: "gateway", PasswordFile: password})
	wantCause(t, s, "not authorised", "correct username and password_file")
	if err := os.Remove(password); err != nil {
		t.Fatal(err)
	}
	wantCause(t, s, password+" cannot be read: no such file", "look whether the path is right")
	if err := os.WriteFile(password, []byte("secret\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	subscribed(t, s)
}

func TestAUnixSocketCarriesTheSame(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "mqtt.sock")
	m := newMosquitto(t, "listener 0 "+socket).start()
	s, out, _ := openSession(t, Options{URL: "unix://" + socket, Filters: []Filter{{"#", 1}}})
	subscribed(t, s)
	publish(t, publisher(t, "sensor", dialTCP(m.addr)), "a", 1, false, "x")
	if got := takeAcked(t, out); got != "x" {
		t.Errorf("got %q, want x", got)
	}
}

func TestAWebSocketCarriesTheSame(t *testing.T) {
	web := freeAddr(t)
	_, port, _ := net.SplitHostPort(web)
	m := newMosquitto(t, "listener "+port+" 127.0.0.1", "protocol websockets").start()
	s, out, _ := openSession(t, Options{URL: "ws://" + web, Filters: []Filter{{"#", 1}}})
	subscribed(t, s)
	publish(t, publisher(t, "sensor", dialTCP(m.addr)), "a", 1, false, "x")
	if got := takeAcked(t, out); got != "x" {
		t.Errorf("got %q, want x", got)
	}
}

func TestAConsumerThatTakesNothingKeepsItsConnectionToMosquitto(t *testing.T) {
	t.Parallel()
	m := newMosquitto(t, "max_queued_messages 0").start()
	s, out, _ := openSession(t, Options{URL: m.url(), KeepAlive: KeepAliveMin, Filters: []Filter{{"#", 1}}})
	subscribed(t, s)
	p := publisher(t, "sensor", dialTCP(m.addr))
	for i := range 8000 { // more than the sockets hold
		publish(t, p, "flood", 0, false, strings.Repeat("x", 1024))
		if i%100 == 0 {
			publish(t, p, "alarm", 1, false, fmt.Sprint(i))
		}
	}
	<-time.After(3 * KeepAliveMin) // twice what the broker allows without PINGREQ
	if got := s.State(); !got.Connected || got.Reconnects != 0 {
		t.Fatalf("got %+v, want connected and never reconnected", got)
	}
	for i := 0; i < 8000; {
		m := take(t, out)
		m.Ack()
		if m.QoS == 0 {
			continue
		}
		if got, want := string(m.Payload), fmt.Sprint(i); got != want || m.Duplicate {
			t.Fatalf("got alarm %s, duplicate %v; want %s", got, m.Duplicate, want)
		}
		i += 100
	}
}
