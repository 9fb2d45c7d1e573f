package rules

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// Scope is what names mean inside one alert, and what compiling its parts finds
// that it has to keep.
type Scope struct {
	Sensors []*Sensor // the sensors the alert uses, in slot order
	All     []*Sensor // every sensor there is, for suggestions
	Labels  []string  // the names of the alert's labels

	Switches []*Switch // every switch there is, by the index in Frame.switches

	windows []WindowUse
	watched []watched // by held and happened, those inside others first
	wakeups []wakeup  // when a condition may change although no reading arrives
	looked  []int     // the switches that the alert looks at
	silence bool      // it asks whether a sensor is offline
}

// sensorsUsed lists the sensors that e reads, in order of appearance. A sensor
// that does not exist is a mistake; compiling e reports the same mistake at
// the same place, among all others.
func sensorsUsed(e hcl.Expression, all map[string]*Sensor) ([]*Sensor, hcl.Diagnostics) {
	root, problem := boundedTree(e)
	if problem != nil {
		return nil, hcl.Diagnostics{problem}
	}
	var used []*Sensor
	var diags hcl.Diagnostics
	visit(root, func(e hclsyntax.Expression) {
		name, rng, ok := sensorName(e)
		switch s := all[name]; {
		case !ok || slices.Contains(used, s):
		case s == nil:
			diags = append(diags, unknownSensor(name, rng, slices.Sorted(maps.Keys(all))))
		default:
			used = append(used, s)
		}
	})
	return used, diags
}

// sensorName is the name in sensor.name… and its place.
func sensorName(e hclsyntax.Expression) (string, hcl.Range, bool) {
	t, ok := e.(*hclsyntax.ScopeTraversalExpr)
	if !ok || t.Traversal.RootName() != "sensor" || len(t.Traversal) < 2 {
		return "", hcl.Range{}, false
	}
	step, ok := t.Traversal[1].(hcl.TraverseAttr)
	return step.Name, afterDot(step.SrcRange), ok
}

// afterDot is the place of the name alone in the place of ".name".
func afterDot(rng hcl.Range) hcl.Range {
	rng.Start.Byte++
	rng.Start.Column++
	return rng
}

// name compiles a name: a sensor's value, a switch or a label.
func (c *compiler) name(e *hclsyntax.ScopeTraversalExpr) expr {
	root := e.Traversal.RootName()
	switch root {
	case "sensor":
		return c.sensorValue(e)
	case "switch":
		return c.switchValue(e)
	}
	i := slices.Index(c.scope.Labels, root)
	switch {
	case i < 0:
		return c.unknownName(e, root)
	case len(e.Traversal) > 1:
		return c.mistake(e, "Label without members", fmt.Sprintf("%s is a label, which is a text and has nothing inside. Write %s.", root, root))
	}
	return stringExpr(labelValue(i))
}

func labelValue(i int) eval[string] {
	return func(f *Frame) (string, Reason) { return f.Labels[i], Known }
}

// sensorValue compiles sensor.name and sensor.name.field.
func (c *compiler) sensorValue(e *hclsyntax.ScopeTraversalExpr) expr {
	slot, at, ok := c.sensorField(e)
	if !ok {
		return expr{}
	}
	c.said = append(c.said, place{slot, at})
	s := c.scope.Sensors[slot]
	if s.Event {
		return c.eventValue(s, slot, at)
	}
	c.reads = true
	return fieldValue(s.Fields[at].Kind, slot, at)
}

// eventValue is a field of an event, which is over when its hold has passed. That
// is known without a reading, also after a reboot.
func (c *compiler) eventValue(s *Sensor, slot, at int) expr {
	c.wake(func(f *Frame) time.Duration {
		if s := f.Series[slot]; s != nil {
			return after(f, s.moment+s.sensor.Hold)
		}
		return never
	})
	return valueExpr(s.Fields[at].Kind, func(f *Frame) *Value {
		if s := f.Series[slot]; s == nil || s.over(f.Now) {
			return &eventOver
		}
		return f.field(slot, at)
	})
}

var eventOver = Value{Why: Over}

// sensorField is the field that e names, by the sensor's slot.
func (c *compiler) sensorField(e *hclsyntax.ScopeTraversalExpr) (slot, at int, ok bool) {
	c.sensed = true
	name, rng, ok := sensorName(e)
	if !ok {
		c.mistake(e, "Sensor without a name", "Write which sensor, such as "+c.anySensor()+".")
		return 0, 0, false
	}
	if slot, ok = c.slotOf(name, rng); !ok {
		return 0, 0, false
	}
	c.note(e).slot = slot
	c.read = append(c.read, slot)
	at = c.fieldOf(c.scope.Sensors[slot], e)
	return slot, at, at >= 0
}

// slotOf is the slot of the sensor of that name.
func (c *compiler) slotOf(name string, rng hcl.Range) (int, bool) {
	slot := slices.IndexFunc(c.scope.Sensors, func(s *Sensor) bool { return s.Name == name })
	if slot < 0 {
		c.notInScope(name, rng)
	}
	return slot, slot >= 0
}

func (c *compiler) anySensor() string {
	if len(c.scope.All) > 0 {
		return "sensor." + c.scope.All[0].Name
	}
	return "sensor.freezer"
}

func (c *compiler) notInScope(name string, rng hcl.Range) {
	var known []string
	for _, s := range c.scope.All {
		known = append(known, s.Name)
	}
	if slices.Contains(known, name) {
		c.mistakeAt(rng, "Sensor out of reach", "sensor."+name+" takes no part in this alert, so there is no telling which of its readings is meant. Use it in the condition.")
		return
	}
	c.diags = append(c.diags, unknownSensor(name, rng, known))
}

func unknownSensor(name string, rng hcl.Range, known []string) *hcl.Diagnostic {
	detail := fmt.Sprintf("There is no sensor called %q. ", name)
	minuend, _, _ := strings.Cut(name, "-")
	near := block.Suggest(name, known)
	switch {
	case slices.Contains(known, minuend):
		detail += spaceOut("sensor." + name)
	case near != "":
		detail += "Did you mean sensor." + near + "?"
	case len(known) == 0:
		detail += "No sensor block was found."
	default:
		detail += "There are: " + someOf(slices.Sorted(slices.Values(known))) + "."
	}
	return block.Mistake(rng, "Unknown sensor", detail)
}

// spaceOut explains that a hyphen belongs to the name it stands in.
func spaceOut(name string) string {
	return "A hyphen is taken for a part of the name. To subtract, put spaces around it: " + strings.Replace(name, "-", " - ", 1) + "."
}

// isScalar tells a sensor that is one value from one with fields.
func isScalar(s *Sensor) bool { return len(s.Fields) == 1 && s.Fields[0].Name == "" }

// fieldOf is the index of the field that e reads, -1 when there is none. A
// sensor of which no field could be understood is passed over in silence: its
// own block was complained of.
func (c *compiler) fieldOf(s *Sensor, e *hclsyntax.ScopeTraversalExpr) int {
	whole, rest := "sensor."+s.Name, e.Traversal[2:]
	switch {
	case len(s.Fields) == 0:
		c.blind = true
		return -1
	case len(rest) == 0 && isScalar(s):
		return 0
	case len(rest) == 0:
		c.mistake(e, "Sensor with fields", fmt.Sprintf("%s is not a single value; it has the fields %s. Write one of them, as in %s.%s.",
			whole, declaredFields(s), whole, s.Fields[0].Name))
		return -1
	case isScalar(s):
		c.mistakeAt(rest[0].SourceRange(), "Sensor without fields",
			fmt.Sprintf("%s is a %v itself and has no fields. Write %s.", whole, s.Fields[0].Kind, whole))
		return -1
	}
	return c.namedField(s, rest)
}

// namedField is the index of the field that rest, what follows the sensor's
// name, reads; -1 after a mistake.
func (c *compiler) namedField(s *Sensor, rest hcl.Traversal) int {
	step, ok := rest[0].(hcl.TraverseAttr)
	if !ok {
		c.mistakeAt(rest[0].SourceRange(), "Unsupported index", fmt.Sprintf("The fields of sensor.%s are named with a dot, as in sensor.%[1]s.%s.",
			s.Name, s.Fields[0].Name))
		return -1
	}
	at := s.Field(step.Name)
	switch {
	case at < 0:
		c.unknownField(s, step)
		return -1
	case len(rest) > 1:
		c.mistakeAt(rest[1].SourceRange(), "Field without members", fmt.Sprintf(
			"sensor.%s.%s is a %v and has nothing inside. To read a member of an object, give the field a path in sensor %q.",
			s.Name, step.Name, s.Fields[at].Kind, s.Name))
		return -1
	}
	return at
}

func (c *compiler) unknownField(s *Sensor, step hcl.TraverseAttr) {
	var known []string
	for _, f := range s.Fields {
		known = append(known, f.Name)
	}
	detail := fmt.Sprintf("sensor.%s has no field %q. ", s.Name, step.Name)
	minuend, _, _ := strings.Cut(step.Name, "-")
	if near := block.Suggest(step.Name, known); slices.Contains(known, minuend) {
		detail += spaceOut("sensor." + s.Name + "." + step.Name)
	} else if near != "" {
		detail += fmt.Sprintf("Did you mean sensor.%s.%s?", s.Name, near)
	} else {
		detail += "It has: " + declaredFields(s) + "."
	}
	c.mistakeAt(afterDot(step.SrcRange), "Unknown field", detail)
}

// declaredFields lists the fields of s with their kinds.
func declaredFields(s *Sensor) string {
	var out []string
	for _, f := range s.Fields {
		out = append(out, fmt.Sprintf("%s (%v)", f.Name, f.Kind))
	}
	return someOf(out)
}

func fieldValue(kind Kind, slot, at int) expr {
	return valueExpr(kind, func(f *Frame) *Value { return f.field(slot, at) })
}

// valueExpr is an expression of that kind for a value.
func valueExpr(kind Kind, value func(*Frame) *Value) expr {
	switch kind {
	case Bool:
		return boolExpr(func(f *Frame) (bool, Reason) {
			v := value(f)
			return v.Bool, v.Why
		})
	case String:
		return stringExpr(func(f *Frame) (string, Reason) {
			v := value(f)
			return v.Str, v.Why
		})
	}
	return numberExpr(func(f *Frame) (float64, Reason) {
		v := value(f)
		return v.Num, v.Why
	}).as(kind)
}

var nothingReceived = Value{Why: Missing}

func (f *Frame) field(slot, at int) *Value {
	if s := f.Series[slot]; s != nil {
		return &s.values[at]
	}
	return &nothingReceived
}

// elsewhere says, for names that are known from elsewhere, what to write
// instead.
var elsewhere = map[string]string{
	"True": "Write true.", "TRUE": "Write true.", "on": "Write true.", "ON": "Write true.", "yes": "Write true.",
	"False": "Write false.", "FALSE": "Write false.", "off": "Write false.", "OFF": "Write false.", "no": "Write false.",
	"alert":   "A condition looks at sensors: repeat the condition of that alert.",
	"payload": "Declare the member of the payload as a field of the sensor, and write sensor.name.field.",
}

func (c *compiler) unknownName(e *hclsyntax.ScopeTraversalExpr, name string) expr {
	return c.mistakeAt(e.Traversal[0].SourceRange(), "Unknown name", fmt.Sprintf("Nothing is called %q here. %s", name, c.nameInstead(name)))
}

// nameInstead says what to write instead of a name that means nothing.
func (c *compiler) nameInstead(name string) string {
	minuend, _, _ := strings.Cut(name, "-")
	near := block.Suggest(name, c.scope.Labels)
	switch instead := elsewhere[name]; {
	case instead != "":
		return instead
	case slices.Contains(c.scope.Labels, minuend):
		return spaceOut(name)
	case c.pathTo(name) != "":
		return "Did you mean " + c.pathTo(name) + "?"
	case near != "":
		return "Did you mean the label " + near + "?"
	case block.Suggest(name, []string{"sensor", "switch"}) != "":
		return "Did you mean " + block.Suggest(name, []string{"sensor", "switch"}) + "?"
	case len(c.scope.Labels) > 0:
		return fmt.Sprintf("A bare name is a label, and this alert has: %s. A text is written in quotes: %q.", someOf(c.scope.Labels), name)
	}
	return fmt.Sprintf("A value is read from a sensor, as in %s. A text is written in quotes: %q.", c.anySensor(), name)
}

// pathTo is how to write the sensor, the switch, or the field of a sensor in
// use, that has the given name; "" when there is none.
func (c *compiler) pathTo(name string) string {
	for _, s := range c.scope.All {
		if s.Name == name {
			return "sensor." + name
		}
	}
	if switchNamed(c.scope.Switches, name) >= 0 {
		return "switch." + name
	}
	for _, s := range c.scope.Sensors {
		if s.Field(name) >= 0 {
			return "sensor." + s.Name + "." + name
		}
	}
	return ""
}
