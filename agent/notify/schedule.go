package notify

import "time"

// heldMax is how far ahead held looks.
const heldMax = 7 * 24 * time.Hour

// Holds reports whether wall, in the zone of the schedule, is within it. Nothing
// holds at the zero time, while nobody knows the time of day.
//
// A day's From and To are the first instants at which clocks show them; where
// clocks leap over one, it is the moment of the leap.
func (s *Schedule) Holds(wall time.Time) bool {
	_, ok := s.reaches(wall)
	return ok
}

// Ends is, while the schedule holds, the first instant after which it does not.
// It is the zero time when the schedule never ends, or does not hold.
func (s *Schedule) Ends(wall time.Time) time.Time {
	until, ok := s.reaches(wall)
	if !ok {
		return time.Time{}
	}
	// No day lasts into the day after the next, so what adjoins for so long has
	// every day of the week.
	for range 9 {
		further, ok := s.reaches(until)
		if !ok {
			return until
		}
		until = further
	}
	return time.Time{}
}

// Begins is the first instant, wall or later, at which the schedule holds. It is
// the zero time when the schedule never does.
func (s *Schedule) Begins(wall time.Time) time.Time {
	if wall.IsZero() || s.Holds(wall) {
		return wall
	}
	for offset := -2; offset <= 8; offset++ {
		if from, to := s.on(dayOf(wall).AddDate(0, 0, offset), wall.Location()); from.After(wall) && from.Before(to) {
			return from
		}
	}
	return time.Time{}
}

// reaches is when that of the schedule ends that holds at wall and began on one
// day; the next day's may adjoin.
func (s *Schedule) reaches(wall time.Time) (until time.Time, ok bool) {
	if wall.IsZero() {
		return time.Time{}, false
	}
	// From 24:00 until 24:00 on the day after ends two days after its day. Clocks
	// that are set back just after midnight show the day before once more.
	for offset := -2; offset <= 1; offset++ {
		from, to := s.on(dayOf(wall).AddDate(0, 0, offset), wall.Location())
		if !from.After(wall) && to.After(wall) {
			until, ok = to, true
		}
	}
	return until, ok
}

// on is from when until when the schedule holds that begins on a day: never, and
// both are the same, when the day is none of its own.
func (s *Schedule) on(day time.Time, zone *time.Location) (from, to time.Time) {
	from = s.From.on(day, zone)
	if !s.Days[day.Weekday()] {
		return from, from
	}
	if s.To <= s.From {
		day = day.AddDate(0, 0, 1)
	}
	return from, s.To.on(day, zone)
}

// held reports whether any of the schedules holds, and until when one or another
// of them does without a gap. It follows them for heldMax or a little more: who
// waits until then and asks again misses nothing.
func held(by []*Schedule, wall time.Time) (until time.Time, ok bool) {
	if wall.IsZero() {
		return time.Time{}, false
	}
	until = wall
	for until.Sub(wall) < heldMax {
		further := until
		for _, s := range by {
			if end, ok := s.reaches(until); ok && end.After(further) {
				further = end
			}
		}
		if further.Equal(until) {
			break
		}
		until = further
	}
	return until, until.After(wall)
}
