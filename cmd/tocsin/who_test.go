package main

import (
	"testing"
	"time"
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
