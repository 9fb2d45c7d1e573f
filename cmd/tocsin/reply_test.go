package main

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// family is an alarm of which two people are told.
const family = `
contact "bob" {
  phone  = "+353867654321"
  budget = ["1000/1h"]
}
sensor "smoke" {
  topic  = "zigbee2mqtt/smoke_{room}"
  fields = { smoke = bool }
}
alert "smoke" {
  when     = sensor.smoke.smoke
  severity = "critical"
  notify   = [contact.alice, contact.bob]
  message  = "SMOKE ${room}"
  cleared  = "No smoke ${room}"
}
`

const alicePhone, bobPhone = "+353871234567", "+353867654321"

// textsTo are the bodies of the texts to a phone so far that begin so, each once,
// be it that a kill had it sent again.
func (g *gateway) textsTo(phone, beginning string) (bodies []string) {
	for _, text := range g.modem.Accepted() {
		body := strings.TrimSuffix(text.Body, " (repeat)")
		if text.To == phone && strings.HasPrefix(body, beginning) && !slices.Contains(bodies, body) {
			bodies = append(bodies, body)
		}
	}
	return bodies
}

// untilTold returns when a text that begins so went to every phone.
func (g *gateway) untilTold(beginning string, phones ...string) {
	g.t.Helper()
	g.until("everybody is told: "+beginning, func() bool {
		return !slices.ContainsFunc(phones, func(phone string) bool { return len(g.textsTo(phone, beginning)) == 0 })
	})
}

func TestAReplyByTextIsHeardByTheOthersAndTheEndByAll(t *testing.T) {
	g := newGateway(t, family)
	g.startWell()
	g.publish("zigbee2mqtt/smoke_kitchen", `{"smoke": true}`)
	g.untilTold("SMOKE kitchen", alicePhone, bobPhone)
	g.modem.Text(alicePhone, "Ok!")
	g.untilTold("Alice is on it", bobPhone)
	out, err := tocsin("queue", "--socket", g.socket()).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "received from alice, ") || !strings.Contains(string(out), "did: acknowledged") {
		t.Errorf("got %v, %s, want what the text did", err, out)
	}
	g.publish("zigbee2mqtt/smoke_kitchen", `{"smoke": false}`)
	g.untilTold("No smoke kitchen", alicePhone, bobPhone)
	for _, phone := range []string{alicePhone, bobPhone} {
		if n := len(g.textsTo(phone, "SMOKE kitchen")) + len(g.textsTo(phone, "No smoke kitchen")); n != 2 {
			t.Errorf("%d alarms and all-clears to %s, want one of each", n, phone)
		}
	}
}

func TestAReplyIsCarriedOutOnceThroughAKill(t *testing.T) {
	const kills = 4
	g := newGateway(t, family, modemtest.SendDelay(50*time.Millisecond))
	g.startWell()
	for i := range kills {
		room := string(rune('a' + i))
		g.publish("zigbee2mqtt/smoke_"+room, `{"smoke": true}`)
		g.untilTold("SMOKE "+room, alicePhone, bobPhone)
		g.modem.Text(alicePhone, "OK ALL")
		<-time.After(rand.N(150 * time.Millisecond))
		g.kill()
		g.startWell()
		g.until("it is acknowledged", func() bool {
			s, err := g.status()
			return err == nil && len(s.Firing) == i+1 && s.Firing[i].Acked != nil && len(s.Waiting) == 0
		})
	}
	s, err := g.status()
	if err != nil || len(s.Received) != kills {
		t.Fatalf("%v, received %+v, want %d", err, s.Received, kills)
	}
	for _, r := range s.Received {
		if !strings.HasPrefix(r.Did, "acknowledged") {
			t.Errorf("%q did: %s, want it to have acknowledged", r.Body, r.Did)
		}
	}
	if told := g.textsTo(bobPhone, "Alice is on it"); len(told) != kills {
		t.Errorf("bob heard %q, want that once for each of %d", told, kills)
	}
}
