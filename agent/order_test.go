package agent_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/status"
)

const breakIn = rooms + `
switch "away" {}
sensor "door" {
  topic  = "door"
  fields = { contact = bool }
}
alert "break_in" {
  when     = switch.away && !sensor.door.contact
  severity = "critical"
  notify   = contact.alice
  message  = "Front door opened while you are away"
  cleared  = "Over"
}
`

const latched = rooms + `
alert "smoke" {
  when     = sensor.smoke.smoke
  severity = "critical"
  latch    = true
  notify   = contact.alice
  message  = "SMOKE ${room}"
  cleared  = "No smoke ${room}"
}
`

// turn turns the switch.
func (run *running) turn(name string, on bool) status.Turned {
	run.r.t.Helper()
	done, err := run.SetSwitch(run.r.t.Context(), api.Turn{Switch: name, On: &on, By: "alice"})
	if err != nil {
		run.r.t.Fatal(err)
	}
	return done
}

func TestASwitchTurnedByHandIsOnDiskWhenItIsAnswered(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(breakIn)
		run := r.start()
		before := run.status().Store.Commits
		if done := run.turn("away", true); !done.On || !done.Set || done.Unsaved != "" {
			r.t.Errorf("got %+v, want it on and saved", done)
		}
		if got := run.status().Store.Commits; got != before+1 {
			r.t.Errorf("%d commits, want one", got-before)
		}
		run.end()
		run = r.start()
		defer run.end()
		got, err := run.Switches(r.t.Context())
		if err != nil || len(got) != 1 || !got[0].On {
			r.t.Errorf("after a restart: got %+v, %v, want it on", got, err)
		}
		r.publish("door", `{"contact": false}`)
		time.Sleep(time.Minute)
		r.wantTexts("567: Rosewood: Front door opened while you are away")
		run.turn("away", false)
		time.Sleep(time.Minute)
		r.wantTexts("567: Rosewood: Front door opened while you are away", "567: Rosewood: Over")
	})
}

func TestAnOrderThatMakesNoSenseIsRefused(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(breakIn)
		run := r.start()
		defer run.end()
		on := true
		for want, order := range map[string]api.Turn{
			`there is no switch "awya"; did you mean away?`:                 {Switch: "awya", On: &on},
			"a switch is turned on or off; say which":                       {Switch: "away"},
			"the name of who orders it has 65 bytes, at most 64 are kept":   {Switch: "away", On: &on, By: strings.Repeat("x", 65)},
			"the name of who orders it has characters that cannot be shown": {Switch: "away", On: &on, By: "alice\x1b[2J"},
		} {
			_, err := run.SetSwitch(r.t.Context(), order)
			if _, refused := errors.AsType[*api.Refusal](err); !refused || err.Error() != want {
				r.t.Errorf("%+v: got %v, want the refusal %s", order, err, want)
			}
		}
		if s := run.status().Switches; len(s) != 1 || s[0].Set {
			r.t.Errorf("got %+v, want it never set", s)
		}
	})
}

func TestAnAckEndsWhatWasOnlyWaitingForIt(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(latched)
		run := r.start()
		r.publish("zigbee2mqtt/smoke_kitchen", `{"smoke": true}`)
		r.publish("zigbee2mqtt/smoke_landing", `{"smoke": true}`)
		time.Sleep(time.Minute)
		r.publish("zigbee2mqtt/smoke_kitchen", `{"smoke": false}`)
		time.Sleep(time.Minute)
		firing := run.status().Firing
		if len(firing) != 2 || !firing[0].Latched || firing[1].Latched || firing[0].Number != 1 || firing[1].Number != 2 {
			r.t.Fatalf("got %+v, want the first latched, numbers 1 and 2", firing)
		}
		done, err := run.Ack(r.t.Context(), api.Ack{All: true, By: "alice"})
		if err != nil || len(done.Over) != 1 || len(done.Incidents) != 1 || done.Incidents[0].Number != 2 {
			r.t.Fatalf("got %+v, %v, want the first over, the second acknowledged", done, err)
		}
		time.Sleep(time.Minute)
		r.wantTexts("567: Rosewood: SMOKE kitchen (1); SMOKE landing (2)", "567: Rosewood: No smoke kitchen")
		run.end()

		run = r.start()
		defer run.end()
		firing = run.status().Firing
		if len(firing) != 1 || firing[0].Acked == nil || firing[0].Acked.By != "alice" {
			r.t.Errorf("after a restart: got %+v, want it acknowledged by alice", firing)
		}
		if done, err = run.Ack(r.t.Context(), api.Ack{What: "2", By: "bob"}); err != nil || len(done.Already) != 1 || done.Already[0].Acked.By != "alice" {
			r.t.Errorf("once more: got %+v, %v, want that alice had done so", done, err)
		}
	})
}

func TestAnAckThatNothingIsMeantByIsRefused(t *testing.T) {
	inBubble(t, func(r *rig) {
		run := r.start()
		defer run.end()
		_, err := run.Ack(r.t.Context(), api.Ack{What: "smoke"})
		if _, refused := errors.AsType[*api.Refusal](err); !refused || err.Error() != "no alert fires" {
			r.t.Errorf("got %v, want a refusal", err)
		}
	})
}

func TestTheStatusTellsOnWhatAccountNobodyIsTexted(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(rooms + `
sensor "power" {
  topic = "power"
  value = bool
}
alert "power_lost" {
  when    = !sensor.power
  notify  = contact.alice
  message = "Power lost"
}
alert "smoke" {
  when          = sensor.smoke.smoke
  suppressed_by = [alert.power_lost]
  notify        = contact.alice
}
`)
		run := r.start()
		defer run.end()
		r.publish("power", "OFF")
		r.publish("zigbee2mqtt/smoke_kitchen", `{"smoke": true}`)
		time.Sleep(time.Minute)
		firing := run.status().Firing
		if len(firing) != 2 || len(firing[1].Suppressed) != 1 || firing[1].Suppressed[0] != "power_lost" {
			r.t.Errorf("got %+v, want smoke kept quiet by power_lost", firing)
		}
		r.wantTexts("567: Rosewood: Power lost")
	})
}
