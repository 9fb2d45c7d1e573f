package notify

import (
	"fmt"
	"time"
)

// ParseTimeOfDay reads hours and minutes as a clock shows them: 08:00, 8:00, and
// 24:00 for the midnight at the end of a day.
func ParseTimeOfDay(text string) (TimeOfDay, error) {
	hour, minute, ok := clockDigits(text)
	t := TimeOfDay(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
	if !ok || minute > 59 || t > TimeOfDay(24*time.Hour) {
		return 0, fmt.Errorf("%q is not a time of day, such as 08:00, from 00:00 to 24:00", text)
	}
	return t, nil
}

// clockDigits reads one or two digits, a colon and two digits.
func clockDigits(text string) (hour, minute int, ok bool) {
	if len(text) == len("8:00") {
		text = "0" + text
	}
	if len(text) != len("08:00") || text[2] != ':' {
		return 0, 0, false
	}
	for _, i := range []int{0, 1, 3, 4} {
		if text[i] < '0' || text[i] > '9' {
			return 0, 0, false
		}
	}
	return int(text[0]-'0')*10 + int(text[1]-'0'), int(text[3]-'0')*10 + int(text[4]-'0'), true
}

// String is hours and minutes: 08:00.
func (t TimeOfDay) String() string {
	minutes := time.Duration(t) / time.Minute
	return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60)
}

// Next is the next moment after after, never after itself, at which clocks in its
// zone show t. There is one on every day: of a time that clocks show twice it is
// the first, and for one that they leap over it is the moment of the leap.
func (t TimeOfDay) Next(after time.Time) time.Time {
	day := dayOf(after).AddDate(0, 0, -1)
	for {
		if next := t.on(day, after.Location()); next.After(after) {
			return next
		}
		day = day.AddDate(0, 0, 1)
	}
}

// dayOf is the day on the calendar where t is, as midnight UTC, with which days
// can be counted without clocks that change.
func dayOf(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// on is the first instant at which clocks in the zone show t on the day or later.
// [time.Date] does not promise which instant it returns for a time that exists
// twice or not at all, so the periods of constant offset are gone through.
func (t TimeOfDay) on(day time.Time, zone *time.Location) time.Time {
	shown := day.Add(time.Duration(t))          // as if it were UTC
	from := shown.Add(-24 * time.Hour).In(zone) // no offset is that large
	for {
		_, offset := from.Zone()
		at := shown.Add(-time.Duration(offset) * time.Second).In(zone)
		if at.Before(from) {
			at = from
		}
		_, end := from.ZoneBounds()
		if end.IsZero() || at.Before(end) {
			return at
		}
		from = end
	}
}
