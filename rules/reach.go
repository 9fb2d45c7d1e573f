package rules

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// BrokerUnreachable is the alert of Tocsin's own that stands for all sensors of a
// broker that is out of reach. Its only label is the broker's name.
const BrokerUnreachable = "broker_unreachable"

const (
	// outageMin is how long a broker is at least out of reach before people are
	// told, and before its sensors get all of their offline_after again. What is
	// published in a shorter outage waits at the broker, which keeps our session.
	outageMin = 5 * time.Minute
	// rejoinGrace is how long a sensor has at least to be heard once its broker
	// is in reach again.
	rejoinGrace = time.Minute
)

// A link is the way to one broker.
type link struct {
	name  string
	lost  bool
	since time.Duration // when it was lost, or the gateway started without it
	until time.Duration // until when its messages were heard; before a reboot it is earlier
}

// A linkRecord is a link that is lost.
type linkRecord struct {
	Version      int
	Since, Until time.Duration
}

// A reach is how far a sensor can be heard: it is out of reach when all brokers
// are that it is read from.
type reach struct {
	lost         bool
	since, until time.Duration // as of the link that was lost last
}

// inReach is the reach of a series that no engine knows of.
var inReach reach

// silence is when the series began to be silent, as far as it is to blame for it.
func (s *series) silence() time.Duration { return s.heard + s.excused }

// offline tells whether the series has been silent for its sensor's
// offline_after. While it cannot be heard nobody becomes offline.
func (s *series) offline(now time.Duration) bool {
	if s.reach.lost {
		now = min(now, s.reach.until)
	}
	return now-s.silence() >= s.sensor.OfflineAfter
}

// offlineDue is when the series will be offline unless it is heard; never while
// it cannot be.
func (s *series) offlineDue() time.Duration {
	if s.reach.lost {
		return never
	}
	return s.silence() + s.sensor.OfflineAfter
}

// Silent counts the sources that are offline.
func (e *Engine) Silent(at time.Duration) (n int) {
	for i := range e.sensors {
		for _, s := range e.sensors[i].series {
			if s.sensor.OfflineAfter > 0 && s.offline(max(at, e.now)) {
				n++
			}
		}
	}
	return n
}

// Link tells that a broker came into reach or went out of it. One that was never
// told of is in reach. While all brokers of a sensor are out of reach it does not
// become offline; in its place BrokerUnreachable fires, once, when the first of
// them would have.
func (e *Engine) Link(broker string, up bool, at time.Duration) Decision {
	e.begin(at)
	e.fire(e.now - 1)
	switch l := e.link(broker); {
	case l.lost && up:
		e.rejoin(l)
	case !l.lost && !up:
		e.lose(l, e.now, e.now)
		e.reviewLink(l)
	}
	e.fire(e.now)
	return e.end()
}

// link is the broker's, made if need be.
func (e *Engine) link(broker string) *link {
	for _, l := range e.links {
		if l.name == broker {
			return l
		}
	}
	l := &link{name: broker}
	e.links = append(e.links, l)
	return l
}

// lose takes a broker out of reach.
func (e *Engine) lose(l *link, since, until time.Duration) {
	l.lost, l.since, l.until = true, since, until
	e.put(linkKey(l.name), encode(linkRecord{recordVersion, since, until}))
	for i := range e.sensors {
		if s := &e.sensors[i]; s.readFrom(l) {
			s.reach = e.reachOf(s)
		}
	}
}

// rejoin takes a broker into reach. Its sensors are excused for the time that
// they could not be heard.
func (e *Engine) rejoin(l *link) {
	l.lost = false
	e.put(linkKey(l.name), nil)
	var back []*series
	for i := range e.sensors {
		s := &e.sensors[i]
		if !s.readFrom(l) || !s.reach.lost {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(s.series)) { // the same order at each run
			s.series[key].excuse(s.reach, e.now)
			back = append(back, s.series[key])
		}
		s.reach = e.reachOf(s)
	}
	for _, other := range e.links { // a sensor of several brokers is heard again
		e.reviewLink(other)
	}
	for _, s := range back {
		e.aged(s)
	}
}

// excuse lets the series begin to be silent later, because it could not be heard
// since: for the time of a short outage, from now on after a long one. One that
// was offline before stays so until it is heard.
func (s *series) excuse(r reach, now time.Duration) {
	if s.sensor.OfflineAfter == 0 || s.offline(r.until) {
		return
	}
	from := now
	if away := now - r.since; away < outageMin {
		from = max(s.silence()+away, now+rejoinGrace-s.sensor.OfflineAfter)
	}
	s.excused, s.unsaved = from-s.heard, true
}

// readFrom tells whether the sensor is read from the broker.
func (s *sensorState) readFrom(l *link) bool { return s.MQTT == "" || s.MQTT == l.name }

// reachOf is how far a sensor can be heard as its brokers stand.
func (e *Engine) reachOf(s *sensorState) reach {
	var r reach
	for _, l := range e.links {
		switch {
		case !s.readFrom(l):
		case !l.lost:
			return reach{}
		case !r.lost || l.since > r.since:
			r = reach{true, l.since, l.until}
		}
	}
	return r
}

// restoreLinks takes up which brokers were out of reach, and of those that the
// gateway starts without the others too.
func (e *Engine) restoreLinks(lost []Record, r Restart) (errs []error) {
	known := map[string]linkRecord{}
	for _, rec := range lost {
		var l linkRecord
		if err := decode(rec.Value, &l, &l.Version); err != nil {
			errs = appendError(errs, rec.Key, err)
			continue
		}
		name := strings.TrimPrefix(rec.Key, LinkPrefix)
		known[name] = linkRecord{Since: l.Since - r.shift(), Until: l.Until - r.shift()}
		if !slices.Contains(r.Unlinked, name) {
			e.put(rec.Key, nil)
		}
	}
	for _, name := range r.Unlinked {
		l, ok := known[name]
		if !ok {
			l = linkRecord{Since: r.At, Until: r.At - r.shift()}
		}
		e.lose(e.link(name), l.Since, l.Until)
	}
	return errs
}

// wakeLinks looks at the brokers that the gateway starts without.
func (e *Engine) wakeLinks() {
	for _, l := range e.links {
		e.reviewLink(l)
	}
}

func linkKey(broker string) string { return LinkPrefix + broker }

// reviewLink looks at the alert of a broker.
func (e *Engine) reviewLink(l *link) {
	if e.unreachable == nil {
		return
	}
	in := e.instance(e.unreachable, []string{l.name})
	in.hear(e.now)
	e.step(in, e.now)
}

// addUnreachable adds the alert of Tocsin's own to those of the set, where a
// sensor can be offline.
func (e *Engine) addUnreachable(set *Set) {
	if !slices.ContainsFunc(set.Sensors, func(s *Sensor) bool { return s.OfflineAfter > 0 }) {
		return
	}
	test := boolExpr(func(f *Frame) (bool, Reason) { return e.unreachableDue(f.Labels[0]) <= f.Now, Known })
	nothing := note{value: test, slot: none, window: none, of: none, watch: none}
	a := &Alert{
		Name: BrokerUnreachable, Severity: Warning, Labels: []string{"broker"},
		Levels: []*Level{{
			Severity: Warning,
			when:     &Condition{test: test.truth, told: clause{note: nothing, text: "its sensors cannot be heard"}},
			meaning:  BrokerUnreachable,
		}},
		message: &Template{[]messagePart{{print: e.outageText}}},
		cleared: &Template{[]messagePart{{print: backText}}},
		wakeups: []wakeup{func(f *Frame) time.Duration { return after(f, e.unreachableDue(f.Labels[0])) }},
	}
	e.alerts = append(e.alerts, alertState{Alert: a, instances: map[string]*instance{}})
	e.unreachable = &e.alerts[len(e.alerts)-1]
}

// outageText prints what people are told of a broker that is out of reach.
func (e *Engine) outageText(dst []byte, f *Frame) ([]byte, Reason) {
	l := e.link(f.Labels[0])
	dst = append(dst, "Cannot reach the sensors: broker "+plainText(l.name)+" has been out of reach for "...)
	return append(dst, roughly(f.Now-l.since)...), Known
}

// backText prints what they are told when it is back.
func backText(dst []byte, f *Frame) ([]byte, Reason) {
	dst = append(dst, "Sensors in reach again: broker "...)
	return append(append(dst, plainText(f.Labels[0])...), " is back"...), Known
}

// unreachableDue is when people are told that a broker is out of reach: when the
// first sensor that cannot be heard because of it would be offline.
func (e *Engine) unreachableDue(broker string) time.Duration {
	l := e.link(broker)
	first := never
	if !l.lost {
		return first
	}
	for i := range e.sensors {
		s := &e.sensors[i]
		if s.OfflineAfter == 0 || !s.reach.lost || !s.readFrom(l) {
			continue
		}
		for _, one := range s.series {
			if !one.offline(e.now) {
				first = min(first, one.silence()+s.OfflineAfter)
			}
		}
	}
	return max(first, l.since+outageMin)
}
