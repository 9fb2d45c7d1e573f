// Package mqtt brings messages from a broker to one consumer and lets the
// broker forget a message only when the consumer says so.
//
// A Session connects, subscribes, hands over and reconnects for ever. A Message
// stays the broker's until Ack: nothing is queued here that the broker believes
// settled. A Broker is an MQTT server inside the process, for gateways without
// one.
//
// The protocol is MQTT 3.1.1 (OASIS, 29 October 2014); its clauses are cited as
// §n and its normative statements as [MQTT-n].
package mqtt
