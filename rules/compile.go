package rules

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// The bounds of one expression. They keep compiling and evaluating it within a
// known stack and a known time.
const (
	exprDepthMax = 256   // operands inside operands
	exprPartsMax = 4_096 // operators, names, literals and calls
)

// compiler turns one expression into closures and collects every mistake in it.
type compiler struct {
	scope  *Scope
	diags  hcl.Diagnostics
	sensed bool // the expression looks at a sensor or a switch
	reads  bool // at what it says, and not only when it last said it
	blind  bool // it reads one whose block has mistakes, so it cannot be compiled

	read, asked []int // the slots of sensors that it reads, and of which it asks when they last spoke

	wakeups  []wakeup // when it may change although no reading arrives
	standing []wakeup // those that count also where it is only a message

	said []place // the values that are read, in the order of the text

	notes map[hclsyntax.Expression]*note // of each part, for explaining it
}

// compileCondition compiles what `when` and `clear_when` hold: a bool that
// depends on a sensor or a switch. It is a strict subset of HCL: on known values the
// outcome is that of the HCL evaluator, but for float64 instead of big
// numbers. The Condition is nil when there are errors, also when they are in
// the block of a sensor it reads.
func compileCondition(e hcl.Expression, s *Scope) (*Condition, hcl.Diagnostics) {
	c := &compiler{scope: s}
	if root := c.root(e); root != nil {
		x := c.expression(root)
		c.checkCondition(root, x)
		if c.sound() {
			s.wakeups = append(s.wakeups, c.wakeups...)
			return &Condition{x.truth, c.reads, c.read, c.asked, c.said, c.clause(root)}, nil
		}
	}
	return nil, c.diags
}

// sound tells whether what was compiled can be evaluated.
func (c *compiler) sound() bool { return !c.blind && !c.diags.HasErrors() }

// root is e as a syntax tree within bounds, or nil.
func (c *compiler) root(e hcl.Expression) hclsyntax.Expression {
	root, problem := boundedTree(e)
	if problem != nil {
		c.diags = append(c.diags, problem)
		return nil
	}
	return root
}

func (c *compiler) checkCondition(e hclsyntax.Expression, x expr) {
	switch {
	case x.broken():
	case !c.wantTruth(e, x):
	case !c.sensed:
		c.mistake(e, "Condition without a sensor", "This condition looks at no sensor and no switch, so nothing that happens changes it. "+
			"Compare a sensor with a limit, such as sensor.freezer > -12.")
	case x.fixed:
		truth, _ := (&Condition{test: x.truth}).Eval(nil)
		c.mistake(e, "Constant condition", fmt.Sprintf("This condition is always %v, whatever its sensors say. "+
			"Remove the part that decides it.", truth))
	}
}

func (c *compiler) mistake(e hclsyntax.Expression, summary, detail string) expr {
	return c.mistakeAt(e.Range(), summary, detail)
}

// mistakeAt reports a mistake and returns the broken expression.
func (c *compiler) mistakeAt(rng hcl.Range, summary, detail string) expr {
	c.diags = append(c.diags, block.Mistake(rng, summary, detail))
	return expr{}
}

// expression compiles e, which must be a single value.
func (c *compiler) expression(e hclsyntax.Expression) expr {
	x := c.argument(e)
	if x.list != nil {
		return c.mistake(e, "Unexpected list", "A list is not a value here. To test for one of several values, "+
			`write contains(["a", "b"], x).`)
	}
	return x
}

// argument compiles e, which may be a list of values. Every operand is
// compiled even when an earlier one has a mistake, so that all are reported.
func (c *compiler) argument(e hclsyntax.Expression) expr {
	x := c.part(e)
	c.note(e).value = x
	return x
}

func (c *compiler) part(e hclsyntax.Expression) expr {
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return c.literal(e)
	case *hclsyntax.ParenthesesExpr:
		return c.argument(e.Expression)
	case *hclsyntax.ScopeTraversalExpr:
		return c.name(e)
	case *hclsyntax.UnaryOpExpr:
		return c.unary(e)
	case *hclsyntax.BinaryOpExpr:
		return c.binary(e)
	case *hclsyntax.ConditionalExpr:
		return c.conditional(e)
	case *hclsyntax.FunctionCallExpr:
		return c.call(e)
	case *hclsyntax.TemplateExpr:
		return c.quotedTemplate(e)
	case *hclsyntax.TemplateWrapExpr:
		return c.quotedValue(e)
	case *hclsyntax.TupleConsExpr:
		return c.listOf(e)
	}
	return c.mistake(e, "Unsupported expression", unsupported(e))
}

func (c *compiler) literal(e *hclsyntax.LiteralValueExpr) expr {
	switch v := e.Val; {
	case v.IsNull():
		return c.mistake(e, "No null in conditions",
			"A value that is not there is unknown, not null. To ask whether it is there, write known(x) or !known(x).")
	case v.Type() == cty.Bool:
		return boolExpr(always(v.True(), Known)).fold()
	case v.Type() == cty.String:
		return stringExpr(always(v.AsString(), Known)).fold()
	case v.Type() == cty.Number:
		n, _ := v.AsBigFloat().Float64()
		if !finite(n) {
			return c.mistake(e, "Number too large", "This number is larger than any that is calculated with, which is 1.8e308.")
		}
		return numberExpr(always(n, Known)).fold()
	}
	return c.mistake(e, "Unsupported expression", unsupported(e))
}

func (c *compiler) listOf(e *hclsyntax.TupleConsExpr) expr {
	var x expr
	broken := false
	for _, item := range e.Exprs {
		v := c.expression(item)
		broken = broken || v.broken()
		x.list = append(x.list, v)
	}
	if len(x.list) == 0 {
		return c.mistake(e, "Empty list", "This list is empty, so nothing is ever in it. Write the values to look for.")
	}
	if broken {
		return expr{}
	}
	return x
}

func (c *compiler) conditional(e *hclsyntax.ConditionalExpr) expr {
	if isDirective(e) {
		return c.mistake(e, "Unsupported directive", unsupportedIf)
	}
	test := c.expression(e.Condition)
	a, b := c.expression(e.TrueResult), c.expression(e.FalseResult)
	if test.broken() || a.broken() || b.broken() {
		return expr{}
	}
	if !c.wantTruth(e.Condition, test) {
		return expr{}
	}
	kind := commonKind(a, b)
	if kind == 0 {
		return c.mistake(e, "Values of different types", fmt.Sprintf("This is %s when the condition is true and %s when it is false. "+
			"Both must be of one type.", noun(a), noun(b)))
	}
	switch {
	case test.settled(true):
		return a
	case test.settled(false):
		return b
	}
	return chosen(kind, test, a, b).from(test, a, b)
}

// commonKind is the kind that values of both kinds can be taken for, 0 when
// there is none. Strings stay strings; only a time is also a number. A duration
// is one to calculate with, but not to compare it: its unit would be guesswork.
func commonKind(a, b expr) Kind {
	switch {
	case a.kind == b.kind:
		return a.kind
	case a.kind == Duration || b.kind == Duration:
		return 0
	case a.numeric() && b.numeric():
		return Number
	}
	return 0
}

func chosen(kind Kind, test, a, b expr) expr {
	switch kind {
	case Bool:
		return boolExpr(either(test.truth, a.truth, b.truth))
	case String:
		return stringExpr(either(test.truth, a.str, b.str))
	}
	return numberExpr(either(test.truth, a.num, b.num)).as(kind)
}

// either is `test ? a : b`. It is unknown while test is, even when a and b
// agree.
func either[T any](test eval[bool], a, b eval[T]) eval[T] {
	return func(f *Frame) (T, Reason) {
		holds, why := test(f)
		if why != Known {
			var none T
			return none, why
		}
		if holds {
			return a(f)
		}
		return b(f)
	}
}
