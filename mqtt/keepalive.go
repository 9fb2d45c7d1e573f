package mqtt

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// The bounds of Publish.Every.
const (
	PublishEveryMin = time.Second
	PublishEveryMax = 24 * time.Hour
)

// publishMaxBytes bounds the payload of Publish: a keep-alive is a word or two.
const publishMaxBytes = 4 << 10

// Publish is a message that some publishers need to hear now and then to go on
// publishing, such as Victron's R/<portal id>/keepalive. It is sent once the
// broker has confirmed our subscriptions, so that we hear what it brings about,
// and again every Every while the connection lasts; with QoS 0 and not retained,
// for one that is lost is followed by another.
type Publish struct {
	Topic   string
	Every   time.Duration
	Payload string
}

// Check says what keeps p from being published.
func (p Publish) Check() error {
	switch {
	case p.Topic == "":
		return fmt.Errorf("the topic is empty [MQTT-4.7.3-1]")
	case len(p.Topic) > stringMaxBytes:
		return fmt.Errorf("the topic is %d bytes long, at most %d are possible [MQTT-4.7.3-3]", len(p.Topic), stringMaxBytes)
	case !utf8.ValidString(p.Topic) || strings.ContainsRune(p.Topic, 0):
		return fmt.Errorf("the topic %q is not text: it must be UTF-8 without U+0000 [MQTT-1.5.3-1]", p.Topic)
	case strings.ContainsAny(p.Topic, "+#"):
		return fmt.Errorf("the topic %q has a wildcard, and one publishes to one topic [MQTT-3.3.2-2]", p.Topic)
	case p.Every < PublishEveryMin || p.Every > PublishEveryMax:
		return fmt.Errorf("every is %v; between %v and %v is possible", p.Every, PublishEveryMin, PublishEveryMax)
	case len(p.Payload) > publishMaxBytes:
		return fmt.Errorf("the payload is %d bytes long, at most %d are possible", len(p.Payload), publishMaxBytes)
	}
	return nil
}

// packet is the whole PUBLISH packet (§3.3).
func (p Publish) packet() []byte {
	pub := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	pub.TopicName, pub.Payload = p.Topic, []byte(p.Payload)
	var b bytes.Buffer
	_ = pub.Write(&b) // a buffer takes everything
	return b.Bytes()
}

// prompter sends the messages of Options.Publish over one connection.
type prompter struct {
	timer *time.Timer // when the next one is due; stopped while none is
	turns []turn
}

type turn struct {
	every  time.Duration
	packet []byte
	due    time.Time
}

func newPrompter(all []Publish) *prompter {
	p := &prompter{timer: time.NewTimer(time.Hour)}
	p.timer.Stop()
	for _, one := range all {
		p.turns = append(p.turns, turn{every: one.Every, packet: one.packet()})
	}
	return p
}

// prompt sends what is due, at first everything, and sets the timer to the
// next. Failing to write ends the link by itself.
func (p *prompter) prompt(l *link) {
	if len(p.turns) == 0 {
		return
	}
	now := time.Now()
	next := now.Add(PublishEveryMax)
	for i := range p.turns {
		t := &p.turns[i]
		if !t.due.After(now) {
			_, _ = l.Write(t.packet)
			t.due = now.Add(t.every)
		}
		if t.due.Before(next) {
			next = t.due
		}
	}
	p.timer.Reset(time.Until(next))
}
