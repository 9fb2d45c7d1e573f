package rules

import (
	"strings"
	"unicode/utf8"
	"unsafe"
)

// The decoders a sensor can ask for.
const (
	decodeAuto = "auto"
	decodeJSON = "json"
	decodeText = "text"
)

// Decode reads one message into one value for each of s.Fields, all of which
// it sets; into must be as long.
//
// An empty payload, which is how a retained message is deleted, leaves every
// field Missing. Bytes that are not UTF-8 are a BadPayload to every decoder.
// JSON must be valid (RFC 8259) and nest at most jsonMaxDepth deep; of members
// with the same key the last one counts. By decoder:
//
//	json  the payload is JSON; anything else is a BadPayload
//	text  the payload is the value, without the blanks around it
//	auto  JSON; for a sensor declared with value and no path also a bare
//	      scalar such as ON, unless it begins like JSON with {, [ or "
//
// A sensor declared with value and no path takes a scalar: an object or an
// array leaves it Missing. Fields and paths go into the payload: a JSON scalar
// has no members, so it leaves them Missing.
//
// Nothing in into refers to payload afterwards. A string that equals the one
// already in into is kept, so a sensor whose strings stay the same allocates
// nothing, save for escapes in strings, numbers beyond a float64 and times with
// a zone other than UTC. Decode may run on several goroutines, each with its
// own into.
func (s *Sensor) Decode(payload []byte, into []Value) {
	switch text := viewString(payload); {
	case text == "":
		setUnknown(into, Missing)
	case !utf8.ValidString(text):
		setUnknown(into, BadPayload)
	case s.Decoder != decodeText && isJSON(text):
		s.decodeMembers(text, into)
	case s.takesBare(text):
		into[0] = s.Fields[0].fromText(trimBlanks(text), into[0].Str)
	default:
		setUnknown(into, BadPayload)
	}
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

// takesBare reports whether text is the value itself, given that it was not
// taken for JSON.
func (s *Sensor) takesBare(text string) bool {
	if s.Decoder != decodeAuto {
		return s.Decoder == decodeText
	}
	text = trimBlanks(text)
	return s.whole && (text == "" || !strings.ContainsAny(text[:1], `{["`))
}

// decodeMembers reads the fields out of text, which is valid JSON.
func (s *Sensor) decodeMembers(text string, into []Value) {
	var found [fieldsMax]string
	s.paths.find(text, skipBlanks(text, 0), found[:len(into)])
	for i := range into {
		into[i] = s.fromJSON(&s.Fields[i], found[i], into[i].Str)
	}
}

// fromJSON converts the JSON value found for f, "" if there was none. previous
// is the string f held before.
func (s *Sensor) fromJSON(f *Field, found, previous string) Value {
	if found == "" {
		return Value{Why: Missing}
	}
	switch found[0] {
	case 'n':
		return Value{Why: Null}
	case '{', '[':
		if s.whole {
			return Value{Why: Missing}
		}
		return Value{Why: NotANumber}
	case '"':
		return f.fromText(unquote(found), previous)
	}
	return f.fromText(found, previous)
}

// fromText converts a scalar. previous is the string f held before.
func (f *Field) fromText(text, previous string) (v Value) {
	switch f.Kind {
	case Number:
		v.Num, v.Why = parseNumber(text)
		if v.Why == Known && f.Valid != nil && (v.Num < f.Valid[0] || v.Num > f.Valid[1]) {
			return Value{Why: OutOfRange}
		}
	case Bool:
		v.Bool, v.Why = parseBool(text)
	case Time:
		v.Num, v.Why = parseTime(text)
	case String:
		v.Str, v.Why = keepString(text, previous)
	}
	return v
}

// keepString returns a string of its own that equals text, previous if it
// does. Words such as "none" and "unknown" are strings like any other: a gas
// detector says "none" when all is well.
func keepString(text, previous string) (string, Reason) {
	switch {
	case len(text) > stringMaxBytes:
		return "", OutOfRange
	case text == previous:
		return previous, Known
	}
	return strings.Clone(text), Known
}
