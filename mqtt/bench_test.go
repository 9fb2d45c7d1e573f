package mqtt

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// BenchmarkMessages measures messages per second from a raw publisher through
// the embedded broker into a consumer that acknowledges at once, and next to it
// into the bare library with an empty handler.
func BenchmarkMessages(b *testing.B) {
	for _, qos := range []byte{0, 1} {
		b.Run(fmt.Sprintf("session/QoS=%d", qos), func(b *testing.B) {
			broker := openBroker(b, BrokerOptions{})
			s, out, _ := openSession(b, Options{Dial: broker.Dial, Filters: []Filter{{"#", qos}}})
			subscribed(b, s)
			measure(b, broker, qos, func(n int) {
				for range n {
					(<-out).Ack()
				}
			})
		})
		b.Run(fmt.Sprintf("library/QoS=%d", qos), func(b *testing.B) {
			broker := openBroker(b, BrokerOptions{})
			got := make(chan struct{}, 1<<20)
			bareClient(b, broker, qos, func(paho.Client, paho.Message) { got <- struct{}{} })
			measure(b, broker, qos, func(n int) {
				for range n {
					<-got
				}
			})
		})
	}
}

func bareClient(b *testing.B, broker *Broker, qos byte, handle paho.MessageHandler) {
	o := paho.NewClientOptions().AddBroker("tcp://b").SetClientID("bare").SetDefaultPublishHandler(handle)
	o.SetCustomOpenConnectionFn(func(*url.URL, paho.ClientOptions) (net.Conn, error) { return broker.Dial(context.Background()) })
	c := paho.NewClient(o)
	c.Connect().Wait()
	c.Subscribe("#", qos, nil).Wait()
	b.Cleanup(func() { c.Disconnect(100) })
}

// measure sends b.N messages as fast as the broker takes them and waits until
// take has had as many.
func measure(b *testing.B, broker *Broker, qos byte, take func(n int)) {
	conn, err := broker.Dial(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	go canned{conn}.listen()
	_, _ = conn.Write([]byte{1 << 4, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 0, 0, 1, 'p'})
	packet := bytesOf(b, publishPacket("site/a/freezer/3", qos, []byte(`{"celsius": -18.5}`)))
	b.ResetTimer()
	began := time.Now()
	go func() {
		for range b.N {
			_, _ = conn.Write(packet)
		}
	}()
	take(b.N)
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "msg/s")
}
