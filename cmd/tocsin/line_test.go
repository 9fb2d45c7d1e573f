package main

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// These tests run the whole line as a user has it: mosquitto, mosquitto_pub, a
// modem on a pseudo-terminal, and the agent as a process.

const smokeAlert = `
sensor "smoke" {
  topic  = "zigbee2mqtt/smoke_{room}"
  fields = { smoke = bool }
}
alert "smoke" {
  when     = sensor.smoke.smoke
  severity = "critical"
  message  = "SMOKE ${room}"
}
`

func TestAPublishedAlarmIsATextAndSoIsItsEnd(t *testing.T) {
	g := newGateway(t, smokeAlert)
	g.startWell()
	g.publish("zigbee2mqtt/smoke_kitchen", `{"smoke": true}`)
	g.waitTexts(1, 10*time.Second)
	g.publish("zigbee2mqtt/smoke_kitchen", `{"smoke": false}`)
	texts := g.waitTexts(2, 10*time.Second)
	if !strings.HasPrefix(texts[0].Body, "SMOKE kitchen") || !strings.HasPrefix(texts[1].Body, "Over after ") {
		t.Errorf("texts %q and %q, want the alarm and the all-clear", texts[0].Body, texts[1].Body)
	}
}

func TestTwentyKillsLoseNoAlarmAndRepeatAtMostOneTextEach(t *testing.T) {
	const kills = 20
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	g := newGateway(t, smokeAlert, modemtest.SendDelay(100*time.Millisecond))
	g.startWell()
	for i := range kills {
		g.publish(fmt.Sprintf("zigbee2mqtt/smoke_room%d", i), `{"smoke": true}`)
		<-time.After(rand.N(250 * time.Millisecond))
		g.kill()
		g.start()
		if random.IntN(2) == 0 { // otherwise the next alarm comes while it is down
			g.until("the agent answers", func() bool { _, err := g.status(); return err == nil })
		}
	}
	g.until("no text waits", func() bool {
		s, err := g.status()
		return err == nil && len(s.Problems) == 0 && len(s.Waiting) == 0 && s.Rules.Instances == kills && roomsTexted(g.modem) == kills
	})
	if extra := len(g.modem.Accepted()) - kills; extra > kills {
		t.Errorf("seed %d: %d texts too many for %d kills", seed, extra, kills)
	} else {
		t.Logf("seed %d: %d of %d kills repeated a text", seed, extra, kills)
	}
}

// TestAKillLosesNothingTheEmbeddedBrokerAcknowledged has sensors that send
// again until they are acknowledged, as sensors with QoS 1 do.
func TestAKillLosesNothingTheEmbeddedBrokerAcknowledged(t *testing.T) {
	const kills = 8
	g := newGateway(t, smokeAlert, modemtest.SendDelay(50*time.Millisecond))
	g.embedBroker()
	g.startWell()
	for i := range kills {
		acknowledged := g.sensor(fmt.Sprintf("zigbee2mqtt/smoke_room%d", i), `{"smoke": true}`)
		<-time.After(rand.N(100 * time.Millisecond))
		g.kill()
		g.start()
		if err := <-acknowledged; err != nil {
			t.Fatal(err)
		}
	}
	g.until("every room is texted and no text waits", func() bool {
		s, err := g.status()
		return err == nil && len(s.Waiting) == 0 && roomsTexted(g.modem) == kills
	})
	if extra := len(g.modem.Accepted()) - kills; extra > kills {
		t.Errorf("%d texts too many for %d kills", extra, kills)
	}
}

var roomSmokes = regexp.MustCompile(`SMOKE room\d+`)

// roomsTexted counts the rooms of which at least one text arrived.
func roomsTexted(m *modemtest.Modem) int {
	rooms := map[string]bool{}
	for _, text := range m.Accepted() {
		for _, room := range roomSmokes.FindAllString(text.Body, -1) {
			rooms[room] = true
		}
	}
	return len(rooms)
}

func TestTheBrokerMayBeAwayAndTheAgentNeedsNoRestart(t *testing.T) {
	g := newGateway(t, smokeAlert)
	g.stopBroker()
	g.start() // the broker is absent at the start, too
	g.until("the agent says so", func() bool { s, err := g.status(); return err == nil && len(s.Problems) == 1 })
	g.startBroker()
	g.until("the agent is well", func() bool { s, err := g.status(); return err == nil && len(s.Problems) == 0 })
	g.publish("zigbee2mqtt/smoke_kitchen", `{"smoke": true}`)
	g.waitTexts(1, 10*time.Second)
	g.stopBroker()
	g.until("the agent says so again", func() bool { s, err := g.status(); return err == nil && len(s.Problems) == 1 })
	g.startBroker()
	g.publish("zigbee2mqtt/smoke_kitchen", `{"smoke": false}`) // kept by the broker for the agent's session
	g.waitTexts(2, 60*time.Second)
}

func TestASwitchTurnedAtTheShellOutlivesAKill(t *testing.T) {
	g := newGateway(t, `
switch "away" {}
sensor "door" {
  topic = "door"
  value = bool
}
alert "break_in" {
  when    = switch.away && !sensor.door
  message = "The door was opened while you are away"
}
`)
	g.startWell()
	out, err := tocsin("switch", "away", "on", "--by", "alice", "--socket", g.socket()).CombinedOutput()
	if want := "away is on, set 0s ago\n"; err != nil || string(out) != want {
		t.Fatalf("got %v, %q, want %q", err, out, want)
	}
	g.kill()
	g.startWell()
	g.publish("door", "OFF")
	if texts := g.waitTexts(1, 10*time.Second); !strings.HasPrefix(texts[0].Body, "The door was opened while you are away") {
		t.Errorf("got %q", texts[0].Body)
	}
}

func TestTheModemMayGoAndComeBackUnderAnotherName(t *testing.T) {
	g := newGateway(t, smokeAlert)
	g.startWell()
	g.modem.Unplug()
	g.until("the agent says so", func() bool { s, err := g.status(); return err == nil && len(s.Problems) == 1 })
	g.publish("zigbee2mqtt/smoke_kitchen", `{"smoke": true}`)
	g.until("a text waits", func() bool { s, err := g.status(); return err == nil && len(s.Waiting) == 1 })
	g.modem.Plug()
	g.waitTexts(1, 60*time.Second)
}

func TestHostilePayloadsNeitherTextNorKill(t *testing.T) {
	g := newGateway(t, smokeAlert)
	g.startWell()
	for _, payload := range []string{
		strings.Repeat("x", 2<<20), "\xff\xfe\xfd", `{"smoke": 1e10000000}`, `{"smoke": NaN}`, `{"smoke": null}`,
		strings.Repeat(`{"smoke":`, 20_000), "",
	} {
		g.publish("zigbee2mqtt/smoke_kitchen", payload)
	}
	var s status.Snapshot
	defer func() { t.Logf("brokers %+v, rules %+v", s.Brokers, s.Rules) }()
	g.until("all seven are counted", func() (ok bool) {
		var err error
		s, err = g.status()
		unknown := uint64(0)
		for _, n := range s.Rules.Unknown {
			unknown += n
		}
		return err == nil && len(s.Brokers) == 1 && s.Brokers[0].Oversize == 1 && unknown == 6
	})
	if n := len(g.modem.Accepted()); n != 0 {
		t.Errorf("%d texts, want none", n)
	}
	g.publish("zigbee2mqtt/smoke_kitchen", `{"smoke": true}`)
	g.waitTexts(1, 10*time.Second)
}
