package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// never is the due time of an instance that waits for no timer.
const never = time.Duration(1<<63 - 1)

// An instance is one alert for one combination of label values.
type instance struct {
	alert  *Alert
	home   *alertState
	labels []string
	name   string    // freezer_warm{n="3",site="a"}
	inputs []*series // by the alert's inputs; nil until heard
	frame  Frame

	stages    []stage       // by the alert's levels
	state     State         // that of the stages together
	since     time.Duration // when the state began
	heard     bool          // a reading arrived since the gateway booted
	undecided time.Duration // since when a condition is unknown; never while all are known
	incident  Incident
	orphaned  bool // the incident is of a level that is no longer configured

	offline []bool // by input: the alert heeds the sensor, and it is offline; nil for none
	stale   bool   // one of them is

	watches []watch // by Alert.watched
	unsaved bool    // a watch changed since it was last written

	held   time.Duration // until when a pending alert keeps its alarm back at most; never when none does
	review time.Duration // when the conditions may change although no reading arrives
	due    time.Duration // when a timer fires; never when none runs
	place  int           // in the engine's timers; -1 when none runs
}

func newInstance(a *Alert, labels []string) *instance {
	in := &instance{
		alert: a, labels: labels, inputs: make([]*series, len(a.inputs)),
		stages: make([]stage, len(a.Levels)), watches: make([]watch, len(a.watched)),
		heard: true, undecided: never, held: never, review: never, due: never, place: -1,
	}
	for i, l := range a.Levels {
		in.stages[i] = stage{Level: l, fresh: true}
	}
	in.frame = Frame{Series: make([]*series, len(a.inputs)), Labels: labels, watches: in.watches}
	if len(a.heeds) > 0 {
		in.offline = make([]bool, len(a.inputs))
	}
	if a.OnOffline == Hold {
		in.frame.still = in.offline
	}
	in.name = instanceName(a.Name, in.named())
	return in
}

// open begins an incident with the alarm's text.
func (in *instance) open(id uint64, at time.Duration) {
	in.incident = Incident{
		ID: id, Alert: in.alert.Name, Labels: in.named(),
		Severity: in.severity(), Since: at, Message: in.fires(), Stale: in.stale, Shadow: in.alert.Shadow,
	}
}

// attach lets the instance read s as its input i.
func (in *instance) attach(i int, s *series) {
	in.inputs[i] = s
	in.frame.Series[i] = s
	s.readers = append(s.readers, in)
}

// hear looks at the conditions because a reading arrived.
func (in *instance) hear(at time.Duration) {
	in.heard = true
	in.evaluate(at)
	in.review = in.turn()
}

// switched looks at the conditions because a switch was set. What sensors said
// before a reboot counts as it stands: whoever set the switch did so now.
func (in *instance) switched(at time.Duration) {
	in.evaluate(at)
	if in.heard {
		in.review = in.turn()
	}
}

// awaits tells whether the instance waits for a reading since a reboot, or since
// its conditions were written or changed.
func (in *instance) awaits() bool {
	return !in.heard || slices.ContainsFunc(in.stages, func(s stage) bool { return !s.fresh || s.is == Unknown })
}

// pass looks at the conditions, if time matters to them, because time passed.
// What readings from before a reboot would say now is not trusted; that there
// are none is.
func (in *instance) pass(at time.Duration) {
	in.frame.Now, in.review = at, never
	switch {
	case len(in.alert.wakeups) == 0:
	case in.heard:
		in.evaluate(at)
		in.review = in.turn()
	default:
		in.listen()
		for i := range in.stages {
			in.override(&in.stages[i])
		}
		in.review = in.listens()
	}
}

// evaluate looks at the conditions.
func (in *instance) evaluate(at time.Duration) {
	in.frame.Now = at
	if in.offline != nil {
		in.listen()
	}
	in.watch(at)
	known := true
	for i := range in.stages {
		s := &in.stages[i]
		known = (in.stale && in.override(s) || s.evaluate(&in.frame)) && known
	}
	in.decide(at, known)
}

// watch takes in what became of the conditions inside held and happened.
func (in *instance) watch(at time.Duration) {
	for i, w := range in.alert.watched {
		truth, _ := truthOf(w.test, &in.frame)
		in.unsaved = in.watches[i].look(at, truth) || in.unsaved
	}
}

// turn is when the conditions may next change although no reading arrives.
func (in *instance) turn() time.Duration {
	next := never
	for _, m := range in.alert.wakeups {
		next = min(next, m(&in.frame))
	}
	return next
}

// timer is when the instance next moves, or is looked at, by itself.
func (in *instance) timer() time.Duration {
	due := min(in.review, in.held)
	for i := range in.stages {
		due = min(due, in.stages[i].timer())
	}
	return due
}

func (in *instance) named() []Label {
	out := make([]Label, len(in.labels))
	for i, v := range in.labels {
		out[i] = Label{in.alert.Labels[i], v}
	}
	return out
}

// seenAtReconnect ends the text of an alarm that a retained message tells of:
// it may have begun at any time since the gateway last heard.
const seenAtReconnect = " (seen at reconnect)"

// fires is the text of the alarm.
func (in *instance) fires() string {
	if in.frame.retained {
		return in.alarm() + seenAtReconnect
	}
	return in.alarm()
}

// alarm is what the alert says, or the most urgent level of it that fires.
func (in *instance) alarm() string {
	severity := in.severity()
	at := slices.IndexFunc(in.stages, func(s stage) bool { return s.Severity == severity })
	if message := cmp.Or(in.stages[at].message, in.alert.message); message != nil {
		return message.Render(&in.frame) + in.silence()
	}
	text := block.Spoken(in.alert.Name)
	if len(in.labels) > 0 {
		text += " (" + plainText(strings.Join(in.labels, ", ")) + ")"
	}
	if in.alert.Leveled {
		text += ": " + string(severity)
	}
	return text + in.silence()
}

// clears is the text of the all-clear.
func (in *instance) clears(at time.Duration) string {
	if in.alert.cleared != nil {
		return in.alert.cleared.Render(&in.frame) + in.silence()
	}
	return overAfter(at-in.incident.Since) + in.incident.Message + in.silence()
}

func overAfter(d time.Duration) string { return fmt.Sprintf("Over after %s: ", roughly(d)) }

// roughly says a duration as a person would: 45 s, 12 min, 3 h 20 min, 26 h,
// 2 d 4 h.
func roughly(d time.Duration) string {
	day := 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 2*day:
		return twoUnits(d, time.Hour, "h", time.Minute, "min")
	}
	return twoUnits(d, day, "d", time.Hour, "h")
}

func twoUnits(d, big time.Duration, bigName string, small time.Duration, smallName string) string {
	text := fmt.Sprintf("%d %s", d/big, bigName)
	if rest := d % big / small; rest > 0 {
		text += fmt.Sprintf(" %d %s", rest, smallName)
	}
	return text
}
