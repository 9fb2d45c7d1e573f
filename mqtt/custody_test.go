package mqtt

import (
	"context"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

func TestAPublisherIsAcknowledgedOnlyAfterTheSubscriberInThisProcessHasAcknowledged(t *testing.T) {
	for _, qos := range []byte{1, 2} {
		b := onLoopback(t, BrokerOptions{AllowAnonymous: true})
		s, out, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"smoke/#", 1}}})
		subscribed(t, s)
		p := publisher(t, "sensor", dialTCP(b.Addr()))
		for range 3 {
			token := p.Publish("smoke/kitchen", qos, false, "on")
			m := take(t, out)
			if token.WaitTimeout(100 * time.Millisecond) {
				t.Fatalf("QoS %d: the publisher was acknowledged before the subscriber had the message safe", qos)
			}
			m.Ack()
			if !token.WaitTimeout(patience) || token.Error() != nil {
				t.Fatalf("QoS %d: no acknowledgement after the subscriber's: %v", qos, token.Error())
			}
		}
	}
}

func TestAPublisherOfWhatNobodyHereReadsIsAcknowledgedAtOnce(t *testing.T) {
	b := onLoopback(t, BrokerOptions{AllowAnonymous: true})
	s, _, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"smoke/#", 1}}})
	subscribed(t, s)
	publish(t, publisher(t, "sensor", dialTCP(b.Addr())), "weather", 1, false, "rain")
}

func TestAMessageNotYetSafeIsNeverAcknowledgedByABrokerThatStops(t *testing.T) {
	b, err := NewBroker(BrokerOptions{Listen: "127.0.0.1:0", AllowAnonymous: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	eventually(t, "listening", func() bool { return b.State().Listening })
	s, out, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"smoke/#", 1}}})
	subscribed(t, s)
	acknowledged := make(chan struct{})
	token := publisher(t, "sensor", dialTCP(b.Addr())).Publish("smoke/kitchen", 1, false, "on")
	go func() {
		if token.Wait(); token.Error() == nil {
			close(acknowledged)
		}
	}()
	take(t, out)
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	select {
	case <-acknowledged:
		t.Error("the publisher was told that the message is safe")
	default:
	}
}

func TestASubscriberThatComesBackStillOwesItsAcknowledgement(t *testing.T) {
	b := onLoopback(t, BrokerOptions{AllowAnonymous: true})
	s, out, stop := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"smoke/#", 1}}})
	subscribed(t, s)
	token := publisher(t, "sensor", dialTCP(b.Addr())).Publish("smoke/kitchen", 1, false, "on")
	take(t, out)
	stop()
	_, out, _ = openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"smoke/#", 1}}})
	m := take(t, out)
	if !m.Duplicate {
		t.Error("delivered again without DUP")
	}
	if token.WaitTimeout(100 * time.Millisecond) {
		t.Error("acknowledged though nobody had the message safe")
	}
	m.Ack()
	if !token.WaitTimeout(patience) {
		t.Error("never acknowledged")
	}
}

func TestTwoPublishersWaitForTheirOwnMessagesOnly(t *testing.T) {
	b := onLoopback(t, BrokerOptions{AllowAnonymous: true})
	s, out, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"#", 1}}})
	subscribed(t, s)
	tokens := map[string]paho.Token{}
	for _, id := range []string{"a", "b"} {
		tokens[id] = publisher(t, id, dialTCP(b.Addr())).Publish(id, 1, false, "x")
	}
	first, second := take(t, out), take(t, out)
	first.Ack()
	if !tokens[first.Topic].WaitTimeout(patience) {
		t.Errorf("%s: not acknowledged", first.Topic)
	}
	if tokens[second.Topic].WaitTimeout(100 * time.Millisecond) {
		t.Errorf("%s: acknowledged with somebody else's message", second.Topic)
	}
	second.Ack()
}

func TestTheBrokerListensOnceSomebodyHereHasSubscribed(t *testing.T) {
	b := openBroker(t, BrokerOptions{Listen: "127.0.0.1:0", AllowAnonymous: true, AwaitSubscriber: true})
	<-time.After(100 * time.Millisecond)
	if b.State().Listening {
		t.Fatal("listens before anybody could hear what is published")
	}
	s, _, _ := openSession(t, Options{Dial: b.Dial, Filters: []Filter{{"smoke/#", 1}}})
	subscribed(t, s)
	eventually(t, "listening", func() bool { return b.State().Listening })
}
