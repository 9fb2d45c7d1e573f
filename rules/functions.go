package rules

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// A builtin is what a rule can call. Its arguments are compiled before build
// sees them, and none of them is broken; build checks their kinds and reports
// what is wrong with them.
type builtin struct {
	usage       string
	least, most int // number of arguments; most 0: any number
	build       func(*funcCall) expr
}

// funcCall is one call of a function.
type funcCall struct {
	*compiler
	at   *hclsyntax.FunctionCallExpr
	args []expr
}

// functions are those that keep no state. The functions of windows and state
// belong beside them once a call can keep state for each series.
var functions = map[string]builtin{
	"known":    {"known(x)", 1, 1, buildKnown},
	"default":  {"default(x, y)", 2, 2, buildDefault},
	"between":  {"between(x, low, high)", 3, 3, buildBetween},
	"abs":      {"abs(x)", 1, 1, numeric1(math.Abs)},
	"floor":    {"floor(x)", 1, 1, numeric1(math.Floor)},
	"ceil":     {"ceil(x)", 1, 1, numeric1(math.Ceil)},
	"round":    {"round(x) or round(x, digits)", 1, 2, buildRound},
	"min":      {"min(x, y, …)", 1, 0, numericAll(math.Min)},
	"max":      {"max(x, y, …)", 1, 0, numericAll(math.Max)},
	"upper":    {"upper(text)", 1, 1, textual1(strings.ToUpper)},
	"lower":    {"lower(text)", 1, 1, textual1(strings.ToLower)},
	"format":   {`format("%.1f", x)`, 1, 0, buildFormat},
	"join":     {`join(", ", a, b, …)`, 2, 0, buildJoin},
	"contains": {`contains(text, part) or contains(["a", "b"], x)`, 2, 2, buildContains},
}

// laterFunctions belong to the language but not yet to this version.
var laterFunctions = []string{
	"avg_over", "min_over", "max_over", "sum_over", "count_over", "stddev_over", "rms_over", "change_over", "changes_over",
	"slope", "forecast", "eta", "previous", "changed", "held", "happened", "age", "offline",
}

func (c *compiler) call(e *hclsyntax.FunctionCallExpr) expr {
	fn, ok := functions[e.Name]
	switch {
	case slices.Contains(laterFunctions, e.Name):
		c.diags = append(c.diags, block.NotYet(e.NameRange, "The function "+e.Name))
		return expr{}
	case !ok:
		return c.mistakeAt(e.NameRange, "Unknown function", unknownFunction(e.Name))
	}
	call := &funcCall{compiler: c, at: e}
	broken := false
	for _, arg := range e.Args {
		x := c.argument(arg)
		broken = broken || x.broken()
		call.args = append(call.args, x)
	}
	if broken || !call.countFits(fn) {
		return expr{}
	}
	return fn.build(call)
}

func unknownFunction(name string) string {
	known := slices.Concat(slices.Sorted(maps.Keys(functions)), laterFunctions)
	if near := block.Suggest(name, known); near != "" {
		return fmt.Sprintf("There is no function %s. Did you mean %s?", name, near)
	}
	return fmt.Sprintf("There is no function %s. There are: %s.", name, strings.Join(slices.Sorted(maps.Keys(functions)), ", "))
}

func (a *funcCall) countFits(fn builtin) bool {
	n := len(a.args)
	if a.at.ExpandFinal {
		a.mistakeAt(a.at.Range(), "Unsupported expansion", "A list cannot be spread over the arguments of "+a.at.Name+". Write them one by one.")
		return false
	}
	if n < fn.least || fn.most > 0 && n > fn.most {
		a.mistakeAt(a.at.Range(), "Wrong number of arguments", fmt.Sprintf("%s was given %d %s. Write %s.",
			a.at.Name, n, plural(n, "argument"), fn.usage))
		return false
	}
	return true
}

func plural(n int, noun string) string {
	if n == 1 {
		return noun
	}
	return noun + "s"
}

// want complains about argument i unless it is of kind k. A time will do for a
// number.
func (a *funcCall) want(i int, k Kind) bool {
	x := a.args[i]
	if x.kind == k || k == Number && x.kind == Time {
		return true
	}
	a.mistake(a.at.Args[i], "Wrong type of argument", fmt.Sprintf("%s is %s, and %s wants a %v here.",
		nameAtStart(a.at.Args[i]), noun(x), a.at.Name, k))
	return false
}

func (a *funcCall) wantAll(k Kind) bool {
	ok := true
	for i := range a.args {
		ok = a.want(i, k) && ok
	}
	return ok
}

// numbers are the arguments, all of which are numeric.
func (a *funcCall) numbers() []eval[float64] {
	var out []eval[float64]
	for _, x := range a.args {
		out = append(out, x.num)
	}
	return out
}

// buildKnown: known(x) is never unknown itself.
func buildKnown(a *funcCall) expr {
	x := a.args[0]
	if x.list != nil {
		return a.mistake(a.at.Args[0], "Wrong type of argument", "A list is always known. Write known(x) of one value.")
	}
	why := x.why()
	return boolExpr(func(f *Frame) (bool, Reason) { return why(f) == Known, Known }).from(x)
}

// buildDefault: default(x, y) is x, or y while x is unknown.
func buildDefault(a *funcCall) expr {
	x, y := a.args[0], a.args[1]
	kind := commonKind(x, y)
	if kind == 0 {
		return a.mistakeAt(a.at.Range(), "Values of different types", fmt.Sprintf(
			"default(x, y) was given %s and %s. Both must be of one type, because either may be the result.", noun(x), noun(y)))
	}
	if x.fixed && x.why()(nil) == Known {
		return x
	}
	switch kind {
	case Bool:
		return boolExpr(orElse(x.truth, y.truth)).from(x, y)
	case String:
		return stringExpr(orElse(x.str, y.str)).from(x, y)
	}
	return numberExpr(orElse(x.num, y.num)).as(kind).from(x, y)
}

func orElse[T any](x, y eval[T]) eval[T] {
	return func(f *Frame) (T, Reason) {
		if v, why := x(f); why == Known {
			return v, Known
		}
		return y(f)
	}
}

// buildBetween: between(x, low, high) is x >= low && x <= high.
func buildBetween(a *funcCall) expr {
	if !a.wantAll(Number) {
		return expr{}
	}
	x, low, high := a.args[0].num, a.args[1].num, a.args[2].num
	if a.args[1].fixed && a.args[2].fixed {
		if l, h, why := both(nil, low, high); why == Known && l > h {
			return a.mistakeAt(a.at.Range(), "Empty range", fmt.Sprintf(
				"Nothing is between %s and %s. Write the lower limit first.", numberText(l), numberText(h)))
		}
	}
	return boolExpr(kleene(atLeast(x, low), atMost(x, high), false)).from(a.args...)
}

// numeric1 builds a function of one number.
func numeric1(fn func(float64) float64) func(*funcCall) expr {
	return func(a *funcCall) expr {
		if !a.wantAll(Number) {
			return expr{}
		}
		x := a.args[0].num
		return numberExpr(func(f *Frame) (float64, Reason) {
			v, why := x(f)
			return fn(v), why
		}).from(a.args...)
	}
}

// numericAll builds a function of any number of numbers, unknown when one of
// them is.
func numericAll(pick func(a, b float64) float64) func(*funcCall) expr {
	return func(a *funcCall) expr {
		if !a.wantAll(Number) {
			return expr{}
		}
		first, rest := a.args[0].num, a.numbers()[1:]
		return numberExpr(func(f *Frame) (float64, Reason) {
			best, why := first(f)
			for i := 0; i < len(rest) && why == Known; i++ {
				var v float64
				v, why = rest[i](f)
				best = pick(best, v)
			}
			return best, why
		}).from(a.args...)
	}
}

// roundDigitsMax bounds the digits after the point of round and format.
const roundDigitsMax = 9

// buildRound rounds halves away from zero.
func buildRound(a *funcCall) expr {
	if !a.wantAll(Number) {
		return expr{}
	}
	scale := 1.0
	if len(a.args) == 2 {
		digits, ok := a.wholeNumber(1, roundDigitsMax)
		if !ok {
			return expr{}
		}
		scale = math.Pow10(digits)
	}
	x := a.args[0].num
	return numberExpr(func(f *Frame) (float64, Reason) {
		v, why := x(f)
		if rounded := math.Round(v*scale) / scale; finite(rounded) {
			return rounded, why
		}
		return v, why // too large to have digits after the point
	}).from(a.args...)
}

// wholeNumber is argument i, which must be written as a number from 0 to most.
func (a *funcCall) wholeNumber(i, most int) (int, bool) {
	if x := a.args[i]; x.fixed {
		if n, why := x.num(nil); why == Known && n == math.Trunc(n) && n >= 0 && n <= float64(most) {
			return int(n), true
		}
	}
	a.mistake(a.at.Args[i], "Invalid number of digits", fmt.Sprintf("The number of digits of %s is a whole number from 0 to %d.", a.at.Name, most))
	return 0, false
}

// textual1 builds a function of one text.
func textual1(fn func(string) string) func(*funcCall) expr {
	return func(a *funcCall) expr {
		if !a.wantAll(String) {
			return expr{}
		}
		x := a.args[0].str
		return stringExpr(func(f *Frame) (string, Reason) {
			v, why := x(f)
			return fn(v), why
		}).from(a.args...)
	}
}

// buildContains: a part of a text, or one of several values.
func buildContains(a *funcCall) expr {
	if a.args[0].list != nil {
		return buildOneOf(a)
	}
	if !a.wantAll(String) {
		return expr{}
	}
	whole, part := a.args[0].str, a.args[1].str
	return boolExpr(func(f *Frame) (bool, Reason) {
		text, why := whole(f)
		if why != Known {
			return false, why
		}
		sought, why := part(f)
		return strings.Contains(text, sought), why
	}).from(a.args...)
}

// buildOneOf: contains([a, b], x) is x == a || x == b.
func buildOneOf(a *funcCall) expr {
	x := a.args[1]
	if x.list != nil {
		return a.mistake(a.at.Args[1], "Wrong type of argument", "The value looked for is a list. Write contains([\"a\", \"b\"], x).")
	}
	items := a.at.Args[0].(*hclsyntax.TupleConsExpr).Exprs
	ok := true
	out := boolExpr(always(false, Known)).fold()
	for i, item := range a.args[0].list {
		if commonKind(item, x) == 0 {
			a.mistake(items[i], "Values of different types", fmt.Sprintf("%s is %s, and the value looked for is %s.",
				nameAtStart(items[i]), noun(item), noun(x)))
			ok = false
			continue
		}
		out = boolExpr(kleene(out.truth, equal(x, item, true), true)).from(out, x, item)
	}
	if !ok {
		return expr{}
	}
	return out
}
