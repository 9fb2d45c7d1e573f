package agent

import (
	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/mqtt"
)

// publish has the session with a beat's broker say it.
func (a *Agent) publish(b dispatch.Beat) {
	for i, s := range a.sessions {
		if a.options.Config.Brokers[i].Name == b.Broker {
			s.Say(mqtt.Publish{Topic: b.Topic, Payload: string(b.Payload)})
		}
	}
}
