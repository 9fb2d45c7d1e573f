package rules

import (
	"math"
	"time"
)

// Where the epochs begin: up to the first a number counts seconds since
// 1970-01-01T00:00:00Z, up to the next milliseconds, then microseconds, then
// nanoseconds. As seconds the first is the year 5138; as milliseconds, 1973.
const (
	epochSecondsEnd = 1e11
	epochMillisEnd  = 1e14
	epochMicrosEnd  = 1e17
	epochNanosEnd   = 9.2e18 // what 64 bits hold, in the year 2261
)

// instantMaxBytes bounds the text of a time.
const instantMaxBytes = 64

// parseInstant reads a time in any of the spellings publishers use, with blanks
// around it: 2024-01-02T03:04:05.678+02:00 (RFC 3339), with a blank for the T,
// with the zone as +0200 or +02, without seconds, or without a zone, which then
// is the given one; or a number of seconds, milliseconds, microseconds or
// nanoseconds since 1970, told apart by its size. zone may be nil; then a time
// that says none could mean a dozen hours and is no time.
func parseInstant(text string, zone *time.Location) (time.Time, Reason) {
	text = trimBlanks(text)
	n, why := parseNumber(text)
	switch {
	case why == Known:
		return epochInstant(n)
	case why != NotANumber || len(text) > instantMaxBytes:
		return time.Time{}, why
	}
	c := clockReader{text: text, ok: true}
	t := c.instant(zone)
	if !c.ok {
		return time.Time{}, NotANumber
	}
	return t, Known
}

// epochInstant is the time that a number stands for.
func epochInstant(n float64) (time.Time, Reason) {
	unit := epochUnit(n)
	if unit == 0 {
		return time.Time{}, OutOfRange
	}
	seconds := math.Floor(n / unit)
	rest := (n - seconds*unit) / unit * 1e9
	return time.Unix(int64(seconds), int64(math.Round(rest))).UTC(), Known
}

// epochSeconds is the time that a number stands for as the language counts it,
// in seconds since 1970.
func epochSeconds(n float64) (float64, Reason) {
	unit := epochUnit(n)
	if unit == 0 {
		return 0, OutOfRange
	}
	return n / unit, Known
}

// epochUnit is how many of what a number counts are a second, 0 if the number is
// too large to be a time.
func epochUnit(n float64) float64 {
	switch size := math.Abs(n); {
	case size < epochSecondsEnd:
		return 1
	case size < epochMillisEnd:
		return 1e3
	case size < epochMicrosEnd:
		return 1e6
	case size < epochNanosEnd:
		return 1e9
	}
	return 0
}

// secondsOf is t as the language counts time.
func secondsOf(t time.Time) float64 {
	return float64(t.Unix()) + float64(t.Nanosecond())/1e9
}

// clockReader reads a time from the left. After the first mistake ok is false
// and everything it reads is 0.
type clockReader struct {
	text string
	ok   bool
}

func (c *clockReader) instant(zone *time.Location) time.Time {
	year, month, day := c.number(4), 0, 0
	c.need('-')
	month = c.number(2)
	c.need('-')
	day = c.number(2)
	if !c.take('T') && !c.take('t') {
		c.need(' ')
	}
	hour := c.number(2)
	c.need(':')
	minute := c.number(2)
	second, fraction := c.seconds()
	if zone = c.zone(zone); zone == nil || hour > 23 || minute > 59 || second > 60 {
		c.ok = false
		return time.Time{}
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, fraction, zone)
	// Another day than was written tells 30 February; midnight may have moved it
	// by a second only when the clock said 60.
	c.ok = c.ok && c.text == "" && month >= 1 && month <= 12 && day >= 1 && (t.Day() == day || second == 60)
	return t
}

// seconds reads :05 or :05.678, which may be missing.
func (c *clockReader) seconds() (second, nanoseconds int) {
	if !c.take(':') {
		return 0, 0
	}
	second = c.number(2)
	if !c.take('.') && !c.take(',') {
		return second, 0
	}
	digits := skipDigits(c.text, 0)
	c.ok = c.ok && digits > 0
	for i, scale := 0, 100_000_000; i < digits; i, scale = i+1, scale/10 {
		nanoseconds += int(c.text[i]-'0') * scale
	}
	c.text = c.text[digits:]
	return second, nanoseconds
}

// zone reads Z, +02:00, +0200 or +02, or nothing, which means otherwise.
func (c *clockReader) zone(otherwise *time.Location) *time.Location {
	c.take(' ')
	switch {
	case c.text == "":
		return otherwise
	case c.take('Z') || c.take('z'):
		return time.UTC
	}
	sign := 1
	if c.take('-') {
		sign = -1
	} else {
		c.need('+')
	}
	hours, minutes := c.number(2), 0
	if c.take(':') || c.text != "" {
		minutes = c.number(2)
	}
	c.ok = c.ok && hours <= 23 && minutes <= 59
	if hours == 0 && minutes == 0 {
		return time.UTC
	}
	return time.FixedZone("", sign*(hours*60+minutes)*60)
}

// number reads exactly that many digits.
func (c *clockReader) number(digits int) (n int) {
	if skipDigits(c.text, 0) < digits {
		c.ok = false
		return 0
	}
	for _, digit := range []byte(c.text[:digits]) {
		n = 10*n + int(digit-'0')
	}
	c.text = c.text[digits:]
	return n
}

func (c *clockReader) take(b byte) bool {
	if c.text == "" || c.text[0] != b {
		return false
	}
	c.text = c.text[1:]
	return true
}

func (c *clockReader) need(b byte) { c.ok = c.take(b) && c.ok }
