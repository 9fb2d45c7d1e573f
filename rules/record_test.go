package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// again is an engine that takes up what another has not written yet.
func again(t *testing.T, set *Set, e *Engine) *Engine {
	t.Helper()
	next := NewEngine(set)
	_, errs := next.Restore(func(yield func(string, []byte) bool) {
		for _, r := range e.Unsaved(true) {
			if !yield(r.Key, r.Value) {
				return
			}
		}
	}, Restart{At: e.now})
	for _, err := range errs {
		t.Error(err)
	}
	return next
}

func TestASeriesOfManyLongTextsIsRememberedWithoutThem(t *testing.T) {
	var fields, payload []string
	for i := range fieldsMax {
		fields = append(fields, fmt.Sprintf("f%d = string", i))
		payload = append(payload, fmt.Sprintf(`"f%d": %q`, i, strings.Repeat("é", stringMaxBytes/2)))
	}
	payload[3] = `"f3": "alarm"`
	set := loadText(t, "sensor \"x\" {\n topic = \"x\"\n fields = { "+strings.Join(fields, ", ")+" }\n}\n")
	e := NewEngine(set)
	e.Observe(Reading{Topic: "x", Payload: []byte("{" + strings.Join(payload, ",") + "}")})
	for _, r := range e.Unsaved(false) {
		if len(r.Value) > seriesRecordMaxBytes {
			t.Fatalf("%s: a record of %d bytes, at most %d are written", r.Key, len(r.Value), seriesRecordMaxBytes)
		}
	}
	e.sensors[0].series[""].unsaved = true
	values := again(t, set, e).sensors[0].series[""].values
	if values[3].Why != Known || values[3].Str != "alarm" {
		t.Errorf("the short text is %+v, want it remembered", values[3])
	}
	if values[4].Why != Missing {
		t.Errorf("a long text is %+v, want it missing", values[4])
	}
}

func TestALongConditionIsKnownByItsHash(t *testing.T) {
	names := func(last string) string {
		var all []string
		for i := range 1000 {
			all = append(all, fmt.Sprintf("%q", fmt.Sprintf("machine-%04d", i)))
		}
		return strings.Join(append(all, last), ", ")
	}
	source := func(last string) string {
		return fmt.Sprintf(`
sensor "x" {
  topic = "x/{n}"
  value = number
}
alert "a" {
  when = contains([%s], n) && sensor.x > 5
  for  = "10m"
}
`, names(last))
	}
	set := loadText(t, source(`"z"`))
	e := NewEngine(set)
	d := e.Observe(Reading{Topic: "x/z", Payload: []byte("9")})
	for _, r := range d.Records {
		if len(r.Value) > 1<<10 {
			t.Errorf("%s: a record of %d bytes", r.Key, len(r.Value))
		}
	}
	meanings := map[string]bool{set.Alerts[0].Levels[0].meaning: true}
	for _, other := range []string{`"y"`, `  "z"`} {
		meanings[loadText(t, source(other)).Alerts[0].Levels[0].meaning] = true
	}
	if len(meanings) != 2 {
		t.Errorf("%d meanings of a condition, another, and the first laid out anew; want 2: %v", len(meanings), slices.Sorted(maps.Keys(meanings)))
	}
}
