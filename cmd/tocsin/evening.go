package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A scene is one thing that happens in a demo, and the pause after it.
type scene struct {
	title string // said before it; may be empty
	act   func(context.Context, *demo) error
	pause time.Duration
}

const (
	beat = 400 * time.Millisecond
	rest = 1500 * time.Millisecond
	// textsWithin is how long the texts of one event may take before the demo
	// admits that something is broken.
	textsWithin = 15 * time.Second

	notRegistered = 2 // searching, 3GPP 27.007 §7.2
	registered    = 1
)

var errNoTexts = errors.New("the texts did not arrive in time")

// evening is what happens in the home example.
var evening = []scene{
	{title: "An ordinary evening: the sensors report, nobody is texted.",
		act: says("zigbee2mqtt/smoke_kitchen", `{"smoke": false, "battery": 97}`, "smoke detector, kitchen: no smoke, battery 97 %"), pause: beat},
	{act: says("home/utility/freezer/temperature", "-18.5", "freezer: -18.5 C"), pause: beat},
	{act: says("zigbee2mqtt/door_front", `{"contact": true}`, "front door: closed"), pause: beat},
	{act: says("zigbee2mqtt/leak_bathroom", `{"water_leak": false}`, "water sensor, bathroom: dry"), pause: rest},

	{title: "Smoke in the kitchen: both phones ring within a second or two.",
		act: says("zigbee2mqtt/smoke_kitchen", `{"smoke": true, "battery": 97}`, "smoke detector, kitchen: SMOKE")},
	{act: texts(2), pause: beat},
	{act: says("zigbee2mqtt/smoke_kitchen", `{"smoke": true, "battery": 97}`, "smoke detector, kitchen: SMOKE, still (nobody is texted twice)"), pause: rest},

	{title: "Alice answers, and Bob hears that she is on it.",
		act: answers("alice", "OK")},
	{act: texts(4), pause: rest},

	{title: "The toast is out: whoever got the alarm gets the all-clear.",
		act: says("zigbee2mqtt/smoke_kitchen", `{"smoke": false, "battery": 97}`, "smoke detector, kitchen: no smoke")},
	{act: texts(6), pause: rest},

	{title: "The mobile network goes away, and then the washing machine leaks: the texts wait.",
		act: network(notRegistered, "no service"), pause: rest},
	{act: says("zigbee2mqtt/leak_bathroom", `{"water_leak": true}`, "water sensor, bathroom: WATER"), pause: 3 * rest},
	{act: network(registered, "service again")},
	{act: texts(8), pause: rest},
	{act: says("zigbee2mqtt/leak_bathroom", `{"water_leak": false}`, "water sensor, bathroom: dry")},
	{act: texts(10), pause: beat},
	{act: farewell},
}

// says publishes a reading as a sensor would, and tells it in words.
func says(topic, payload, words string) func(context.Context, *demo) error {
	return func(ctx context.Context, d *demo) error {
		d.line("sensor", words)
		return d.broker.Publish(ctx, topic, []byte(payload), 1, false)
	}
}

// answers sends a text from a contact's phone to the gateway.
func answers(contact, body string) func(context.Context, *demo) error {
	return func(_ context.Context, d *demo) error {
		for phone, name := range d.names {
			if name == contact {
				d.line("text", fmt.Sprintf("from %s (%s): %q", name, phone, body))
				d.modem.Text(phone, body)
			}
		}
		return nil
	}
}

// texts waits until the phones have n texts in all.
func texts(n int) func(context.Context, *demo) error {
	return func(ctx context.Context, d *demo) error {
		ctx, cancel := context.WithTimeoutCause(ctx, textsWithin, errNoTexts)
		defer cancel()
		return d.awaitTexts(ctx, n)
	}
}

// network changes the modem's registration.
func network(stat int, words string) func(context.Context, *demo) error {
	return func(_ context.Context, d *demo) error {
		d.line("network", words)
		d.modem.SetRegistered(stat)
		return nil
	}
}

func farewell(_ context.Context, d *demo) error {
	d.say(`
%d texts, none lost, none twice. The broker, the modem and the phones were
simulated; the agent, its rules and its store were the real ones.

To go on:
  tocsin demo --keep            the same gateway, for readings of your own
  tocsin check examples/home    the rules you just saw, as sentences
  tocsin run /etc/tocsin        with a broker and a modem of your own
`, d.texts)
	return nil
}
