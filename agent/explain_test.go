package agent_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/status"
)

// why is the agent's answer as a person reads it.
func (run *running) why(alert string, labels ...api.Label) string {
	run.r.t.Helper()
	w, err := run.Why(run.r.t.Context(), api.Question{Alert: alert, Labels: labels})
	if err != nil {
		run.r.t.Fatal(err)
	}
	var b strings.Builder
	if err := w.WriteText(&b); err != nil {
		run.r.t.Fatal(err)
	}
	return b.String()
}

func TestAnAlertIsExplainedAsItStandsWhenSomebodyAsks(t *testing.T) {
	inBubble(t, func(r *rig) {
		run := r.start()
		defer run.end()
		r.publish("freezer/3", "-9.5")
		time.Sleep(4 * time.Minute)
		want := `freezer_warm{n="3"} has been pending for 4m.
If nothing changes it fires in 16m.

It fires when this is true:
  sensor.freezer > -12: true
    sensor.freezer: -9.5, heard 4m ago

It is over when that is false and this is true:
  sensor.freezer < -15: false
    sensor.freezer: -9.5, heard 4m ago
`
		if got := run.why("freezer_warm", api.Label{Value: "3"}); got != want {
			r.t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		time.Sleep(20 * time.Minute)
		if got := run.why("freezer_warm"); !strings.HasPrefix(got, "freezer_warm{n=\"3\"} has been firing for 4m.\nFreezer 3: -9.5 C\n") {
			r.t.Errorf("got\n%s\nwant that it has been firing for 4m, and its message", got)
		}
		_, err := run.Why(r.t.Context(), api.Question{Alert: "freezer"})
		if _, refused := errors.AsType[*api.Refusal](err); !refused {
			r.t.Errorf("an alert that is not: got %v, want a refusal", err)
		}
	})
}

func TestAnAlertThatCannotDecideIsAProblem(t *testing.T) {
	inBubble(t, func(r *rig) {
		run := r.start()
		defer run.end()
		for range 7 {
			r.publish("zigbee2mqtt/smoke_kitchen", `{"alarm": true}`)
			time.Sleep(10 * time.Minute)
		}
		want := status.Problem{
			Code:   status.AlertUndecided,
			Cause:  `smoke{room="kitchen"} could not be decided for 1h10m: sensor.smoke.smoke is unknown (missing)`,
			Remedy: "`tocsin why smoke` shows what it looks at; correct the sensor's fields and paths, or what is published",
		}
		if got := run.status().Problems; len(got) != 1 || got[0] != want {
			r.t.Errorf("got %+v, want %+v", got, want)
		}
		r.publish("zigbee2mqtt/smoke_kitchen", `{"smoke": false}`)
		time.Sleep(time.Second)
		if got := run.status().Problems; len(got) != 0 {
			r.t.Errorf("once it is decided: got %+v, want none", got)
		}
	})
}
