package config

import (
	"maps"
	"math"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// An interval is where a number can lie, both ends included.
type interval struct{ least, greatest float64 }

var anywhere = interval{math.Inf(-1), math.Inf(1)}

func exactly(n float64) interval { return interval{n, n} }

// around is the smallest interval that holds all the given numbers.
func around(numbers ...float64) interval {
	out := interval{math.Inf(1), math.Inf(-1)}
	for _, n := range numbers {
		if math.IsNaN(n) {
			return anywhere
		}
		out.least, out.greatest = min(out.least, n), max(out.greatest, n)
	}
	return out
}

func (a interval) and(b interval) interval {
	return interval{max(a.least, b.least), min(a.greatest, b.greatest)}
}

func (a interval) or(b interval) interval {
	return interval{min(a.least, b.least), max(a.greatest, b.greatest)}
}

// An outcome is what a condition can be, whatever its sensors say.
type outcome struct{ true, false bool }

var either = outcome{true, true}

// A reasoner follows the valid ranges of sensors through expressions. It errs on
// the side of "can be".
type reasoner struct {
	l *loader
	// known narrows fields, by name, to where they lie as far as the condition
	// around the expression says.
	known map[string]interval
}

// condition finds what e can be.
func (r reasoner) condition(e hclsyntax.Expression) outcome {
	switch e := block.Bare(e).(type) {
	case *hclsyntax.LiteralValueExpr:
		if truth, ok := truthOf(e); ok {
			return outcome{truth, !truth}
		}
	case *hclsyntax.UnaryOpExpr:
		if e.Op == hclsyntax.OpLogicalNot {
			o := r.condition(e.Val)
			return outcome{o.false, o.true}
		}
	case *hclsyntax.BinaryOpExpr:
		return r.operation(e)
	case *hclsyntax.FunctionCallExpr:
		if e.Name == "between" && len(e.Args) == 3 {
			x, low, high := r.number(e.Args[0]), r.number(e.Args[1]), r.number(e.Args[2])
			above, below := atLeast(x, low), atLeast(high, x)
			return outcome{above.true && below.true, above.false || below.false}
		}
	}
	return either
}

func (r reasoner) operation(e *hclsyntax.BinaryOpExpr) outcome {
	switch e.Op {
	case hclsyntax.OpLogicalAnd:
		left, right := r.condition(e.LHS), r.condition(e.RHS)
		return outcome{left.true && r.given(e.LHS).condition(e.RHS).true, left.false || right.false}
	case hclsyntax.OpLogicalOr:
		left, right := r.condition(e.LHS), r.condition(e.RHS)
		return outcome{left.true || right.true, left.false && right.false}
	}
	a, b := r.number(e.LHS), r.number(e.RHS)
	switch e.Op {
	case hclsyntax.OpGreaterThanOrEqual:
		return atLeast(a, b)
	case hclsyntax.OpLessThanOrEqual:
		return atLeast(b, a)
	case hclsyntax.OpGreaterThan:
		o := atLeast(b, a)
		return outcome{o.false, o.true}
	case hclsyntax.OpLessThan:
		o := atLeast(a, b)
		return outcome{o.false, o.true}
	case hclsyntax.OpEqual:
		return equal(a, b)
	case hclsyntax.OpNotEqual:
		o := equal(a, b)
		return outcome{o.false, o.true}
	}
	return either
}

// atLeast finds what a >= b can be.
func atLeast(a, b interval) outcome {
	return outcome{a.greatest >= b.least, a.least < b.greatest}
}

// equal finds what a == b can be. What is no number lies anywhere.
func equal(a, b interval) outcome {
	meet := a.and(b)
	return outcome{meet.least <= meet.greatest, a != b || a.least != a.greatest}
}

// given reasons on where e is true.
func (r reasoner) given(e hclsyntax.Expression) reasoner {
	op, ok := block.Bare(e).(*hclsyntax.BinaryOpExpr)
	switch {
	case !ok:
		return r
	case op.Op == hclsyntax.OpLogicalAnd:
		return r.given(op.LHS).given(op.RHS)
	}
	a, b := r.number(op.LHS), r.number(op.RHS)
	switch op.Op {
	case hclsyntax.OpGreaterThan, hclsyntax.OpGreaterThanOrEqual:
		return r.where(op.LHS, interval{b.least, math.Inf(1)}).where(op.RHS, interval{math.Inf(-1), a.greatest})
	case hclsyntax.OpLessThan, hclsyntax.OpLessThanOrEqual:
		return r.where(op.LHS, interval{math.Inf(-1), b.greatest}).where(op.RHS, interval{a.least, math.Inf(1)})
	case hclsyntax.OpEqual:
		return r.where(op.LHS, b).where(op.RHS, a)
	}
	return r
}

// where narrows the field that e is, if it is one.
func (r reasoner) where(e hclsyntax.Expression, in interval) reasoner {
	t, ok := block.Bare(e).(*hclsyntax.ScopeTraversalExpr)
	if !ok || t.Traversal.RootName() != "sensor" {
		return r
	}
	known := maps.Clone(r.known)
	if known == nil {
		known = map[string]interval{}
	}
	known[written(t.Traversal)] = r.number(e).and(in)
	return reasoner{r.l, known}
}

// number finds where e can lie; what is no number lies anywhere.
func (r reasoner) number(e hclsyntax.Expression) interval {
	switch e := block.Bare(e).(type) {
	case *hclsyntax.LiteralValueExpr:
		if !e.Val.IsNull() && e.Val.Type() == cty.Number {
			n, _ := e.Val.AsBigFloat().Float64()
			return exactly(n)
		}
	case *hclsyntax.ScopeTraversalExpr:
		return r.field(e)
	case *hclsyntax.UnaryOpExpr:
		if e.Op == hclsyntax.OpNegate {
			x := r.number(e.Val)
			return interval{-x.greatest, -x.least}
		}
	case *hclsyntax.BinaryOpExpr:
		return calculated(e.Op, r.number(e.LHS), r.number(e.RHS))
	case *hclsyntax.ConditionalExpr:
		return r.number(e.TrueResult).or(r.number(e.FalseResult))
	case *hclsyntax.FunctionCallExpr:
		return r.call(e)
	}
	return anywhere
}

func (r reasoner) field(e *hclsyntax.ScopeTraversalExpr) interval {
	if in, ok := r.known[written(e.Traversal)]; ok {
		return in
	}
	if e.Traversal.RootName() == "sensor" {
		if f := r.l.field(e.Traversal); f != nil && f.Valid != nil {
			return interval{f.Valid[0], f.Valid[1]}
		}
	}
	return anywhere
}

// calculated finds where the outcome of an operator can lie.
func calculated(op *hclsyntax.Operation, a, b interval) interval {
	switch op {
	case hclsyntax.OpAdd:
		return around(a.least+b.least, a.greatest+b.greatest)
	case hclsyntax.OpSubtract:
		return around(a.least-b.greatest, a.greatest-b.least)
	case hclsyntax.OpMultiply:
		return around(a.least*b.least, a.least*b.greatest, a.greatest*b.least, a.greatest*b.greatest)
	case hclsyntax.OpDivide:
		if b.least > 0 || b.greatest < 0 {
			return around(a.least/b.least, a.least/b.greatest, a.greatest/b.least, a.greatest/b.greatest)
		}
	}
	return anywhere
}

// call finds where the outcome of a function can lie. What a window remembers is
// not bound by what the condition says of the present.
func (r reasoner) call(e *hclsyntax.FunctionCallExpr) interval {
	var args []interval
	for _, arg := range e.Args {
		args = append(args, r.number(arg))
	}
	switch n := len(args); {
	case n == 0:
	case e.Name == "avg_over" || e.Name == "min_over" || e.Name == "max_over" || e.Name == "previous":
		return reasoner{l: r.l}.number(e.Args[0])
	case e.Name == "abs":
		x := args[0]
		if x.least <= 0 && x.greatest >= 0 {
			return interval{0, max(-x.least, x.greatest)}
		}
		return around(math.Abs(x.least), math.Abs(x.greatest))
	case e.Name == "floor" || e.Name == "ceil" || e.Name == "round" && n == 1:
		return interval{math.Floor(args[0].least), math.Ceil(args[0].greatest)}
	case e.Name == "default" && n == 2:
		return args[0].or(args[1])
	case e.Name == "min":
		out := args[0]
		for _, x := range args[1:] {
			out = interval{min(out.least, x.least), min(out.greatest, x.greatest)}
		}
		return out
	case e.Name == "max":
		out := args[0]
		for _, x := range args[1:] {
			out = interval{max(out.least, x.least), max(out.greatest, x.greatest)}
		}
		return out
	}
	return anywhere
}
