package rules

import (
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/tocsin-edge/tocsin/rules/cbor"
	"github.com/tocsin-edge/tocsin/rules/sparkplug"
)

// The formats a sensor's payload can be in.
const (
	formatAuto      = "auto"
	formatJSON      = "json"
	formatText      = "text"
	formatBytes     = "bytes"
	formatCBOR      = "cbor"
	formatSenML     = "senml"
	formatSparkplug = "sparkplug"
)

// A Decoder reads the messages of one sensor, in the order they arrive: what
// some of them mean was said by earlier ones. It is for one goroutine.
type Decoder struct {
	sensor *Sensor
	kept   uint64 // by bit, the fields that the last message did not name and that kept their value
	walk   pathWalk
	json   []byte // JSON made of another format
	raw    []byte // bytes made of a text

	// Of SenML.
	picks        []senmlPick // by target
	dataEncoding string      // of bytes in the pack under way

	// Of Sparkplug.
	births  births
	reading metricReading
	visit   func(sparkplug.Metric)
}

// NewDecoder returns the Decoder of a sensor that was loaded without mistakes.
func (s *Sensor) NewDecoder() *Decoder {
	d := &Decoder{sensor: s, births: births{known: map[string]*birth{}}}
	d.visit = d.metric
	if s.Format == formatSenML {
		d.picks = make([]senmlPick, len(s.targets))
	}
	d.walk = pathWalk{found: make([]string, len(s.targets)), known: d.known}
	return d
}

// Decode reads one message into one value for each field of the sensor, all of
// which it sets; into must be as long, or nil for a message of the edge node
// that a sensor's devices are behind (see Sensor.Filters). It reports false, and
// leaves into alone, when the message is none of the sensor's readings: a
// command, or not what `only` wants.
//
// An empty payload, which is how a retained message is deleted, leaves every
// field Missing. Text that is not UTF-8 is a BadPayload. JSON must be valid
// (RFC 8259) and nest at most jsonMaxDepth deep; of members with the same key
// the last one counts. By format:
//
//	json       the payload is JSON; anything else is a BadPayload
//	text       the payload is the value, without the blanks around it
//	auto       JSON; for a path that is the payload itself also a bare scalar
//	           such as ON, unless it begins like JSON with {, [ or "
//	bytes      the payload is bytes, in binary or in an encoding
//	cbor       the payload is CBOR (RFC 8949), which the paths go into as if it
//	           were JSON; see package cbor
//	senml      the payload is a SenML pack (RFC 8428), in JSON or CBOR
//	sparkplug  the payload is of Sparkplug B; see package sparkplug
//
// A field whose path is the payload itself takes a scalar: an object or an
// array leaves it Missing. Other paths go into the payload: a JSON scalar has
// no members, so it leaves them Missing. Of several paths of a field the first
// one counts that makes it known.
//
// Nothing in into refers to payload afterwards. A string that equals the one
// already in into is kept, so a sensor whose strings stay the same allocates
// nothing, save for escapes in strings, numbers beyond a float64, `extract`,
// and times whose zone is not a whole number of hours from UTC.
func (d *Decoder) Decode(topic string, payload []byte, into []Value) (Stamp, bool) {
	d.kept = 0
	switch text := viewString(payload); {
	case d.sensor.Format == formatSparkplug:
		return d.decodeSparkplug(topic, payload, into)
	case text == "":
		return d.unknown(into, Missing)
	case d.sensor.Format == formatBytes:
		return d.decodeBytes(payload, into)
	case d.sensor.Format == formatCBOR:
		return d.decodeCBOR(payload, into)
	case d.sensor.Format == formatSenML:
		return d.decodeSenML(payload, into)
	case !utf8.ValidString(text):
		return d.unknown(into, BadPayload)
	case d.sensor.Format != formatText && isJSON(text):
		return d.decodeJSON(text, into)
	case d.sensor.takesBare(text):
		return d.decodeBare(trimBlanks(text), into)
	}
	return d.unknown(into, BadPayload)
}

// unknown ends the reading of a message that says nothing of any field. Where
// `only` chooses among the messages of a topic it may be anybody's, and is
// nobody's.
func (d *Decoder) unknown(into []Value, why Reason) (Stamp, bool) {
	if len(d.sensor.only) > 0 {
		return Stamp{}, false
	}
	setUnknown(into, why)
	return Stamp{}, true
}

// viewString returns payload as a string without copying it. It must not
// outlive the call of Decode it is made in: payload may change after that.
func viewString(payload []byte) string {
	return unsafe.String(unsafe.SliceData(payload), len(payload))
}

func setUnknown(into []Value, why Reason) {
	for i := range into {
		into[i] = Value{Why: why}
	}
}

// takesBare reports whether text may be a value itself, given that it was not
// taken for JSON.
func (s *Sensor) takesBare(text string) bool {
	if s.Format != formatAuto {
		return s.Format == formatText
	}
	text = trimBlanks(text)
	return s.bare && (text == "" || !strings.ContainsAny(text[:1], `{["`))
}

// decodeBare reads the fields whose path is the payload itself out of text.
func (d *Decoder) decodeBare(text string, into []Value) (Stamp, bool) {
	if len(d.sensor.only) > 0 {
		return Stamp{}, false
	}
	for i := range into {
		v := Value{Why: Missing}
		if d.sensor.readsWhole(i) {
			v = d.fromText(&d.sensor.Fields[i], text)
		}
		d.set(into, i, v)
	}
	return Stamp{}, true
}

// readsWhole reports whether a path of a field is the payload itself.
func (s *Sensor) readsWhole(field int) bool {
	for _, t := range s.targets {
		if t.field == field && t.whole {
			return true
		}
	}
	return false
}

// decodeJSON reads the fields out of text, which is valid JSON, unless it is not
// what `only` wants.
func (d *Decoder) decodeJSON(text string, into []Value) (Stamp, bool) {
	d.walk.text = text
	d.walk.find(&d.sensor.paths, skipBlanks(text, 0))
	defer clear(d.walk.found)
	if !d.wanted() {
		return Stamp{}, false
	}
	stamp := Stamp{Time: d.time(), Sequence: d.sequence()}
	d.setFields(into)
	return stamp, true
}

// wanted reports whether what was found is what `only` wants.
func (d *Decoder) wanted() bool {
	for i, t := range d.sensor.targets {
		if t.field == onlyField && !d.says(i, d.walk.found[i]) {
			return false
		}
	}
	return true
}

// says reports whether json, "" for none, is a word that a target of `only`
// wants.
func (d *Decoder) says(target int, json string) bool {
	for _, w := range d.sensor.only[d.sensor.targets[target].only].words {
		if says(json, w.text) {
			return true
		}
	}
	return false
}

// setFields converts what was found for each field.
func (d *Decoder) setFields(into []Value) {
	target := 0
	for i := range into {
		d.set(into, i, d.first(&target, i))
	}
}

// set gives a field its value, unless the message does not name it and is
// partial.
func (d *Decoder) set(into []Value, field int, v Value) {
	if v.Why == Missing && d.sensor.Partial {
		d.kept |= 1 << field
		return
	}
	into[field] = v.keep(into[field].Str)
}

// first is the value of a field by the first of its paths that makes it known,
// and moves target behind them. Without one, the first reason beyond Missing
// counts.
func (d *Decoder) first(target *int, field int) Value {
	best := Value{Why: Missing}
	for ; *target < len(d.sensor.targets) && d.sensor.targets[*target].field == field; *target++ {
		if best.Why == Known {
			continue
		}
		if v := d.found(*target); best.Why == Missing || v.Why == Known {
			best = v
		}
	}
	return best
}

// found is the value of what was found for a target.
func (d *Decoder) found(target int) Value {
	if d.sensor.Format == formatSenML {
		return d.senmlValue(target)
	}
	return d.value(target, d.walk.found[target])
}

// value converts the JSON that was found for a target, "" for none.
func (d *Decoder) value(target int, json string) Value {
	t := d.sensor.targets[target]
	f := d.sensor.field(t.field)
	if f.layout == nil || json == "" {
		return f.fromJSON(json, t.whole)
	}
	var why Reason
	if d.raw, why = appendDecoded(d.raw[:0], json, f.encoding); why != Known {
		return Value{Why: why}
	}
	return f.fromBytes(d.raw)
}

// known reports whether json makes a target known.
func (d *Decoder) known(target int, json string) bool {
	if d.sensor.targets[target].field == onlyField {
		return d.says(target, json)
	}
	return d.value(target, json).Why == Known
}

// fromText converts text that is the payload, or the only member of it.
func (d *Decoder) fromText(f *Field, text string) Value {
	if f.layout == nil {
		return f.fromText(text)
	}
	var why Reason
	if d.raw, why = appendText(d.raw[:0], text, f.encoding); why != Known {
		return Value{Why: why}
	}
	return f.fromBytes(d.raw)
}

func (d *Decoder) decodeBytes(payload []byte, into []Value) (Stamp, bool) {
	if encoding := d.sensor.encoding; encoding != "" {
		var why Reason
		if d.raw, why = appendText(d.raw[:0], viewString(payload), encoding); why != Known {
			return d.unknown(into, BadPayload)
		}
		payload = d.raw
	}
	for i := range into {
		into[i] = d.sensor.Fields[i].fromBytes(payload).keep(into[i].Str)
	}
	return Stamp{}, true
}

func (d *Decoder) decodeCBOR(payload []byte, into []Value) (Stamp, bool) {
	var err error
	if d.json, err = cbor.AppendJSON(d.json[:0], payload); err != nil {
		return d.unknown(into, BadPayload)
	}
	return d.decodeJSON(viewString(d.json), into)
}
