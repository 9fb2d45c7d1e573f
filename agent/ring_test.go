package agent_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// ringing is the house whose family is also rung.
var ringing = strings.Replace(house, "notify = [contact.alice, contact.bob]", "notify = [contact.alice, contact.bob]\n  call = true", 1)

func TestACriticalAlarmRingsOnceAfterItsTexts(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(ringing)
		a := r.start()
		defer a.end()
		r.publish(smoke, burning)
		time.Sleep(2 * time.Second)
		r.wantTexts(aliceAlarm, bobAlarm)
		time.Sleep(2 * time.Minute)
		r.wantCalls(r.modem, "+353871234567", "+353867654321")
		r.publish(smoke, clear)
		time.Sleep(2 * time.Minute)
		r.wantCalls(r.modem, "+353871234567", "+353867654321")
	})
}

func TestACallMakesWayForACriticalText(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(ringing)
		a := r.start()
		defer a.end()
		r.publish(smoke, burning)
		time.Sleep(10 * time.Second) // a telephone rings
		r.publish("zigbee2mqtt/smoke_cellar", burning)
		time.Sleep(8 * time.Second)
		r.wantTexts(aliceAlarm, bobAlarm, "567: Rosewood: SMOKE cellar", "321: Rosewood: SMOKE cellar")
	})
}

func TestWhereAModemHasNoVoiceAnotherRings(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(strings.Replace(ringing, `port = "/dev/ttyUSB2"`, "port = \"/dev/ttyUSB2\"\n  voice = false", 1))
		r.spare = modemtest.New()
		a := r.start()
		defer a.end()
		r.publish(smoke, burning)
		time.Sleep(2 * time.Minute)
		r.wantCalls(r.modem)
		r.wantCalls(r.spare, "+353871234567", "+353867654321")
	})
}

func TestATelephoneRingsAlsoWhenItsTextIsRefused(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(ringing)
		a := r.start()
		defer a.end()
		r.publish(smoke, burning)
		time.Sleep(5 * time.Minute)
		r.wantCalls(r.modem, "+353871234567", "+353867654321")
	}, modemtest.Fault("send * cms 41"))
}

func (r *rig) wantCalls(m *modemtest.Modem, want ...string) {
	r.t.Helper()
	var got []string
	for _, c := range m.Calls() {
		got = append(got, c.To)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		r.t.Errorf("rang %v, want %v", got, want)
	}
}
