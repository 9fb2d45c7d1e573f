package rules

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const undecidable = `
sensor "engine" {
  topic  = "fleet/{machine}/engine"
  fields = { oil_kpa = number, rpm = number }
}
alert "oil" {
  when = sensor.engine.rpm > 600 && sensor.engine.oil_kpa < 100
}
alert "trend" {
  when = slope(sensor.engine.rpm, "4h", "1h") > 100
}
`

// doubts plays a message every ten minutes, and tells which alerts were
// undecided after each hour.
func doubts(t *testing.T, hours int, payload func(minute int) string) []string {
	e := NewEngine(loadText(t, undecidable))
	var out []string
	for minute := 0; minute <= hours*60; minute += 10 {
		at := time.Duration(minute) * time.Minute
		e.Tick(at)
		if p := payload(minute); p != "" {
			e.Observe(Reading{Topic: "fleet/m7/engine", Payload: []byte(p), At: at})
		}
		if minute%60 != 0 {
			continue
		}
		for _, u := range e.Undecided(at) {
			out = append(out, fmt.Sprintf("%v %s %s %v: %s %v", at, u.Alert, u.Instance, u.For, u.Part, u.Why))
		}
	}
	return out
}

// language: "An alert unknown for an hour while its sensor talks is itself a warning".
func TestAnAlertUnknownForAnHourWhileItsSensorTalksIsUndecided(t *testing.T) {
	got := doubts(t, 2, func(int) string { return `{"rpm": 1500}` })
	want := []string{
		`1h0m0s oil oil{machine="m7"} 1h0m0s: sensor.engine.oil_kpa missing`,
		`2h0m0s oil oil{machine="m7"} 2h0m0s: sensor.engine.oil_kpa missing`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("undecided (-want +got):\n%s", diff)
	}
}

func TestWhatIsKnownOnceAnHourIsDecided(t *testing.T) {
	got := doubts(t, 5, func(minute int) string {
		if minute%60 == 50 {
			return `{"rpm": 1500, "oil_kpa": 300}`
		}
		return `{"rpm": 1500}`
	})
	if len(got) > 0 {
		t.Errorf("undecided: %q, want none", got)
	}
}

func TestASilentSensorLeavesNobodyUndecided(t *testing.T) {
	got := doubts(t, 5, func(minute int) string {
		if minute == 0 {
			return `{"rpm": null}`
		}
		return ""
	})
	if len(got) > 0 {
		t.Errorf("undecided: %q, want none", got)
	}
}

func TestAWindowThatFillsIsNoRiddleUntilItShouldHaveFilled(t *testing.T) {
	got := doubts(t, 6, func(minute int) string {
		if minute%60 == 0 { // four samples in four hours, and a trend wants five
			return `{"rpm": 1500, "oil_kpa": 300}`
		}
		return ""
	})
	want := []string{
		`5h0m0s trend trend{machine="m7"} 5h0m0s: slope(sensor.engine.rpm, "4h", "1h") unobserved`,
		`6h0m0s trend trend{machine="m7"} 6h0m0s: slope(sensor.engine.rpm, "4h", "1h") unobserved`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("undecided (-want +got):\n%s", diff)
	}
}

func TestManyUndecidedInstancesAreOneWarning(t *testing.T) {
	e := NewEngine(loadText(t, undecidable))
	for i := range 3 {
		for machine := range 40 {
			at := time.Duration(i)*time.Hour + time.Duration(machine)*time.Second
			e.Observe(Reading{Topic: fmt.Sprintf("fleet/m%02d/engine", machine), Payload: []byte(`{"rpm": 1500, "oil_kpa": "?"}`), At: at})
		}
	}
	got := e.Undecided(2*time.Hour + 39*time.Second)
	if len(got) != 1 || got[0].Instances != 40 || got[0].Instance != `oil{machine="m00"}` || got[0].Why != NotANumber {
		t.Errorf("got %+v, want one of 40 instances, m00 the first", got)
	}
}
