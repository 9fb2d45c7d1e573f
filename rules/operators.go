package rules

import (
	"math"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func (c *compiler) unary(e *hclsyntax.UnaryOpExpr) expr {
	x := c.expression(e.Val)
	switch {
	case x.broken():
		return x
	case e.Op == hclsyntax.OpLogicalNot:
		if !c.wantTruth(e.Val, x) {
			return expr{}
		}
		return boolExpr(not(x.truth)).from(x)
	}
	if !c.wantNumber(e.Val, x) {
		return expr{}
	}
	return numberExpr(negative(x.num)).from(x)
}

// binary compiles an operator with both its operands.
func (c *compiler) binary(e *hclsyntax.BinaryOpExpr) expr {
	if isChained(e) {
		return c.mistake(e, "Chained comparison", "A comparison gives true or false, which cannot be compared with a limit again. "+
			"Write between(x, low, high), or two comparisons joined by &&.")
	}
	l, r := c.expression(e.LHS), c.expression(e.RHS)
	if l.broken() || r.broken() {
		return expr{}
	}
	if l, r = c.durations(e, l, r); l.broken() || r.broken() {
		return expr{}
	}
	switch e.Op {
	case hclsyntax.OpLogicalAnd, hclsyntax.OpLogicalOr:
		return c.logical(e, l, r)
	case hclsyntax.OpEqual, hclsyntax.OpNotEqual:
		return c.equality(e, l, r)
	}
	left, right := c.wantNumber(e.LHS, l), c.wantNumber(e.RHS, r)
	switch {
	case !left || !right:
		return expr{}
	case isOrder(e.Op):
		return c.order(e, l, r)
	}
	return c.arithmetic(e, l, r)
}

// durations takes a fixed text that a duration is compared with for one too.
func (c *compiler) durations(e *hclsyntax.BinaryOpExpr, l, r expr) (expr, expr) {
	if !isOrder(e.Op) && e.Op != hclsyntax.OpEqual && e.Op != hclsyntax.OpNotEqual {
		return l, r
	}
	switch {
	case l.kind == Duration:
		r = c.asDuration(e.RHS, r)
	case r.kind == Duration:
		l = c.asDuration(e.LHS, l)
	}
	return l, r
}

// asDuration is x, or the duration that x says in quotes.
func (c *compiler) asDuration(e hclsyntax.Expression, x expr) expr {
	if x.kind != String || !x.fixed {
		return x
	}
	d, ok := c.parsedDuration(e, x)
	if !ok {
		return expr{}
	}
	return numberExpr(always(seconds(d), Known)).as(Duration).fold()
}

func isOrder(op *hclsyntax.Operation) bool {
	switch op {
	case hclsyntax.OpLessThan, hclsyntax.OpLessThanOrEqual, hclsyntax.OpGreaterThan, hclsyntax.OpGreaterThanOrEqual:
		return true
	}
	return false
}

// isChained recognises low < x < high, which HCL reads as (low < x) < high.
func isChained(e *hclsyntax.BinaryOpExpr) bool {
	left, ok := e.LHS.(*hclsyntax.BinaryOpExpr)
	return ok && isOrder(e.Op) && isOrder(left.Op)
}

func (c *compiler) logical(e *hclsyntax.BinaryOpExpr, l, r expr) expr {
	left, right := c.wantTruth(e.LHS, l), c.wantTruth(e.RHS, r)
	if !left || !right {
		return expr{}
	}
	decisive := e.Op == hclsyntax.OpLogicalOr
	for _, x := range []expr{l, r} {
		if x.settled(decisive) {
			return x
		}
	}
	return boolExpr(kleene(l.truth, r.truth, decisive)).from(l, r)
}

// kleene is && (decisive false) and || (decisive true): an operand that is
// decisive settles the outcome whatever the other says or does not say. An event
// that is over stands between false and unknown: && is the lesser of its
// operands and || the greater, of false, over, unknown, true.
func kleene(l, r eval[bool], decisive bool) eval[bool] {
	return func(f *Frame) (bool, Reason) {
		left, whyLeft := l(f)
		if whyLeft == Known && left == decisive {
			return decisive, Known
		}
		right, whyRight := r(f)
		if whyRight == Known && right == decisive {
			return decisive, Known
		}
		if decisive {
			return false, lastingReason(whyLeft, whyRight)
		}
		return true, jointReason(whyLeft, whyRight)
	}
}

// jointReason is why what needs both operands is unknown: because one of them is
// an event that is over, and otherwise the first reason.
func jointReason(l, r Reason) Reason {
	if l == Known || r == Over {
		return r
	}
	return l
}

// lastingReason is why neither operand of || is true: the first reason other
// than that an event is over.
func lastingReason(l, r Reason) Reason {
	if l == Known || l == Over && r != Known {
		return r
	}
	return l
}

func not(x eval[bool]) eval[bool] {
	return func(f *Frame) (bool, Reason) {
		v, why := x(f)
		return !v, why
	}
}

func (c *compiler) equality(e *hclsyntax.BinaryOpExpr, l, r expr) expr {
	if !c.mayCompare(e, l, r) {
		return expr{}
	}
	want := e.Op == hclsyntax.OpEqual
	return boolExpr(equal(l, r, want)).from(l, r)
}

// equal compares two expressions of one kind. Strings are equal when their
// bytes are.
func equal(l, r expr, want bool) eval[bool] {
	switch l.kind {
	case Bool:
		return sameAs(l.truth, r.truth, want)
	case String:
		return sameAs(l.str, r.str, want)
	}
	return sameAs(l.num, r.num, want)
}

func sameAs[T comparable](l, r eval[T], want bool) eval[bool] {
	return func(f *Frame) (bool, Reason) {
		left, whyLeft := l(f)
		right, whyRight := r(f)
		return (left == right) == want, jointReason(whyLeft, whyRight)
	}
}

func (c *compiler) order(e *hclsyntax.BinaryOpExpr, l, r expr) expr {
	if !c.mayCompare(e, l, r) {
		return expr{}
	}
	switch {
	case l.clock != nil && r.fixed:
		return c.clockOrder(e.Op, l.clock, fixedDuration(r))
	case r.clock != nil && l.fixed:
		return c.clockOrder(mirrored[e.Op], r.clock, fixedDuration(l))
	}
	a, b := l.num, r.num
	var test eval[bool]
	switch e.Op {
	case hclsyntax.OpLessThan:
		test = less(a, b)
	case hclsyntax.OpLessThanOrEqual:
		test = atMost(a, b)
	case hclsyntax.OpGreaterThan:
		test = above(a, b)
	default:
		test = atLeast(a, b)
	}
	return boolExpr(test).from(l, r)
}

// fixedDuration is what x, a fixed duration, says.
func fixedDuration(x expr) time.Duration {
	s, _ := x.num(nil)
	return time.Duration(math.Round(s * float64(time.Second)))
}

func less(a, b eval[float64]) eval[bool] {
	return func(f *Frame) (bool, Reason) {
		x, y, why := both(f, a, b)
		return x < y, why
	}
}

func atMost(a, b eval[float64]) eval[bool] {
	return func(f *Frame) (bool, Reason) {
		x, y, why := both(f, a, b)
		return x <= y, why
	}
}

func above(a, b eval[float64]) eval[bool] {
	return func(f *Frame) (bool, Reason) {
		x, y, why := both(f, a, b)
		return x > y, why
	}
}

func atLeast(a, b eval[float64]) eval[bool] {
	return func(f *Frame) (bool, Reason) {
		x, y, why := both(f, a, b)
		return x >= y, why
	}
}

// both evaluates two numbers; the Reason is that of jointReason.
func both(f *Frame, a, b eval[float64]) (x, y float64, why Reason) {
	x, whyX := a(f)
	y, whyY := b(f)
	return x, y, jointReason(whyX, whyY)
}

func (c *compiler) arithmetic(e *hclsyntax.BinaryOpExpr, l, r expr) expr {
	if divides := e.Op == hclsyntax.OpDivide || e.Op == hclsyntax.OpModulo; divides && r.fixed {
		if n, why := r.num(nil); why == Known && n == 0 {
			return c.mistake(e.RHS, "Division by zero", "Nothing can be divided by zero, so the result is never known.")
		}
	}
	x := numberExpr(calculation(e.Op, l.num, r.num)).from(l, r)
	if x.fixed && x.why()(nil) != Known {
		return c.mistake(e, "Number too large", "The result is larger than any number that is calculated with, which is 1.8e308.")
	}
	return x
}

func calculation(op *hclsyntax.Operation, a, b eval[float64]) eval[float64] {
	switch op {
	case hclsyntax.OpAdd:
		return func(f *Frame) (float64, Reason) {
			x, y, why := both(f, a, b)
			return finiteOr(x+y, why)
		}
	case hclsyntax.OpSubtract:
		return func(f *Frame) (float64, Reason) {
			x, y, why := both(f, a, b)
			return finiteOr(x-y, why)
		}
	case hclsyntax.OpMultiply:
		return func(f *Frame) (float64, Reason) {
			x, y, why := both(f, a, b)
			return finiteOr(x*y, why)
		}
	case hclsyntax.OpDivide:
		return func(f *Frame) (float64, Reason) {
			x, y, why := both(f, a, b)
			return finiteOr(x/y, why)
		}
	}
	return func(f *Frame) (float64, Reason) {
		x, y, why := both(f, a, b)
		return finiteOr(math.Mod(x, y), why)
	}
}

func negative(x eval[float64]) eval[float64] {
	return func(f *Frame) (float64, Reason) {
		v, why := x(f)
		return -v, why
	}
}

// finiteOr makes what is no finite number unknown: a division by zero, the
// root of nothing, an overflow.
func finiteOr(x float64, why Reason) (float64, Reason) {
	if why == Known && !finite(x) {
		return 0, NotANumber
	}
	return x, why
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
