package rules

import (
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The keys of what the engine keeps. A change of a record's meaning raises
// recordVersion.
const (
	SeriesPrefix  = "series/"
	AlertPrefix   = "alert/"
	serialKey     = "counter/incident"
	recordVersion = 1
)

// An alertRecord is an instance that is not simply OK.
type alertRecord struct {
	Version   int
	State     State
	Since     time.Duration
	When      Truth
	ClearWhen Truth
	Meaning   string
	Incident  *Incident `json:",omitempty"`
}

// A seriesRecord is what a series last said, by field; fields that are unknown
// are left out.
type seriesRecord struct {
	Version int
	Values  map[string]fieldRecord
}

type fieldRecord struct {
	Kind Kind
	Num  float64 `json:",omitempty"`
	Str  string  `json:",omitempty"`
	Bool bool    `json:",omitempty"`
}

func (in *instance) key() string {
	return AlertPrefix + in.alert.Name + "/" + string(appendKey(nil, in.labels))
}

func (s *series) recordKey() string { return SeriesPrefix + s.sensor.Name + "/" + s.key }

// record adds to the decision what must be known after a crash to carry on
// with in: where it stands, and the readings it stands on.
func (e *Engine) record(in *instance) {
	if in.state == OK {
		e.put(in.key(), nil)
		return
	}
	r := alertRecord{
		Version: recordVersion, State: in.state, Since: in.since,
		When: in.when, ClearWhen: in.clearWhen, Meaning: in.alert.meaning,
	}
	if in.incident.ID != 0 {
		r.Incident = &in.incident
	}
	e.put(in.key(), encode(r))
	for _, s := range in.inputs {
		if s != nil && s.unsaved {
			e.put(s.recordKey(), s.save())
		}
	}
}

func (e *Engine) put(key string, value []byte) {
	e.decision.Records = append(e.decision.Records, Record{key, value})
}

// Unsaved returns the series that were heard since they were last written.
// They can be heard again, so they are worth writing now and then, not at
// every reading.
func (e *Engine) Unsaved() []Record {
	var out []Record
	for i := range e.sensors {
		for _, s := range e.sensors[i].series {
			if s.unsaved {
				out = append(out, Record{s.recordKey(), s.save()})
			}
		}
	}
	return out
}

func (s *series) save() []byte {
	s.unsaved = false
	r := seriesRecord{Version: recordVersion, Values: map[string]fieldRecord{}}
	for i, f := range s.sensor.Fields {
		if v := s.values[i]; v.Why == Known {
			r.Values[f.Name] = fieldRecord{f.Kind, v.Num, v.Str, v.Bool}
		}
	}
	return encode(r)
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("rules: a record that JSON cannot hold: " + err.Error())
	}
	return b
}

// A Restart says how the gateway's timeline goes on.
type Restart struct {
	At time.Duration
	// Rebooted says that sensors may have changed unseen: a pending alert
	// waits for a reading before it fires.
	Rebooted bool
}

// Restore takes up the records of an earlier run. Its decision closes what the
// configuration no longer has. Records that cannot be read are left where they
// are and returned as errors; the rest is restored all the same.
func (e *Engine) Restore(records iter.Seq2[string, []byte], r Restart) (Decision, []error) {
	e.begin(r.At)
	var errs []error
	var alerts []Record // series first: instances come to life with them
	for key, value := range records {
		switch {
		case strings.HasPrefix(key, AlertPrefix):
			alerts = append(alerts, Record{key, slices.Clone(value)})
			continue
		case strings.HasPrefix(key, SeriesPrefix):
			errs = appendError(errs, key, e.restoreSeries(key, value))
		case key == serialKey:
			serial, err := strconv.ParseUint(string(value), 10, 64)
			e.serial = max(e.serial, serial)
			errs = appendError(errs, key, err)
		}
	}
	for _, a := range alerts {
		errs = appendError(errs, a.Key, e.restoreAlert(a, r))
	}
	return e.end(), errs
}

func appendError(errs []error, key string, err error) []error {
	if err == nil {
		return errs
	}
	return append(errs, fmt.Errorf("record %q: %w", key, err))
}

func (e *Engine) restoreSeries(key string, value []byte) error {
	name, labels, _ := strings.Cut(strings.TrimPrefix(key, SeriesPrefix), "/")
	i := slices.IndexFunc(e.sensors, func(s sensorState) bool { return s.Name == name })
	if i < 0 || !fits(labels, len(e.sensors[i].Pattern.Labels())) {
		e.put(key, nil) // the configuration has no such sensor any more
		return nil
	}
	var r seriesRecord
	if err := decode(value, &r, &r.Version); err != nil {
		return err
	}
	s := e.series(&e.sensors[i], splitKey(labels))
	if s == nil {
		return nil
	}
	for j, f := range s.sensor.Fields {
		if v, ok := r.Values[f.Name]; ok && v.Kind == f.Kind {
			s.values[j] = Value{Num: v.Num, Str: v.Str, Bool: v.Bool}
		}
	}
	return nil
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
	in := e.instance(&e.alerts[i], splitKey(labels))
	in.resume(r, restart)
	if r.Incident != nil {
		e.stats.Firing++
	}
	e.timers.set(in, in.timer())
	return nil
}

// resume takes up where an earlier run left the instance. Truths found under
// other conditions are forgotten, and the next reading decides.
func (in *instance) resume(r alertRecord, restart Restart) {
	in.state, in.since = r.State, r.Since
	if r.Incident != nil {
		in.incident = *r.Incident
	}
	if r.Meaning == in.alert.meaning {
		in.when, in.clearWhen = r.When, r.ClearWhen
		in.fresh = !restart.Rebooted
		return
	}
	in.fresh = false
	if in.state == Clearing {
		in.state = Firing
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
		At: e.now, From: r.State, To: OK, Instance: r.Incident.Instance(), Incident: *r.Incident,
		Message: "No longer watched: " + r.Incident.Message,
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
