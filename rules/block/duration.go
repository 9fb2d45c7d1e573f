package block

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const durationRemedy = `Write a number and a unit, such as "90s", "10m" or "4h"`

// day is 24 hours; the language's durations know no time zones.
const day = 24 * time.Hour

// units by suffix, largest first.
var units = []struct {
	suffix string
	length time.Duration
}{
	{"d", day}, {"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond},
}

// ParseDuration reads a duration as the language writes it: numbers with the
// units d, h, m, s or ms, largest unit first, as in "90s", "1.5h" or "1h30m". The
// error reads as the detail of a diagnostic, without its full stop.
func ParseDuration(s string) (time.Duration, error) {
	if s == "" {
		return 0, errors.New("the duration is empty. " + durationRemedy)
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil && s[0] != '-' {
		return 0, fmt.Errorf("%q has no unit. %s", s, durationRemedy)
	}
	var total float64 // nanoseconds
	rest, next := s, 0
	for rest != "" {
		length, after, unit, ok := term(rest, next)
		if !ok {
			return 0, fmt.Errorf("%q is not a duration. %s", s, durationRemedy)
		}
		total += length
		rest, next = after, unit+1
	}
	if total >= math.MaxInt64 {
		return 0, fmt.Errorf("%q is longer than 292 years. %s", s, durationRemedy)
	}
	return time.Duration(math.Round(total)), nil
}

// term reads one number with its unit, which is at or after units[from].
func term(s string, from int) (length float64, rest string, unit int, ok bool) {
	end := strings.IndexFunc(s, func(c rune) bool { return (c < '0' || c > '9') && c != '.' })
	if end <= 0 {
		return 0, "", 0, false
	}
	n, err := strconv.ParseFloat(s[:end], 64)
	if err != nil {
		return 0, "", 0, false
	}
	suffix, rest := cutUnit(s[end:])
	for i := from; i < len(units); i++ {
		if units[i].suffix == suffix {
			return n * float64(units[i].length), rest, i, true
		}
	}
	return 0, "", 0, false
}

func cutUnit(s string) (unit, rest string) {
	end := strings.IndexAny(s, "0123456789.")
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}

// FormatDuration writes d, which is not negative, as the language writes it:
// "1h30m", "7d", "0s".
func FormatDuration(d time.Duration) string {
	var b strings.Builder
	for _, u := range units {
		if n := d / u.length; n > 0 {
			fmt.Fprintf(&b, "%d%s", n, u.suffix)
			d -= n * u.length
		}
	}
	if b.Len() == 0 {
		return "0s"
	}
	return b.String()
}
