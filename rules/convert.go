package rules

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// What a payload says of a field becomes its value in this order: the part of a
// text that `extract` finds; the words of `on`, `off` and `words`; the guard
// values of `invalid`; the type; `scale` and `offset`; the range `valid`. The
// strings in what these functions return are parts of the payload; see keep.

// fromJSON converts the JSON of a scalar, "" for none. An object or an array is
// no value: where it is the whole payload there is none.
func (f *Field) fromJSON(json string, whole bool) Value {
	switch {
	case json == "":
		return Value{Why: Missing}
	case json[0] == 'n':
		return Value{Why: Null}
	case json[0] == '"':
		return f.fromText(unquote(json))
	case json[0] != '{' && json[0] != '[':
		return f.fromText(json)
	case whole:
		return Value{Why: Missing}
	}
	return Value{Why: NotANumber}
}

// fromText converts a scalar.
func (f *Field) fromText(text string) (v Value) {
	if f.extract != nil {
		found := f.extract.FindStringSubmatchIndex(text)
		if found == nil || found[2] < 0 {
			return Value{Why: Missing}
		}
		text = text[found[2]:found[3]]
	}
	if v, ok := f.words.say(text); ok {
		return v
	}
	if why := f.guards.refuse(text); why != Known {
		return Value{Why: why}
	}
	switch f.Kind {
	case Number:
		n, why := parseNumber(text)
		if why != Known {
			return Value{Why: why}
		}
		return f.measured(n)
	case Bool:
		if f.words.only {
			return Value{Why: whyNoValue(trimBlanks(text))}
		}
		v.Bool, v.Why = parseBool(text)
	case Time:
		v.Num, v.Why = parseSeconds(text, f.zone)
	case String:
		v.Str, v.Why = checkString(text)
	}
	return v
}

// parseSeconds reads a time as the language counts it. A number is taken as it
// is, without the rounding of an instant.
func parseSeconds(text string, zone *time.Location) (float64, Reason) {
	if n, why := parseNumber(text); why == Known {
		return epochSeconds(n)
	}
	t, why := parseInstant(text, zone)
	if why != Known {
		return 0, why
	}
	return secondsOf(t), Known
}

// fromNumber converts a number that was never a text. It may be infinite, or
// none.
func (f *Field) fromNumber(n float64) (v Value) {
	switch {
	case n != n:
		return Value{Why: Unavailable}
	case math.IsInf(n, 0):
		return Value{Why: OutOfRange}
	}
	if v, ok := f.words.sayNumber(n); ok {
		return v
	}
	if f.guards.refuseNumber(n) {
		return Value{Why: OutOfRange}
	}
	switch f.Kind {
	case Number:
		return f.measured(n)
	case Bool:
		if f.words.only {
			return Value{Why: NotANumber}
		}
		v.Bool, v.Why = boolOf(n)
	case Time:
		v.Num, v.Why = epochSeconds(n)
	case String:
		v.Str = strconv.FormatFloat(n, 'f', -1, 64)
	}
	return v
}

// measured is the value of a number that the payload says.
func (f *Field) measured(n float64) Value {
	n = f.scale.apply(n)
	switch {
	case math.IsInf(n, 0), f.Valid != nil && (n < f.Valid[0] || n > f.Valid[1]):
		return Value{Why: OutOfRange}
	case n == 0:
		n = 0 // not -0, which would be texted so
	}
	return Value{Num: n}
}

// checkString accepts a string. Words such as "none" and "unknown" are strings
// like any other: a gas detector says "none" when all is well.
func checkString(text string) (string, Reason) {
	if len(text) > stringMaxBytes {
		return "", OutOfRange
	}
	return text, Known
}

// keep makes a value last longer than the payload: its string becomes previous
// if it equals it, else a copy.
func (v Value) keep(previous string) Value {
	if v.Str == previous {
		v.Str = previous
	} else {
		v.Str = strings.Clone(v.Str)
	}
	return v
}

// scaling is what turns the number in a payload into the unit of the field: n ×
// factor + offset. The zero scaling changes nothing.
type scaling struct {
	factor, offset float64 // factor 0: 1
	divisor        float64 // 0: factor counts
}

// scaleOf is the scaling by factor. Where it is one tenth, one thousandth or
// the like, dividing gives 0.3 for 3 and multiplying 0.30000000000000004.
func scaleOf(factor float64) scaling {
	if inverse := math.Round(1 / factor); inverse != 0 && 1/inverse == factor {
		return scaling{divisor: inverse}
	}
	return scaling{factor: factor}
}

func (s scaling) apply(n float64) float64 {
	switch {
	case s.divisor != 0:
		n /= s.divisor
	case s.factor != 0:
		n *= s.factor
	}
	return n + s.offset
}
