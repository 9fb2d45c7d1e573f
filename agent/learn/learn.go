// Package learn listens and proposes: from the messages of a broker it makes
// the sensor blocks that read them.
//
// Messages are gathered by topic, and by what they say they are where several
// kinds share one. In the end topics that say the same become one pattern with
// labels, and each value a field with a type. What was seen of values stands
// beside them as a comment: a range that was observed is no range to believe
// in. Nothing here asks what time it is, and everything that grows has a bound
// with a name; what is beyond one is left out, counted and said.
package learn

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/cbor"
)

// Bounds of what is remembered.
const (
	unitsMax     = 2000   // topics, each as often as it says different kinds of things
	kindsMax     = 16     // of messages on one topic
	fieldsMax    = 96     // of one unit
	fieldsAllMax = 20_000 // of all units together
	payloadMax   = 256 << 10
	exampleMax   = 400 // bytes of a message that are kept as an example
	wordsMax     = 12  // different texts of a field
	wordMaxBytes = 32
	passedTopics = 4 // topics that are named of those that became no sensor
)

// The formats of payloads, as decode says them.
const (
	formatAuto      = "auto"
	formatCBOR      = "cbor"
	formatSenML     = "senml"
	formatSparkplug = "sparkplug"
)

// Message is one PUBLISH, and when it came. The payload is not kept.
type Message struct {
	Topic    string
	Payload  []byte
	Retained bool // the broker kept it from before
	At       time.Time
}

// Learner gathers messages. It is for one goroutine.
type Learner struct {
	units  map[unitKey]*unit
	kinds  map[string]int // of messages, by topic
	nodes  map[string]*node
	fields int

	messages     int
	began, ended time.Time
	passed       passes
	overUnits    int // messages of units beyond unitsMax
}

// unitKey tells units apart.
type unitKey struct {
	topic, format string
	mark          mark
}

// A mark is the member by which a message says what kind it is: type = "THB".
type mark struct{ member, word string }

// New returns a Learner that has heard nothing.
func New() *Learner {
	return &Learner{units: map[unitKey]*unit{}, kinds: map[string]int{}, nodes: map[string]*node{}, passed: passes{}}
}

// Messages is how many were heard.
func (l *Learner) Messages() int { return l.messages }

// Hear takes in one message.
func (l *Learner) Hear(m Message) {
	l.messages++
	if l.began.IsZero() || m.At.Before(l.began) {
		l.began = m.At
	}
	if m.At.After(l.ended) {
		l.ended = m.At
	}
	text := strings.TrimSpace(string(m.Payload[:min(len(m.Payload), payloadMax+1)]))
	switch why := passOver(m.Topic, text); {
	case why != noPass:
		l.passed.add(why, m.Topic)
	case l.hearSparkplug(m):
	case !utf8.ValidString(text):
		l.hearBinary(m)
	case rules.IsJSON(text):
		l.hearJSON(m, gjson.Parse(text), formatAuto, text)
	case strings.ContainsAny(text[:1], `{["`):
		l.passed.add(brokenJSON, m.Topic)
	case len(text) > textMaxBytes:
		l.passed.add(longText, m.Topic)
	default:
		l.hearBare(m, text)
	}
}

// textMaxBytes is the longest text that can be the value of a field.
const textMaxBytes = 1024

func (l *Learner) hearBinary(m Message) {
	text, err := cbor.AppendJSON(nil, m.Payload)
	doc := gjson.ParseBytes(text)
	switch {
	case err != nil || !doc.IsObject() && !doc.IsArray() || !rules.IsJSON(string(text)):
		l.passed.add(noText, m.Topic)
	default:
		l.hearJSON(m, doc, formatCBOR, string(text))
	}
}

// hearBare takes in a payload that is one value and no JSON.
func (l *Learner) hearBare(m Message, text string) {
	if u := l.unit(m, formatAuto, mark{}, text); u != nil {
		l.saw(u, m, place{path: wholePath}, text, false)
	}
}

func (l *Learner) hearJSON(m Message, doc gjson.Result, format, text string) {
	switch {
	case isSenML(doc):
		l.hearSenML(m, doc, text)
	case !doc.IsObject() && !doc.IsArray():
		if u := l.unit(m, format, mark{}, text); u != nil {
			l.sawJSON(u, m, place{path: wholePath}, doc)
		}
	default:
		u := l.unit(m, format, markOf(doc), text)
		if u == nil {
			return
		}
		w := walk{left: leavesMax, found: func(p place, v gjson.Result) { l.sawJSON(u, m, p, v) }}
		w.into(place{}, doc, 0)
	}
}

// markMembers are the members by which messages that share a topic say what
// they are, the best first.
var markMembers = []string{"type", "_type", "model", "method", "msg_type", "messageType", "event_type", "kind"}

func markOf(doc gjson.Result) mark {
	if !doc.IsObject() {
		return mark{}
	}
	members := doc.Map()
	for _, name := range markMembers {
		if v := members[name]; v.Type == gjson.String && v.Str != "" && len(v.Str) <= 2*wordMaxBytes && writable(v.Str) {
			return mark{name, v.Str}
		}
	}
	return mark{}
}

// unit returns where a message belongs, nil when there is no room left for it.
func (l *Learner) unit(m Message, format string, k mark, text string) *unit {
	key := unitKey{strings.Clone(m.Topic), format, k}
	u := l.units[key]
	if u == nil && l.kinds[m.Topic] >= kindsMax {
		key.mark = mark{} // of too many kinds none is a kind
		u = l.units[key]
	}
	if u == nil {
		if len(l.units) >= unitsMax {
			l.overUnits++
			return nil
		}
		u = &unit{unitKey: key, index: map[string]*field{}}
		l.units[key] = u
		l.kinds[key.topic]++
	}
	u.heard(m, text)
	return u
}

// saw notes what a message says at a place. quoted tells a JSON string, which
// may be a number in quotes.
func (l *Learner) saw(u *unit, m Message, p place, text string, quoted bool) {
	f := l.field(u, p)
	if f == nil {
		return
	}
	text = strings.TrimSpace(text)
	f.text(text, quoted)
	if stampNames[f.name()] {
		f.clock(m, text)
	}
}

func (l *Learner) sawJSON(u *unit, m Message, p place, v gjson.Result) {
	switch v.Type {
	case gjson.Null:
		if f := l.field(u, p); f != nil {
			f.nulls++
		}
	case gjson.String:
		l.saw(u, m, p, v.Str, true)
	case gjson.True, gjson.False:
		if f := l.field(u, p); f != nil {
			f.bool(v.Bool())
		}
	default:
		l.saw(u, m, p, v.Raw, false)
	}
}

// field returns the field at a place, nil when there is no room left for it.
func (l *Learner) field(u *unit, p place) *field {
	f := u.index[p.path]
	switch {
	case f != nil:
		return f
	case len(u.fields) >= fieldsMax || l.fields >= fieldsAllMax:
		u.lost = true
		return nil
	}
	f = &field{place: p.clone()}
	if isGeneric(p.path) {
		f.names = append(strings.Split(u.topic, "/"), f.names...)
	}
	u.index[f.path] = f
	u.fields = append(u.fields, f)
	l.fields++
	return f
}
