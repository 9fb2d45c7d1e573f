package rules

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"
)

// heardRules look at a sensor in every way that lateness, duplicates and
// retained messages matter to.
const heardRules = `
sensor "x" {
  topic       = "x/{n}"
  fields      = { v = number, on = bool }
  time        = payload.ts
  sequence    = payload.seq
  max_age     = "5m"
  partial     = true
  stuck_after = "10m"
}
sensor "e" {
  topic    = "e/{n}"
  fields   = { v = number, on = bool }
  time     = payload.ts
  sequence = payload.seq
  kind     = "event"
  hold     = "1m"
}
alert "level" {
  when = sensor.x.v > 50 || changed(sensor.x.on) || previous(sensor.x.v) > 90
}
alert "windows" {
  when = avg_over(sensor.x.v, "10m") > 50 || max_over(sensor.x.v, "10m") > 90 || slope(sensor.x.v, "10m", "1m") > 10 || change_over(sensor.x.v, "10m") > 50
}
alert "counts" {
  when = count_over(sensor.x.v, "10m") > 5 || sum_over(sensor.x.v, "10m") > 200 || changes_over(sensor.x.on, "10m") > 3
}
alert "event" {
  when = sensor.e.on || held(sensor.e.on, "10s") || count_over(sensor.e.v, "10m") > 3
}
`

// hearAll plays messages of three bytes each: how long after the one before it
// comes and how it is delivered, when it says it was made, and what it says.
func hearAll(t *testing.T, script []byte) (*Engine, map[string][]byte, time.Duration) {
	t.Helper()
	e, records, at := NewEngine(loadText(t, heardRules)), map[string][]byte{}, time.Duration(0)
	origin := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	keep := func(all []Record) {
		for _, r := range all {
			if r.Value == nil {
				delete(records, r.Key)
			} else {
				records[r.Key] = r.Value
			}
		}
	}
	for len(script) >= 3 {
		how, when, what := script[0], script[1], script[2]
		script = script[3:]
		at += time.Duration(how>>3) * 7 * time.Second
		r := Reading{Topic: "x/1", At: at, Retained: how&1 != 0, Duplicate: how&2 != 0}
		if what&1 != 0 {
			r.Topic = "e/1"
		}
		if how&4 == 0 {
			r.Wall = origin.Add(at)
		}
		stamp := origin.Add(at + time.Duration(int8(when))*8*time.Second)
		r.Payload = fmt.Appendf(nil, `{"v": %d, "on": %v, "ts": %d, "seq": %d}`, what, what&2 != 0, stamp.Unix(), what>>4)
		if what&4 != 0 {
			r.Payload = fmt.Appendf(nil, `{"v": %d, "ts": %d}`, what, stamp.Unix())
		}
		keep(e.Observe(r).Records)
	}
	keep(e.Unsaved(true))
	return e, records, at
}

// Whatever the publishers and the broker say of their messages, what an engine
// keeps of it is taken up again by the next, which then goes on as the first does.
func FuzzWhatIsHeardInAnyOrderIsTakenUpAgain(f *testing.F) {
	f.Add([]byte("\x08\x00\x10\x08\x80\x60\x09\x7f\x62\x1a\xf0\x11\x0c\x00\x71"))
	f.Add([]byte("\x00\x00\x61\x02\x00\x61\x01\x00\x63\xf8\x00\x60\xf8\x00\x60\xf8\x00\x60\xf8\x00\x60"))
	f.Fuzz(func(t *testing.T, script []byte) {
		script = script[:min(len(script), 300)]
		first, records, at := hearAll(t, script)
		second := NewEngine(loadText(t, heardRules))
		inOrder := func(yield func(string, []byte) bool) {
			for _, key := range slices.Sorted(maps.Keys(records)) {
				if !yield(key, records[key]) {
					return
				}
			}
		}
		if _, errs := second.Restore(inOrder, Restart{At: at}); len(errs) > 0 {
			t.Fatalf("%v", errs)
		}
		if got, want := standings(second, at), standings(first, at); !slices.Equal(got, want) {
			t.Errorf("after a restart:\n%q\nbefore:\n%q", got, want)
		}
	})
}

// standings is what each series says and how each instance stands. Those that
// look at windows alone may not have been looked at yet, with what was too old.
func standings(e *Engine, at time.Duration) []string {
	e.Tick(at)
	var out []string
	for i := range e.sensors {
		for _, s := range e.sensors[i].series {
			out = append(out, fmt.Sprint(s.sensor.Name, s.heard, s.moment, s.newest, s.last, s.steady))
		}
	}
	for i := range e.alerts {
		for _, in := range e.alerts[i].instances {
			if in.alert.Name == "level" || in.alert.Name == "event" {
				out = append(out, fmt.Sprint(in.name, " ", in.state))
			}
		}
	}
	slices.Sort(out)
	return out
}

func TestAReadingThatSaysItsTimeAllocatesNothing(t *testing.T) {
	e := NewEngine(loadText(t, heardRules))
	wall := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	for _, r := range []Reading{
		{Topic: "x/1", Payload: []byte(`{"v": 12, "on": true, "ts": "2026-01-05T11:59:58Z", "seq": 7}`)},
		{Topic: "x/1", Payload: []byte(`{"v": 13, "on": true, "ts": "2026-01-05T11:50:58Z", "seq": 8}`)},
		{Topic: "x/1", Payload: []byte(`{"v": 12, "on": true, "ts": "2026-01-05T11:59:58Z", "seq": 7}`), Retained: true},
		{Topic: "e/1", Payload: []byte(`{"v": 12, "on": false, "ts": "2026-01-05T11:59:58Z"}`), Duplicate: true},
	} {
		r.At, r.Wall = e.now, wall.Add(e.now)
		e.Observe(r)
		if got := testing.AllocsPerRun(100, func() { r.At += time.Millisecond; e.Observe(r) }); got != 0 {
			t.Errorf("%s: %v allocations per reading, want 0", r.Payload, got)
		}
	}
}
