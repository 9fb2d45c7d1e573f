// Package sparkplug reads the topics and payloads of Sparkplug B (Eclipse
// Sparkplug 3.0.0): what an edge node says of its metrics, which a protobuf
// message carries. Only what a reader of values needs is read: no data sets,
// templates or metadata.
package sparkplug

import (
	"math"
	"unsafe"
)

// Type is the declared type of a metric (§6.4.16).
type Type uint32

// The types of metrics that are one value.
const (
	Unknown  Type = 0 // not said; said at birth, or never
	Int8     Type = 1
	Int16    Type = 2
	Int32    Type = 3
	Int64    Type = 4
	UInt8    Type = 5
	UInt16   Type = 6
	UInt32   Type = 7
	UInt64   Type = 8
	Float    Type = 9
	Double   Type = 10
	Boolean  Type = 11
	String   Type = 12
	DateTime Type = 13 // milliseconds since 1970
	Text     Type = 14
	UUID     Type = 15
	Bytes    Type = 17
	File     Type = 18
)

// The qualities a metric's property "Quality" can say (§6.4.9).
const (
	qualityBad   = 0
	qualityStale = 500
)

// Payload is what a message says beside its metrics.
type Payload struct {
	Timestamp uint64 // milliseconds since 1970; 0 when it is not said
	Sequence  uint64 // 0 to 255, counted by the edge node
	Sequenced bool   // Sequence is said
}

// Metric is one value of a message.
type Metric struct {
	Name       string // "" when only the alias is said; a part of the payload
	Alias      uint64
	HasAlias   bool
	Type       Type
	Timestamp  uint64 // milliseconds since 1970; 0 when it is not said
	Historical bool   // a value of the past, sent late
	Null       bool   // there is no value
	Doubtful   bool   // its quality is bad or stale

	value valueKind
	bits  uint64 // of a number or bool
	data  []byte // of a string or bytes; a part of the payload
}

// valueKind is which member of the oneof a metric's value is.
type valueKind uint8

const (
	noValue valueKind = iota
	intValue
	floatValue
	doubleValue
	boolValue
	stringValue
	bytesValue
	otherValue // a data set, template or extension
)

// Read calls visit with each metric of a payload in order and returns what the
// payload says beside them; ok tells whether the payload is sound as a whole.
// Of an unsound one nothing is visited. The metric is valid during the call
// only.
func Read(payload []byte, visit func(Metric)) (p Payload, ok bool) {
	if p, ok = read(payload, func(Metric) {}); ok {
		p, ok = read(payload, visit)
	}
	return p, ok
}

func read(payload []byte, visit func(Metric)) (p Payload, ok bool) {
	w := wire{in: payload}
	for w.next() {
		switch {
		case w.is(1, varint):
			p.Timestamp = w.number
		case w.is(2, delimited):
			m, ok := readMetric(w.data)
			if !ok {
				return Payload{}, false
			}
			visit(m)
		case w.is(3, varint):
			p.Sequence, p.Sequenced = w.number, true
		}
	}
	return p, !w.broken
}

// readMetric reads one message Metric.
func readMetric(b []byte) (m Metric, ok bool) {
	w, ok := wire{in: b}, true
	for w.next() && ok {
		switch {
		case w.is(1, delimited):
			m.Name = view(w.data)
		case w.is(2, varint):
			m.Alias, m.HasAlias = w.number, true
		case w.is(3, varint):
			m.Timestamp = w.number
		case w.is(4, varint):
			m.Type = Type(w.number)
		case w.is(5, varint):
			m.Historical = w.number != 0
		case w.is(7, varint):
			m.Null = w.number != 0
		case w.is(9, delimited):
			m.Doubtful, ok = doubtful(w.data)
		default:
			m.readValue(&w)
		}
	}
	return m, ok && !w.broken
}

// readValue reads the field that is the value, if it is.
func (m *Metric) readValue(w *wire) {
	kind := noValue
	switch {
	case w.is(10, varint), w.is(11, varint):
		kind = intValue
	case w.is(12, fixed32):
		kind = floatValue
	case w.is(13, fixed64):
		kind = doubleValue
	case w.is(14, varint):
		kind = boolValue
	case w.is(15, delimited):
		kind = stringValue
	case w.is(16, delimited):
		kind = bytesValue
	case w.is(17, delimited), w.is(18, delimited), w.is(19, delimited):
		kind = otherValue
	default:
		return
	}
	m.value, m.bits, m.data = kind, w.number, w.data
}

// doubtful looks for the property Quality in a PropertySet, whose keys and
// values are lists that go together.
func doubtful(b []byte) (is, ok bool) {
	place := -1
	keys := wire{in: b}
	for n := 0; keys.next(); {
		if !keys.is(1, delimited) {
			continue
		}
		if view(keys.data) == "Quality" {
			place = n
		}
		n++
	}
	values := wire{in: b}
	for n := 0; values.next() && place >= 0; {
		if !values.is(2, delimited) {
			continue
		}
		if n == place {
			return doubtfulValue(values.data)
		}
		n++
	}
	return false, !keys.broken
}

func doubtfulValue(b []byte) (is, ok bool) {
	w := wire{in: b}
	for w.next() {
		if w.is(3, varint) || w.is(4, varint) {
			is = w.number == qualityBad || w.number == qualityStale
		}
	}
	return is, !w.broken
}

// Number returns a value that is a number, by the type that the metric or,
// failing it, its birth declared. An integer of no known type counts only if it
// is the same by all of them. A float may be infinite or none.
func (m *Metric) Number(birth Type) (n float64, ok bool) {
	switch m.value {
	case intValue:
		return m.integer(m.typeOr(birth))
	case floatValue:
		return float64(math.Float32frombits(uint32(m.bits))), true
	case doubleValue:
		return math.Float64frombits(m.bits), true
	}
	return 0, false
}

func (m *Metric) typeOr(birth Type) Type {
	if m.Type == Unknown {
		return birth
	}
	return m.Type
}

// integer takes the sign where the type has one: -18 as an Int8 comes as 238,
// as 4294967278 or as 64 bits.
func (m *Metric) integer(t Type) (float64, bool) {
	switch t {
	case Int8:
		return float64(int8(m.bits)), true
	case Int16:
		return float64(int16(m.bits)), true
	case Int32:
		return float64(int32(m.bits)), true
	case Int64:
		return float64(int64(m.bits)), true
	case UInt8, UInt16, UInt32, UInt64, DateTime:
		return float64(m.bits), true
	case Unknown:
		return float64(m.bits), m.bits <= math.MaxInt8
	}
	return 0, false
}

// Single returns a value that is a float of 32 bits. It may be infinite or none.
func (m *Metric) Single() (n float32, ok bool) {
	return math.Float32frombits(uint32(m.bits)), m.value == floatValue
}

// Bool returns a value that is a bool.
func (m *Metric) Bool() (is, ok bool) { return m.bits != 0, m.value == boolValue }

// Text returns a value that is a text, a part of the payload. It need not be
// UTF-8.
func (m *Metric) Text() (text string, ok bool) {
	if m.value != stringValue {
		return "", false
	}
	return view(m.data), true
}

// Bytes returns a value that is bytes, a part of the payload.
func (m *Metric) Bytes() (b []byte, ok bool) { return m.data, m.value == bytesValue }

// view returns b as a string without copying it.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
