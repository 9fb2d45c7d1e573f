package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/agent/notify"
)

// parseAt reads a time as people name one: a date and a time of day, or a time of
// day, of a day of the week or the next there is. It is in the zone of now, which
// is what nothing stands for, to the minute.
func parseAt(text string, now time.Time) (time.Time, error) {
	if strings.TrimSpace(text) == "" {
		return now.Truncate(time.Minute), nil
	}
	words := strings.Fields(text)
	if at, err := time.ParseInLocation(minutes, strings.Join(words, " "), now.Location()); err == nil {
		return at, nil
	}
	clock, err := notify.ParseTimeOfDay(words[len(words)-1])
	switch {
	case err != nil || len(words) > 2:
		return time.Time{}, notATime(text)
	case len(words) == 1:
		return clock.Next(now), nil
	}
	day, ok := weekday(words[0])
	if !ok {
		return time.Time{}, notATime(text)
	}
	return nextOn(day, clock, now), nil
}

func notATime(text string) error {
	return usageError{fmt.Errorf(`%q is no time; write "03:10", "Sun 03:10" or "2026-03-01 03:10"`, text)}
}

// weekday is the day of the week that is called so, by its first three letters or
// in full.
func weekday(word string) (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if name := day.String(); strings.EqualFold(word, name) || strings.EqualFold(word, name[:3]) {
			return day, true
		}
	}
	return 0, false
}

// nextOn is the next time after now at which clocks show the time of day on that
// day of the week.
func nextOn(day time.Weekday, clock notify.TimeOfDay, now time.Time) time.Time {
	at := clock.Next(now)
	for at.Weekday() != day {
		at = clock.Next(at)
	}
	return at
}
