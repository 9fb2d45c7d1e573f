package rules

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/tocsin-edge/tocsin/rules/sparkplug"
)

// birthsMax bounds the edge nodes and devices whose births one Decoder
// remembers. Of those beyond it only metrics that say name and type are read.
const birthsMax = SeriesMax

// birthKeyMaxBytes bounds the names of one of them, which are its key in the
// store.
const birthKeyMaxBytes = labelsMaxBytes

// births are what edge nodes and devices said of themselves when they came up.
type births struct {
	known   map[string]*birth // by group/node or group/node/device
	unsaved []string          // keys of known
	key     []byte            // scratch
}

// A birth is what is remembered of one: what it calls the metrics that the
// sensor reads. A nil birth remembers nothing.
type birth struct {
	Metrics []metricName
	Session *uint64 `json:",omitempty"` // of an edge node, which its death repeats
}

// metricName is what a metric may be called by, after the birth, and the type
// that is then left out.
type metricName struct {
	Name  string
	Alias *uint64 `json:",omitempty"`
	Type  sparkplug.Type
}

// sessionMetric counts the sessions of an edge node (Sparkplug 3.0.0 §6.4.19).
const sessionMetric = "bdSeq"

// of is the birth that a message relies on, nil when it was not heard.
func (b *births) of(t sparkplug.Topic) *birth {
	b.key = append(b.key[:0], t.Group...)
	b.key = append(b.key, '/')
	b.key = append(b.key, t.Node...)
	if t.Device != "" {
		b.key = append(b.key, '/')
		b.key = append(b.key, t.Device...)
	}
	return b.known[string(b.key)]
}

// learn takes a birth in, of those metrics that the sensor reads. An unsound one
// changes nothing.
func (b *births) learn(t sparkplug.Topic, payload []byte, s *Sensor) {
	born := &birth{Session: session(payload)}
	_, ok := sparkplug.Read(payload, func(m sparkplug.Metric) {
		if wanted, ok := s.metrics[m.Name]; ok {
			born.name(wanted.name, &m)
		}
	})
	before := b.of(t)
	switch {
	case !ok, before != nil && before.equals(born):
		return
	case before == nil && (len(b.known) >= birthsMax || len(b.key) > birthKeyMaxBytes):
		return
	}
	b.known[string(b.key)] = born
	b.unsaved = append(b.unsaved, string(b.key))
}

// name remembers what a metric may be called; of several with one name the last
// counts. name must last.
func (b *birth) name(name string, m *sparkplug.Metric) {
	n := metricName{Name: name, Type: m.Type}
	if m.HasAlias {
		alias := m.Alias
		n.Alias = &alias
	}
	at := slices.IndexFunc(b.Metrics, func(n metricName) bool { return n.Name == name })
	if at < 0 {
		b.Metrics = append(b.Metrics, n)
	} else {
		b.Metrics[at] = n
	}
}

// end reports whether a death ends the session that is running, as far as we
// know it. The will of an earlier one may arrive after the birth of the next.
func (b *births) end(t sparkplug.Topic, payload []byte) bool {
	running := b.of(t)
	if t.Kind == sparkplug.DeviceDeath || running == nil {
		return true
	}
	return !differ(session(payload), running.Session)
}

// session is the number of the session that a payload says, nil for none.
func session(payload []byte) (found *uint64) {
	sparkplug.Read(payload, func(m sparkplug.Metric) {
		if n, ok := m.Number(sparkplug.UInt64); ok && m.Name == sessionMetric && n >= 0 {
			whole := uint64(n)
			found = &whole
		}
	})
	return found
}

// differ reports whether two numbers are both known and not the same.
func differ(a, b *uint64) bool { return a != nil && b != nil && *a != *b }

func (b *birth) equals(other *birth) bool {
	same := func(a, b *uint64) bool { return (a == nil) == (b == nil) && !differ(a, b) }
	return same(b.Session, other.Session) && slices.EqualFunc(b.Metrics, other.Metrics, func(x, y metricName) bool {
		return x.Name == y.Name && x.Type == y.Type && same(x.Alias, y.Alias)
	})
}

// resolve is the name of a metric and its type, "" when it cannot be told.
func (b *birth) resolve(m *sparkplug.Metric) (string, sparkplug.Type) {
	if b == nil {
		return m.Name, m.Type
	}
	for i := range b.Metrics {
		n := &b.Metrics[i]
		if n.Name == m.Name || m.Name == "" && m.HasAlias && n.Alias != nil && *n.Alias == m.Alias {
			return n.Name, n.Type
		}
	}
	return m.Name, m.Type
}

// Unsaved returns what the Decoder learned since the last call and must know
// again after a restart.
func (d *Decoder) Unsaved() []Record {
	var out []Record
	for _, key := range d.births.unsaved {
		out = append(out, Record{key, encode(d.births.known[key])})
	}
	d.births.unsaved = nil
	return out
}

// Restore takes up what Unsaved returned in an earlier run.
func (d *Decoder) Restore(key string, value []byte) error {
	b := new(birth)
	if err := json.Unmarshal(value, b); err != nil {
		return err
	}
	if len(b.Metrics) > fieldsMax {
		return fmt.Errorf("%d metrics, at most %d are remembered", len(b.Metrics), fieldsMax)
	}
	d.births.known[key] = b
	return nil
}
