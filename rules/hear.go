package rules

import (
	"maps"
	"slices"
	"time"
)

// clockSkew is how far ahead of the gateway's a publisher's clock may be. One
// that is further ahead is wrong, and what it says of a reading counts for
// nothing; so is one that makes a reading older than silenceMax.
const clockSkew = time.Minute

// A hearing is one message as a series takes it in.
type hearing struct {
	said     []Value // by field
	kept     uint64  // by bit, the fields that it does not name
	stamp    Stamp
	at       time.Duration // the moment it speaks of, in its own words or when it arrived
	timed    bool          // in its own words
	retained bool
	late     bool // it is older than the reading before it, of a sensor where age matters
	tooOld   bool // it is older than max_age
	repeated bool // it is the message before it once more, by its own word
	again    bool // or by the broker's
}

// hear takes the current payload as a message to one sensor.
func (e *Engine) hear(sensor int, labels []string) {
	e.matched = true
	s := &e.sensors[sensor]
	switch {
	case e.reading.Retained && !s.Retained:
		return // it says what was, and such a sensor only says what happens
	case len(labels) < s.Pattern.labelCount():
		e.hearNode(s, labels)
		return
	}
	e.key = appendKey(e.key[:0], labels)
	one := s.series[string(e.key)]
	if one != nil {
		copy(s.said, one.values) // what a partial message does not name
	} else {
		setUnknown(s.said, Missing)
	}
	stamp, isReading := s.decoder.Decode(e.reading.Topic, e.reading.Payload, s.said)
	e.keepBirths(s)
	if !isReading {
		return
	}
	if one == nil {
		if one = e.series(s, labels); one == nil {
			e.stats.Refused++
			return
		}
	}
	h := hearing{said: s.said, kept: s.decoder.kept, stamp: stamp, at: e.now, retained: e.reading.Retained}
	e.place(s, one, &h)
	e.take(s, one, &h)
}

// place finds the moment the message speaks of, and whether it comes late. While
// nobody knows what time it is, that is when it arrived.
func (e *Engine) place(s *sensorState, one *series, h *hearing) {
	if h.stamp.Time.IsZero() || e.reading.Wall.IsZero() {
		return
	}
	age := e.reading.Wall.Sub(h.stamp.Time)
	if age < -clockSkew || age > silenceMax {
		s.ahead = s.ahead || age < 0
		return
	}
	h.timed, h.at = true, e.now-max(age, 0)
	if s.MaxAge == 0 {
		return // any age will do: a publisher whose clock was set back must not go unheard
	}
	h.late = one.newest > h.stamp.Time.UnixNano()
	h.tooOld = age > s.MaxAge
}

// take takes in what a message says of a series.
func (e *Engine) take(s *sensorState, one *series, h *hearing) {
	e.count(h)
	if h.retained {
		e.takeRetained(one, h)
		return
	}
	if !h.stamp.Gone {
		one.heard, one.spoke, one.excused = e.now, true, 0
	}
	one.unsaved = true
	if one.trace(&e.reading, h, s.each); s.Event && h.repeated {
		return // it happened once
	}
	e.believe(one, h)
}

// takeRetained takes in a message that says how things stand, but not since
// when: it is no sign of life. What is known already is no news, and when it is
// too old it does not tell that things are so still.
func (e *Engine) takeRetained(one *series, h *hearing) {
	switch same := one.spoke && sameValues(h.said, one.values); {
	case same && !h.tooOld:
		e.confirm(one)
	case same:
	case !h.late:
		one.unsaved, one.spoke = true, true
		e.believe(one, h)
	}
}

// believe lets the series say what the message says. What comes late is
// remembered in its place, but it is not how things stand.
func (e *Engine) believe(one *series, h *hearing) {
	if !h.late && !h.tooOld {
		h.at = max(h.at, one.moment) // also when a clock was set
		one.judge(h)
	}
	one.remember(h)
	news := false
	switch {
	case h.tooOld:
		one.lacks(h)
		e.foresee(one)
		return
	case !h.late:
		news = one.turns(h)
		one.say(h)
	}
	e.heard(one)
	if news {
		e.put(one.recordKey(), one.save())
	}
}

// count counts what the message says in the statistics.
func (e *Engine) count(h *hearing) {
	for i := range h.said {
		e.stats.Unknown[h.said[i].Why]++
	}
	if h.late || h.tooOld {
		e.stats.Late++
	}
}

// hearNode takes the current payload as a message of the edge node that all
// series are behind which begin with those labels. They die with it.
func (e *Engine) hearNode(s *sensorState, labels []string) {
	said, _ := s.decoder.Decode(e.reading.Topic, e.reading.Payload, nil)
	e.keepBirths(s)
	if !said.Gone {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(s.series)) { // the same order at each run
		if one := s.series[key]; slices.Equal(one.labels[:len(labels)], labels) {
			setUnknown(one.values, Unavailable)
			e.stats.Unknown[Unavailable] += uint64(len(one.values))
			one.unsaved = true
			e.heard(one)
		}
	}
}

// keepBirths writes down what the decoder must know again after a restart. An
// edge node says it once, and may then not say it again for months.
func (e *Engine) keepBirths(s *sensorState) {
	for _, r := range s.decoder.Unsaved() {
		e.put(BirthPrefix+s.Name+"/"+r.Key, r.Value)
	}
}

// heard evaluates what reads a series that has new values.
func (e *Engine) heard(s *series) {
	for _, in := range s.readers {
		e.look(in)
	}
}

// confirm evaluates what has waited since a reboot for a reading of the series:
// a retained message tells that it still is as it was.
func (e *Engine) confirm(s *series) {
	for _, in := range s.readers {
		if in.awaits() {
			e.look(in)
		}
	}
}

// look evaluates an instance because of the current message.
func (e *Engine) look(in *instance) {
	in.frame.retained = e.reading.Retained
	in.hear(e.now)
	e.step(in, e.now)
	in.frame.retained = false
}

// foresee looks at no condition, only at when time will change what the windows
// of the series tell.
func (e *Engine) foresee(s *series) {
	for _, in := range s.readers {
		if in.heard {
			in.frame.Now = e.now
			in.review = in.turn()
			e.timers.set(in, in.timer())
		}
	}
}

// ClocksAhead names the sensors that sent a reading stamped more than 60 s in
// the future, which then counts as made when it arrived: their clock is wrong,
// or the gateway's.
func (e *Engine) ClocksAhead() []string {
	var names []string
	for i := range e.sensors {
		if e.sensors[i].ahead {
			names = append(names, e.sensors[i].Name)
		}
	}
	return names
}
