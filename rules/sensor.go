package rules

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// fieldsMax bounds the fields of a sensor.
const fieldsMax = 64

// Sensor is a topic as typed values, one `sensor` block.
type Sensor struct {
	Name    string
	Pattern Pattern
	Fields  []Field
	Decoder string // "auto", "json" or "text"
	QoS     byte   // of the subscription: 0, 1 or 2
	MQTT    string // the name of the `mqtt` block it is read from, "" for all
	Range   hcl.Range

	paths pathTree
	whole bool // declared with value and no path: the payload is the value
}

// Field is one value of a sensor.
type Field struct {
	Name  string // "" for the only field of a sensor declared with value
	Kind  Kind
	Path  string      // where in a JSON payload, as written; "" for the member Name
	Valid *[2]float64 // the least and the greatest number that is believed; nil for any
	Range hcl.Range   // of the name, or of the type of a sensor declared with value
}

// Field returns the index in s.Fields of the field of that name, -1 if there is
// none. The field of a sensor declared with value is named "".
func (s *Sensor) Field(name string) int {
	for i := range s.Fields {
		if s.Fields[i].Name == name {
			return i
		}
	}
	return -1
}

// sensorLoader reads one sensor block, an argument a method.
type sensorLoader struct {
	*block.Reader
	sensor   *Sensor
	declared []string // the names in fields, also those with mistakes
}

// loadSensor reads a `sensor` block and reports every mistake in it. The sensor
// holds what could be understood and is fit to decode only without mistakes.
func loadSensor(b *hclsyntax.Block, ctx *hcl.EvalContext) (*Sensor, hcl.Diagnostics) {
	r := block.Open(b, ctx)
	l := sensorLoader{Reader: r, sensor: &Sensor{Name: r.Label(), Range: r.Header()}}
	l.loadName(b)
	l.loadTopic()
	l.loadFields()
	l.loadDecoder()
	l.loadPaths()
	l.loadValid()
	l.loadSource()
	r.Later("expect", "hold", "kind", "max_age", "offline_after", "retained", "scale", "time", "unit")
	return l.sensor, r.Close()
}

func (l *sensorLoader) loadName(b *hclsyntax.Block) {
	if len(b.Labels) != 1 {
		l.Add(block.Mistake(l.Header(), "Invalid name", `A sensor has one name. Write it in quotes before the brace: sensor "freezer" { … }.`))
		return
	}
	if problem, remedy := nameProblem(l.sensor.Name); problem != "" {
		l.Add(block.Mistake(b.LabelRanges[0], "Invalid name", fmt.Sprintf("The sensor's name %q %s. %s", l.sensor.Name, problem, remedy)))
	}
}

func (l *sensorLoader) loadTopic() {
	if !l.Need("topic", `Write the topic it is read from, such as topic = "site/{site}/freezer/{n}".`) || l.interpolates("topic") {
		return
	}
	text, ok := l.StringOf(l.Expr("topic"), "topic")
	if !ok {
		return
	}
	pattern, err := ParsePattern(text)
	if err != nil {
		l.addTextError("Invalid topic", l.Expr("topic"), text, err)
		return
	}
	l.sensor.Pattern = pattern
}

// interpolates complains about ${room} where the label {room} is meant. Names
// that are known while loading have a dot: var.room.
func (l *sensorLoader) interpolates(name string) bool {
	for _, t := range l.Expr(name).Variables() {
		if len(t) == 1 {
			l.Add(block.Mistake(l.Range(name), "Invalid topic", fmt.Sprintf(
				"${%s} would have to be known before any message. For a part of the topic that varies write {%[1]s}, without $.", t.RootName())))
			return true
		}
	}
	return false
}

// loadDecoder wants the types of the fields to be loaded.
func (l *sensorLoader) loadDecoder() {
	l.sensor.Decoder = l.Words("decode", decodeAuto, decodeJSON, decodeText)
	switch {
	case l.sensor.Decoder == "":
		l.sensor.Decoder = decodeAuto
	case l.sensor.Decoder != decodeText:
	case l.Has("fields"):
		l.Add(block.Mistake(l.Range("decode"), "Conflicting arguments", `Text has no fields. Write value = type instead of fields, or decode = "json".`))
	case l.Has("path"):
		l.Add(block.Mistake(l.Range("decode"), "Conflicting arguments", `Text has no path into it. Leave path out, or write decode = "json".`))
	}
}

func (l *sensorLoader) loadSource() {
	l.sensor.QoS = byte(l.Int("qos", 0, 2, 1))
	refs := l.Refs("mqtt", "mqtt")
	if len(refs) > 1 {
		l.Add(block.Mistake(refs[1].Range, "Invalid reference", "A sensor is read from one broker. Keep one reference, or leave mqtt out to read it from all."))
	}
	if len(refs) > 0 {
		l.sensor.MQTT = refs[0].Name
	}
}

// addTextError complains about a part of the text that e was folded to.
func (l *sensorLoader) addTextError(summary string, e hcl.Expression, text string, err *PatternError) {
	problem := strings.ToUpper(err.Problem[:1]) + err.Problem[1:]
	l.Add(block.Mistake(rangeWithin(e, text, err.Offset, err.Length), summary, problem+". "+err.Remedy))
}

// rangeWithin returns the range of length bytes at offset in text, or that of
// all of e when text does not stand there literally.
func rangeWithin(e hcl.Expression, text string, offset, length int) hcl.Range {
	rng := e.Range()
	literal, ok := e.(*hclsyntax.TemplateExpr)
	if !ok || !literal.IsStringLiteral() || rng.End.Byte-rng.Start.Byte != len(text)+len(`""`) || length == 0 {
		return rng
	}
	rng.Start = advance(rng.Start, `"`+text[:offset])
	rng.End = advance(rng.Start, text[offset:offset+length])
	return rng
}

// advance returns the position behind text, which begins at p and has no line
// ends. Columns count what a reader sees as characters.
func advance(p hcl.Pos, text string) hcl.Pos {
	whole := func(data []byte, _ bool) (int, []byte, error) { return len(data), data, nil }
	scanner := hcl.NewRangeScanner([]byte(text), "", whole)
	if scanner.Scan() {
		p.Column += scanner.Range().End.Column - hcl.InitialPos.Column
	}
	p.Byte += len(text)
	return p
}
