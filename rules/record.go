package rules

import (
	"encoding/json"
	"maps"
	"time"
)

// The keys of what the engine keeps. A change of a record's meaning raises
// recordVersion.
const (
	SeriesPrefix  = "series/"
	AlertPrefix   = "alert/"
	BirthPrefix   = "birth/"
	SwitchPrefix  = "switch/"
	LinkPrefix    = "link/"
	serialKey     = "counter/incident"
	numberKey     = "counter/number"
	bootKey       = "clock/boot"
	recordVersion = 1
)

// An alertRecord is an instance that is not simply OK.
type alertRecord struct {
	Version     int
	stageRecord                          // of an alert without levels
	Levels      map[Severity]stageRecord `json:",omitempty"` // of one that has some
	Incident    *Incident                `json:",omitempty"`
	Watches     map[string]watch         `json:",omitempty"` // by meaning
}

// A stageRecord is where an instance stands at one level.
type stageRecord struct {
	State     State
	Since     time.Duration
	When      Truth
	ClearWhen Truth
	Meaning   string
}

// A seriesRecord is what a series last said, by field; fields that are unknown
// are left out.
type seriesRecord struct {
	Version int
	Heard   *time.Duration `json:",omitempty"`
	Silent  bool           `json:",omitempty"` // it never was: since Heard it is expected
	Moment  *time.Duration `json:",omitempty"`
	Newest  int64          `json:",omitempty"`
	Last    trace          `json:",omitzero"`
	Excused time.Duration  `json:",omitempty"`
	Values  map[string]fieldRecord
	Steady  map[string]steady `json:",omitempty"` // by field
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
// with in: where it stands, and the readings it stands on. Those of one that is
// OK matter as well: with the readings of an incident that is over it would begin
// again.
func (e *Engine) record(in *instance) {
	e.put(in.key(), in.save())
	for _, s := range in.inputs {
		if s != nil && s.unsaved {
			e.put(s.recordKey(), s.save())
		}
	}
}

// idle tells that the instance has no incident and no level that waits.
func (in *instance) idle() bool { return in.state == OK }

// save is the instance's record, nil when there is nothing to remember.
func (in *instance) save() []byte {
	in.unsaved = false
	watches := in.known()
	if in.idle() && watches == nil {
		return nil
	}
	r := alertRecord{Version: recordVersion, Watches: watches}
	if !in.alert.Leveled {
		r.stageRecord = in.stages[0].save()
	} else {
		r.Levels = map[Severity]stageRecord{}
		for i := range in.stages {
			r.Levels[in.stages[i].Severity] = in.stages[i].save()
		}
	}
	if in.incident.ID != 0 {
		r.Incident = &in.incident
	}
	return encode(r)
}

func (s *stage) save() stageRecord {
	return stageRecord{State: s.state, Since: s.since, When: s.is, ClearWhen: s.over, Meaning: s.meaning}
}

// known are the watches that know something.
func (in *instance) known() map[string]watch {
	var known map[string]watch
	for i, w := range in.watches {
		if w.Truth == Unknown {
			continue
		}
		if known == nil {
			known = map[string]watch{}
		}
		known[in.alert.watched[i].meaning] = w
	}
	return known
}

func (e *Engine) put(key string, value []byte) {
	e.decision.Records = append(e.decision.Records, Record{key, value})
}

// Unsaved returns what has changed since it was last written and no decision
// depends on: what series said, their windows, what became of the conditions
// inside held and happened. It is worth writing now and then, say once a
// minute, not at every reading. At the end, before the process stops, it is all
// there is; until then of the windows only those that are due, at most some
// 256 KiB at a time.
func (e *Engine) Unsaved(end bool) []Record {
	var out []Record
	for i := range e.sensors {
		for _, s := range e.sensors[i].series {
			if s.unsaved {
				out = append(out, Record{s.recordKey(), s.save()})
			}
		}
	}
	out = e.unsavedWindows(out, end)
	for i := range e.alerts {
		for _, in := range e.alerts[i].instances {
			if in.unsaved {
				out = append(out, Record{in.key(), in.save()})
			}
		}
	}
	return out
}

// What the store takes of a series, and the texts that are left out of a longer
// record; their fields are unknown after a restart until they are said again.
const (
	seriesRecordMaxBytes = 48 << 10
	seriesTextMaxBytes   = 64
)

func (s *series) save() []byte {
	s.unsaved = false
	r := seriesRecord{
		Version: recordVersion, Heard: &s.heard, Silent: !s.spoke, Excused: s.excused, Moment: &s.moment, Newest: s.newest, Last: s.last,
		Values: map[string]fieldRecord{}, Steady: s.steadily(),
	}
	for i, f := range s.sensor.Fields {
		if v := s.values[i]; v.Why == Known {
			r.Values[f.Name] = fieldRecord{f.Kind, v.Num, v.Str, v.Bool}
		}
	}
	b := encode(r)
	if len(b) > seriesRecordMaxBytes {
		maps.DeleteFunc(r.Values, func(_ string, f fieldRecord) bool { return len(f.Str) > seriesTextMaxBytes })
		b = encode(r)
	}
	return b
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("rules: a record that JSON cannot hold: " + err.Error())
	}
	return b
}
