package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
)

// house is a configuration to which people are added.
const house = `
site {
  timezone = "Europe/Dublin"
}
mqtt "main" {
  url = "mqtt://127.0.0.1"
}
modem "main" {
  port = "/dev/ttyUSB2"
}
contact "alice" {
  phone = "+353871234567"
}
contact "bob" {
  phone = "+353871234568"
}
contact "carol" {
  phone = "+353871234569"
}
sensor "door" {
  topic = "door/{n}"
  value = bool
}
`

// withPeople loads the house with what is added to it, which must be without mistakes.
func withPeople(t *testing.T, src string) *Config {
	t.Helper()
	c, _, diags := Load(directory(t, "a.hcl", house+src), Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return c
}

// routed writes a route in one line: 0s alice bob+call; 5m0s carol [10m0s].
func routed(r *notify.Route) string {
	var steps []string
	for _, s := range r.Steps {
		text := s.After.String()
		for _, a := range s.Notify {
			text += " " + a.Name + map[bool]string{true: "+call"}[a.Call] + map[bool]string{true: "+flash"}[a.Flash]
		}
		if s.Repeat != nil {
			text += fmt.Sprint(" ", s.Repeat)
		}
		steps = append(steps, text)
	}
	return strings.Join(steps, "; ")
}

func TestAContactSaysWhenItIsQuietAndWhatItMayDo(t *testing.T) {
	c := withPeople(t, `
schedule "night" {
  days = ["fri-mon", "wed"]
  from = "22:00"
  to   = "7:00"
}
contact "dave" {
  phone        = "+353871234560"
  language     = "de"
  quiet        = [schedule.night]
  budget       = ["2/1m", "10/1h"]
  allow        = ["status", "ack"]
  require_code = true
  quiet {
    from = "12:30"
    to   = "24:00"
  }
}
contact "mute" {
  phone = "+353871234561"
  allow = []
}
alert "door" {
  when   = sensor.door
  notify = [contact.dave, contact.mute]
}
`)
	night := &notify.Schedule{Name: "night", Days: [7]bool{true, true, false, true, false, true, true}, From: notify.TimeOfDay(22 * time.Hour), To: notify.TimeOfDay(7 * time.Hour)}
	noon := &notify.Schedule{Days: [7]bool{true, true, true, true, true, true, true}, From: notify.TimeOfDay(12*time.Hour + 30*time.Minute), To: notify.TimeOfDay(24 * time.Hour)}
	contacts := c.People.Contacts
	dave, mute := contacts[len(contacts)-2], contacts[len(contacts)-1]
	if diff := cmp.Diff([]*notify.Schedule{night, noon}, dave.Quiet); diff != "" {
		t.Errorf("quiet (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(notify.Budget{{Texts: 2, Per: time.Minute}, {Texts: 10, Per: time.Hour}}, dave.Budget); diff != "" {
		t.Errorf("budget (-want +got):\n%s", diff)
	}
	if dave.Language != "de" || dave.Allow != notify.MayAck|notify.MayAsk || !dave.RequireCode {
		t.Errorf("dave: %+v", dave)
	}
	if alice := contacts[0]; mute.Allow != 0 || alice.Allow != notify.MayAll || alice.Budget != nil || alice.Quiet != nil || alice.Language != "" {
		t.Errorf("mute %+v, alice %+v", mute, alice)
	}
}

func TestAlertsTellTheStepsOfAllTheyName(t *testing.T) {
	const policies = `
policy "family" {
  step {
    after  = "10m"
    notify = [contact.alice, contact.carol]
    repeat = "1h"
  }
  step { notify = [contact.alice] }
  step {
    after  = "30m"
    notify = contact.alice
    call   = true
  }
  repeat      = ["5m", "10m"]
  ack_timeout = "2h"
  digest      = "19:30"
}
policy "bright" {
  notify      = [contact.bob, contact.alice]
  flash       = true
  ack_timeout = "1h"
  digest      = "06:00"
}
policy "plain" {
  notify = contact.carol
  repeat = "never"
}
`
	tests := map[string]struct {
		alert, steps string
		ackTimeout   time.Duration
		digest       string
	}{
		"one policy, in the order of time":          {"notify = policy.family", "0s alice [5m0s 10m0s]; 10m0s carol [1h0m0s]", 2 * time.Hour, "19:30"},
		"a contact by itself is told at once":       {"notify = [policy.family, contact.carol]", "0s alice [5m0s 10m0s]; 0s carol", 2 * time.Hour, "19:30"},
		"the shortest timeout and the first digest": {"notify = [policy.bright, policy.family]", "0s bob+flash alice+flash; 10m0s carol [1h0m0s]", time.Hour, "06:00"},
		"nobody twice, in whichever order":          {"notify = [policy.family, policy.bright]", "0s alice+flash [5m0s 10m0s]; 0s bob+flash; 10m0s carol [1h0m0s]", time.Hour, "19:30"},
		"a policy without digest follows another's": {"notify = [policy.plain, policy.bright]", "0s carol []; 0s bob+flash alice+flash", time.Hour, "06:00"},
		"contacts alone have the usual digest":      {"notify = [contact.bob, contact.alice, contact.bob]", "0s bob alice", 0, "08:00"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := withPeople(t, policies+"alert \"door\" {\n when = sensor.door\n "+tt.alert+"\n}\n")
			r := c.People.Routes["door"]
			if got := routed(r); got != tt.steps {
				t.Errorf("steps:\ngot  %s\nwant %s", got, tt.steps)
			}
			if r.AckTimeout != tt.ackTimeout || r.Digest.String() != tt.digest || r.Bundle >= 0 || r.Repeat != nil {
				t.Errorf("got %+v", r)
			}
		})
	}
}

func TestAnAlertRepeatsAndBundlesAsItSaysItself(t *testing.T) {
	c := withPeople(t, `
policy "all" { notify = contact.alice }
alert "own" {
  when   = sensor.door
  bundle = "30s"
  repeat = ["5m", "10m"]
}
alert "never" {
  when   = sensor.door
  bundle = "0s"
  repeat = "never"
}
alert "usual" {
  when = sensor.door
}
`)
	got := map[string]string{}
	for name, r := range c.People.Routes {
		got[name] = fmt.Sprintf("%v %v %t", r.Bundle, r.Repeat, r.Repeat == nil)
	}
	want := map[string]string{"own": "30s [5m0s 10m0s] false", "never": "0s [] false", "usual": "-1ns [] true"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestASeverityIsToldOtherwiseThanUsual(t *testing.T) {
	c := withPeople(t, `
severity "critical" {
  repeat  = "never"
  reserve = 50
  quiet   = false
}
severity "info" {
  digest = false
  bundle = "1m"
  repeat = "1h"
}
`)
	usual := notify.DefaultManners()
	want := map[rules.Severity]notify.Manner{
		rules.Critical: {Repeat: []time.Duration{}, Reserve: 0.5},
		rules.Warning:  usual[rules.Warning],
		rules.Info:     {Quiet: true, Bundle: time.Minute, Repeat: []time.Duration{time.Hour}},
	}
	if diff := cmp.Diff(want, c.People.Manners); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(usual, withPeople(t, `severity "critical" {}`).People.Manners); diff != "" {
		t.Errorf("a severity that says nothing (-want +got):\n%s", diff)
	}
}

func TestASilenceHasAScheduleOrATime(t *testing.T) {
	c := withPeople(t, `
schedule "works" {
  days = ["sat"]
  from = "09:00"
  to   = "12:00"
}
alert "door_open" {
  when   = sensor.door
  notify = contact.alice
}
silence "weekly" {
  match    = { alert = ["door_*", alert.door_open], severity = "warning", n = "7" }
  schedule = schedule.works
}
silence "once" {
  match = { severity = ["info", "warning"] }
  from  = "2026-03-28 22:00"
  until = "2026-03-29T06:00:00+01:00"
}
`)
	weekly, once := c.People.Windows[0], c.People.Windows[1]
	want := notify.Match{Alerts: []string{"door_*", "door_open"}, Severity: []rules.Severity{rules.Warning}, Labels: map[string]string{"n": "7"}}
	if diff := cmp.Diff(want, weekly.Match); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if weekly.Name != "weekly" || weekly.Schedule == nil || weekly.Schedule.Name != "works" || !weekly.From.IsZero() {
		t.Errorf("weekly: %+v", weekly)
	}
	// Clocks go forward in that night: it is seven hours long.
	if once.Schedule != nil || once.From.UTC().Format(time.RFC3339) != "2026-03-28T22:00:00Z" || once.Until.Sub(once.From) != 7*time.Hour {
		t.Errorf("once: %+v", once)
	}
}

func TestAHeartbeatSaysWhenWhomAndWhere(t *testing.T) {
	c := withPeople(t, `
policy "late" {
  step { notify = contact.alice }
  step {
    after  = "1h"
    notify = contact.bob
  }
}
heartbeat "morning" {
  at     = "09:00"
  notify = [policy.late]
}
heartbeat "often" {
  every = "5m"
  topic = "site/tocsin"
}
`)
	var got []string
	for _, h := range c.Heartbeats {
		got = append(got, fmt.Sprintf("%s %v %v %s %s %s", h.Name, h.Every, time.Duration(h.At), phones(h.Notify), h.Topic, h.Broker))
	}
	want := []string{
		"morning 0s 9h0m0s alice +353871234567, bob +353871234568  ",
		"often 5m0s -1ns  site/tocsin main",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLimitsAreThoseOfTheGateway(t *testing.T) {
	c := withPeople(t, `
limits {
  texts_per_hour    = 30
  texts_per_day     = 200
  store_max         = 500
  series_max        = 50
  window_memory_max = "8 MiB"
}
`)
	if got, want := c.People.Limits, (notify.Limits{TextsPerHour: 30, TextsPerDay: 200}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if c.TextsMax != 500 || c.Rules.SeriesMax != 50 || c.Rules.WindowMemoryMax != 8<<20 {
		t.Errorf("texts %d, series %d, window memory %d", c.TextsMax, c.Rules.SeriesMax, c.Rules.WindowMemoryMax)
	}
	if c := withPeople(t, ""); c.People.Limits != (notify.Limits{}) || c.TextsMax != 0 || c.Rules.SeriesMax != 0 || c.Rules.WindowMemoryMax != 0 {
		t.Errorf("without the block there are limits: %+v", c.People.Limits)
	}
}

func TestPeopleInAModuleAreItsOwn(t *testing.T) {
	const archive = `
-- a.hcl --
` + house + `
schedule "night" {
  from = "22:00"
  to   = "07:00"
}
module "pump" {
  source   = "./m"
  for_each = ["a", "b"]
  quiet    = schedule.night
}
silence "one" {
  match    = { alert = module.pump["a"].alert.open }
  schedule = module.pump["b"].schedule.noon
}
-- m/m.hcl --
variable "quiet" { type = schedule }
schedule "noon" {
  from = "12:00"
  to   = "13:00"
}
contact "plumber" {
  phone = "+353871234560"
  quiet = [var.quiet, schedule.noon]
}
policy "call" {
  notify = contact.plumber
  repeat = ["5m", "10m"]
}
sensor "door" {
  topic = "pump"
  value = bool
}
alert "open" {
  when   = sensor.door
  notify = policy.call
  repeat = "1h"
}
silence "lunch" {
  match    = { alert = "o*" }
  schedule = schedule.noon
}
silence "all" {
  match    = {}
  schedule = schedule.noon
}
`
	c, _, diags := Load(unpack(t, parseArchive(archive)), Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var got []string
	for _, w := range c.People.Windows {
		got = append(got, fmt.Sprintf("%s %s %s", w.Name, w.Match.Alerts, w.Schedule.Name))
	}
	for _, p := range c.People.Contacts {
		for _, s := range p.Quiet {
			got = append(got, p.Name+" is quiet "+s.Name)
		}
	}
	slices.Sort(got)
	want := []string{
		`one [pump["a"].open] pump["b"].noon`,
		`pump["a"].all [pump["a"].*] pump["a"].noon`,
		`pump["a"].lunch [pump["a"].o*] pump["a"].noon`,
		`pump["a"].plumber is quiet night`,
		`pump["a"].plumber is quiet pump["a"].noon`,
		`pump["b"].all [pump["b"].*] pump["b"].noon`,
		`pump["b"].lunch [pump["b"].o*] pump["b"].noon`,
		`pump["b"].plumber is quiet night`,
		`pump["b"].plumber is quiet pump["b"].noon`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := routed(c.People.Routes[`pump["a"].open`]); got != `0s pump["a"].plumber [5m0s 10m0s]` {
		t.Errorf("route: %s", got)
	}
}

func FuzzARateAndASizeAreWithinTheirBoundsOrRefused(f *testing.F) {
	for _, text := range []string{"5/15m", " 1 / 1h30m ", "1000/1d", "16MiB", "0 KiB", "99999999999999999999MiB", "-5/-1m", "/", "1e9/1m"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rate, err := parseRate(text)
		if err == nil && (rate.Texts < 1 || rate.Texts > budgetTextsMax || rate.Per < budgetPerMin || rate.Per > budgetPerMax) {
			t.Errorf("%q is %+v", text, rate)
		}
		size, err := parseSize(text)
		if again, errAgain := parseSize(sizeText(size)); err == nil && size > 0 && (errAgain != nil || again > size || size < 0) {
			t.Errorf("%q is %d bytes, and that is %d", text, size, again)
		}
	})
}
