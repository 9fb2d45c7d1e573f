package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// lintConditions warns about the conditions of one alert.
func (l *loader) lintConditions(b *hclsyntax.Block) {
	bodies := []*hclsyntax.Body{b.Body}
	for _, n := range b.Body.Blocks {
		bodies = append(bodies, n.Body)
	}
	for _, body := range bodies {
		when, clear := body.Attributes["when"], body.Attributes["clear_when"]
		if when != nil {
			l.lintThreshold(b, body, when.Expr)
			l.lintOutcome(b, when.Expr, "alert %q never fires", "alert %q fires once and is never over")
			l.lintEquality(b, when.Expr)
		}
		if clear != nil {
			l.lintOutcome(b, clear.Expr, "alert %q, once it fired, is never over", "")
			l.lintEquality(b, clear.Expr)
		}
	}
}

// lintThreshold warns about a reading that is compared and nothing else: around
// the limit it would text again and again.
func (l *loader) lintThreshold(b *hclsyntax.Block, body *hclsyntax.Body, when hclsyntax.Expression) {
	for _, calming := range []string{"for", "clear_when", "clear_for"} {
		if body.Attributes[calming] != nil {
			return
		}
	}
	if c := bareComparison(when); c != nil {
		l.warnIn(b, c.Range(), "Bare threshold", fmt.Sprintf(
			"A reading that wavers around the limit makes alert %q text again and again. Write for = \"1m\", or clear_when with some distance to the limit.", label(b)))
	}
}

// bareComparison finds a comparison of a sensor's reading that no function
// smooths, nil when there is none.
func bareComparison(e hclsyntax.Expression) *hclsyntax.BinaryOpExpr {
	orders := []*hclsyntax.Operation{
		hclsyntax.OpGreaterThan, hclsyntax.OpGreaterThanOrEqual, hclsyntax.OpLessThan, hclsyntax.OpLessThanOrEqual,
	}
	var found *hclsyntax.BinaryOpExpr
	hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		c, ok := n.(*hclsyntax.BinaryOpExpr)
		if found == nil && ok && slices.Contains(orders, c.Op) && len(sensorsNamed(c)) > 0 && !calls(c) {
			found = c
		}
		return nil
	})
	return found
}

// calls reports whether anything under node is a function call.
func calls(node hclsyntax.Node) bool {
	found := false
	hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		_, call := n.(*hclsyntax.FunctionCallExpr)
		found = found || call
		return nil
	})
	return found
}

// lintOutcome warns about a condition that the valid ranges of its sensors
// decide once and for all. never and always say what comes of it; "" for
// nothing.
func (l *loader) lintOutcome(b *hclsyntax.Block, e hclsyntax.Expression, never, always string) {
	r := reasoner{l: l}
	switch o := r.condition(e); {
	case !o.true:
		part := r.impossible(e)
		l.warnIn(b, part.Range(), "Never true", fmt.Sprintf("%s, so "+never+". Correct the limit, or valid in the sensor.", r.because(b, part, false), label(b)))
	case !o.false && always != "":
		l.warnIn(b, e.Range(), "Always true", fmt.Sprintf("%s, so "+always+". Correct the limit, or valid in the sensor.", r.because(b, e, true), label(b)))
	}
}

// impossible finds the smallest part of e that can never be true and keeps all
// of it from being so.
func (r reasoner) impossible(e hclsyntax.Expression) hclsyntax.Expression {
	op, ok := block.Bare(e).(*hclsyntax.BinaryOpExpr)
	if !ok || !isLogical(op.Op) {
		return e
	}
	for _, side := range []hclsyntax.Expression{op.LHS, op.RHS} {
		if !r.condition(side).true {
			return r.impossible(side)
		}
	}
	return e
}

// because says why a condition always comes out the same: of a comparison where
// its left side can lie.
func (r reasoner) because(b *hclsyntax.Block, e hclsyntax.Expression, outcome bool) string {
	module, _ := block.Unqualify(label(b))
	s := speaker{module}
	op, ok := block.Bare(e).(*hclsyntax.BinaryOpExpr)
	if !ok || isLogical(op.Op) {
		return choose(outcome, "Whatever its sensors say, this is true", "These cannot be true together")
	}
	side := op.LHS
	if len(sensorsNamed(side)) == 0 {
		side = op.RHS
	}
	in := r.number(side)
	return fmt.Sprintf("%s is between %v and %v", capital(s.value(side)), in.least, in.greatest)
}

// lintEquality warns about numbers that are calculated and then compared for
// being the same: they hardly ever are, to the last digit.
func (l *loader) lintEquality(b *hclsyntax.Block, e hclsyntax.Expression) {
	hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		op, ok := n.(*hclsyntax.BinaryOpExpr)
		if ok && (op.Op == hclsyntax.OpEqual || op.Op == hclsyntax.OpNotEqual) && (computed(op.LHS) || computed(op.RHS)) {
			l.warnIn(b, op.Range(), "Equality of computed numbers", "A number that was calculated is hardly ever the same as another to the last digit. "+
				"Write between(x, low, high), or round(x) on both sides.")
		}
		return nil
	})
}

// whole are the functions that yield whole numbers, which can be compared.
var whole = []string{"round", "floor", "ceil", "count_over", "changes_over"}

// inexact are the functions that calculate.
var inexact = []string{"avg_over", "sum_over", "stddev_over", "rms_over", "change_over", "slope", "forecast", "eta", "age"}

// computed tells whether the value of e, read from sensors, was calculated.
func computed(e hclsyntax.Expression) bool {
	switch e := block.Bare(e).(type) {
	case *hclsyntax.BinaryOpExpr:
		_, calculation := calculations[e.Op]
		return calculation && len(sensorsNamed(e)) > 0
	case *hclsyntax.UnaryOpExpr:
		return e.Op == hclsyntax.OpNegate && computed(e.Val)
	case *hclsyntax.FunctionCallExpr:
		if slices.Contains(inexact, e.Name) {
			return true
		}
		return !slices.Contains(whole, e.Name) && slices.ContainsFunc(e.Args, computed)
	}
	return false
}
