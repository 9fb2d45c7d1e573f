package rules

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const awayHouse = `
switch "away" {
  topic = "house/away"
}
switch "armed" {
  default = true
}
sensor "door" {
  topic = "door/{door}"
  value = bool
}
alert "open" {
  when = switch.away && sensor.door
}
alert "held_open" {
  when = switch.armed && held(sensor.door, "1h")
}
`

// saying observes one message for a switch.
func saying(l *life, payload string, retained, duplicate bool) {
	l.keep(l.engine.Observe(Reading{
		Topic: "house/away", Payload: []byte(payload), At: l.now, Retained: retained, Duplicate: duplicate,
	}))
}

func newLife(t *testing.T, source string) *life {
	return &life{t: t, records: map[string][]byte{}, brokers: map[string]bool{}, engine: NewEngine(loadText(t, source))}
}

func (l *life) isOn(name string) bool {
	all := l.engine.Switches()
	return all[slices.IndexFunc(all, func(s SwitchState) bool { return s.Name == name })].On
}

func (l *life) set(name string, on bool) Decision {
	l.t.Helper()
	d, err := l.engine.SetSwitch(name, on, l.now)
	if err != nil {
		l.t.Fatal(err)
	}
	l.keep(d)
	return d
}

// What the topic said is not said anew by a broker that repeats it: somebody
// came home and said so by text.
func TestARetainedWordThatIsNotNewSetsNoSwitch(t *testing.T) {
	l := newLife(t, awayHouse)
	saying(l, "on", false, false)
	l.now = time.Hour
	l.set("away", false)
	saying(l, "on", true, false)
	saying(l, "on", false, true)
	if l.isOn("away") {
		t.Fatal("what the broker repeated turned the switch on")
	}
	l.restart(awayHouse, Restart{At: l.now, Rebooted: true})
	saying(l, "on", true, false)
	if l.isOn("away") {
		t.Fatal("what the broker repeated after a reboot turned the switch on")
	}
	saying(l, "on", false, false)
	if !l.isOn("away") {
		t.Error("what the topic said anew did not turn the switch on")
	}
}

func TestARetainedWordThatDiffersHappenedWhileWeWereAwayAndSetsTheSwitch(t *testing.T) {
	l := newLife(t, awayHouse)
	saying(l, "on", true, false)
	if !l.isOn("away") {
		t.Fatal("the first word that was kept did not turn the switch on")
	}
	l.restart(awayHouse, Restart{At: l.now, Rebooted: true})
	saying(l, "off", true, false)
	if l.isOn("away") {
		t.Error("a word that was kept meanwhile did not turn the switch off")
	}
}

func TestWhatCannotBeReadIsCountedAndSetsNoSwitch(t *testing.T) {
	l := newLife(t, awayHouse)
	saying(l, "on", false, false)
	for i, payload := range []string{"", "null", "2", "ON OFF", `{"on": false}`, "\xff", "offline"} {
		saying(l, payload, false, false)
		if s := l.engine.Stats(); !l.isOn("away") || s.Unread != uint64(i+1) || s.Unmatched != 0 {
			t.Errorf("%q: on %v, %d unread, %d unmatched; want on, %d and 0", payload, l.isOn("away"), s.Unread, s.Unmatched, i+1)
		}
	}
}

func TestASwitchThatStandsSoAlreadyWritesNothing(t *testing.T) {
	l := newLife(t, awayHouse)
	if d := l.set("armed", true); len(d.Records) != 1 {
		t.Errorf("set to its default for the first time: %d records, want 1", len(d.Records))
	}
	l.now = time.Minute
	if d := l.set("armed", true); !d.Empty() {
		t.Errorf("set again: %+v, want nothing", d)
	}
	if since := l.engine.Switches()[1].Since; since != 0 {
		t.Errorf("set again: since %v, want 0", since)
	}
}

func TestAnUnknownSwitchIsAnErrorThatNamesTheNearest(t *testing.T) {
	for source, want := range map[string]string{
		awayHouse:           `there is no switch "awya"; did you mean away?`,
		`switch "armed" {}`: `there is no switch "awya"; there are: armed`,
		`sensor "x" {` + "\n" + `topic = "x"` + "\n" + `value = bool` + "\n}": `there is no switch "awya"; the configuration has none`,
	} {
		d, err := NewEngine(loadText(t, source)).SetSwitch("awya", true, 0)
		if err == nil || err.Error() != want || !d.Empty() {
			t.Errorf("got %v and %+v, want %s and nothing", err, d, want)
		}
	}
}

// The time a reboot took counts, and is not lost at the next.
func TestHowLongASwitchHasStoodSoCountsKnownDowntime(t *testing.T) {
	l := newLife(t, awayHouse)
	l.now = time.Hour
	l.set("away", true)
	for range 2 {
		l.restart(awayHouse, Restart{At: l.now, Rebooted: true, Downtime: 10 * time.Minute})
	}
	if s := l.engine.Switches()[0]; !s.On || !s.Set || l.now-s.Since != 20*time.Minute {
		t.Errorf("%+v at %v, want on for 20m", s, l.now)
	}
}

func TestARemovedSwitchIsForgottenAndAnUnreadableRecordLeavesTheDefault(t *testing.T) {
	l := newLife(t, awayHouse)
	l.set("away", true)
	l.restart("switch \"armed\" {}\n", Restart{})
	if _, kept := l.records["switch/away"]; kept {
		t.Error("the record of a switch that is gone is kept")
	}
	e := NewEngine(loadText(t, awayHouse))
	_, errs := e.Restore(func(yield func(string, []byte) bool) { yield("switch/armed", []byte(`{"Version": 9}`)) }, Restart{})
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "version 9") || !e.Switches()[1].On {
		t.Errorf("%v and %+v, want one error and the default", errs, e.Switches())
	}
}

func TestAReadingBesideASwitchAllocatesNothing(t *testing.T) {
	e := NewEngine(loadText(t, awayHouse))
	r := Reading{Topic: "door/front", Payload: []byte("open")}
	e.Observe(r)
	if got := testing.AllocsPerRun(1000, func() { r.At += time.Millisecond; e.Observe(r) }); got != 0 {
		t.Errorf("%v allocations per reading, want 0", got)
	}
}

func TestTheWordsThatSetASwitchAreReadInCapitals(t *testing.T) {
	set := loadText(t, `
switch "away" {
  sms = ["away", "Zurück"]
}
switch "armed" {}
`)
	if got, want := set.Switches[0].Words, [2]string{"AWAY", "ZURÜCK"}; got != want {
		t.Errorf("the words of away are %q, want %q", got, want)
	}
	if got, want := set.Switches[1].Words, [2]string{}; got != want {
		t.Errorf("the words of armed, which has none, are %q", got)
	}
}
