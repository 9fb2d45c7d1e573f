package rules

import (
	"time"
	"unicode/utf8"

	"github.com/tocsin-edge/tocsin/rules/sparkplug"
)

// metricReading is a message whose metrics are being read.
type metricReading struct {
	into  []Value
	birth *birth
}

// decodeSparkplug reads a message of an edge node or a device. Data leaves the
// fields it does not name as they were, because only what changed is sent;
// values of the past are passed over. A death makes every field Unavailable.
func (d *Decoder) decodeSparkplug(topic string, payload []byte, into []Value) (Stamp, bool) {
	t, ok := sparkplug.ParseTopic(topic)
	if !ok {
		return Stamp{}, false
	}
	switch t.Kind {
	case sparkplug.NodeCommand, sparkplug.DeviceCommand:
		return Stamp{}, false
	case sparkplug.NodeDeath, sparkplug.DeviceDeath:
		if !d.births.end(t, payload) {
			return Stamp{}, false
		}
		setUnknown(into, Unavailable)
		return Stamp{Gone: true}, true
	case sparkplug.NodeBirth, sparkplug.DeviceBirth:
		d.births.learn(t, payload, d.sensor)
	}
	if (t.Device != "") != d.sensor.ofDevices() {
		return Stamp{}, false // a node's own metrics, to a sensor of its devices
	}
	if t.Kind == sparkplug.NodeBirth || t.Kind == sparkplug.DeviceBirth {
		setUnknown(into, Missing) // a birth names every metric there is
	} else {
		d.kept = ^uint64(0)
	}
	return d.decodeMetrics(d.births.of(t), payload, into), true
}

func (d *Decoder) decodeMetrics(b *birth, payload []byte, into []Value) Stamp {
	d.reading = metricReading{into, b}
	said, ok := sparkplug.Read(payload, d.visit)
	d.reading = metricReading{}
	if !ok {
		setUnknown(into, BadPayload)
		return Stamp{}
	}
	var s Stamp
	if said.Sequenced && d.sensor.sequenced {
		s.Sequence = said.Sequence + 1 // 0 stands for none
	}
	if at := millis(said.Timestamp); d.sensor.timed && !at.Before(clockEpoch) {
		s.Time = at
	}
	return s
}

// millis is the time of so many milliseconds since 1970; the zero time, and
// thus before any clock, beyond the year 5138.
func millis(n uint64) time.Time {
	if n >= epochMillisEnd {
		return time.Time{}
	}
	return time.UnixMilli(int64(n)).UTC()
}

// metric reads one metric of the message under way.
func (d *Decoder) metric(m sparkplug.Metric) {
	if m.Historical {
		return
	}
	name, typ := d.reading.birth.resolve(&m)
	for _, i := range d.sensor.metrics[name].fields {
		v := d.sensor.Fields[i].fromMetric(&m, typ)
		d.reading.into[i] = v.keep(d.reading.into[i].Str)
		d.kept &^= 1 << i
	}
}

// fromMetric converts a metric of the given type.
func (f *Field) fromMetric(m *sparkplug.Metric, typ sparkplug.Type) Value {
	switch {
	case m.Null:
		return Value{Why: Null}
	case m.Doubtful:
		return Value{Why: Unavailable}
	}
	if b, ok := m.Bytes(); ok && f.layout != nil {
		return f.fromBytes(b)
	}
	if text, ok := m.Text(); ok {
		if !utf8.ValidString(text) {
			return Value{Why: BadPayload}
		}
		return f.fromText(text)
	}
	if is, ok := m.Bool(); ok {
		return f.fromText(boolText(is))
	}
	if n, ok := m.Single(); ok {
		return f.fromNumber(decimal(n))
	}
	if n, ok := m.Number(typ); ok {
		return f.fromNumber(n)
	}
	return Value{Why: NotANumber}
}

func boolText(is bool) string {
	if is {
		return "true"
	}
	return "false"
}
