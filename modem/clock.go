package modem

import (
	"strconv"
	"strings"
	"time"
)

const (
	clockEvery = 10 * time.Minute // between two looks at the modem's clock
	quarter    = 15 * time.Minute // the unit of time zones in 3GPP 27.007
	zoneMax    = 96               // quarters of an hour from UTC (clause 8.15)
)

// clockMin is before any time that a network has told this program. Clocks that
// nobody set begin in 1970, 1980, 2000 or 2004.
var clockMin = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

// NetworkClock is the time of day as the network told it, at the moment now;
// zero when it has told none.
func (st State) NetworkClock(now time.Time) time.Time {
	if st.NetworkTime.IsZero() {
		return time.Time{}
	}
	return st.NetworkTime.Add(now.Sub(st.NetworkTimeRead))
}

// lookAtClock reads the modem's clock, which the network sets.
func (s *session) lookAtClock() (condition, error) {
	if !s.clockRead.IsZero() && time.Since(s.clockRead) < clockEvery {
		return ready, nil
	}
	s.clockRead = time.Now()
	f, err := s.value("+CCLK?", "+CCLK", commandTimeout)
	if err != nil {
		return condition{}, err
	}
	if at, ok := parseClock(strings.Join(f, ",")); ok && !at.Before(clockMin) {
		s.m.update(func(st *State) { st.NetworkTime, st.NetworkTimeRead = at, time.Now() })
	}
	return ready, nil
}

// parseClock reads the time of +CCLK, "yy/MM/dd,hh:mm:ss±zz": local time, and
// how many quarters of an hour it is ahead of UTC (3GPP 27.007 clause 8.15).
// Without a zone it is not known what time it is. Years from 70 on are of the
// century before, in which many clocks begin.
func parseClock(text string) (time.Time, bool) {
	at := strings.LastIndexAny(text, "+-")
	if at < 0 {
		return time.Time{}, false
	}
	zone, err := strconv.Atoi(text[at:])
	if err != nil || zone < -zoneMax || zone > zoneMax {
		return time.Time{}, false
	}
	local, err := time.Parse("06/01/02,15:04:05", text[:at])
	if err != nil {
		return time.Time{}, false
	}
	return local.Add(-time.Duration(zone) * quarter), true
}
