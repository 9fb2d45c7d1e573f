package notify

import "time"

const (
	// flapTimes incidents of one instance that begin within flapWithin are one that
	// comes and goes. Each of them is no news any more.
	flapTimes  = 4
	flapWithin = 30 * time.Minute
	// flapQuiet is how long it must stay as it is until it no longer does.
	flapQuiet = 30 * time.Minute
	// flapSummary is how long it is at least from one summary to the next, and
	// flapReminder how long at most while something critical fires.
	flapSummary  = 30 * time.Minute
	flapReminder = time.Hour
)

// Flapping is that an instance comes and goes.
type flapping struct {
	Since time.Duration // when the first of its incidents began
	Count int           // of them
}

// noteFlap takes in that an incident begins, the latest of Starts.
func (s *story) noteFlap(now time.Duration) {
	switch first := s.Starts[0]; {
	case s.Flapping != nil:
		s.Flapping.Count++
	case len(s.Starts) == flapTimes && now-first <= flapWithin:
		s.Flapping = &flapping{Since: first, Count: flapTimes}
	}
}

// moved is when it last began or ended to fire.
func (s *story) moved() time.Duration {
	if s.Closed {
		return s.Ended
	}
	return s.Incident.Since
}

// calm is when it will have stayed as it is for long enough.
func (s *story) calm() time.Duration { return s.moved() + flapQuiet }

// settleFlap ends that it comes and goes, once that is over. Who knows of it is
// told once more that it fires, if it still does; else, before that, how it ended.
func (s *story) settleFlap(now time.Duration) {
	if s.Flapping == nil || now < s.calm() {
		return
	}
	if s.Closed && !s.toldToAll() {
		return
	}
	s.Flapping, s.Starts = nil, nil
	for _, r := range s.Readers {
		r.Flaps, r.Incident = 0, 0
	}
}

// considerFlapping is what somebody is to hear of an instance that comes and goes.
func (s *story) considerFlapping(l listener, now time.Duration) (kind, time.Duration) {
	t := s.told(l.Phone)
	calm := s.Closed && now >= s.calm()
	switch {
	case calm && (t.knows() || t.Owed > 0):
		return flapsOver, s.calm()
	case s.Closed && t.knows() && t.Flaps > 0 && t.Flaps == s.Flapping.Count:
		return flapsOver, s.calm()
	case !l.named || calm:
		return nothing, never
	case t.knows() && s.Incident.Severity.Above(t.Severity):
		return rise, s.Incident.Since
	case t.Flaps == 0 && (t.knows() || l.due(s) <= now):
		return flaps, max(l.due(s), s.Starts[len(s.Starts)-1])
	case t.Flaps == 0:
		return flaps, l.due(s)
	case t.Flaps < s.Flapping.Count:
		return flapsStill, t.At + flapSummary
	case s.critical() && !s.Closed:
		return flapsStill, t.At + flapReminder
	}
	return nothing, never
}
