package notify

import (
	"testing"
	"time"
	_ "time/tzdata"

	"pgregory.net/rapid"
)

func zone(t rapid.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// clock is a time of day as the configuration has it.
func clock(t rapid.TB, text string) TimeOfDay {
	t.Helper()
	at, err := ParseTimeOfDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// wall reads a time with its offset.
func wall(t rapid.TB, zone *time.Location, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02 15:04:05Z07:00", text)
	if err != nil {
		t.Fatal(err)
	}
	return at.In(zone)
}

// The zones whose clocks change: by an hour, by half an hour, one minute after
// midnight (St. John's until 2011), at midnight (Havana), never, and by a day.
var zones = []string{"Europe/Dublin", "Australia/Lord_Howe", "America/St_Johns", "America/Havana", "UTC", "Pacific/Apia"}

func TestTheNextTimeOfDayIsOnceADayWhateverTheClocksDo(t *testing.T) {
	for _, test := range []struct{ name, zone, time, after, want string }{
		{"later today", "Europe/Dublin", "08:00", "2026-11-25 07:59:59Z", "2026-11-25 08:00:00Z"},
		{"strictly after", "Europe/Dublin", "08:00", "2026-11-25 08:00:00Z", "2026-11-26 08:00:00Z"},
		{"midnight", "Europe/Dublin", "00:00", "2026-11-25 08:00:00Z", "2026-11-26 00:00:00Z"},
		{"the end of the day is midnight", "Europe/Dublin", "24:00", "2026-11-25 08:00:00Z", "2026-11-26 00:00:00Z"},
		{"and the end of yesterday is not missed", "Europe/Dublin", "24:00", "2026-11-24 23:59:59Z", "2026-11-25 00:00:00Z"},
		{"over a leap", "Europe/Dublin", "08:00", "2026-03-28 12:00:00Z", "2026-03-29 08:00:00+01:00"},
		{"in the hour that is leapt over", "Europe/Dublin", "01:30", "2026-03-28 12:00:00Z", "2026-03-29 02:00:00+01:00"},
		{"the first of two", "Europe/Dublin", "01:30", "2026-10-25 00:00:00+01:00", "2026-10-25 01:30:00+01:00"},
		{"and not the second", "Europe/Dublin", "01:30", "2026-10-25 01:30:00+01:00", "2026-10-26 01:30:00Z"},
		{"half an hour that is leapt over", "Australia/Lord_Howe", "02:15", "2026-10-03 12:00:00+10:30", "2026-10-04 02:30:00+11:00"},
		{"half an hour twice", "Australia/Lord_Howe", "01:45", "2026-04-05 00:00:00+11:00", "2026-04-05 01:45:00+11:00"},
		{"half an hour twice, after it", "Australia/Lord_Howe", "02:00", "2026-04-05 01:45:00+10:30", "2026-04-05 02:00:00+10:30"},
		{"the minute of the new day before the old day comes again", "America/St_Johns", "00:00", "2010-11-06 23:59:00-02:30", "2010-11-07 00:00:00-02:30"},
		{"the old day again", "America/St_Johns", "23:30", "2010-11-07 00:00:30-02:30", "2010-11-07 23:30:00-03:30"},
	} {
		z := zone(t, test.zone)
		got := clock(t, test.time).Next(wall(t, z, test.after))
		if want := wall(t, z, test.want); !got.Equal(want) {
			t.Errorf("%s: %s after %s is %s, want %s", test.name, test.time, test.after, got, want)
		}
	}
}

func TestTheNextTimeOfDayIsWhatClocksShow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := drawTimeOfDay(t, "time")
		after := drawWall(t)
		next := at.Next(after)
		if !next.After(after) || next.Sub(after) > 50*time.Hour {
			t.Fatalf("%v after %v is %v", at, after, next)
		}
		hour, minute, second := next.Clock()
		shown := TimeOfDay(hour)*TimeOfDay(time.Hour) + TimeOfDay(minute)*TimeOfDay(time.Minute) + TimeOfDay(second)*TimeOfDay(time.Second)
		_, before := next.Add(-1).Zone()
		_, since := next.Zone()
		if shown != at%TimeOfDay(24*time.Hour) && since <= before {
			t.Fatalf("%v after %v is %v, and clocks leap over nothing there", at, after, next)
		}
	})
}

func drawTimeOfDay(t *rapid.T, label string) TimeOfDay {
	return TimeOfDay(rapid.IntRange(0, 24*12).Draw(t, label)) * TimeOfDay(5*time.Minute)
}

// drawWall is a time in some zone, often within days of a change of its clocks.
func drawWall(t *rapid.T) time.Time {
	z := zone(t, rapid.SampledFrom(zones).Draw(t, "zone"))
	start := time.Date(rapid.SampledFrom([]int{2010, 2011, 2026}).Draw(t, "year"), 1, 1, 0, 0, 0, 0, z)
	at := start.Add(time.Duration(rapid.IntRange(0, 365*24*60).Draw(t, "minute")) * time.Minute)
	if _, end := at.ZoneBounds(); !end.IsZero() && rapid.Bool().Draw(t, "near a change") {
		at = end.Add(time.Duration(rapid.IntRange(-4*24*60, 4*24*60).Draw(t, "minutes off it")) * time.Minute)
	}
	return at
}

func TestATimeOfDayIsReadAsItIsWritten(t *testing.T) {
	for _, text := range []string{"00:00", "08:00", "23:59", "24:00"} {
		if got := clock(t, text).String(); got != text {
			t.Errorf("%s is written %s", text, got)
		}
	}
	if got := clock(t, "7:05"); got.String() != "07:05" {
		t.Errorf("7:05 is written %s", got)
	}
	for _, text := range []string{"", "8", "8am", "24:01", "12:60", "-1:00", "08:00 ", "08:0", "008:00", "12.30", "１２:00"} {
		if got, err := ParseTimeOfDay(text); err == nil {
			t.Errorf("%q is %v, want an error", text, got)
		}
	}
}

func FuzzATimeOfDayIsWithinTheDay(f *testing.F) {
	f.Add("08:00")
	f.Add("24:00")
	f.Add(":::::")
	f.Fuzz(func(t *testing.T, text string) {
		at, err := ParseTimeOfDay(text)
		if at < 0 || at > TimeOfDay(24*time.Hour) || err != nil && at != 0 {
			t.Errorf("%q is %v, %v", text, at, err)
		}
		if again, _ := ParseTimeOfDay(at.String()); again != at {
			t.Errorf("%q is %v and then %v", text, at, again)
		}
	})
}
