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
