package rules

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// madeTextMaxBytes bounds a text that an expression makes. A longer one is
// unknown, OutOfRange: cut short it could pass for another text.
const madeTextMaxBytes = 4 << 10

// A printer appends the text of a value, or nothing when the Reason is not
// Known.
type printer func(dst []byte, f *Frame) ([]byte, Reason)

func literalPrinter(text string) printer {
	return func(dst []byte, _ *Frame) ([]byte, Reason) { return append(dst, text...), Known }
}

// printed prints x as a message does: see Template.Render.
func (x expr) printed() printer {
	switch x.kind {
	case Bool:
		return printing(x.truth, strconv.AppendBool)
	case String:
		return printing(x.str, func(dst []byte, s string) []byte { return append(dst, s...) })
	case Time:
		return printing(x.num, appendTime)
	case Duration:
		return printing(x.num, appendDuration)
	}
	return printing(x.num, appendNumber)
}

func printing[T any](x eval[T], write func([]byte, T) []byte) printer {
	return func(dst []byte, f *Frame) ([]byte, Reason) {
		v, why := x(f)
		if why != Known {
			return dst, why
		}
		return write(dst, v), Known
	}
}

// concatenation is the text of all parts, unknown when one of them is.
func concatenation(parts []printer) eval[string] {
	return func(f *Frame) (string, Reason) {
		var text []byte
		for _, part := range parts {
			var why Reason
			if text, why = part(text, f); why != Known {
				return "", why
			}
			if len(text) > madeTextMaxBytes {
				return "", OutOfRange
			}
		}
		return string(text), Known
	}
}

// buildJoin: join(separator, a, b, …).
func buildJoin(a *funcCall) expr {
	ok := a.want(0, String)
	var parts []printer
	for i, x := range a.args[1:] {
		if x.list != nil {
			a.mistake(a.at.Args[i+1], "Unexpected list", `Write the texts as arguments of their own: join(", ", a, b).`)
			ok = false
		}
		if i > 0 {
			parts = append(parts, a.args[0].printed())
		}
		parts = append(parts, x.printed())
	}
	if !ok {
		return expr{}
	}
	return stringExpr(concatenation(parts)).from(a.args...)
}

// buildFormat: format("%.1f of %s", x, y) with the verbs %d, %f, %.0f to %.9f,
// %s, %v and %%. %d rounds to a whole number. The layout is written in the
// rule, so that its verbs are checked against the arguments at load.
func buildFormat(a *funcCall) expr {
	if !a.want(0, String) {
		return expr{}
	}
	if !a.args[0].fixed {
		return a.mistake(a.at.Args[0], "Invalid format", `The first argument of format is a text in quotes, such as "%.1f".`)
	}
	layout, _ := a.args[0].str(nil)
	parts, ok := a.layoutParts(layout)
	if !ok {
		return expr{}
	}
	return stringExpr(concatenation(parts)).from(a.args...)
}

// layoutParts gives each verb of the layout its argument.
func (a *funcCall) layoutParts(layout string) (parts []printer, ok bool) {
	next := 1
	for layout != "" {
		before, verb, rest, known := cutVerb(layout)
		if !known {
			a.mistake(a.at.Args[0], "Invalid format", fmt.Sprintf("%q is no verb of format. There are %%d, %%f, %%.1f, %%s, %%v and %%%%.", verb))
			return nil, false
		}
		layout, parts = rest, append(parts, literalPrinter(before))
		if verb == "" {
			continue
		}
		part, fits := a.verb(verb, next)
		if !fits {
			return nil, false
		}
		parts = append(parts, part)
		next++
	}
	if next < len(a.args) {
		a.mistake(a.at.Args[next], "Wrong number of arguments", "No verb is left for this argument. Write one verb, such as %v, for each argument.")
	}
	return parts, next == len(a.args)
}

// cutVerb splits a layout around its first verb. The verb is "" when there is
// none, and when what was found is a literal percent sign, which then ends
// before. ok is false for a verb that format does not have.
func cutVerb(layout string) (before, verb, rest string, ok bool) {
	start := strings.IndexByte(layout, '%')
	if start < 0 {
		return layout, "", "", true
	}
	before, rest = layout[:start], layout[start:]
	if strings.HasPrefix(rest, "%%") {
		return before + "%", "", rest[2:], true
	}
	end := verbLength(rest)
	verb, rest = rest[:end], rest[end:]
	return before, verb, rest, isVerb(verb)
}

// verbLength is the length of the verb at the start of s: up to its letter.
func verbLength(s string) int {
	for i := 1; i < len(s); i++ {
		if c := s[i] | 0x20; c >= 'a' && c <= 'z' {
			return i + 1
		}
	}
	return len(s)
}

func isVerb(verb string) bool {
	switch verb {
	case "%d", "%f", "%s", "%v":
		return true
	}
	return len(verb) == 4 && verb[1] == '.' && verb[2] >= '0' && verb[2] <= '9' && verb[3] == 'f'
}

// verb prints argument i as verb says.
func (a *funcCall) verb(verb string, i int) (printer, bool) {
	if i >= len(a.args) {
		a.mistakeAt(a.at.Range(), "Wrong number of arguments", fmt.Sprintf("Nothing is given for %s. Write one argument for each verb.", verb))
		return nil, false
	}
	x := a.args[i]
	switch {
	case verb == "%v" && x.list == nil:
		return x.printed(), true
	case verb == "%s" || verb == "%v":
		return x.printed(), a.want(i, String)
	case verb == "%d":
		return printing(x.num, appendWhole), a.want(i, Number)
	}
	digits := 6
	if len(verb) == 4 {
		digits = int(verb[2] - '0')
	}
	return printing(x.num, func(dst []byte, v float64) []byte {
		return appendFixed(dst, v, digits)
	}), a.want(i, Number)
}

// appendWhole appends v rounded, halves away from zero.
func appendWhole(dst []byte, v float64) []byte { return appendFixed(dst, math.Round(v), 0) }

// appendFixed appends v with that many decimals. What comes to zero has no sign:
// nobody wants to read that it has -0.0 degrees.
func appendFixed(dst []byte, v float64, decimals int) []byte {
	from := len(dst)
	dst = strconv.AppendFloat(dst, v, 'f', decimals, 64)
	if dst[from] == '-' && !bytes.ContainsAny(dst[from:], "123456789") {
		dst = append(dst[:from], dst[from+1:]...)
	}
	return dst
}
