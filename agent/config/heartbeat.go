package config

import (
	"fmt"
	"time"

	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/mqtt"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// The bounds of how often a gateway says that it lives. Texts cost money.
const (
	beatEveryMin = time.Minute
	beatTextMin  = time.Hour
	beatEveryMax = 7 * 24 * time.Hour
)

// heartbeats reads the heartbeat blocks.
func (l *loader) heartbeats() {
	for _, b := range l.blocks["heartbeat"] {
		r := block.Open(b, l.ctx)
		h := dispatch.Heartbeat{Name: r.Label(), Notify: l.route(r.Refs("notify", "contact", "policy")).Everybody()}
		h.Every, h.At = rhythm(r)
		h.Topic, h.Broker = l.beatTopic(r)
		if !r.Has("notify") && !r.Has("topic") {
			r.Add(block.Mistake(r.Header(), "Missing argument", fmt.Sprintf(
				`Nobody would hear of %s. Write notify = %s for a text, or topic = "site/tocsin" for a message.`, r.Title(), l.hearer())))
		}
		l.config.Heartbeats = append(l.config.Heartbeats, h)
		l.found(b, r.Close()...)
	}
}

// hearer is whom a heartbeat could tell, as an example.
func (l *loader) hearer() block.Ref {
	if len(l.config.People.Contacts) == 0 {
		return block.Ref{Kind: "contact", Name: "some_name"}
	}
	return l.someone()
}

// rhythm reads when a heartbeat is: every so often, or daily at a time.
func rhythm(r *block.Reader) (every time.Duration, at notify.TimeOfDay) {
	const none = notify.TimeOfDay(-1)
	least := beatEveryMin
	if r.Has("notify") {
		least = beatTextMin
	}
	every = r.Duration("every", least, beatEveryMax)
	at, ok := timeOfDay(r, "at")
	switch {
	case r.Has("every") && r.Has("at"):
		r.Add(block.Mistake(r.Range("at"), "Conflicting arguments", fmt.Sprintf("%s has both every and at. Keep at for once a day, every for any other rhythm.", r.Title())))
	case !r.Has("every") && !r.Has("at"):
		r.Add(block.Mistake(r.Header(), "Missing argument", fmt.Sprintf(`%s does not say when. Write at = "09:00" for once a day, or every = "6h".`, r.Title())))
	}
	if !ok {
		at = none
	}
	return every, at
}

// beatTopic reads where a heartbeat is published, and on which broker.
func (l *loader) beatTopic(r *block.Reader) (topic, broker string) {
	refs := r.Refs("mqtt", "mqtt")
	topic, ok := r.Text("topic")
	if !ok {
		if r.Has("mqtt") && !r.Has("topic") {
			r.Add(block.Mistake(r.Range("mqtt"), "Missing argument", `mqtt says on which broker, and there is nothing to publish. Write topic = "site/tocsin" as well, or remove mqtt.`))
		}
		return "", ""
	}
	if err := (mqtt.Publish{Topic: topic, Every: mqtt.PublishEveryMin}).Check(); err != nil {
		r.Add(block.Mistake(r.Range("topic"), "Invalid topic", sentence(capital(err.Error()))))
	}
	return topic, l.brokerOf(r, refs)
}

// brokerOf is the broker that refs name, or else the only one.
func (l *loader) brokerOf(r *block.Reader, refs []block.Ref) string {
	switch brokers := l.blocks["mqtt"]; {
	case len(refs) > 1:
		r.Add(block.Mistake(refs[1].Range, "Invalid reference", "A heartbeat is published on one broker. Write another heartbeat for the other."))
	case len(refs) == 1:
		if l.knows(refs[0]) {
			return refs[0].Name
		}
	case len(brokers) == 1:
		return label(brokers[0])
	case len(brokers) == 0:
		return embeddedName
	case !r.Has("mqtt"):
		r.Add(block.Mistake(r.Header(), "Missing argument", fmt.Sprintf("%s has a topic, and there is more than one broker. Write mqtt = mqtt.%s.", r.Title(), label(brokers[0]))))
	}
	return ""
}
