package status

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// puzzling has a part of every kind.
func puzzling() Why {
	heard := &Source{Heard: true, Age: 12 * time.Second}
	rpm := Part{Text: "sensor.engine.rpm", Value: 1500.0, Said: "1500", Source: heard}
	oil := Part{Text: "sensor.engine.oil_kpa", Reason: "null", Source: heard}
	running := Part{Text: "sensor.engine.rpm > 600", Value: true, Said: "true", Parts: []Part{rpm}}
	average := Part{Text: `avg_over(sensor.engine.rpm, "10m")`, Reason: "unobserved", Window: &Window{Length: 10 * time.Minute, Seen: 90 * time.Second}, Parts: []Part{rpm}}
	slope := Part{Text: `slope(sensor.engine.rpm, "1h", "1h")`, Reason: "unobserved", Window: &Window{Length: time.Hour, Seen: time.Hour, Samples: 3, SamplesMin: 5}, Parts: []Part{rpm}}
	when := Part{Joint: "all", Reason: "null", Text: "a && b", Parts: []Part{
		running,
		{Text: "sensor.engine.oil_kpa < 100", Reason: "null", Parts: []Part{oil}},
		{Joint: "any", Text: "c || d", Reason: "unobserved", Parts: []Part{
			{Text: average.Text + " > 1000", Reason: "unobserved", Parts: []Part{average}},
			{Text: slope.Text + " > 10", Reason: "unobserved", Parts: []Part{slope}},
			{Text: `held(sensor.engine.rpm > 600, "1h")`, Value: false, Said: "false", Held: &Held{"true", 26 * time.Minute}, Parts: []Part{running}},
			{Text: `happened(sensor.engine.rpm > 600, "1h")`, Reason: "missing", Held: &Held{Truth: "unknown"}},
			{Text: `age(sensor.cabin) > "1h"`, Reason: "missing", Parts: []Part{
				{Text: "age(sensor.cabin)", Reason: "missing", Parts: []Part{{Text: "sensor.cabin", Source: &Source{}}}},
			}},
		}},
	}}
	clear := Condition{Part: Part{Text: "sensor.engine.rpm / sensor.engine.load > 1", Reason: "not_a_number", Parts: []Part{rpm}}, Counts: "unknown"}
	button := Part{Text: "sensor.button", Reason: "over", Source: heard}
	return Why{Omitted: 1, Instances: []Explanation{
		{
			Instance: `oil{machine="m7"}`, State: "pending", For: 4 * time.Minute,
			Levels: []Level{{Severity: "critical", State: "pending", For: 4 * time.Minute, Left: 65 * time.Second, When: Condition{when, "true"}, Clear: &clear}},
		},
		{
			Instance: "bell", State: "ok", Levels: []Level{{When: Condition{button, "false"}}},
		},
		{
			Instance: `coolant{machine="m7"}`, State: "firing", For: 26 * time.Minute, Incident: &Incident{Message: "m7: coolant 99 C", Acked: &Ack{"bob", time.Minute}},
			Levels: []Level{
				{Severity: "warning", State: "clearing", For: time.Minute, Left: time.Minute, When: Condition{running, "true"}},
				{Severity: "critical", State: "pending", For: time.Hour, Waits: true, When: Condition{running, "true"}},
			},
		},
	}}
}

func TestAPersonReadsWhyAnAlertStandsAsItDoes(t *testing.T) {
	want, err := os.ReadFile("testdata/why.txt")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := puzzling().WriteText(&b); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestAnExplanationSurvivesItsJourneyAsJSON(t *testing.T) {
	want := puzzling()
	wire, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Why
	if err := json.Unmarshal(wire, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-sent +received):\n%s", diff)
	}
}

func TestADeepConditionStaysOnTheScreen(t *testing.T) {
	p := Part{Text: "sensor.a", Value: true, Said: "true"}
	for range 200 {
		p = Part{Text: "!sensor.a", Value: true, Said: "true", Parts: []Part{p}}
	}
	var b strings.Builder
	why := Why{Instances: []Explanation{{Instance: "a", State: "ok", Levels: []Level{{When: Condition{Part: p}}}}}}
	if err := why.WriteText(&b); err != nil {
		t.Fatal(err)
	}
	if got := b.String(); !strings.HasSuffix(got, "\n"+strings.Repeat(" ", 32)+"sensor.a: true\n") {
		t.Errorf("got at the end %q, want it 32 columns further in", got[max(len(got)-100, 0):])
	}
}
