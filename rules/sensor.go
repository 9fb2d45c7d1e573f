package rules

import (
	"fmt"
	"regexp"
	"time"

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
	Format  string // of the payload: "auto", "json", "text", "bytes", "cbor", "senml" or "sparkplug"
	QoS     byte   // of the subscription: 0, 1 or 2
	MQTT    string // the name of the `mqtt` block it is read from, "" for all
	Range   hcl.Range

	// Partial says that a message names only what changed: a field that is not
	// in it keeps its value.
	Partial bool
	// MaxAge is how old a reading may be, by its own time, to start an incident;
	// 0 for any age. It is only set with `time`.
	MaxAge time.Duration
	// OfflineAfter is how long the sensor may be silent, 0 for ever.
	OfflineAfter time.Duration
	// Expect lists the series that must exist, by the values of the pattern's
	// labels in their order. A sensor without labels that has OfflineAfter
	// expects its only series.
	Expect [][]string
	// Event says that a message is something that happened, true for Hold
	// afterwards, and not the state of anything.
	Event bool
	Hold  time.Duration
	// Retained says that retained messages are evidence of the state. It is
	// never set with Event.
	Retained bool

	targets   []target // by field, then by path; those beside the fields last
	paths     pathTree
	bare      bool              // a path is the payload itself
	encoding  string            // of a payload of bytes, "" for none
	only      []wordList        // what a message says that is a reading; by target.only
	metrics   map[string]metric // of Sparkplug, by name
	timed     bool              // the message's own time is asked for
	sequenced bool              // and its own number
	zone      *time.Location    // of times that say none; nil when nobody knows
	time      Field             // what a path of `time` is read as
	scalar    Field             // and any other beside the fields
	needs     []need            // the windows that alerts look at
	told      bool              // a message says a value of it
}

// Field is one value of a sensor.
type Field struct {
	Name  string // "" for the only field of a sensor declared with value
	Kind  Kind
	Path  string      // where in the payload, as written, the first of several; "" for the member Name
	Unit  string      // of a number, for people; "" for none
	Valid *[2]float64 // the least and the greatest number that is believed; nil for any
	// StuckAfter is how long a number may be said to be exactly the same; 0 for
	// any time.
	StuckAfter time.Duration
	Range      hcl.Range // of the name, or of the type of a sensor declared with value

	extract  *regexp.Regexp // finds the value within a text; nil: the text is the value
	words    wordList
	guards   guards
	scale    scaling
	layout   *layout        // where the value is in bytes; nil: it is no bytes
	encoding string         // of those bytes within text
	zone     *time.Location // of times that say none
}

// A target is one path of what a sensor looks for.
type target struct {
	field      int    // its index, or what is looked for beside the fields
	whole      bool   // the path is the payload itself
	only       int    // of onlyField: the index in Sensor.only
	name, unit string // of a SenML record; of a Sparkplug metric the name
}

// A metric is one of Sparkplug, and the fields that read it.
type metric struct {
	name   string
	fields []int
}

// What is looked for beside the fields.
const (
	timeField     = -1
	sequenceField = -2
	onlyField     = -3
)

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

// field returns what a target is read as.
func (s *Sensor) field(i int) *Field {
	switch i {
	case timeField:
		return &s.time
	case sequenceField, onlyField:
		return &s.scalar
	}
	return &s.Fields[i]
}

// sensorLoader reads one sensor block, an argument a method.
type sensorLoader struct {
	*block.Reader
	sensor   *Sensor
	declared []string       // the names in fields, also those with mistakes
	options  []fieldOptions // by index in sensor.Fields
}

// loadSensor reads a `sensor` block and reports every mistake in it. The sensor
// holds what could be understood and is fit to decode only without mistakes.
// zone is that of times which say none, nil when nobody knows.
func loadSensor(b *hclsyntax.Block, ctx *hcl.EvalContext, zone *time.Location) (*Sensor, hcl.Diagnostics) {
	r := block.Open(b, ctx)
	l := sensorLoader{Reader: r, sensor: &Sensor{Name: r.Label(), Range: r.Header(), zone: zone}}
	l.loadName(b)
	l.loadTopic()
	l.loadFormat()
	l.checkSparkplug()
	l.loadZone()
	l.loadFields()
	l.loadOptions()
	l.loadSource()
	l.loadReading()
	l.loadOnly()
	l.loadPresence()
	l.loadNature()
	return l.sensor, r.Close()
}

func (l *sensorLoader) loadName(b *hclsyntax.Block) {
	if len(b.Labels) != 1 {
		l.Add(block.Mistake(l.Header(), "Invalid name", `A sensor has one name. Write it in quotes before the brace: sensor "freezer" { … }.`))
		return
	}
	_, own := block.Unqualify(l.sensor.Name)
	if problem, remedy := nameProblem(own); problem != "" {
		l.Add(block.Mistake(b.LabelRanges[0], "Invalid name", fmt.Sprintf("The sensor's name %q %s. %s", own, problem, remedy)))
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

// loadFormat reads how the payload is written. What goes with which format is
// checked where it is read.
func (l *sensorLoader) loadFormat() {
	l.sensor.Format = l.Words("decode", formatAuto, formatJSON, formatText, formatBytes, formatCBOR, formatSenML, formatSparkplug)
	if l.sensor.Format == "" {
		l.sensor.Format = formatAuto
	}
}

// loadZone reads the zone of times that say none, where it is not the site's.
func (l *sensorLoader) loadZone() {
	name, ok := l.Text("timezone")
	if !ok {
		return
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		l.Add(block.Mistake(l.Range("timezone"), "Invalid time zone", fmt.Sprintf(
			`%q is not a time zone. Write a name of the IANA database, such as "Europe/Dublin" or "UTC".`, name)))
		return
	}
	l.sensor.zone = zone
}
