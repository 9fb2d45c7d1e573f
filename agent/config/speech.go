package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// A speaker says expressions as a person would: sensor.engine.rpm > 600 is
// "engine rpm is above 600".
type speaker struct {
	module string // whose own blocks are named without it
}

// comparisons as words, and when the outcome is the opposite.
var comparisons = map[*hclsyntax.Operation][2]string{
	hclsyntax.OpGreaterThan:        {"is above", "is not above"},
	hclsyntax.OpGreaterThanOrEqual: {"is at least", "is not at least"},
	hclsyntax.OpLessThan:           {"is below", "is not below"},
	hclsyntax.OpLessThanOrEqual:    {"is at most", "is not at most"},
	hclsyntax.OpEqual:              {"is", "is not"},
	hclsyntax.OpNotEqual:           {"is not", "is"},
}

var calculations = map[*hclsyntax.Operation]string{
	hclsyntax.OpAdd: "+", hclsyntax.OpSubtract: "-", hclsyntax.OpMultiply: "×", hclsyntax.OpDivide: "/", hclsyntax.OpModulo: "mod",
}

// condition says what holds when e is true, or when it is false.
func (s speaker) condition(e hclsyntax.Expression, holds bool) string {
	switch e := block.Bare(e).(type) {
	case *hclsyntax.UnaryOpExpr:
		if e.Op == hclsyntax.OpLogicalNot {
			return s.condition(e.Val, !holds)
		}
	case *hclsyntax.BinaryOpExpr:
		return s.operation(e, holds)
	case *hclsyntax.FunctionCallExpr:
		return s.askedOf(e, holds)
	case *hclsyntax.ScopeTraversalExpr:
		if e.Traversal.RootName() == "switch" {
			return s.value(e) + choose(holds, " is on", " is off")
		}
	}
	return s.value(e) + choose(holds, " is true", " is false")
}

func choose(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

func isLogical(op *hclsyntax.Operation) bool {
	return op == hclsyntax.OpLogicalAnd || op == hclsyntax.OpLogicalOr
}

func (s speaker) operation(e *hclsyntax.BinaryOpExpr, holds bool) string {
	if isLogical(e.Op) {
		both := (e.Op == hclsyntax.OpLogicalAnd) == holds // not (a and b): not a or not b
		return s.operand(e.Op, e.LHS, holds) + choose(both, " and ", " or ") + s.operand(e.Op, e.RHS, holds)
	}
	words, ok := comparisons[e.Op]
	if !ok {
		return s.value(e)
	}
	if truth, ok := truthOf(e.RHS); ok {
		return s.condition(e.LHS, (truth == (e.Op == hclsyntax.OpEqual)) == holds)
	}
	return fmt.Sprintf("%s %s %s", s.value(e.LHS), choose(holds, words[0], words[1]), s.value(e.RHS))
}

// operand says one side of "and" or "or", with brackets where the other of the
// two stands in it.
func (s speaker) operand(of *hclsyntax.Operation, e hclsyntax.Expression, holds bool) string {
	op, ok := block.Bare(e).(*hclsyntax.BinaryOpExpr)
	if ok && isLogical(op.Op) && op.Op != of {
		return "(" + s.condition(e, holds) + ")"
	}
	return s.condition(e, holds)
}

// truthOf is the bool that is written out as e.
func truthOf(e hclsyntax.Expression) (truth, ok bool) {
	l, ok := block.Bare(e).(*hclsyntax.LiteralValueExpr)
	if !ok || l.Val.IsNull() || l.Val.Type() != cty.Bool {
		return false, false
	}
	return l.Val.True(), true
}

// value says a value.
func (s speaker) value(e hclsyntax.Expression) string {
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return literalWords(e.Val)
	case *hclsyntax.ParenthesesExpr:
		return "(" + s.value(e.Expression) + ")"
	case *hclsyntax.ScopeTraversalExpr:
		return s.name(e.Traversal)
	case *hclsyntax.UnaryOpExpr:
		if e.Op == hclsyntax.OpNegate {
			return "-" + s.value(e.Val)
		}
		return "not " + s.value(e.Val)
	case *hclsyntax.BinaryOpExpr:
		if n, ok := numberOf(e); ok {
			return literalWords(n)
		}
		if sign, ok := calculations[e.Op]; ok {
			return s.value(e.LHS) + " " + sign + " " + s.value(e.RHS)
		}
		return "(" + s.condition(e, true) + ")"
	case *hclsyntax.ConditionalExpr:
		return fmt.Sprintf("(%s if %s, otherwise %s)", s.value(e.TrueResult), s.condition(e.Condition, true), s.value(e.FalseResult))
	case *hclsyntax.FunctionCallExpr:
		return s.called(e)
	case *hclsyntax.TemplateExpr:
		return s.template(e)
	case *hclsyntax.TemplateWrapExpr:
		return s.value(e.Wrapped)
	case *hclsyntax.TupleConsExpr:
		return "[" + s.list(e.Exprs) + "]"
	}
	return "…"
}

// numberOf calculates what is made of numbers alone.
func numberOf(e hclsyntax.Expression) (cty.Value, bool) {
	if len(e.Variables()) > 0 || unknownCall(e) != nil {
		return cty.NilVal, false
	}
	v, diags := e.Value(evalContext())
	return v, !diags.HasErrors() && v.IsKnown() && !v.IsNull() && v.Type() == cty.Number
}

// list says several values one after the other.
func (s speaker) list(all []hclsyntax.Expression) string {
	var words []string
	for _, e := range all {
		words = append(words, s.value(e))
	}
	return strings.Join(words, ", ")
}

// name says sensor.front_door.contact as "front door contact", and a label as
// it is.
func (s speaker) name(t hcl.Traversal) string {
	kind := t.RootName()
	if !isReferable(kind) || len(t) < 2 {
		return written(t)
	}
	return s.field(stepName(t, 1), stepName(t, 2))
}

// field says the field of a block, or the block as a whole when field is "".
func (s speaker) field(name, field string) string {
	module, own := block.Unqualify(name)
	words := []string{spaced(own)}
	if slices.Contains(strings.Split(field, "_"), own) {
		words = []string{spaced(field)} // sensor.leak.water_leak
	} else if field != "" {
		words = append(words, spaced(field))
	}
	if module != "" && module != s.module {
		words = append([]string{module}, words...)
	}
	return strings.Join(words, " ")
}

func spaced(name string) string { return strings.ReplaceAll(name, "_", " ") }

func literalWords(v cty.Value) string {
	switch {
	case v.IsNull():
		return "null"
	case v.Type() == cty.Number:
		f, _ := v.AsBigFloat().Float64()
		return strconv.FormatFloat(f, 'g', -1, 64)
	case v.Type() == cty.Bool:
		return strconv.FormatBool(v.True())
	case v.Type() == cty.String:
		return strconv.Quote(v.AsString())
	}
	return "…"
}

// template says a text in quotes as it is written, names in it in words.
func (s speaker) template(e *hclsyntax.TemplateExpr) string {
	var b strings.Builder
	for _, part := range e.Parts {
		if l, ok := part.(*hclsyntax.LiteralValueExpr); ok && !l.Val.IsNull() && l.Val.Type() == cty.String {
			b.WriteString(l.Val.AsString())
		} else {
			b.WriteString("{" + s.value(part) + "}")
		}
	}
	return strconv.Quote(b.String())
}

// askedOf says a function that is true or false.
func (s speaker) askedOf(e *hclsyntax.FunctionCallExpr, holds bool) string {
	not := choose(holds, "", " not")
	switch {
	case e.Name == "between" && len(e.Args) == 3:
		return fmt.Sprintf("%s is%s between %s and %s", s.value(e.Args[0]), not, s.value(e.Args[1]), s.value(e.Args[2]))
	case e.Name == "contains" && len(e.Args) == 2:
		if list, ok := block.Bare(e.Args[0]).(*hclsyntax.TupleConsExpr); ok {
			return fmt.Sprintf("%s is%s one of %s", s.value(e.Args[1]), not, s.list(list.Exprs))
		}
		return fmt.Sprintf("%s %s %s", s.value(e.Args[0]), choose(holds, "contains", "does not contain"), s.value(e.Args[1]))
	case e.Name == "known" && len(e.Args) == 1:
		return fmt.Sprintf("%s is%s known", s.value(e.Args[0]), not)
	case e.Name == "offline" && len(e.Args) == 1:
		return fmt.Sprintf("%s is %s", s.value(e.Args[0]), choose(holds, "silent", "not silent"))
	case e.Name == "changed" && len(e.Args) == 1:
		return fmt.Sprintf("%s %s", s.value(e.Args[0]), choose(holds, "changes", "does not change"))
	case e.Name == "held" && len(e.Args) == 2:
		return fmt.Sprintf("it is%s so that %s for %s", not, s.condition(e.Args[0], true), s.duration(e.Args[1]))
	case e.Name == "happened" && len(e.Args) == 2:
		return fmt.Sprintf("within %s it was%s once so that %s", s.duration(e.Args[1]), not, s.condition(e.Args[0], true))
	}
	return s.called(e) + choose(holds, " is true", " is false")
}

// windowed are the functions of a value over time, as words around the value
// and the time.
var windowed = map[string]string{
	"avg_over":     "the average of %s over %s",
	"min_over":     "the least of %s over %s",
	"max_over":     "the greatest of %s over %s",
	"sum_over":     "the sum of %s over %s",
	"count_over":   "the number of readings of %s over %s",
	"stddev_over":  "the standard deviation of %s over %s",
	"rms_over":     "the root mean square of %s over %s",
	"change_over":  "the change of %s over %s",
	"changes_over": "the number of changes of %s over %s",
}

// called says a call.
func (s speaker) called(e *hclsyntax.FunctionCallExpr) string {
	words, ok := windowed[e.Name]
	switch n := len(e.Args); {
	case ok && n == 2:
		return fmt.Sprintf(words, s.value(e.Args[0]), s.duration(e.Args[1]))
	case e.Name == "slope" && n == 3:
		return fmt.Sprintf("the slope of %s over %s, per %s,", s.value(e.Args[0]), s.duration(e.Args[1]), s.duration(e.Args[2]))
	case e.Name == "forecast" && n == 3:
		return fmt.Sprintf("%s in %s, going by the last %s,", s.value(e.Args[0]), s.duration(e.Args[2]), s.duration(e.Args[1]))
	case e.Name == "eta" && n == 3:
		return fmt.Sprintf("the time until %s is %s, going by the last %s,", s.value(e.Args[0]), s.value(e.Args[1]), s.duration(e.Args[2]))
	case e.Name == "age" && n == 1:
		return fmt.Sprintf("the age of %s", s.value(e.Args[0]))
	case e.Name == "previous" && n == 1:
		return fmt.Sprintf("the previous %s", s.value(e.Args[0]))
	}
	return e.Name + "(" + s.list(e.Args) + ")"
}

// duration says a duration in quotes: 20 minutes.
func (s speaker) duration(e hclsyntax.Expression) string {
	v, diags := e.Value(nil)
	if !diags.HasErrors() && v.IsKnown() && !v.IsNull() && v.Type() == cty.String {
		if d, err := block.ParseDuration(v.AsString()); err == nil {
			return inWords(d)
		}
	}
	return s.value(e)
}
