package notify

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	everyDay = [7]bool{true, true, true, true, true, true, true}
	weekend  = [7]bool{time.Saturday: true, time.Sunday: true}
	sundays  = [7]bool{time.Sunday: true}
)

func TestAScheduleHoldsFromWhenItBeginsUntilItEnds(t *testing.T) {
	for _, test := range []struct {
		name, zone   string
		days         [7]bool
		from, to     string
		begins, ends string
	}{
		{"by day", "Europe/Dublin", everyDay, "09:00", "17:00", "2026-11-25 09:00:00Z", "2026-11-25 17:00:00Z"},
		{"over midnight", "Europe/Dublin", everyDay, "22:00", "07:00", "2026-11-25 22:00:00Z", "2026-11-26 07:00:00Z"},
		{"into the day after its own", "Europe/Dublin", sundays, "22:00", "07:00", "2026-11-29 22:00:00Z", "2026-11-30 07:00:00Z"},
		{"a whole day", "Europe/Dublin", sundays, "00:00", "24:00", "2026-11-29 00:00:00Z", "2026-11-30 00:00:00Z"},
		{"the same time is a whole day", "Europe/Dublin", sundays, "09:00", "09:00", "2026-11-29 09:00:00Z", "2026-11-30 09:00:00Z"},
		{"whole days that adjoin", "Europe/Dublin", weekend, "00:00", "24:00", "2026-11-28 00:00:00Z", "2026-11-30 00:00:00Z"},
		{"until midnight", "Europe/Dublin", everyDay, "22:00", "00:00", "2026-11-25 22:00:00Z", "2026-11-26 00:00:00Z"},
		{"from the end of the day", "Europe/Dublin", sundays, "24:00", "24:00", "2026-11-30 00:00:00Z", "2026-12-01 00:00:00Z"},
		{"a night that is an hour short", "Europe/Dublin", everyDay, "22:00", "07:00", "2026-03-28 22:00:00Z", "2026-03-29 07:00:00+01:00"},
		{"a night that is an hour long", "Europe/Dublin", everyDay, "22:00", "07:00", "2026-10-24 22:00:00+01:00", "2026-10-25 07:00:00Z"},
		{"it ends in an hour that does not exist", "Europe/Dublin", everyDay, "22:00", "01:30", "2026-03-28 22:00:00Z", "2026-03-29 02:00:00+01:00"},
		{"it begins in an hour that does not exist", "Europe/Dublin", everyDay, "01:30", "07:00", "2026-03-29 02:00:00+01:00", "2026-03-29 07:00:00+01:00"},
		{"it ends in an hour that exists twice", "Europe/Dublin", everyDay, "22:00", "01:30", "2026-10-24 22:00:00+01:00", "2026-10-25 01:30:00+01:00"},
		{"it begins in an hour that exists twice", "Europe/Dublin", everyDay, "01:30", "01:45", "2026-10-25 01:30:00+01:00", "2026-10-25 01:45:00+01:00"},
		{"half an hour does not exist", "Australia/Lord_Howe", everyDay, "02:15", "03:00", "2026-10-04 02:30:00+11:00", "2026-10-04 03:00:00+11:00"},
		{"half an hour exists twice", "Australia/Lord_Howe", everyDay, "01:45", "02:00", "2026-04-05 01:45:00+11:00", "2026-04-05 02:00:00+10:30"},
		{"yesterday comes again", "America/St_Johns", sundays, "00:00", "24:00", "2010-11-07 00:00:00-02:30", "2010-11-08 00:00:00-03:30"},
	} {
		z := zone(t, test.zone)
		s := &Schedule{Days: test.days, From: clock(t, test.from), To: clock(t, test.to)}
		begins, ends := wall(t, z, test.begins), wall(t, z, test.ends)
		if got := s.Begins(begins.Add(-time.Minute)); !got.Equal(begins) {
			t.Errorf("%s: a minute before %s it begins at %s", test.name, begins, got)
		}
		if s.Holds(begins.Add(-1)) || !s.Holds(begins) || !s.Holds(ends.Add(-1)) || s.Holds(ends) {
			t.Errorf("%s: it does not hold exactly from %s until %s", test.name, begins, ends)
		}
		if got := s.Ends(begins); !got.Equal(ends) {
			t.Errorf("%s: it ends at %s, want %s", test.name, got, ends)
		}
		if got := s.Begins(begins); !got.Equal(begins) {
			t.Errorf("%s: what holds begins at %s, want at once", test.name, got)
		}
	}
}

func TestAWeekdayIsWhatTheZoneCallsIt(t *testing.T) {
	s := &Schedule{Days: sundays, To: clock(t, "24:00")}
	at := time.Date(2026, 11, 28, 13, 0, 0, 0, time.UTC)
	if s.Holds(at) {
		t.Error("a Saturday in UTC counts as a Sunday")
	}
	if !s.Holds(at.In(zone(t, "Pacific/Auckland"))) {
		t.Error("a Sunday in Auckland does not count as one")
	}
}

func TestWhatAlwaysHoldsNeverEndsAndWhatHasNoDayNeverBegins(t *testing.T) {
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	for _, always := range []*Schedule{
		{Days: everyDay, To: clock(t, "24:00")},
		{Days: everyDay, From: clock(t, "09:30"), To: clock(t, "09:30")},
	} {
		if !always.Holds(now) || !always.Ends(now).IsZero() {
			t.Errorf("it holds %v and ends at %v", always.Holds(now), always.Ends(now))
		}
	}
	never := &Schedule{From: clock(t, "09:00"), To: clock(t, "17:00")}
	if never.Holds(now) || !never.Ends(now).IsZero() || !never.Begins(now).IsZero() {
		t.Errorf("it holds %v and begins at %v", never.Holds(now), never.Begins(now))
	}
}

func TestQuietHoursHoldNothingBackWhileTimeIsUntrusted(t *testing.T) {
	always := &Schedule{Days: everyDay, To: clock(t, "24:00")}
	until, ok := held([]*Schedule{always}, time.Time{})
	if always.Holds(time.Time{}) || !always.Begins(time.Time{}).IsZero() || ok || !until.IsZero() {
		t.Errorf("it holds until %v", until)
	}
}

func TestAScheduleChangesExactlyWhereItSaysThatItBeginsAndEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule(t)
		at := drawWall(t)
		holds := s.Holds(at)
		change := s.Begins(at)
		if holds {
			change = s.Ends(at)
		}
		between := 9 * 24 * time.Hour // nothing changes, ever
		if !change.IsZero() {
			between = change.Sub(at)
			if s.Holds(change) == holds {
				t.Fatalf("from %v it holds %v and at %v as well", at, holds, change)
			}
		}
		for range 20 {
			then := at.Add(time.Duration(rapid.Int64Range(0, int64(between)-1).Draw(t, "then")))
			if s.Holds(then) != holds {
				t.Fatalf("it changes at %v, before %v", then, change)
			}
		}
	})
}

func drawSchedule(t *rapid.T) *Schedule {
	s := &Schedule{From: drawTimeOfDay(t, "from"), To: drawTimeOfDay(t, "to")}
	for day := range s.Days {
		s.Days[day] = rapid.Bool().Draw(t, "day")
	}
	return s
}

func TestAScheduleHoldsByTheClockWhereClocksDoNotChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSchedule(t)
		at := time.Date(2026, 1, 1, 0, rapid.IntRange(0, 60*24*30).Draw(t, "minute"), 0, 0, time.UTC)
		if got, want := s.Holds(at), holdsByTheClock(s, at); got != want {
			t.Fatalf("%+v holds %v at %v, want %v", s, got, at, want)
		}
	})
}

// holdsByTheClock counts every minute from the midnight of each day that may
// reach there.
func holdsByTheClock(s *Schedule, at time.Time) bool {
	const day = 24 * time.Hour
	for back := range 3 {
		begun := at.Add(-time.Duration(back) * day)
		length := time.Duration(s.To - s.From)
		if length <= 0 {
			length += day
		}
		since := at.Sub(begun.Truncate(day)) - time.Duration(s.From)
		if s.Days[begun.Weekday()] && since >= 0 && since < length {
			return true
		}
	}
	return false
}

func TestSchedulesThatAdjoinHoldAsOne(t *testing.T) {
	dublin := zone(t, "Europe/Dublin")
	night := &Schedule{Days: everyDay, From: clock(t, "22:00"), To: clock(t, "07:00")}
	morning := &Schedule{Days: weekend, From: clock(t, "06:30"), To: clock(t, "10:00")}
	sunday := &Schedule{Days: sundays, To: clock(t, "24:00")}
	all := []*Schedule{night, morning, sunday}
	for at, want := range map[string]string{
		"2026-11-25 23:00:00Z": "2026-11-26 07:00:00Z",
		"2026-11-27 23:00:00Z": "2026-11-28 10:00:00Z",
		"2026-11-28 22:30:00Z": "2026-11-30 07:00:00Z",
	} {
		until, ok := held(all, wall(t, dublin, at))
		if !ok || !until.Equal(wall(t, dublin, want)) {
			t.Errorf("at %s they hold %v until %s, want %s", at, ok, until, want)
		}
	}
	if until, ok := held(all, wall(t, dublin, "2026-11-25 12:00:00Z")); ok {
		t.Errorf("at noon they hold until %s", until)
	}
	if _, ok := held(nil, wall(t, dublin, "2026-11-25 12:00:00Z")); ok {
		t.Error("no schedule holds")
	}
}

func TestSchedulesThatAlwaysHoldAreFollowedForAWeek(t *testing.T) {
	always := []*Schedule{{Days: everyDay, To: clock(t, "24:00")}}
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	until, ok := held(always, now)
	if ahead := until.Sub(now); !ok || ahead < heldMax || ahead > heldMax+24*time.Hour {
		t.Errorf("they hold %v until %v", ok, until)
	}
}
