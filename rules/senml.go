package rules

import (
	"cmp"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tocsin-edge/tocsin/rules/cbor"
)

// senmlNow is where the times end that are relative to now (RFC 8428 §4.5.3).
const senmlNow = 1 << 28

// A senmlPack is a list of records being read: what the base fields say, and
// the record under way.
type senmlPack struct {
	baseName, baseUnit  string
	baseTime, baseValue float64

	name, unit string
	time       float64
	value      string // JSON; "" if the record has none
	data       bool   // value is bytes, in an encoding

	broken bool
}

// senmlPick is the record that counts for a target, so far.
type senmlPick struct {
	value string  // JSON; "" for none
	base  float64 // to be added
	time  float64
	data  bool
}

// decodeSenML reads a pack, in JSON or in CBOR. A target is the record of its
// name, or of its name and unit; of several the newest counts. Sums are not
// read.
func (d *Decoder) decodeSenML(payload []byte, into []Value) (Stamp, bool) {
	defer clear(d.picks)
	text, encoding := d.senmlText(payload)
	if text == "" || text[0] != '[' {
		return d.unknown(into, BadPayload)
	}
	d.dataEncoding = encoding
	var p senmlPack
	for at := skipBlanks(text, 1); text[at] != ']'; {
		end := skipValue(text, at)
		p.read(text, at)
		d.pick(&p)
		at = skipSeparator(text, end)
	}
	if p.broken {
		return d.unknown(into, BadPayload)
	}
	d.setFields(into)
	return Stamp{Time: d.senmlTime()}, true
}

// senmlText is the pack as JSON, without blanks before it, and how it writes
// bytes; "" when it is neither JSON nor CBOR. A pack is an array, whose first
// byte in CBOR is not [.
func (d *Decoder) senmlText(payload []byte) (text, encoding string) {
	if text = trimBlanks(viewString(payload)); strings.HasPrefix(text, "[") {
		if !utf8.ValidString(text) || !isJSON(text) {
			return "", ""
		}
		return text, encodingBase64
	}
	var err error
	if d.json, err = cbor.AppendJSON(d.json[:0], payload); err != nil {
		return "", ""
	}
	return viewString(d.json), encodingHex
}

// read reads the record that begins at text[at].
func (p *senmlPack) read(text string, at int) {
	p.name, p.unit, p.value, p.time, p.data = "", "", "", 0, false
	if text[at] != '{' {
		p.broken = true
		return
	}
	for at = skipBlanks(text, at+1); text[at] != '}'; {
		end := skipString(text, at)
		label := unquote(text[at:end])
		at = skipBlanks(text, end)
		at = skipBlanks(text, at+len(":"))
		end = skipValue(text, at)
		p.take(label, text[at:end])
		at = skipSeparator(text, end)
	}
}

// take reads one member of a record, by its label in JSON or in CBOR (§4.3,
// table 1).
func (p *senmlPack) take(label, json string) {
	switch label {
	case "bn", "-2":
		p.text(&p.baseName, json)
	case "bt", "-3":
		p.number(&p.baseTime, json)
	case "bu", "-4":
		p.text(&p.baseUnit, json)
	case "bv", "-5":
		p.number(&p.baseValue, json)
	case "n", "0":
		p.text(&p.name, json)
	case "u", "1":
		p.text(&p.unit, json)
	case "t", "6":
		p.number(&p.time, json)
	case "v", "2", "vs", "3", "vb", "4":
		p.value = json
	case "vd", "8":
		p.value, p.data = json, true
	default:
		// What a reader must understand to go on (§4.4).
		p.broken = p.broken || strings.HasSuffix(label, "_")
	}
}

func (p *senmlPack) text(into *string, json string) {
	if json[0] != '"' {
		p.broken = true
		return
	}
	*into = unquote(json)
}

func (p *senmlPack) number(into *float64, json string) {
	n, why := parseNumber(json)
	*into, p.broken = n, p.broken || why != Known
}

// pick takes the record for the targets that it is the newest of.
func (d *Decoder) pick(p *senmlPack) {
	if p.value == "" {
		return // it only says base fields, or a sum
	}
	at, unit := p.baseTime+p.time, cmp.Or(p.unit, p.baseUnit)
	for i := range d.picks {
		t, pick := &d.sensor.targets[i], &d.picks[i]
		if p.is(t.name) && (t.unit == "" || t.unit == unit) && (pick.value == "" || at >= pick.time) {
			*pick = senmlPick{value: p.value, base: p.baseValue, time: at, data: p.data}
		}
	}
}

// is reports whether the record has that name, its own or with the base name
// before it; a target without one is known by its unit.
func (p *senmlPack) is(name string) bool {
	own, based := strings.CutPrefix(name, p.baseName)
	return name == "" || p.name == name || based && own == p.name
}

// senmlValue converts the record that counts for a target.
func (d *Decoder) senmlValue(target int) Value {
	f, p := &d.sensor.Fields[d.sensor.targets[target].field], d.picks[target]
	if p.value == "" {
		return Value{Why: Missing}
	}
	if p.data || f.layout != nil {
		return d.senmlBytes(f, p)
	}
	if n, why := parseNumber(p.value); why == Known && p.base != 0 {
		return f.fromNumber(n + p.base)
	}
	return f.fromJSON(p.value, false)
}

func (d *Decoder) senmlBytes(f *Field, p senmlPick) Value {
	if !p.data || f.layout == nil {
		return Value{Why: NotANumber}
	}
	var why Reason
	if d.raw, why = appendDecoded(d.raw[:0], p.value, d.dataEncoding); why != Known {
		return Value{Why: why}
	}
	return f.fromBytes(d.raw)
}

// senmlTime is the time of the newest record that was picked, if the sensor asks
// for it and the record says one that is not relative to now.
func (d *Decoder) senmlTime() time.Time {
	newest := math.Inf(-1)
	for _, p := range d.picks {
		if p.value != "" {
			newest = max(newest, p.time)
		}
	}
	if !d.sensor.timed || newest < senmlNow {
		return time.Time{}
	}
	at, why := epochInstant(newest)
	if why != Known || at.Before(clockEpoch) {
		return time.Time{}
	}
	return at
}
