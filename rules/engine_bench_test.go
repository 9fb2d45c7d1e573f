package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// hundredAlerts are alerts that all read the one sensor.
func hundredAlerts() string {
	var b strings.Builder
	b.WriteString(`
sensor "engine" {
  topic  = "fleet/{machine}/engine"
  fields = { coolant_c = number, oil_kpa = number, rpm = number }
}
`)
	for i := range 100 {
		fmt.Fprintf(&b, `
alert "a%d" {
  when       = sensor.engine.rpm > 600 && sensor.engine.oil_kpa < %d
  for        = "5s"
  clear_when = sensor.engine.oil_kpa > %d
  message    = "${machine}: ${sensor.engine.oil_kpa} kPa"
}
`, i, i, i+50)
	}
	return b.String()
}

// BenchmarkDecisionAgainst100Alerts is one reading that concerns a hundred
// alerts and changes none: decode, evaluate, decide.
func BenchmarkDecisionAgainst100Alerts(b *testing.B) {
	e := NewEngine(loadText(b, hundredAlerts()))
	benchmarkReadings(b, e, "fleet/ex7/engine", `{"coolant_c": 87.5, "oil_kpa": 310, "rpm": 1450}`)
}

// BenchmarkDecisionAgainst1Alert is the same for a single threshold.
func BenchmarkDecisionAgainst1Alert(b *testing.B) {
	e := NewEngine(loadText(b, `
sensor "freezer" {
  topic = "home/{room}/freezer"
  value = number
}
alert "warm" {
  when = sensor.freezer > -12
  for  = "20m"
}
`))
	benchmarkReadings(b, e, "home/utility/freezer", "-18.5")
}

func benchmarkReadings(b *testing.B, e *Engine, topic, payload string) {
	r := Reading{Topic: topic, Payload: []byte(payload)}
	e.Observe(r) // the series and its instances come to life
	b.ReportAllocs()
	for b.Loop() {
		r.At += time.Second
		if d := e.Observe(r); !d.Empty() {
			b.Fatal("the reading changed something")
		}
	}
}

func TestAReadingThatChangesNothingAllocatesNothing(t *testing.T) {
	e := NewEngine(loadText(t, hundredAlerts()))
	r := Reading{Topic: "fleet/ex7/engine", Payload: []byte(`{"coolant_c": 87.5, "oil_kpa": 310, "rpm": 1450}`)}
	e.Observe(r)
	if got := testing.AllocsPerRun(1000, func() { r.At += time.Second; e.Observe(r) }); got != 0 {
		t.Errorf("%v allocations per reading, want 0", got)
	}
}

// Levels, on_offline and suppressed_by cost nothing while nothing happens.
func TestAReadingOfAnAlertWithEverythingAllocatesNothing(t *testing.T) {
	e := NewEngine(loadText(t, `
sensor "engine" {
  topic         = "fleet/{machine}/engine"
  fields        = { coolant_c = number, rpm = number }
  offline_after = "2m"
}
alert "stopped" {
  when = sensor.engine.rpm < 1
  for  = "1h"
}
alert "coolant" {
  level "warning" {
    when = sensor.engine.coolant_c > 95
    for  = "30s"
  }
  level "critical" {
    when       = sensor.engine.coolant_c > 105
    clear_when = sensor.engine.coolant_c < 98
  }
  latch         = true
  on_offline    = "fire"
  suppressed_by = [alert.stopped]
}
`))
	for _, payload := range []string{`{"coolant_c": 87.5, "rpm": 1450}`, `{"coolant_c": 110, "rpm": 0}`} {
		r := Reading{Topic: "fleet/ex7/engine", Payload: []byte(payload), At: e.now}
		e.Observe(r)
		if got := testing.AllocsPerRun(1000, func() { r.At += time.Second; e.Observe(r) }); got != 0 {
			t.Errorf("%s: %v allocations per reading, want 0", payload, got)
		}
	}
}
