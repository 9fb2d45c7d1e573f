package rules

import (
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// A note is what compiling one part of an expression finds out that it takes
// to explain the part.
type note struct {
	value  expr // zero of a sensor as a whole
	slot   int  // of the sensor that the part names; none for what names none
	window int  // which of its sensor's windows the part looks at, or none
	of     int  // the slot of that window's sensor
	watch  int  // which watched condition the part looks at, or none
}

const none = -1

// note is what is known so far of e, to be added to.
func (c *compiler) note(e hclsyntax.Expression) *note {
	e = block.Bare(e)
	if c.notes == nil {
		c.notes = map[hclsyntax.Expression]*note{}
	}
	if c.notes[e] == nil {
		c.notes[e] = &note{slot: none, window: none, of: none, watch: none}
	}
	return c.notes[e]
}

// A clause is a part of a condition that can be told by itself, with the parts
// it is made from. Like the condition it serves every instance.
type clause struct {
	note
	text  string
	joint Joint
	parts []clause
}

// Joint is how the parts of a Part are joined: JointAll or JointAny, "" when
// they are neither.
type Joint string

// The joints.
const (
	JointAll Joint = "all" // &&
	JointAny Joint = "any" // ||
)

// clause prepares e, which is compiled, to be explained.
func (c *compiler) clause(e hclsyntax.Expression) clause {
	e = block.Bare(e)
	out := clause{note: *c.note(e), text: asWritten(e), joint: jointOf(e)}
	for _, part := range c.parts(e, out.joint) {
		out.parts = append(out.parts, c.clause(part))
	}
	return out
}

func jointOf(e hclsyntax.Expression) Joint {
	if b, ok := e.(*hclsyntax.BinaryOpExpr); ok {
		return map[*hclsyntax.Operation]Joint{hclsyntax.OpLogicalAnd: JointAll, hclsyntax.OpLogicalOr: JointAny}[b.Op]
	}
	return ""
}

// parts are the operands of e that may be another value at another time. What
// is joined alike is told side by side: a && b && c has three parts.
func (c *compiler) parts(e hclsyntax.Expression, joint Joint) []hclsyntax.Expression {
	var out []hclsyntax.Expression
	for _, o := range operands(e) {
		o = block.Bare(o)
		switch n := c.notes[o]; {
		case n == nil || n.value.fixed:
		case joint != "" && jointOf(o) == joint, n.value.list != nil:
			out = append(out, c.parts(o, joint)...)
		default:
			out = append(out, o)
		}
	}
	return out
}
