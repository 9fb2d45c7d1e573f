package notify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drawRoster makes up who is told of an alert, in which steps, and what holds texts
// back.
func drawRoster(t *rapid.T, alert string) *People {
	p := &People{Manners: DefaultManners()}
	var all []Addressee
	for _, name := range []string{"ann", "ben", "cid"} {
		c := &Contact{Name: name, Phone: name, Quiet: rapid.SliceOfN(rapid.Custom(drawSchedule), 0, 2).Draw(t, "quiet of "+name)}
		p.Contacts = append(p.Contacts, c)
		all = append(all, Addressee{Contact: c, Call: rapid.Bool().Draw(t, "call")})
	}
	route := &Route{Digest: drawTimeOfDay(t, "digest"), Bundle: rapid.SampledFrom([]time.Duration{-1, 0, time.Minute}).Draw(t, "bundle")}
	for n := range rapid.IntRange(1, 3).Draw(t, "steps") {
		some := rapid.IntRange(0, len(all)).Draw(t, "people of the step")
		route.Steps = append(route.Steps, Step{After: time.Duration(n) * 10 * time.Minute, Notify: rapid.Permutation(all).Draw(t, "order")[:some]})
	}
	p.Routes = map[string]*Route{alert: route}
	for range rapid.IntRange(0, 2).Draw(t, "windows") {
		p.Windows = append(p.Windows, drawWindow(t))
	}
	return p
}

func drawWindow(t *rapid.T) *Window {
	name := rapid.StringMatching("[a-z]{8}").Draw(t, "window")
	if rapid.Bool().Draw(t, "recurs") {
		return &Window{Name: name, Schedule: drawSchedule(t)}
	}
	from := start.Add(time.Duration(rapid.IntRange(0, 8*24*60).Draw(t, "from")) * time.Minute)
	return &Window{Name: name, From: from, Until: from.Add(time.Duration(rapid.IntRange(1, 24*60).Draw(t, "minutes")) * time.Minute)}
}

func TestTheLedgerTellsWhomTheAnswerNamesWhenItSays(t *testing.T) {
	const watched = 10 * 24 * time.Hour
	rapid.Check(t, func(rt *rapid.T) {
		alert := rapid.SampledFrom([]string{"smoke", "door", "battery"}).Draw(rt, "alert")
		p := drawRoster(rt, alert)
		w := newWorld(drawn{t, rt}, p)
		w.pass(time.Duration(rapid.IntRange(0, 7*24*60).Draw(rt, "fires")) * time.Minute)
		i := w.fires(alert)
		fired := w.now
		w.pass(watched)
		for _, one := range Who(p, Question{Alert: alert, Severity: i.Severity, At: start.Add(fired)}).People {
			first := slices.IndexFunc(w.said, func(text string) bool { return strings.HasPrefix(strings.SplitN(text, " ", 2)[1], one.Name) })
			if one.At.IsZero() || one.At.Sub(start) > w.now {
				if first >= 0 {
					rt.Errorf("%s: got %q, want nothing: %s, after %v", one.Name, w.said[first], one.Absent, one.Waits)
				}
				continue
			}
			if first < 0 {
				rt.Errorf("%s: got nothing, want a text at %v, after %v", one.Name, one.At, one.Waits)
				continue
			}
			head, _, _ := strings.Cut(w.said[first], ": ")
			when, _ := time.ParseDuration(strings.Fields(head)[0])
			if want := one.At.Sub(start); when != want || one.Call != strings.Contains(head, "(rings)") {
				rt.Errorf("%s: got %q, want at %v (%v), after %v", one.Name, head, want, one.At, one.Waits)
			}
		}
	})
}

// A drawn test fails as rapid has it, which looks for the least that fails.
type drawn struct {
	testing.TB
	t *rapid.T
}

func (d drawn) Helper()           {}
func (d drawn) Fatal(args ...any) { d.t.Fatal(args...) }
