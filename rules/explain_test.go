package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const explainable = `
sensor "engine" {
  topic         = "fleet/{machine}/engine"
  fields        = { oil_kpa = number, rpm = number }
  offline_after = "2m"
}
sensor "room" {
  topic = "room/{machine}"
  value = number
}
alert "oil" {
  when       = sensor.engine.rpm > 600 && sensor.engine.oil_kpa < 100 && machine != "m9"
  for        = "5m"
  clear_when = sensor.engine.oil_kpa > 150
  clear_for  = "2m"
}
alert "warm" {
  when = avg_over(sensor.room, "10m") > 25 || held(sensor.room > 30, "1m") || age(sensor.engine) > "1h"
}
`

// toldLines is the tree of a part, a line for each.
func toldLines(p Part) string {
	var b strings.Builder
	tellPart(&b, p, "")
	return b.String()
}

func tellPart(b *strings.Builder, p Part, indent string) {
	said := p.Said
	if p.Value.Why != Known {
		said = p.Value.Why.String()
	}
	fmt.Fprintf(b, "%s%s: %s", indent, cmpOr(string(p.Joint), p.Text), said)
	if p.Source != nil && p.Source.Heard {
		fmt.Fprintf(b, " heard %v ago", p.Source.Age)
	}
	if p.Window != nil {
		fmt.Fprintf(b, " seen %v of %v", p.Window.Seen, p.Window.Length)
	}
	if p.Held != nil {
		fmt.Fprintf(b, " %v for %v", p.Held.Truth, p.Held.For)
	}
	b.WriteByte('\n')
	for _, part := range p.Parts {
		tellPart(b, part, indent+"  ")
	}
}

// explainedOne is the only explanation of the alert's instances with the labels.
func explainedOne(t *testing.T, e *Engine, at time.Duration, alert string, labels ...Label) Explanation {
	t.Helper()
	found, omitted, err := e.Explain(alert, labels, at)
	if err != nil || len(found) != 1 || omitted > 0 {
		t.Fatalf("%d explanations, %d omitted, %v; want one", len(found), omitted, err)
	}
	return found[0]
}

func TestEachPartOfAConditionIsToldWithWhatItSays(t *testing.T) {
	l := life{t: t, engine: NewEngine(loadText(t, explainable)), records: map[string][]byte{}}
	l.publish("fleet/m7/engine", `{"rpm": 1500, "oil_kpa": 90}`)
	l.until(3 * time.Minute)
	x := explainedOne(t, l.engine, 3*time.Minute, "oil")
	want := strings.TrimLeft(`
all: true
  sensor.engine.rpm > 600: true
    sensor.engine.rpm: 1500 heard 3m0s ago
  sensor.engine.oil_kpa < 100: true
    sensor.engine.oil_kpa: 90 heard 3m0s ago
  machine != "m9": true
    machine: m7
`, "\n")
	if diff := cmp.Diff(want, toldLines(x.Stages[0].When.Part)); diff != "" {
		t.Errorf("when (-want +got):\n%s", diff)
	}
	if s := x.Stages[0]; s.State != Pending || s.Left != 2*time.Minute || s.Waits || s.When.Counts != True {
		t.Errorf("got %v with %v left, waits %v, counts as %v; want pending with 2m0s left, true", s.State, s.Left, s.Waits, s.When.Counts)
	}
	if got, want := toldLines(x.Stages[0].Clear.Part), "sensor.engine.oil_kpa > 150: false\n  sensor.engine.oil_kpa: 90 heard 3m0s ago\n"; got != want {
		t.Errorf("clear_when: got %s, want %s", got, want)
	}
}

func TestWhatIsUnknownIsToldWithItsReasonAndCountsAsItLastWas(t *testing.T) {
	l := life{t: t, engine: NewEngine(loadText(t, explainable)), records: map[string][]byte{}}
	l.publish("fleet/m7/engine", `{"rpm": 1500, "oil_kpa": 90}`)
	l.now = 10 * time.Second
	l.publish("fleet/m7/engine", `{"rpm": 1500, "oil_kpa": null}`)
	x := explainedOne(t, l.engine, 12*time.Second, "oil")
	want := `all: null
  sensor.engine.rpm > 600: true
    sensor.engine.rpm: 1500 heard 2s ago
  sensor.engine.oil_kpa < 100: null
    sensor.engine.oil_kpa: null heard 2s ago
  machine != "m9": true
    machine: m7
`
	if diff := cmp.Diff(want, toldLines(x.Stages[0].When.Part)); diff != "" {
		t.Errorf("when (-want +got):\n%s", diff)
	}
	if got := x.Stages[0].When.Counts; got != True {
		t.Errorf("counts as %v, want true", got)
	}
}

func TestAWindowIsToldWithHowMuchOfItWasObserved(t *testing.T) {
	l := life{t: t, engine: NewEngine(loadText(t, explainable)), records: map[string][]byte{}}
	l.publish("room/m7", "31")
	l.until(30 * time.Second)
	x := explainedOne(t, l.engine, 30*time.Second, "warm")
	want := `any: unobserved
  avg_over(sensor.room, "10m") > 25: unobserved
    avg_over(sensor.room, "10m"): unobserved seen 30s of 10m0s
      sensor.room: 31 heard 30s ago
  held(sensor.room > 30, "1m"): false true for 30s
    sensor.room > 30: true
      sensor.room: 31 heard 30s ago
  age(sensor.engine) > "1h": missing
    age(sensor.engine): missing
      sensor.engine: 
`
	if diff := cmp.Diff(want, toldLines(x.Stages[0].When.Part)); diff != "" {
		t.Errorf("when (-want +got):\n%s", diff)
	}
}

func TestInstancesAreFoundByTheirLabelsAndThoseInTroubleComeFirst(t *testing.T) {
	e := NewEngine(loadText(t, explainable))
	for i := range 30 {
		e.Observe(Reading{Topic: fmt.Sprintf("fleet/m%d/engine", i), Payload: []byte(`{"rpm": 1500, "oil_kpa": 300}`)})
	}
	e.Observe(Reading{Topic: "fleet/m17/engine", Payload: []byte(`{"rpm": 1500, "oil_kpa": 90}`)})
	found, omitted, err := e.Explain("oil", nil, time.Second)
	if err != nil || len(found) != explainedMax || omitted != 10 {
		t.Fatalf("%d explanations, %d omitted, %v; want 20 and 10", len(found), omitted, err)
	}
	if found[0].Instance != `oil{machine="m17"}` || found[1].Instance != `oil{machine="m0"}` {
		t.Errorf("first %s, then %s; want the pending one, then by name", found[0].Instance, found[1].Instance)
	}
	for _, label := range []Label{{"machine", "m3"}, {"", "m3"}} {
		if x := explainedOne(t, e, time.Second, "oil", label); x.Instance != `oil{machine="m3"}` {
			t.Errorf("%v: got %s", label, x.Instance)
		}
	}
}

func TestWhatCannotBeExplainedIsSaidWithWhatThereIs(t *testing.T) {
	e := NewEngine(loadText(t, explainable))
	e.Observe(Reading{Topic: "fleet/m7/engine", Payload: []byte(`{"rpm": 1500, "oil_kpa": 300}`)})
	for _, tt := range []struct {
		alert string
		label []Label
		want  string
	}{
		{"oli", nil, `there is no alert "oli"; did you mean oil?`},
		{"freezer", nil, `there is no alert "freezer"; there are: oil, warm`},
		{"oil", []Label{{"machine", "m8"}}, `alert oil has no instance machine="m8"; there are: oil{machine="m7"}`},
		{"oil", []Label{{"room", "m7"}, {"", "x"}}, `alert oil has no instance room="m7", "x"; there are: oil{machine="m7"}`},
	} {
		if _, _, err := e.Explain(tt.alert, tt.label, 0); err == nil || err.Error() != tt.want {
			t.Errorf("%s%v: got %v, want %s", tt.alert, tt.label, err, tt.want)
		}
	}
	want := "alert oil watches nothing yet: no message has come on fleet/+/engine"
	if _, _, err := NewEngine(loadText(t, explainable)).Explain("oil", nil, 0); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// An explanation is only looked at; what happens next must not hang on it.
func TestExplainingChangesNothing(t *testing.T) {
	story := func(ask bool) []string {
		l := life{t: t, engine: NewEngine(loadText(t, explainable)), records: map[string][]byte{}}
		for i := range 120 {
			l.until(time.Duration(i) * 10 * time.Second)
			l.publish("room/m7", fmt.Sprint(20+i%15))
			l.publish("fleet/m7/engine", fmt.Sprintf(`{"rpm": 1500, "oil_kpa": %d}`, 80+i))
			if ask {
				for _, alert := range []string{"oil", "warm"} {
					explainedOne(t, l.engine, l.now, alert)
				}
			}
		}
		return l.story
	}
	if diff := cmp.Diff(story(false), story(true)); diff != "" {
		t.Errorf("transitions (-without +with questions):\n%s", diff)
	}
}
