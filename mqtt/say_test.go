package mqtt

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestWhatASessionSaysIsSaidNowOrNever(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		_, heard, _ := openSession(t, Options{ClientID: "dashboard", Dial: b.Dial, Filters: []Filter{{"alive", 0}}})
		line := &cutter{dial: b.Dial}
		s, _, _ := openSession(t, Options{ClientID: "tocsin", Dial: line.Dial})
		synctest.Wait()
		s.Say(Publish{Topic: "alive", Payload: "1"})
		if m := <-heard; string(m.Payload) != "1" || m.Retained || m.QoS != 0 {
			t.Errorf("heard %+v, want what was said, not retained, QoS 0", m)
		}
		line.cut()
		synctest.Wait()
		s.Say(Publish{Topic: "alive", Payload: "2"})
		if got := s.State().Unsaid; got != 1 {
			t.Errorf("%d unsaid without a connection, want 1", got)
		}
		time.Sleep(time.Minute)
		s.Say(Publish{Topic: "alive", Payload: "3"})
		if m := <-heard; string(m.Payload) != "3" {
			t.Errorf("heard %q, want what was said after it", m.Payload)
		}
	})
}

func TestWhoeverSaysSomethingIsNeverHeldUp(t *testing.T) {
	s, err := New(Options{ClientID: "tocsin", URL: "mqtt://broker.invalid"})
	if err != nil {
		t.Fatal(err)
	}
	s.status.connected(advice{}) // and nobody takes what is said
	for range saidMax + 2 {
		s.Say(Publish{Topic: "alive"})
	}
	if got := s.State().Unsaid; got != 2 {
		t.Errorf("%d unsaid, want 2", got)
	}
	s.hush()
	if got := s.State().Unsaid; got != saidMax+2 {
		t.Errorf("%d unsaid after the connection, want %d", got, saidMax+2)
	}
}
