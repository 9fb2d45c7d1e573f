package rules

import "time"

// A series is one sensor as heard with one combination of label values.
type series struct {
	sensor  *Sensor
	key     string // the label values, in the pattern's order
	labels  []string
	values  []Value
	recent  []lastKnown   // by field; nil when no message says a value of the sensor
	steady  []steady      // by field, of a sensor of which one may be stuck
	windows []kept        // by Sensor.needs; none when there was no memory for them
	heard   time.Duration // when a reading last arrived
	spoke   bool          // one ever did
	excused time.Duration // how much later than heard its silence began
	reach   *reach        // the sensor's
	moment  time.Duration // that the values speak of; longAgo before the first
	newest  int64         // the latest time that a reading gave itself, in nanoseconds since 1970; 0 for none
	last    trace
	lasting uint64      // by bit, the fields of which no news may be lost
	readers []*instance // of the alerts that read it
	unsaved bool        // heard since it was last written
}

// A trace is what tells a message from the one before it.
type trace struct {
	Time     int64  `json:",omitempty"` // its own, in nanoseconds since 1970; 0 for none
	Sequence uint64 `json:",omitempty"` // as in Stamp
	Payload  uint64 `json:",omitempty"` // hash of it; 0 where nobody asks
	Kept     uint64 `json:",omitempty"` // by bit, the fields it did not name
}

// steady is since when a number has been the same.
type steady struct {
	Num   float64
	Since time.Duration
	Known bool
}

// longAgo is before every reading.
const longAgo = -timelineMax

func newSeries(s *Sensor, key string, now time.Duration) *series {
	out := &series{
		sensor: s, key: key, labels: splitKey(key), values: make([]Value, len(s.Fields)), recent: s.recollecting(),
		heard: now, moment: longAgo, reach: &inReach,
	}
	setUnknown(out.values, Missing)
	if s.getsStuck() {
		out.steady = make([]steady, len(s.Fields))
	}
	return out
}

// getsStuck tells whether a field of the sensor has a stuck_after.
func (s *Sensor) getsStuck() bool {
	for i := range s.Fields {
		if s.Fields[i].StuckAfter > 0 {
			return true
		}
	}
	return false
}

// trace notes what tells the message from the next, and whether it is the one
// before it once more: by the number or else the time that the publisher gave
// it; or because the broker may have delivered it before and the payload is the
// same, which is looked at only if hashed.
func (s *series) trace(r *Reading, h *hearing, hashed bool) {
	next := trace{Sequence: h.stamp.Sequence, Kept: h.kept}
	if !h.stamp.Time.IsZero() {
		next.Time = h.stamp.Time.UnixNano()
	}
	if hashed {
		next.Payload = fnvOf(r.Payload)
	}
	h.repeated = next.repeats(s.last)
	h.again = h.repeated || r.Duplicate && hashed && next.Payload == s.last.Payload
	s.last = next
}

// repeats tells whether the publisher gave both messages the same number or,
// where it does not number them, the same time. Parts of one reading, each in a
// message of its own, may share them.
func (t trace) repeats(last trace) bool {
	switch {
	case t.Kept != last.Kept:
		return false
	case t.Sequence != 0 && last.Sequence != 0:
		return t.Sequence == last.Sequence
	}
	return t.Time != 0 && t.Time == last.Time
}

// judge makes a number unknown that has been the same for too long. Late and
// retained messages do not come here, or say something else.
func (s *series) judge(h *hearing) {
	for i := range s.steady {
		limit, v := s.sensor.Fields[i].StuckAfter, &h.said[i]
		if limit == 0 || v.Why != Known || h.kept&(1<<i) != 0 {
			continue
		}
		since := &s.steady[i]
		if !since.Known || since.Num != v.Num {
			*since = steady{v.Num, h.at, true}
		}
		if h.at-since.Since >= limit {
			*v = Value{Why: Stuck}
		}
	}
}

// say makes the message the one that tells how things stand.
func (s *series) say(h *hearing) {
	copy(s.values, h.said)
	s.moment = h.at
	s.note()
	if h.timed {
		s.newest = h.stamp.Time.UnixNano()
	}
}

// lacks marks what is known only from messages that are too old.
func (s *series) lacks(h *hearing) {
	for i := range s.values {
		if s.values[i].Why == Missing && h.said[i].Why == Known {
			s.values[i].Why = TooOld
		}
	}
}

// sameValues tells whether two messages say the same. Why a value is unknown is
// no news.
func sameValues(a, b []Value) bool {
	for i := range a {
		if (a[i].Why == Known) != (b[i].Why == Known) || a[i].Why == Known && a[i] != b[i] {
			return false
		}
	}
	return true
}

// over tells whether what happened counts no more.
func (s *series) over(now time.Duration) bool { return now-s.moment >= s.sensor.Hold }

// steadily is since when which number has been the same, by field.
func (s *series) steadily() map[string]steady {
	var out map[string]steady
	for i, since := range s.steady {
		if !since.Known {
			continue
		}
		if out == nil {
			out = map[string]steady{}
		}
		out[s.sensor.Fields[i].Name] = since
	}
	return out
}

// resumeSteady takes up what steadily told in an earlier run.
func (s *series) resumeSteady(known map[string]steady, restart Restart) {
	for i := range s.steady {
		since, ok := known[s.sensor.Fields[i].Name]
		if ok {
			since.Since -= restart.shift()
			s.steady[i] = since
		}
	}
}
