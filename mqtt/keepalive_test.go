package mqtt

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestAKeepAliveIsPublishedOnceSubscribedAndEveryNowAndThen(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		_, heard, _ := openSession(t, Options{ClientID: "victron", Dial: b.Dial, Filters: []Filter{{"R/+/keepalive", 0}}})
		synctest.Wait()
		openSession(t, Options{ClientID: "tocsin", Dial: b.Dial, Filters: []Filter{{"N/#", 0}}, Publish: []Publish{
			{Topic: "R/c0ffee/keepalive", Every: 30 * time.Second, Payload: `{"keepalive-options":["suppress-republish"]}`},
			{Topic: "R/other/keepalive", Every: 45 * time.Second},
		}})
		began := time.Now()
		want := []string{"0s c0ffee", "0s other", "30s c0ffee", "45s other", "1m0s c0ffee", "1m30s c0ffee", "1m30s other"}
		for _, w := range want {
			m := <-heard
			if got := time.Since(began).String() + " " + strings.Split(m.Topic, "/")[1]; got != w {
				t.Errorf("got %s, want %s", got, w)
			}
			if m.Retained || m.QoS != 0 {
				t.Errorf("%s: retained %v, QoS %d, want neither", m.Topic, m.Retained, m.QoS)
			}
			if !strings.Contains(m.Topic, "other") && !strings.Contains(string(m.Payload), "suppress-republish") {
				t.Errorf("got payload %q", m.Payload)
			}
		}
	})
}

func TestAKeepAliveIsPublishedAgainAtOnceAfterReconnecting(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := openBroker(t, BrokerOptions{})
		_, heard, _ := openSession(t, Options{ClientID: "victron", Dial: b.Dial, Filters: []Filter{{"wake", 0}}})
		synctest.Wait()
		line := &cutter{dial: b.Dial}
		openSession(t, Options{ClientID: "tocsin", Dial: line.Dial, Publish: []Publish{{Topic: "wake", Every: time.Hour}}})
		<-heard
		line.cut()
		before := time.Now()
		<-heard
		if took := time.Since(before); took > 2*pauseFirst {
			t.Errorf("published %v after the line was cut, want as soon as it was back", took)
		}
	})
}

func TestAKeepAliveThatCannotBePublishedIsRefused(t *testing.T) {
	fine := Publish{Topic: "a", Every: time.Minute}
	tests := []struct {
		change func(*Publish)
		want   string
	}{
		{func(p *Publish) {}, ""},
		{func(p *Publish) { p.Topic = "" }, "topic is empty"},
		{func(p *Publish) { p.Topic = "a/+/b" }, "has a wildcard"},
		{func(p *Publish) { p.Topic = "a\x00" }, "is not text"},
		{func(p *Publish) { p.Topic = strings.Repeat("a", 1<<16) }, "65536 bytes long"},
		{func(p *Publish) { p.Every = time.Millisecond }, "every is 1ms; between 1s and 24h0m0s is possible"},
		{func(p *Publish) { p.Every = 48 * time.Hour }, "every is 48h0m0s"},
		{func(p *Publish) { p.Payload = strings.Repeat("a", publishMaxBytes+1) }, "the payload is 4097 bytes long"},
	}
	for _, tt := range tests {
		p := fine
		tt.change(&p)
		var got string
		for _, problem := range (Options{URL: "mqtt://host", ClientID: "a", Publish: []Publish{p}}).Check() {
			got += problem.Error()
		}
		if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// cutter dials connections that can be cut.
type cutter struct {
	dial func(context.Context) (net.Conn, error)

	mu   sync.Mutex
	last net.Conn
}

func (c *cutter) Dial(ctx context.Context) (net.Conn, error) {
	conn, err := c.dial(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = conn
	return conn, err
}

func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.last.Close()
}
