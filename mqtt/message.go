package mqtt

import paho "github.com/eclipse/paho.mqtt.golang"

// payloadMaxBytes is the largest payload that is handed over. What is larger is
// dropped as it arrives and never held in memory.
const payloadMaxBytes = 256 << 10

// Message is one PUBLISH (§3.3). It belongs to the broker until Ack.
type Message struct {
	Topic    string
	Payload  []byte
	QoS      byte // as delivered: 0, 1 or 2
	Retained bool // stored by the broker before we subscribed (§3.3.1.3)

	// Duplicate says that the broker may have delivered this message before
	// (DUP, §3.3.1.1), also for QoS 2 after a reconnection.
	Duplicate bool

	// Oversize is how many bytes the payload had when that was more than
	// 262,144 (256 KiB). Payload is then nil. It is 0 for every other message.
	Oversize int

	delivered paho.Message // nil for a message that was not received
}

// Ack tells the broker that it may forget the message: PUBACK for QoS 1
// (§4.3.2), PUBREC for QoS 2 (§4.3.3). Call it when the message's consequence is
// safe, and in the order in which the messages came [MQTT-4.6.0-2]. It may be
// called from any goroutine and more than once. It does nothing for QoS 0, nor
// when the connection the message came by is gone: the broker then delivers it
// again, with Duplicate set.
//
// Ack returns when the packet is with the operating system. On a connection
// that has died and whose send buffer is full that takes at most 10 s.
func (m *Message) Ack() {
	if m.delivered != nil {
		m.delivered.Ack()
	}
}
