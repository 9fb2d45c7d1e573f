package rules

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"
)

// SeriesMax bounds the series of one sensor: a publisher that makes up label
// values must not fill the memory.
const SeriesMax = 10_000

// labelsMaxBytes bounds the label values of one series together: they name it
// in the store and in texts.
const labelsMaxBytes = 256

// Reading is one message as the engine sees it. The payload is not kept.
type Reading struct {
	Topic   string
	Payload []byte
	At      time.Duration // when it arrived

	Retained  bool // stored by the broker before we subscribed (MQTT 3.1.1 §3.3.1.3)
	Duplicate bool // it may have been delivered before (MQTT 3.1.1 §3.3.1.1)

	// Wall is the time of day at At, zero while nobody knows what time it is.
	Wall time.Time
}

// Engine holds every series and instance of a Set and moves them along the
// timeline. It is for one goroutine.
type Engine struct {
	sensors []sensorState // as Set.Sensors
	alerts  []alertState  // as Set.Alerts, and then those of our own
	router  *Router

	switches []switchState    // as Set.Switches
	topics   map[string][]int // of switches, by the topic that sets them

	links       []*link     // to the brokers the engine was told of
	unreachable *alertState // of the links; nil when no sensor can be offline

	timers timers
	stats  Stats

	seriesMax       int // of one sensor
	windowMemoryMax int

	serial     uint64 // the ID of the last incident
	serialKept uint64 // and of the last that a record holds
	numbers    numbers

	boot     time.Duration // when the gateway last booted; longAgo when it never did that anybody knows
	now      time.Duration
	decision Decision
	touched  []*instance // in this decision, in order
	moved    []move      // likewise: the transitions of alerts that others suppress
	revisit  []*instance // whose alarms may no longer be kept back
	reading  Reading     // being observed
	matched  bool        // by the reading being observed
	visit    func(sensor int, labels []string)
	key      []byte // scratch
}

type sensorState struct {
	*Sensor
	decoder *Decoder
	said    []Value // by the message being read
	each    bool    // a window counts every message, so that duplicates matter
	ahead   bool    // a message was stamped by a clock that cannot be right
	series  map[string]*series
	roles   []role
	reach   reach
	lasting uint64 // by bit, the fields of which no news may be lost
}

// A role is the part a sensor plays in an alert: it is that alert's input.
type role struct {
	alert *alertState
	input int
}

type alertState struct {
	*Alert
	from      []*sensorState // by input
	instances map[string]*instance
	parents   []parent      // that keep its alarms back
	children  []*alertState // whose alarms it keeps back
}

// A move is a transition of this decision.
type move struct {
	in *instance
	at int // among the decision's
}

// Stats counts what went through the engine since it was made.
type Stats struct {
	Readings   uint64            // observed
	Unmatched  uint64            // of them, on a topic of no sensor and no switch
	Unknown    [reasonEnd]uint64 // field values by the reason they are unknown
	Refused    uint64            // readings of a new series beyond the bounds
	Unread     uint64            // messages for a switch that say neither on nor off
	Late       uint64            // readings that are not the sensor's latest, or older than max_age
	Series     int
	Windowless int // of them, those without windows because of WindowMemoryMax
	// WindowMemory is that of the windows of all series, in bytes.
	WindowMemory int
	Instances    int
	Firing       int
}

// NewEngine returns an engine that has heard nothing yet.
func NewEngine(set *Set) *Engine {
	e := &Engine{
		sensors: make([]sensorState, len(set.Sensors)),
		alerts:  make([]alertState, len(set.Alerts), len(set.Alerts)+1), // they are pointed to
		router:  NewRouter(set.Sensors),

		boot:            longAgo,
		seriesMax:       cmp.Or(set.SeriesMax, SeriesMax),
		windowMemoryMax: cmp.Or(set.WindowMemoryMax, windowMemoryMax),
	}
	for i, s := range set.Sensors {
		e.sensors[i] = sensorState{Sensor: s, decoder: s.NewDecoder(), said: make([]Value, len(s.Fields)), each: s.countsEach(), series: map[string]*series{}}
	}
	for i, a := range set.Alerts {
		e.alerts[i] = alertState{Alert: a, instances: map[string]*instance{}}
		for j, in := range a.inputs {
			s := &e.sensors[slices.Index(set.Sensors, in.sensor)]
			s.roles = append(s.roles, role{&e.alerts[i], j})
			e.alerts[i].from = append(e.alerts[i].from, s)
		}
		for _, p := range a.lasting() {
			e.alerts[i].from[p.slot].lasting |= 1 << p.field
		}
	}
	e.addFamilies()
	e.addSwitches(set)
	e.addUnreachable(set)
	e.visit = e.hear
	return e
}

// Observe takes a reading in. Timers that were due before it come first, those
// due at its very moment after it.
func (e *Engine) Observe(r Reading) Decision {
	e.begin(r.At)
	e.fire(e.now - 1)
	e.reading, e.matched = r, false
	e.stats.Readings++
	e.router.Route(r.Topic, e.visit)
	e.hearSwitches()
	if !e.matched {
		e.stats.Unmatched++
	}
	e.reading = Reading{}
	e.fire(e.now)
	return e.end()
}

// Tick lets time pass until at.
func (e *Engine) Tick(at time.Duration) Decision {
	e.begin(at)
	e.fire(e.now)
	return e.end()
}

// NextTick is when a timer is next due, and false when none runs.
func (e *Engine) NextTick() (time.Duration, bool) {
	due := e.timers.next()
	return due, due != never
}

// Stats tells what went through the engine.
func (e *Engine) Stats() Stats { return e.stats }

func (e *Engine) begin(at time.Duration) {
	e.now = max(e.now, at) // the timeline never goes back
	e.decision = Decision{}
	e.touched, e.moved, e.revisit = e.touched[:0], e.moved[:0], e.revisit[:0]
}

// end closes the decision with the state that its transitions left behind.
func (e *Engine) end() Decision {
	e.suppress()
	for _, in := range e.touched {
		e.record(in)
	}
	if e.serial != e.serialKept {
		e.put(serialKey, []byte(strconv.FormatUint(e.serial, 10)))
		e.serialKept = e.serial
	}
	e.keepNumber()
	return e.decision
}

// fire moves the instances whose timers are due by until.
func (e *Engine) fire(until time.Duration) {
	for e.timers.next() <= until {
		in, due := e.timers[0], e.timers.next()
		if in.held <= due {
			in.held = never
			e.revisit = append(e.revisit, in)
		}
		in.pass(due)
		e.step(in, due)
	}
}

// series finds what the sensor was heard as, and makes it known to every alert
// when it is new; nil beyond the bound.
func (e *Engine) series(sensor *sensorState, labels []string) *series {
	e.key = appendKey(e.key[:0], labels)
	if s := sensor.series[string(e.key)]; s != nil {
		return s
	}
	if len(sensor.series) >= e.seriesMax || len(e.key) > labelsMaxBytes {
		return nil
	}
	s := newSeries(sensor.Sensor, string(e.key), e.now)
	s.lasting = sensor.lasting
	s.reach = &sensor.reach
	sensor.series[s.key] = s
	e.stats.Series++
	e.keepWindows(s)
	for _, r := range sensor.roles {
		e.introduce(r, s)
	}
	return s
}

// keepWindows gives a new series its windows while there is memory for them.
func (e *Engine) keepWindows(s *series) {
	size := s.sensor.WindowMemory()
	if e.stats.WindowMemory+size > e.windowMemoryMax {
		e.stats.Windowless++
		return
	}
	e.stats.WindowMemory += size
	s.keepWindows()
}

// introduce makes a new series known to one alert. With every label it brings
// its instance to life; with some it is joined to those that share them.
func (e *Engine) introduce(r role, s *series) {
	in := r.alert.inputs[r.input]
	if in.whole(r.alert.Alert) {
		labels := make([]string, len(r.alert.Labels))
		for i, at := range in.places {
			labels[at] = s.labels[i]
		}
		e.instance(r.alert, labels)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(r.alert.instances)) { // the same order at each run
		if i := r.alert.instances[key]; string(projected(nil, i.labels, in.places)) == s.key {
			i.attach(r.input, s)
		}
	}
}

// instance finds the alert's instance of these labels or brings it to life
// with the series heard so far.
func (e *Engine) instance(a *alertState, labels []string) *instance {
	key := string(appendKey(nil, labels))
	in := a.instances[key]
	if in == nil {
		in = newInstance(a.Alert, labels)
		in.home, in.frame.switches = a, e.switches
		a.instances[key] = in
		e.stats.Instances++
	}
	for i, from := range a.inputs {
		if in.inputs[i] != nil {
			continue
		}
		if s := a.from[i].series[string(projected(nil, labels, from.places))]; s != nil {
			in.attach(i, s)
		}
	}
	return in
}

// appendKey joins label values; MQTT allows no U+0000 in a topic (MQTT 3.1.1
// §1.5.3), so that no two lists of labels share a key.
func appendKey(key []byte, labels []string) []byte {
	for i, l := range labels {
		if i > 0 {
			key = append(key, 0)
		}
		key = append(key, l...)
	}
	return key
}

// projected is the key of the labels at the given places.
func projected(key []byte, labels []string, places []int) []byte {
	for i, at := range places {
		if i > 0 {
			key = append(key, 0)
		}
		key = append(key, labels[at]...)
	}
	return key
}
