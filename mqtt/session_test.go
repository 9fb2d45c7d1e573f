package mqtt

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestMessagesArriveInOrderWithWhatTheyCarry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		p := publisher(t, "sensor", b.Dial)
		publish(t, p, "home/door", 1, true, "open")
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
	synctest.Test(t, func(t *testing.T) {
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
