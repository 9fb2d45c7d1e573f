package rules

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// Switch is an on or off that outlives restarts, such as armed or away, one
// `switch` block.
type Switch struct {
	Name    string
	Default bool   // until it is first set
	Topic   string // whose payloads set it, read as those of a declared bool; "" for none
	Range   hcl.Range

	// Words are the texts that set it on and off, in capitals; empty for none.
	Words      [2]string
	WordRanges [2]hcl.Range
}

// loadSwitch reads a `switch` block and reports every mistake in it.
func loadSwitch(b *hclsyntax.Block, ctx *hcl.EvalContext) (*Switch, hcl.Diagnostics) {
	r := block.Open(b, ctx)
	s := &Switch{Name: r.Label(), Default: r.Bool("default", false), Range: r.Header()}
	if text, ok := r.Text("topic"); ok {
		s.Topic = switchTopic(r, text)
	}
	s.switchWords(r)
	return s, r.Close()
}

// switchTopic is the topic that sets a switch. There is one switch, so there is
// no telling apart the topics that a label would stand for.
func switchTopic(r *block.Reader, text string) string {
	pattern, err := ParsePattern(text)
	switch {
	case err != nil:
		(&sensorLoader{Reader: r}).addTextError("Invalid topic", r.Expr("topic"), text, err)
		return ""
	case len(pattern.Labels()) > 0:
		r.Add(block.Mistake(r.Range("topic"), "Invalid topic", fmt.Sprintf(
			"A switch is set by one topic, and {%s} stands for many. Write the topic in full.", pattern.Labels()[0])))
		return ""
	case pattern.Filter() != text:
		r.Add(block.Mistake(r.Range("topic"), "Invalid topic", "A switch is set by one topic, and {_} stands for many. Write the topic in full."))
		return ""
	}
	return pattern.Filter()
}

// newDecoder returns the Decoder of what the switch's topic says: one bool, as
// of a sensor with value = bool.
func (s *Switch) newDecoder() *Decoder {
	payload := &Sensor{
		Name: s.Name, Fields: []Field{{Kind: Bool}}, Format: formatAuto,
		targets: []target{{whole: true}}, bare: true,
	}
	payload.paths.add(nil, 0)
	return payload.NewDecoder()
}

// switchNamed is the index of the switch of that name, -1 when there is none.
func switchNamed(all []*Switch, name string) int {
	return slices.IndexFunc(all, func(s *Switch) bool { return s.Name == name })
}

// switchValue compiles switch.name, which is true while the switch is on.
func (c *compiler) switchValue(e *hclsyntax.ScopeTraversalExpr) expr {
	c.sensed = true
	if len(e.Traversal) < 2 {
		return c.mistake(e, "Switch without a name", "Write which switch, such as "+c.anySwitch()+".")
	}
	step, ok := e.Traversal[1].(hcl.TraverseAttr)
	if !ok {
		return c.mistakeAt(e.Traversal[1].SourceRange(), "Unsupported index", "A switch is named with a dot, as in "+c.anySwitch()+".")
	}
	i := switchNamed(c.scope.Switches, step.Name)
	switch {
	case i < 0:
		return c.mistakeAt(afterDot(step.SrcRange), "Unknown switch", c.unknownSwitch(step.Name))
	case len(e.Traversal) > 2:
		return c.mistakeAt(e.Traversal[2].SourceRange(), "Switch without members", fmt.Sprintf(
			"switch.%s is true while the switch is on, and has nothing inside. Write switch.%[1]s.", step.Name))
	}
	if !slices.Contains(c.scope.looked, i) {
		c.scope.looked = append(c.scope.looked, i)
	}
	return boolExpr(func(f *Frame) (bool, Reason) { return f.switches[i].on, Known })
}

func (c *compiler) anySwitch() string {
	if len(c.scope.Switches) > 0 {
		return "switch." + c.scope.Switches[0].Name
	}
	return "switch.away"
}

// unknownSwitch says what to write instead of a switch that is not there.
func (c *compiler) unknownSwitch(name string) string {
	var known []string
	for _, s := range c.scope.Switches {
		known = append(known, s.Name)
	}
	detail := fmt.Sprintf("There is no switch called %q. ", name)
	switch near := block.Suggest(name, known); {
	case near != "":
		return detail + "Did you mean switch." + near + "?"
	case len(known) == 0:
		return detail + fmt.Sprintf("Write switch %q {} for one that is set by hand.", name)
	}
	slices.Sort(known)
	return detail + "There are: " + someOf(known) + "."
}
