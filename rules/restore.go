package rules

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Restart says how the gateway's timeline goes on.
type Restart struct {
	At time.Duration
	// Rebooted says that sensors may have changed unseen: a pending alert
	// waits for a reading before it fires.
	Rebooted bool
	// Downtime is how long a reboot took, which the timeline leaves out; 0 when
	// that is not known. Silence and windows count it. Without it windows begin
	// anew.
	Downtime time.Duration
	// Unlinked are the brokers that are not in reach yet.
	Unlinked []string
}

// shift is by how much earlier than recorded, on the timeline that goes on,
// readings arrived.
func (r Restart) shift() time.Duration {
	if !r.Rebooted {
		return 0
	}
	return r.Downtime
}

// Restore takes up the records of an earlier run. Its decision closes what the
// configuration no longer has. Records that cannot be read are left where they
// are and returned as errors; the rest is restored all the same.
func (e *Engine) Restore(records iter.Seq2[string, []byte], r Restart) (Decision, []error) {
	e.begin(r.At)
	if r.Rebooted {
		e.boot = r.At
		e.put(bootKey, []byte(strconv.FormatInt(int64(e.boot), 10)))
	}
	var errs []error
	var alerts []Record // series first: instances come to life with them
	var links []Record
	for key, value := range records {
		switch {
		case strings.HasPrefix(key, AlertPrefix):
			alerts = append(alerts, Record{key, slices.Clone(value)})
		case strings.HasPrefix(key, LinkPrefix):
			links = append(links, Record{key, slices.Clone(value)})
		case strings.HasPrefix(key, SeriesPrefix):
			errs = appendError(errs, key, e.restoreSeries(key, value, r))
		case strings.HasPrefix(key, WindowPrefix):
			errs = appendError(errs, key, e.restoreWindow(key, value, r))
		case strings.HasPrefix(key, BirthPrefix):
			errs = appendError(errs, key, e.restoreBirth(key, value))
		case strings.HasPrefix(key, SwitchPrefix):
			errs = appendError(errs, key, e.restoreSwitch(key, value, r))
		case key == serialKey:
			serial, err := strconv.ParseUint(string(value), 10, 64)
			e.serial = max(e.serial, serial)
			errs = appendError(errs, key, err)
		case key == numberKey:
			errs = appendError(errs, key, e.restoreNumber(value))
		case key == bootKey && !r.Rebooted:
			boot, err := strconv.ParseInt(string(value), 10, 64)
			e.boot = max(e.boot, time.Duration(boot))
			errs = appendError(errs, key, err)
		}
	}
	e.expect()
	errs = append(errs, e.restoreLinks(links, r)...)
	for _, a := range alerts {
		errs = appendError(errs, a.Key, e.restoreAlert(a, r))
	}
	e.wake()
	e.wakeLinks()
	for in := range e.openInstances {
		if len(in.home.parents) > 0 || len(in.incident.SuppressedBy) > 0 {
			e.revisit = append(e.revisit, in)
		}
	}
	return e.end(), errs
}

// expect brings to life what must exist, whether it was ever heard or not: its
// silence counts from when it was first expected.
func (e *Engine) expect() {
	for i := range e.sensors {
		for _, labels := range e.sensors[i].Expect {
			if s := e.series(&e.sensors[i], labels); !s.spoke && s.heard == e.now {
				s.unsaved = true
			}
		}
	}
}

// heardSinceBoot tells whether a reading that the instance depends on arrived
// since the gateway booted, as far as anybody knows that it did.
func (e *Engine) heardSinceBoot(in *instance) bool {
	return e.boot == longAgo || slices.ContainsFunc(in.inputs, func(s *series) bool {
		return s != nil && s.spoke && s.heard > e.boot
	})
}

// wake looks at the conditions that time alone or a switch can change. After a
// reboot those that look at readings wait for one.
func (e *Engine) wake() {
	for i := range e.alerts {
		a := &e.alerts[i]
		if len(a.wakeups) == 0 && (len(a.switches) == 0 || a.reads()) {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(a.instances)) {
			in := a.instances[key]
			if in.heard = e.heardSinceBoot(in) || !a.reads(); in.heard {
				in.hear(e.now)
				e.step(in, e.now)
			} else if len(a.heeds) > 0 {
				in.pass(e.now)
				e.step(in, e.now)
			}
		}
	}
}

func appendError(errs []error, key string, err error) []error {
	if err == nil {
		return errs
	}
	return append(errs, fmt.Errorf("record %q: %w", key, err))
}

// seriesOf is the series that a record is about; nil, and the record is not
// needed any more, when the configuration has no such sensor.
func (e *Engine) seriesOf(key, name, labels string) *series {
	i := slices.IndexFunc(e.sensors, func(s sensorState) bool { return s.Name == name })
	if i < 0 || !fits(labels, len(e.sensors[i].Pattern.Labels())) {
		e.put(key, nil)
		return nil
	}
	return e.series(&e.sensors[i], splitKey(labels))
}

// restoreWindow takes up a window. After a reboot that took nobody knows how
// long, what it holds may be of any age.
func (e *Engine) restoreWindow(key string, value []byte, restart Restart) error {
	name, rest, _ := strings.Cut(strings.TrimPrefix(key, WindowPrefix), "/")
	window, labels, _ := strings.Cut(rest, "/")
	s := e.seriesOf(key, name, labels)
	if s == nil {
		return nil
	}
	i := slices.IndexFunc(s.sensor.needs, func(n need) bool { return s.sensor.windowKey(n) == window })
	switch {
	case i < 0:
		e.put(key, nil) // no alert looks at it any more
		return nil
	case i >= len(s.windows):
		return nil
	case restart.Rebooted && restart.Downtime <= 0 && s.sensor.needs[i].length > 0:
		e.put(key, nil) // lest another restart takes it for one without a gap
		return nil
	}
	return s.loadWindow(i, value, e.now, restart.shift())
}

func (e *Engine) restoreSeries(key string, value []byte, restart Restart) error {
	name, labels, _ := strings.Cut(strings.TrimPrefix(key, SeriesPrefix), "/")
	var r seriesRecord
	if err := decode(value, &r, &r.Version); err != nil {
		return err
	}
	if r.Silent && !e.expects(name, labels) {
		e.put(key, nil)
		return nil
	}
	s := e.seriesOf(key, name, labels)
	if s == nil {
		return nil
	}
	if r.Heard != nil {
		s.heard, s.spoke = *r.Heard-restart.shift(), !r.Silent
		s.excused = r.Excused
		s.unsaved = restart.shift() != 0 // lest another restart loses that time again
	}
	if r.Moment != nil {
		s.moment = max(*r.Moment-restart.shift(), longAgo)
	}
	s.newest, s.last = r.Newest, r.Last
	for j, f := range s.sensor.Fields {
		if v, ok := r.Values[f.Name]; ok && v.Kind == f.Kind {
			s.values[j] = Value{Num: v.Num, Str: v.Str, Bool: v.Bool}
		}
	}
	s.resumeSteady(r.Steady, restart)
	s.note()
	return nil
}

// expects tells whether the configuration wants a series to exist.
func (e *Engine) expects(name, labels string) bool {
	return slices.ContainsFunc(e.sensors, func(s sensorState) bool {
		return s.Name == name && slices.ContainsFunc(s.Expect, func(l []string) bool { return string(appendKey(nil, l)) == labels })
	})
}

func (e *Engine) restoreBirth(key string, value []byte) error {
	name, of, _ := strings.Cut(strings.TrimPrefix(key, BirthPrefix), "/")
	i := slices.IndexFunc(e.sensors, func(s sensorState) bool { return s.Name == name && s.Format == formatSparkplug })
	if i < 0 {
		e.put(key, nil) // the configuration has no such sensor any more
		return nil
	}
	return e.sensors[i].decoder.Restore(of, value)
}

func (e *Engine) restoreAlert(rec Record, restart Restart) error {
	var r alertRecord
	if err := decode(rec.Value, &r, &r.Version); err != nil {
		return err
	}
	if r.Incident != nil {
		e.serial = max(e.serial, r.Incident.ID)
	}
	name, labels, _ := strings.Cut(strings.TrimPrefix(rec.Key, AlertPrefix), "/")
	i := slices.IndexFunc(e.alerts, func(a alertState) bool { return a.Name == name })
	if i < 0 || !fits(labels, len(e.alerts[i].Labels)) {
		e.retire(rec.Key, r)
		return nil
	}
	if r.idle() && len(e.alerts[i].watched) == 0 {
		e.put(rec.Key, nil) // no condition is watched any more
		return nil
	}
	in := e.instance(&e.alerts[i], splitKey(labels))
	in.resume(r, restart, e.heardSinceBoot(in))
	if r.Incident != nil {
		e.stats.Firing++
		e.numbers.hold(&in.incident)
		if in.state < Firing { // latch is no longer configured
			in.state = Clearing
			e.settle(in, -1, e.now)
		}
	}
	e.timers.set(in, in.timer())
	return nil
}

// resume takes up where an earlier run left the instance.
func (in *instance) resume(r alertRecord, restart Restart, fresh bool) {
	if r.Incident != nil {
		in.incident = *r.Incident
	}
	for i, w := range in.alert.watched {
		in.watches[i] = r.Watches[w.meaning]
		if in.watches[i].Truth == False {
			// What was so is over for longer. What is so was not seen to go on.
			in.watches[i].Since -= restart.shift()
		}
	}
	accounted := in.incident.Latched
	for i := range in.stages {
		s := &in.stages[i]
		s.resume(r.stage(s.Severity, in.alert.Leveled), fresh)
		accounted = accounted || s.open()
	}
	in.state = Firing
	in.orphaned = in.incident.ID != 0 && !accounted
	in.state = in.standing()
	in.since = in.began()
	in.incident.Severity, in.incident.Shadow = in.severity(), in.alert.Shadow
}

// began is since when the restored stages make the state that they make.
func (in *instance) began() time.Duration {
	since := never
	for i := range in.stages {
		if s := &in.stages[i]; s.state == in.state {
			since = min(since, s.since)
		}
	}
	if since == never {
		return in.incident.Since
	}
	return since
}

// stage is what the record says of one level. An alert without levels is the one
// it was, whatever its severity.
func (r alertRecord) stage(of Severity, leveled bool) stageRecord {
	if r.Levels == nil && (!leveled || r.Incident != nil && r.Incident.Severity == of) {
		return r.stageRecord
	}
	return r.Levels[of]
}

// idle tells a record that holds no more than watches.
func (r alertRecord) idle() bool {
	return r.Incident == nil && r.State == OK && !slices.ContainsFunc(slices.Collect(maps.Values(r.Levels)),
		func(s stageRecord) bool { return s.State != OK })
}

// resume takes up where an earlier run left the stage. Truths found under other
// conditions are forgotten, and the next reading decides; so it does unless one
// was heard since the gateway booted, as fresh tells.
func (s *stage) resume(r stageRecord, fresh bool) {
	s.state, s.since = r.State, r.Since
	if r.Meaning == s.meaning {
		s.is, s.over = r.When, r.ClearWhen
		s.fresh = fresh
		return
	}
	s.fresh = false
	if s.state == Clearing {
		s.state = Firing
	}
}

// retire closes the incident of an alert that is no longer configured: whoever
// was told of it must hear that nobody watches it any more.
func (e *Engine) retire(key string, r alertRecord) {
	e.put(key, nil)
	if r.Incident == nil {
		return
	}
	e.decision.Transitions = append(e.decision.Transitions, Transition{
		At: e.now, From: max(r.State, Firing), To: OK, Instance: r.Incident.Instance(), Incident: *r.Incident,
		Message: "No longer watched: " + r.Incident.Message, Shadow: r.Incident.Shadow,
	})
}

// fits says whether a key can hold the values of n labels.
func fits(key string, n int) bool {
	return len(splitKey(key)) == n
}

// splitKey is what appendKey joined. A label value is never empty.
func splitKey(key string) []string {
	if key == "" {
		return nil
	}
	return strings.Split(key, "\x00")
}

func decode(value []byte, into any, version *int) error {
	if err := json.Unmarshal(value, into); err != nil {
		return err
	}
	if *version != recordVersion {
		return fmt.Errorf("version %d, this program reads %d", *version, recordVersion)
	}
	return nil
}
