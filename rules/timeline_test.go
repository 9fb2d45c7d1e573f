package rules

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestTimelines plays each file of testdata/timelines: rules.hcl, then the
// messages at their times, and compares the transitions with want. A line
// "restart" or "reboot" among the messages replaces the engine by one that
// knows only the records of the first; "rules.hcl.after" then takes effect. The
// time that "reboot 5m" took is known, and "missed 5m" tells it later. "save"
// writes what is due, "stop" all. "switch away on" sets a switch, "link home
// down" and "up" tell of a broker, none of which is in reach at first after a
// restart, "ack" acknowledges what is open of an alert, and "open" tells what is.
// Messages may be "20m freezer/1 -18x10 -11x5 / 1m": ten times, then five times,
// one a minute; "_" is a message that does not come. "retained" or "dup" before
// the topic makes it such a message. "clock" and a time says what time it is from
// then on, "clock unknown" that nobody knows any more.
func TestTimelines(t *testing.T) {
	files, err := filepath.Glob("testdata/timelines/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no timelines: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) { playTimeline(t, file) })
	}
}

func playTimeline(t *testing.T, file string) {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	archive := txtar.Parse(b)
	part := func(name string) string {
		for _, f := range archive.Files {
			if f.Name == name {
				return string(f.Data)
			}
		}
		return ""
	}
	l := newLife(t, part("rules.hcl"))
	var booted time.Duration
	for line := range strings.Lines(part("messages")) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		at, rest, _ := strings.Cut(line, " ")
		l.until(moment(t, at))
		what, payload, _ := strings.Cut(strings.TrimSpace(rest), " ")
		switch payload = strings.TrimSpace(payload); what {
		case "restart", "reboot":
			r := Restart{At: l.now, Rebooted: what == "reboot"}
			if payload != "" {
				r.Downtime = moment(t, payload)
			}
			r.Unlinked = slices.Sorted(maps.Keys(l.brokers))
			l.restart(cmpOr(part("rules.hcl.after"), part("rules.hcl")), r)
			booted = r.At
		case "missed":
			l.keep(l.engine.Missed(moment(t, payload), booted, l.now))
		case "switch":
			name, to, _ := strings.Cut(payload, " ")
			d, err := l.engine.SetSwitch(name, to == "on", l.now)
			if err != nil {
				t.Error(err)
			}
			l.keep(d)
		case "clock":
			l.setClock(payload)
		case "retained", "dup":
			r := Reading{Retained: what == "retained", Duplicate: what == "dup"}
			topic, payload, _ := strings.Cut(payload, " ")
			l.hear(r, topic, strings.TrimSpace(payload))
		case "link":
			broker, to, _ := strings.Cut(payload, " ")
			l.brokers[broker] = true
			l.keep(l.engine.Link(broker, to == "up", l.now))
		case "save", "stop":
			l.keep(Decision{Records: l.engine.Unsaved(what == "stop")})
		case "ack":
			l.ack(payload)
		case "open":
			l.tellOpen()
		default:
			l.publish(what, payload)
		}
	}
	l.until(l.now + 24*time.Hour)
	if diff := cmp.Diff(words(part("want")), words(strings.Join(l.story, "\n"))); diff != "" {
		t.Errorf("transitions (-want +got):\n%s", diff)
	}
}

// A life is an engine, the time it knows of, and what came of it.
type life struct {
	t       *testing.T
	engine  *Engine
	now     time.Duration
	records map[string][]byte
	brokers map[string]bool // that were told of
	story   []string
	origin  time.Time // the time of day at 0, zero while nobody knows
}

func (l *life) setClock(text string) {
	l.origin = time.Time{}
	if text == "unknown" {
		return
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		l.t.Fatal(err)
	}
	l.origin = at.Add(-l.now)
}

// until lets time pass, timer by timer as an agent would.
func (l *life) until(at time.Duration) {
	for {
		due, ok := l.engine.NextTick()
		if !ok || due >= at {
			break
		}
		l.keep(l.engine.Tick(due))
	}
	l.now = at
}

func (l *life) keep(d Decision) {
	for _, r := range d.Records {
		if r.Value == nil {
			delete(l.records, r.Key)
		} else {
			l.records[r.Key] = r.Value
		}
	}
	for _, t := range d.Transitions {
		what := t.To.String()
		switch {
		case t.Acked:
			continue // what is open says so
		case t.Released:
			what = "released"
		case t.To == Firing && len(t.Incident.SuppressedBy) > 0:
			what += " (kept back by " + strings.Join(t.Incident.SuppressedBy, ", ") + ")"
		}
		l.story = append(l.story, fmt.Sprintf("%s %s %s %s", t.At, what, t.Instance, t.Message))
	}
}

// ack acknowledges every open incident of an alert: "warm alice".
func (l *life) ack(words string) {
	alert, by, _ := strings.Cut(words, " ")
	for _, i := range l.engine.Open() {
		if i.Alert != alert {
			continue
		}
		d, err := l.engine.Ack(i.ID, by, l.now)
		if err != nil {
			l.t.Error(err)
		}
		l.keep(d)
	}
}

// tellOpen adds every open incident with its flags: 20m open warm critical, acked
// by alice.
func (l *life) tellOpen() {
	for _, i := range l.engine.Open() {
		text := fmt.Sprintf("%s open %s number %d, %s", l.now, i.Instance(), i.Number, i.Severity)
		if i.Acked != nil {
			text += fmt.Sprintf(", acked by %s at %s", i.Acked.By, i.Acked.At)
		}
		for _, flag := range []struct {
			set  bool
			text string
		}{{i.Latched, "latched"}, {i.Stale, "stale"}, {i.Shadow, "shadow"}} {
			if flag.set {
				text += ", " + flag.text
			}
		}
		l.story = append(l.story, text)
	}
}

// publish sends one payload, or several in a row with the time between them.
func (l *life) publish(topic, payload string) {
	values, every, row := strings.Cut(payload, " / ")
	if !row {
		l.observe(topic, payload)
		return
	}
	for item := range strings.FieldsSeq(values) {
		value, times, repeated := strings.Cut(item, "x")
		n := 1
		if repeated {
			fmt.Sscan(times, &n)
		}
		for range n {
			l.until(l.now)
			if value != "_" {
				l.observe(topic, value)
			}
			l.now += moment(l.t, every)
		}
	}
	l.now -= moment(l.t, every)
}

func (l *life) observe(topic, payload string) {
	l.hear(Reading{}, topic, payload)
}

func (l *life) hear(r Reading, topic, payload string) {
	r.Topic, r.Payload, r.At = topic, []byte(payload), l.now
	if !l.origin.IsZero() {
		r.Wall = l.origin.Add(l.now)
	}
	l.keep(l.engine.Observe(r))
}

func (l *life) restart(source string, r Restart) {
	l.engine = NewEngine(loadText(l.t, source))
	inOrder := func(yield func(string, []byte) bool) {
		for _, key := range slices.Sorted(maps.Keys(l.records)) {
			if !yield(key, l.records[key]) {
				return
			}
		}
	}
	d, errs := l.engine.Restore(inOrder, r)
	for _, err := range errs {
		l.t.Error(err)
	}
	l.keep(d)
}

func moment(t *testing.T, s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// words folds blanks and spells times alike ("20m" and "20m0s").
func words(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if d, err := time.ParseDuration(f[0]); err == nil {
			f[0] = d.String()
		}
		out = append(out, strings.Join(f, " "))
	}
	return out
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// loadText loads one file's text that must be without mistakes.
func loadText(t testing.TB, source string) *Set {
	t.Helper()
	set, diags := parseText(source)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return set
}

func parseText(source string) (*Set, hcl.Diagnostics) {
	f, diags := hclsyntax.ParseConfig([]byte(source), "rules.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	return Load(f.Body.(*hclsyntax.Body).Blocks, nil, nil)
}
