package backtest

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// Numbers below these count seconds, milliseconds and microseconds since 1970;
// larger ones nanoseconds. As seconds 1e11 is in the year 5138, as milliseconds
// in 1973.
const (
	secondsEnd = 1e11
	millisEnd  = 1e14
	microsEnd  = 1e17
)

// stamps reads times as files spell them.
type stamps struct {
	zone *time.Location // of times without one

	// Rows come hour by hour, so that the calendar is asked once an hour.
	hour  [4]int // year, month, day, hour
	nanos int64  // of its beginning
	valid bool   // it is an hour like any other

	last int64 // time that was read
}

func newStamps(zone *time.Location) *stamps { return &stamps{zone: zone} }

// parse reads a time as nanoseconds since 1970: RFC 3339; a date and a time with
// any one character between their numbers, such as 2013-12-02 21:15:00, with or
// without seconds and a zone; a date alone; a number since 1970.
func (s *stamps) parse(text []byte) (int64, error) {
	if !looksLikeDate(text) {
		return sinceEpoch(text)
	}
	c := civil{text: text}
	if !c.read() {
		return 0, noTime(text)
	}
	if c.zoned {
		return c.utc(), nil
	}
	at := s.local(c)
	if at < s.last {
		at = s.secondPass(at)
	}
	s.last = at
	return at, nil
}

// secondPass takes a time that goes back for the later one of two that clocks
// show alike, in autumn, if there are two.
func (s *stamps) secondPass(at int64) int64 {
	first := time.Unix(0, at).In(s.zone)
	if second := first.Add(time.Hour); showAlike(first, second) {
		return second.UnixNano()
	}
	return at
}

// firstOfTwo is the earlier of two times that clocks show alike, if there are
// two: package time takes either.
func firstOfTwo(t time.Time) time.Time {
	if earlier := t.Add(-time.Hour); showAlike(earlier, t) {
		return earlier
	}
	return t
}

func showAlike(a, b time.Time) bool { return a.Hour() == b.Hour() && a.Minute() == b.Minute() }

func noTime(text []byte) error {
	if len(text) == 0 {
		return fmt.Errorf("it has no time")
	}
	return fmt.Errorf("%.40q is no time; what can be read is 2013-12-02 21:15:00, RFC 3339, and seconds or milliseconds since 1970", text)
}

// looksLikeDate tells a year with something behind it from a number.
func looksLikeDate(text []byte) bool {
	if len(text) < len("2013-12-02") || isDigit(text[4]) || text[4] == 'e' {
		return false
	}
	for _, c := range text[:4] {
		if !isDigit(c) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// sinceEpoch reads a number of seconds, milliseconds, microseconds or
// nanoseconds.
func sinceEpoch(text []byte) (int64, error) {
	if n, ok := wholeNumber(text); ok {
		switch {
		case n < secondsEnd:
			return n * 1e9, nil
		case n < millisEnd:
			return n * 1e6, nil
		case n < microsEnd:
			return n * 1e3, nil
		}
		return n, nil
	}
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil || math.IsNaN(f) || f < 0 || f >= math.MaxInt64 {
		return 0, noTime(text)
	}
	switch {
	case f < secondsEnd:
		return int64(math.Round(f * 1e9)), nil
	case f < millisEnd:
		return int64(math.Round(f * 1e6)), nil
	case f < microsEnd:
		return int64(math.Round(f * 1e3)), nil
	}
	return int64(f), nil
}

// wholeNumber reads up to 18 digits.
func wholeNumber(text []byte) (n int64, ok bool) {
	if len(text) == 0 || len(text) > 18 {
		return 0, false
	}
	for _, c := range text {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// local is a civil time in the zone of the file.
func (s *stamps) local(c civil) int64 {
	hour := [4]int{c.year, c.month, c.day, c.hour}
	within := int64(c.minute)*60e9 + int64(c.second)*1e9 + c.fraction
	if s.valid && hour == s.hour {
		return s.nanos + within
	}
	begins := firstOfTwo(time.Date(c.year, time.Month(c.month), c.day, c.hour, 0, 0, 0, s.zone))
	s.hour, s.nanos = hour, begins.UnixNano()
	_, offset := begins.Zone()
	_, after := begins.Add(time.Hour - 1).Zone()
	// Where clocks change within the hour, minutes are not all equal.
	if s.valid = offset == after; s.valid {
		return s.nanos + within
	}
	return time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, int(c.fraction), s.zone).UnixNano()
}

// A civil time is what a calendar and a clock show.
type civil struct {
	text                                   []byte
	year, month, day, hour, minute, second int
	fraction                               int64 // nanoseconds
	zoned                                  bool
	offset                                 int // of the zone, in seconds
}

// utc is a time with a zone.
func (c *civil) utc() int64 {
	return time.Date(c.year, time.Month(c.month), c.day, c.hour, c.minute, c.second, int(c.fraction), time.UTC).UnixNano() - int64(c.offset)*1e9
}

// read takes the text apart. Years are those of nanoseconds in an int64.
func (c *civil) read() bool {
	year := c.number(4)
	c.skip()
	c.year, c.month = year, c.number(2)
	c.skip()
	c.day = c.number(2)
	if year < 1970 || year > 2261 || c.month < 1 || c.month > 12 || c.day < 1 || c.day > 31 {
		return false
	}
	if len(c.text) == 0 {
		return true
	}
	c.skip()
	c.hour = c.number(2)
	c.skip()
	c.minute = c.number(2)
	if len(c.text) > 1 && !isDigit(c.text[0]) && isDigit(c.text[1]) && c.text[0] != '+' && c.text[0] != '-' {
		c.skip()
		c.second = c.number(2)
		c.readFraction()
	}
	ok := c.hour >= 0 && c.hour < 24 && c.minute >= 0 && c.minute < 60 && c.second >= 0 && c.second <= 60
	return ok && c.readZone()
}

// number reads n digits, -1 when they are not there.
func (c *civil) number(n int) int {
	if len(c.text) < n {
		return -1
	}
	v := 0
	for _, d := range c.text[:n] {
		if !isDigit(d) {
			return -1
		}
		v = v*10 + int(d-'0')
	}
	c.text = c.text[n:]
	return v
}

// skip passes the one character between two numbers.
func (c *civil) skip() {
	if len(c.text) > 0 && !isDigit(c.text[0]) {
		c.text = c.text[1:]
	}
}

func (c *civil) readFraction() {
	if len(c.text) < 2 || c.text[0] != '.' && c.text[0] != ',' {
		return
	}
	i := 1
	for unit := int64(1e8); i < len(c.text) && isDigit(c.text[i]); i++ {
		c.fraction += int64(c.text[i]-'0') * unit
		unit /= 10
	}
	c.text = c.text[i:]
}

// readZone reads what is left: nothing, Z, UTC, +01:00, +0100 or +01, or
// Z+0100, by which mosquitto_sub means the latter.
func (c *civil) readZone() bool {
	if len(c.text) > 0 && c.text[0] == ' ' {
		c.text = c.text[1:]
	}
	switch string(c.text) {
	case "":
		return true
	case "Z", "z", "UTC", "GMT":
		c.zoned = true
		return true
	}
	if c.text[0] == 'Z' {
		c.text = c.text[1:]
	}
	sign := 1
	switch c.text[0] {
	case '+':
	case '-':
		sign = -1
	default:
		return false
	}
	c.text = c.text[1:]
	hours, minutes := c.number(2), 0
	if len(c.text) > 0 {
		c.skip()
		minutes = c.number(2)
	}
	c.zoned, c.offset = true, sign*(hours*3600+minutes*60)
	return len(c.text) == 0 && hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60
}
