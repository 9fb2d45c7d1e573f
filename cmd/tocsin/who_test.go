package main

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/rules"
)

func dublin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Dublin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func TestATimeIsNamedAsPeopleDo(t *testing.T) {
	now := time.Date(2026, 3, 25, 14, 30, 12, 0, dublin(t)) // a Wednesday
	for text, want := range map[string]string{
		"":                  "2026-03-25 14:30",
		"15:00":             "2026-03-25 15:00",
		"8:05":              "2026-03-26 08:05",
		"14:30":             "2026-03-26 14:30",
		"Wed 14:29":         "2026-04-01 14:29",
		"wednesday 14:31":   "2026-03-25 14:31",
		" SUN  03:10 ":      "2026-03-29 03:10",
		"sun 01:30":         "2026-03-29 02:00", // the clocks leap over it
		"2026-03-01 03:10":  "2026-03-01 03:10",
		"2026-03-01  03:10": "2026-03-01 03:10",
	} {
		got, err := parseAt(text, now)
		if err != nil || got.Format(minutes) != want || got.Location() != now.Location() {
			t.Errorf("%q: got %v, %v, want %s", text, got, err, want)
		}
	}
}

func TestWhatNamesNoTimeIsRefused(t *testing.T) {
	now := time.Date(2026, 3, 25, 14, 30, 0, 0, time.UTC)
	for _, text := range []string{"soon", "25:00", "Sun", "Son 03:10", "Sun 03:10 am", "2026-02-30 03:10", "2026-03-01"} {
		if got, err := parseAt(text, now); err == nil {
			t.Errorf("%q: got %v, want a refusal", text, got)
		}
	}
}

func FuzzATimeOfDayIsWithinTheNextWeek(f *testing.F) {
	for _, seed := range []string{"03:10", "Sun 03:10", "sunday 24:00", "2026-03-01 03:10", "\x00 1:1"} {
		f.Add(seed, int64(1774449000))
	}
	zone := dublin(f)
	f.Fuzz(func(t *testing.T, text string, seconds int64) {
		const year = 365 * 24 * 60 * 60
		now := time.Unix(seconds%(50*year), 0).In(zone)
		at, err := parseAt(text, now)
		if err != nil || len(text) >= len("2026-03-01 03:10") && text[0] >= '0' && text[0] <= '9' {
			return
		}
		if ahead := at.Sub(now); ahead < -time.Minute || ahead > 8*24*time.Hour {
			t.Errorf("%q at %v: got %v", text, now, at)
		}
	})
}

func TestAnAgentKnowsWhoHasOptedOutAndWhatPeopleHaveSilenced(t *testing.T) {
	now := time.Date(2026, 3, 25, 14, 30, 0, 0, time.UTC)
	alice, bob := &notify.Contact{Name: "alice", Phone: "+1"}, &notify.Contact{Name: "bob", Phone: "+2"}
	s := status.Snapshot{
		People: []status.Person{{Name: "alice"}, {Name: "bob", OptedOut: true}, {Name: "gone", OptedOut: true}},
		Silences: []status.Silence{
			{Window: "service"}, // which the configuration says as well
			{By: "alice", Left: time.Hour, Match: &status.Match{Alerts: []string{"smoke"}, Severities: []string{"critical"}, Labels: map[string]string{"n": "7"}}},
			{By: "bob", UntilClear: true, Match: &status.Match{}},
		},
	}
	var got notify.Question
	addKnown(&got, []*notify.Contact{alice, bob}, s, now)
	want := notify.Question{OptedOut: []string{"+2"}, Hushes: []notify.Hush{
		{By: "alice", Until: now.Add(time.Hour), Match: notify.Match{
			Alerts: []string{"smoke"}, Severity: []rules.Severity{rules.Critical}, Labels: map[string]string{"n": "7"},
		}},
		{By: "bob"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
