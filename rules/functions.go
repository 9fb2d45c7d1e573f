package rules

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// A builtin is what a rule can call. Its arguments are compiled before build
// sees them, and none of them is broken; build checks their kinds and reports
// what is wrong with them.
type builtin struct {
	usage       string
	least, most int // number of arguments; most 0: any number
	takes       []parameter
	build       func(*funcCall) expr
}

// of is a function of values.
func of(usage string, least, most int, build func(*funcCall) expr) builtin {
	return builtin{usage, least, most, nil, build}
}

// over is a function of what was so far.
func over(usage string, build func(*funcCall) expr, takes ...parameter) builtin {
	return builtin{usage, len(takes), len(takes), takes, build}
}

// A parameter is what stands in one place of a call.
type parameter uint8

const (
	aValue  parameter = iota
	aField            // a sensor's value, as it is
	aSensor           // a sensor as a whole
	aSpan             // a duration that is fixed when the configuration is loaded
	aCondition
)

func (fn builtin) parameter(i int) parameter {
	if i < len(fn.takes) {
		return fn.takes[i]
	}
	return aValue
}

// funcCall is one call of a function.
type funcCall struct {
	*compiler
	at    *hclsyntax.FunctionCallExpr
	args  []expr          // all, but only values and conditions are set
	slot  int             // of the sensor it is about
	field int             // of the field it is about
	spans []time.Duration // the durations
	mark  int             // how many wakeups there were before those of its condition
}

var functions = map[string]builtin{
	"known":    of("known(x)", 1, 1, buildKnown),
	"default":  of("default(x, y)", 2, 2, buildDefault),
	"between":  of("between(x, low, high)", 3, 3, buildBetween),
	"abs":      of("abs(x)", 1, 1, numeric1(math.Abs)),
	"floor":    of("floor(x)", 1, 1, numeric1(math.Floor)),
	"ceil":     of("ceil(x)", 1, 1, numeric1(math.Ceil)),
	"round":    of("round(x) or round(x, digits)", 1, 2, buildRound),
	"min":      of("min(x, y, …)", 1, 0, numericAll(math.Min)),
	"max":      of("max(x, y, …)", 1, 0, numericAll(math.Max)),
	"upper":    of("upper(text)", 1, 1, textual1(strings.ToUpper)),
	"lower":    of("lower(text)", 1, 1, textual1(strings.ToLower)),
	"format":   of(`format("%.1f", x)`, 1, 0, buildFormat),
	"join":     of(`join(", ", a, b, …)`, 2, 0, buildJoin),
	"contains": of(`contains(text, part) or contains(["a", "b"], x)`, 2, 2, buildContains),

	"avg_over":     over(`avg_over(x, "10m")`, overTime(levelWindow, (*levels).average, (*levels).drift), aField, aSpan),
	"stddev_over":  over(`stddev_over(x, "10m")`, overTime(levelWindow, (*levels).deviation, (*levels).drift), aField, aSpan),
	"rms_over":     over(`rms_over(x, "10m")`, overTime(levelWindow, (*levels).effective, (*levels).drift), aField, aSpan),
	"change_over":  over(`change_over(x, "1h")`, overTime(levelWindow, (*levels).change, (*levels).turn), aField, aSpan),
	"min_over":     over(`min_over(x, "10m")`, overTime(minWindow, (*extremes).value, (*extremes).turn), aField, aSpan),
	"max_over":     over(`max_over(x, "10m")`, overTime(maxWindow, (*extremes).value, (*extremes).turn), aField, aSpan),
	"count_over":   over(`count_over(x, "10m")`, overTime(countWindow, (*tally).value, (*tally).turn), aField, aSpan),
	"sum_over":     over(`sum_over(x, "1h")`, overTime(sumWindow, (*tally).value, (*tally).turn), aField, aSpan),
	"changes_over": over(`changes_over(x, "10m")`, overTime(changesWindow, (*tally).value, (*tally).turn), aField, aSpan),
	"slope":        over(`slope(x, "1h", "1h"), with the window and then the time it is the slope of`, buildSlope, aField, aSpan, aSpan),
	"forecast":     over(`forecast(x, "5m", "10m"), with the window and then how far ahead`, buildForecast, aField, aSpan, aSpan),
	"eta":          over(`eta(x, 105, "5m"), with the limit and then the window`, buildETA, aField, aValue, aSpan),
	"previous":     over("previous(x)", buildPrevious, aField),
	"changed":      over("changed(x)", buildChanged, aField),
	"held":         over(`held(condition, "10m")`, buildHeld, aCondition, aSpan),
	"happened":     over(`happened(condition, "10m")`, buildHappened, aCondition, aSpan),
	"age":          over("age(sensor.name)", buildAge, aSensor),
	"offline":      over("offline(sensor.name)", buildOffline, aSensor),
}

func (c *compiler) call(e *hclsyntax.FunctionCallExpr) expr {
	fn, ok := functions[e.Name]
	if !ok {
		return c.mistakeAt(e.NameRange, "Unknown function", unknownFunction(e.Name))
	}
	call := &funcCall{compiler: c, at: e, args: make([]expr, len(e.Args))}
	sound := true
	for i, arg := range e.Args {
		sound = call.take(fn.parameter(i), i, arg) && sound
	}
	if !sound || !call.countFits(fn) {
		return expr{}
	}
	return fn.build(call)
}

// take compiles argument i, and tells whether it can be used.
func (a *funcCall) take(p parameter, i int, e hclsyntax.Expression) (ok bool) {
	switch p {
	case aField:
		a.slot, a.field, ok = a.fieldArgument(e)
		return ok
	case aSensor:
		a.slot, ok = a.sensorArgument(e)
		return ok
	case aSpan:
		d, ok := a.spanArgument(e)
		a.spans = append(a.spans, d)
		return ok
	case aCondition:
		a.mark = len(a.wakeups)
		a.args[i] = a.expression(e)
		return !a.args[i].broken() && a.wantTruth(e, a.args[i])
	}
	a.args[i] = a.argument(e)
	return !a.args[i].broken()
}

func unknownFunction(name string) string {
	known := slices.Sorted(maps.Keys(functions))
	if near := block.Suggest(name, known); near != "" {
		return fmt.Sprintf("There is no function %s. Did you mean %s?", name, near)
	}
	return fmt.Sprintf("There is no function %s. There are: %s.", name, strings.Join(known, ", "))
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

// want complains about argument i unless it is of kind k. A time and a duration
// will do for a number: they are one of seconds.
func (a *funcCall) want(i int, k Kind) bool {
	x := a.args[i]
	if x.kind == k || k == Number && x.numeric() {
		return true
	}
	a.mistake(a.at.Args[i], "Wrong type of argument", fmt.Sprintf("%s is %s, and %s wants a %v here.",
		nameAtStart(a.at.Args[i]), noun(x), a.at.Name, k))
	return false
}

// sameUnit takes the fixed texts beside a duration for durations too, and
// complains about what else stands beside it.
func (a *funcCall) sameUnit() bool {
	if a.args[0].kind != Duration {
		return true
	}
	ok := true
	for i := 1; i < len(a.args); i++ {
		e := a.at.Args[i]
		x := a.asDuration(e, a.args[i])
		if !x.broken() && x.kind != Duration {
			a.mistake(e, "Wrong type of argument", fmt.Sprintf("%s is %s, and the first argument of %s is a duration. Write a duration in quotes with its unit, such as \"10m\".",
				nameAtStart(e), noun(x), a.at.Name))
		}
		a.args[i] = x
		ok = ok && x.kind == Duration
	}
	return ok
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
	if !a.sameUnit() {
		return expr{}
	}
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
	if !a.sameUnit() || !a.wantAll(Number) {
		return expr{}
	}
	x, low, high := a.args[0].num, a.args[1].num, a.args[2].num
	if a.args[1].fixed && a.args[2].fixed {
		if l, h, why := both(nil, low, high); why == Known && l > h {
			return a.mistakeAt(a.at.Range(), "Empty range", fmt.Sprintf(
				"Nothing is between %s and %s. Write the lower limit first.", nameOf(a.at.Args[1]), nameOf(a.at.Args[2])))
		}
	}
	if c := a.args[0].clock; c != nil && a.args[1].fixed && a.args[2].fixed {
		return a.clockBetween(c, fixedDuration(a.args[1]), fixedDuration(a.args[2]))
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
			for _, x := range rest {
				v, whyV := x(f)
				best, why = pick(best, v), jointReason(why, whyV)
			}
			return best, why
		}).as(a.oneKind()).from(a.args...)
	}
}

// oneKind is Duration when all arguments are, else Number.
func (a *funcCall) oneKind() Kind {
	for _, x := range a.args {
		if x.kind != Duration {
			return Number
		}
	}
	return Duration
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
