package mqtt

import (
	"context"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestMessagesArriveInOrderWithWhatTheyCarry(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		p := publisher(t, "sensor", b.Dial)
		publish(t, p, "home/door", 1, true, "open")
		synctest.Wait() // PUBACK comes before delivery
		_, out, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"home/#", 2}}})

		type seen struct {
			topic, payload string
			qos            byte
			retained, dup  bool
		}
		next := func() seen {
			m := take(t, out)
			m.Ack()
			return seen{m.Topic, string(m.Payload), m.QoS, m.Retained, m.Duplicate}
		}
		if got, want := next(), (seen{"home/door", "open", 1, true, false}); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
		for qos := range byte(3) {
			publish(t, p, "home/temp", qos, false, "21")
			if got, want := next(), (seen{"home/temp", "21", qos, false, false}); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	})
}

func TestAConsumerThatTakesNothingForAnHourKeepsItsConnection(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		s, out, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"#", 1}}})
		p := publisher(t, "sensor", b.Dial)
		synctest.Wait()
		for i := range 40 {
			publish(t, p, "n", byte(i%2), false, "x")
		}
		time.Sleep(time.Hour)
		if got := s.State(); !got.Connected || got.Reconnects != 0 {
			t.Fatalf("after an hour: %+v, want connected and never reconnected", got)
		}
		for range 40 {
			if m := take(t, out); m.Duplicate {
				t.Errorf("a message came twice")
			} else {
				m.Ack()
			}
		}
		publish(t, p, "n", 1, false, "after")
		if got := takeAcked(t, out); got != "after" {
			t.Errorf("got %q, want after", got)
		}
	})
}

func TestABlackHoleIsNoticedAndTheConnectionMadeAgain(t *testing.T) {
	t.Parallel()
	b := openBroker(t, BrokerOptions{Listen: "127.0.0.1:0", AllowAnonymous: true})
	eventually(t, "listening", func() bool { return b.State().Listening })
	line := newProxy(t, b.Addr())
	s, out, _ := openSession(t, Options{URL: "mqtt://" + line.addr, KeepAlive: KeepAliveMin, Filters: []Filter{{"#", 1}}})
	subscribed(t, s)
	line.blackHole(true)
	wantCause(t, s, "does not answer any more", "the line to it")
	line.blackHole(false)
	line.cut() // what is in the hole has no way back
	subscribed(t, s)
	publish(t, publisher(t, "sensor", b.Dial), "a", 1, false, "back")
	if got := takeAcked(t, out); got != "back" {
		t.Errorf("got %q, want back", got)
	}
}

func TestABrokerThatFallsSilentIsGivenUpAfterOneUnansweredPing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s, _, _ := openSession(t, Options{Dial: cannedBroker(func(c canned) {
			c.accept(0)
			c.listen()
		})})
		time.Sleep(15 * time.Second)
		if !s.State().Connected {
			t.Error("given up before a PINGREQ could be answered")
		}
		time.Sleep(10*time.Second + 500*time.Millisecond)
		if got := s.State(); got.Connected || !strings.Contains(got.Cause, "no answer to PINGREQ within 10s") {
			t.Errorf("after 25.5 s of silence: %+v", got)
		}
	})
}

func TestABrokerThatNeverAnswersConnectIsGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s, _, _ := openSession(t, Options{Dial: cannedBroker(canned.listen)})
		time.Sleep(handshakeTimeout + time.Millisecond)
		synctest.Wait()
		if got := s.State(); got.Connected || got.Cause != "the embedded broker does not answer" {
			t.Errorf("got %+v", got)
		}
	})
}

func TestABrokerThatNeverAnswersSubscribeIsGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s, _, _ := openSession(t, Options{Filters: []Filter{{"#", 1}}, Dial: cannedBroker(func(c canned) {
			c.accept(0)
			c.pong()
		})})
		time.Sleep(10 * time.Second)
		if got := s.State(); !got.Connected || !strings.Contains(got.Cause, "waiting for the broker to confirm") {
			t.Errorf("got %+v", got)
		}
		time.Sleep(subackTimeout - 10*time.Second + 500*time.Millisecond)
		if got := s.State(); got.Connected || !strings.Contains(got.Cause, "no SUBACK within 30s") {
			t.Errorf("got %+v", got)
		}
	})
}

func TestEveryRefusalIsSaidInWords(t *testing.T) {
	for code, cause := range map[byte]string{
		1: "does not accept MQTT 3.1.1",
		2: "does not accept our client id",
		3: "says that it is unavailable",
		4: "does not accept our user name or password",
		5: "does not let us in: not authorised",
		6: "the reserved connect return code 6",
	} {
		inBubble(t, func(t *testing.T) {
			s, _, _ := openSession(t, Options{Dial: cannedBroker(func(c canned) { c.accept(code); c.listen() })})
			synctest.Wait()
			if got := s.State(); got.Connected || !strings.Contains(got.Cause, cause) {
				t.Errorf("code %d: got %+v, want %q", code, got, cause)
			}
		})
	}
}

func TestAFilterTheBrokerRefusesIsNamed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		s, _, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"$SYS/#", 1}, {"home/#", 1}}})
		synctest.Wait()
		got := s.State()
		if !got.Connected || len(got.Refused) != 1 || got.Refused[0] != "$SYS/#" {
			t.Errorf("got %+v, want connected, with $SYS/# refused", got)
		}
		if want := "the broker refused 1 of 2 subscriptions: $SYS/#"; got.Cause != want || got.Remedy == "" {
			t.Errorf("got cause %q, remedy %q; want %q and a remedy", got.Cause, got.Remedy, want)
		}
	})
}

func TestTwoClientsWithOneIDAreFoundOut(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		s, _, _ := openSession(t, Options{Dial: b.Dial, ClientID: "twin"})
		_, _, stopTwin := openSession(t, Options{Dial: b.Dial, ClientID: "twin"})
		time.Sleep(2 * time.Minute)
		if got := s.State(); !strings.Contains(got.Cause, `another client uses the client id "twin"`) {
			t.Errorf("got %+v", got)
		}
		stopTwin()
		time.Sleep(2 * time.Minute)
		if got := s.State(); !got.Connected || got.Cause != "" {
			t.Errorf("two minutes after the twin left: %+v, want connected without a cause", got)
		}
	})
}

func TestABrokerThatBreaksTheProtocolIsLeftAndSaidInWords(t *testing.T) {
	for name, sent := range map[string][]byte{
		"a length of five bytes":       {typePublish << 4, 0xff, 0xff, 0xff, 0xff, 0x01},
		"a packet only clients send":   {8 << 4, 0},
		"both QoS bits":                {typePublish<<4 | 6, 4, 0, 0, 0, 1},
		"a topic beyond the packet":    {typePublish << 4, 4, 0xff, 0xff, 'a', 'b'},
		"a SUBACK for more than asked": {typeSuback << 4, 5, 0, 1, 0, 0, 0},
		"256 MB that never come":       {typePuback << 4, 0xff, 0xff, 0xff, 0x7f},
	} {
		inBubble(t, func(t *testing.T) {
			s, _, _ := openSession(t, Options{Filters: []Filter{{"#", 1}}, Dial: cannedBroker(func(c canned) {
				c.accept(0)
				_, _ = c.Write(sent)
				c.listen()
			})})
			said := func() bool {
				got := s.State()
				return !got.Connected && strings.Contains(got.Cause, "does not speak MQTT 3.1.1: it sent")
			}
			// When a connection ends as it begins, the library may wait for its
			// own write for writeTimeout.
			for range 200 {
				if time.Sleep(100 * time.Millisecond); said() {
					return
				}
			}
			t.Errorf("%s: not said within 20 s: %+v", name, s.State())
		})
	}
}

func TestAQoS0MessageOutlivesTheConnectionItCameBy(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		s, out, _ := openSession(t, Options{Dial: cannedBroker(func(c canned) {
			c.accept(0)
			_, _ = c.Write([]byte{typePublish << 4, 5, 0, 1, 'a', 'h', 'i'})
			_, _ = c.Write([]byte{typePublish<<4 | 2, 6, 0, 1, 'a', 0, 7, 'x'})
		})})
		synctest.Wait()
		if got := s.State(); got.Received == 0 {
			t.Fatal("nothing received")
		}
		time.Sleep(time.Second)
		if got := takeAcked(t, out); got != "hi" {
			t.Errorf("got %q, want hi: no broker will send it again", got)
		}
	})
}

func TestStoppingEndsEverythingAndLeavesTheMessageWithTheBroker(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		o := Options{Dial: b.Dial, Filters: []Filter{{"#", 1}}}
		_, out, stop := openSession(t, o)
		synctest.Wait()
		publish(t, publisher(t, "sensor", b.Dial), "a", 1, false, "x")
		m := take(t, out)
		stop()
		m.Ack()
		_, out, _ = openSession(t, o)
		if again := take(t, out); !again.Duplicate || string(again.Payload) != "x" {
			t.Errorf("got %q, duplicate %v; want x again as a duplicate", again.Payload, again.Duplicate)
		}
	})
}

func TestABrokerForgetsACleanSessionWithItsConnection(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		o := Options{Dial: b.Dial, Filters: []Filter{{"#", 1}}, Clean: true}
		_, out, stop := openSession(t, o)
		synctest.Wait()
		sensor := publisher(t, "sensor", b.Dial)
		publish(t, sensor, "a", 1, false, "left unacknowledged")
		take(t, out)
		stop()
		publish(t, sensor, "a", 1, false, "meanwhile")
		_, out, _ = openSession(t, o)
		synctest.Wait()
		publish(t, sensor, "a", 1, false, "now")
		if got := take(t, out); string(got.Payload) != "now" {
			t.Errorf("got %q, want only what came over this connection", got.Payload)
		}
	})
}

func TestASessionSaysWhenItConnectsAndWhenItLosesItsConnection(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		changes := make(chan bool, 10)
		var line net.Conn
		o := Options{Filters: []Filter{{"#", 1}}, Changed: func() { changes <- true }}
		o.Dial = func(ctx context.Context) (conn net.Conn, err error) {
			line, err = b.Dial(ctx)
			return line, err
		}
		openSession(t, o)
		synctest.Wait()
		if got := len(changes); got != 1 {
			t.Errorf("connected: said %d times that it changed, want once", got)
		}
		time.Sleep(time.Hour)
		line.Close()
		time.Sleep(time.Minute)
		if got := len(changes); got != 3 {
			t.Errorf("lost and connected again: said %d times that it changed, want 3", got)
		}
	})
}
