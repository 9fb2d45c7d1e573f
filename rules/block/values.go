package block

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Pair is one entry of an object the user wrote: key = value.
type Pair struct {
	Key      string
	KeyRange hcl.Range
	Value    hcl.Expression
}

// String returns the argument as a text, "" when it is absent or wrong.
func (r *Reader) String(name string) string {
	if a := r.argument(name); a != nil {
		text, _ := r.StringOf(a.Expr, name)
		return text
	}
	return ""
}

// Text returns the argument, which must be a text that is not blank, and whether
// it is there and right.
func (r *Reader) Text(name string) (string, bool) {
	a := r.argument(name)
	if a == nil {
		return "", false
	}
	text, ok := r.StringOf(a.Expr, name)
	if ok && strings.TrimSpace(text) == "" {
		r.Add(Mistake(a.Expr.Range(), "Invalid value", name+" is empty. Write a text, or leave the argument out."))
		return "", false
	}
	return text, ok
}

// Bool returns the argument as a bool, otherwise when it is absent or wrong.
func (r *Reader) Bool(name string, otherwise bool) bool {
	if a := r.argument(name); a != nil {
		if v, ok := r.BoolOf(a.Expr, name); ok {
			return v
		}
	}
	return otherwise
}

// Int returns the argument as a whole number between min and max, otherwise
// when it is absent or wrong.
func (r *Reader) Int(name string, min, max, otherwise int) int {
	if a := r.argument(name); a != nil {
		if n, ok := r.IntOf(a.Expr, name, min, max); ok {
			return n
		}
	}
	return otherwise
}

// Number returns the argument as a float64 and whether it is there and right.
func (r *Reader) Number(name string) (float64, bool) {
	if a := r.argument(name); a != nil {
		return r.NumberOf(a.Expr, name)
	}
	return 0, false
}

// Duration returns the argument as a duration between min and max, 0 when it is
// absent or wrong. ParseDuration has the notation.
func (r *Reader) Duration(name string, min, max time.Duration) time.Duration {
	a := r.argument(name)
	if a == nil {
		return 0
	}
	d, _ := r.DurationOf(a.Expr, name, min, max)
	return d
}

// DurationOf is Duration of an expression that is not an argument of its own;
// what names it in diagnostics.
func (r *Reader) DurationOf(e hcl.Expression, what string, min, max time.Duration) (time.Duration, bool) {
	v, ok := r.foldAny(e, what)
	if !ok {
		return 0, false
	}
	d, err := durationOf(v, what)
	if err == nil && (d < min || d > max) {
		err = fmt.Errorf("%s is %s. Write a duration between %q and %q",
			what, FormatDuration(d), FormatDuration(min), FormatDuration(max))
	}
	if err != nil {
		r.Add(Mistake(e.Range(), "Invalid duration", err.Error()+"."))
		return 0, false
	}
	return d, true
}

// durationOf accepts a quoted duration only; a bare number would leave the unit
// to guesswork.
func durationOf(v cty.Value, what string) (time.Duration, error) {
	switch v.Type() {
	case cty.String:
		return ParseDuration(v.AsString())
	case cty.Number:
		n := v.AsBigFloat().Text('g', 6)
		return 0, fmt.Errorf(`%s has no unit. Write it in quotes with one, such as "%ss" or "%sm"`, n, n, n)
	}
	return 0, fmt.Errorf("%s takes a duration, and this is %s. %s", what, kindOf(v), durationRemedy)
}

// Words returns the argument, which must be one of the allowed texts; "" when
// it is absent or wrong.
func (r *Reader) Words(name string, allowed ...string) string {
	if a := r.argument(name); a != nil {
		return r.WordOf(a.Expr, name, allowed...)
	}
	return ""
}

// Keyword returns the argument, which must be one of the allowed words written
// without quotes, as in value = number; "" when it is absent or wrong.
func (r *Reader) Keyword(name string, allowed ...string) string {
	if a := r.argument(name); a != nil {
		return r.KeywordOf(a.Expr, name, allowed...)
	}
	return ""
}

// KeywordOf reads an expression that must be one of the allowed words, without
// quotes. what names it in diagnostics. It returns "" when it is wrong.
func (r *Reader) KeywordOf(e hcl.Expression, what string, allowed ...string) string {
	word := hcl.ExprAsKeyword(e)
	if slices.Contains(allowed, word) {
		return word
	}
	remedy := choose(word, allowed)
	if text, ok := literalText(e); ok && slices.Contains(allowed, text) {
		remedy = fmt.Sprintf("Write %s without the quotes.", text)
	}
	r.Add(Mistake(e.Range(), "Invalid value", fmt.Sprintf("%s takes one of the words %s. %s", what, join(allowed, "and"), remedy)))
	return ""
}

// StringOf folds an expression to a text. what names it in diagnostics.
func (r *Reader) StringOf(e hcl.Expression, what string) (string, bool) {
	v, ok := r.fold(e, what, cty.String)
	if !ok {
		return "", false
	}
	return v.AsString(), true
}

// NumberOf folds an expression to a number. what names it in diagnostics.
func (r *Reader) NumberOf(e hcl.Expression, what string) (float64, bool) {
	v, ok := r.fold(e, what, cty.Number)
	if !ok {
		return 0, false
	}
	n, _ := v.AsBigFloat().Float64()
	if math.IsInf(n, 0) {
		r.Add(Mistake(e.Range(), "Invalid number", what+" is too large. Write a number below 1e308."))
		return 0, false
	}
	return n, true
}

// Pairs returns the entries of the object that is written as the argument, in
// the order of the source. A key written twice is a mistake.
func (r *Reader) Pairs(name string) []Pair {
	if a := r.argument(name); a != nil {
		return r.PairsOf(a.Expr, name, name+" = { name = … }")
	}
	return nil
}

func (r *Reader) pair(entry hcl.KeyValuePair, name string) (Pair, bool) {
	key, ok := r.StringOf(entry.Key, "A key of "+name)
	return Pair{Key: key, KeyRange: entry.Key.Range(), Value: entry.Value}, ok
}

func (r *Reader) repeats(pairs []Pair, p Pair, name string) bool {
	for _, earlier := range pairs {
		if earlier.Key == p.Key {
			r.Add(Mistake(p.KeyRange, "Duplicate name", fmt.Sprintf(
				"%s already has %s, on line %d. Keep one of them.", name, p.Key, earlier.KeyRange.Start.Line)))
			return true
		}
	}
	return false
}

// fold evaluates an expression that must be of the wanted type. Nothing is
// converted: a number in quotes is a text.
func (r *Reader) fold(e hcl.Expression, what string, want cty.Type) (cty.Value, bool) {
	v, ok := r.foldAny(e, what)
	if !ok {
		return cty.NilVal, false
	}
	if v.Type() != want {
		r.Add(Mistake(e.Range(), "Invalid value", fmt.Sprintf("%s takes %s, and this is %s. %s",
			what, nameOf(want), kindOf(v), remedyFor(want, v))))
		return cty.NilVal, false
	}
	return v, true
}

func (r *Reader) foldAny(e hcl.Expression, what string) (cty.Value, bool) {
	if r.usesUnknownNames(e, what) {
		return cty.NilVal, false
	}
	v, diags := e.Value(r.ctx)
	r.Add(diags...)
	if diags.HasErrors() {
		return cty.NilVal, false
	}
	if v, _ = v.Unmark(); v.IsNull() || !v.IsWhollyKnown() {
		r.Add(Mistake(e.Range(), "Invalid value", what+" has no value here. Write one, or leave the argument out."))
		return cty.NilVal, false
	}
	return v, true
}

// usesUnknownNames complains about names that mean nothing while the
// configuration is loaded. Most are texts whose quotes were forgotten.
func (r *Reader) usesUnknownNames(e hcl.Expression, what string) bool {
	found := false
	for _, t := range e.Variables() {
		if r.defines(t.RootName()) {
			continue
		}
		found = true
		if word := hcl.ExprAsKeyword(e); word != "" {
			r.Add(Mistake(e.Range(), "Invalid value", fmt.Sprintf("%s takes a fixed value, and %s is a name. If it is a text, quote it: %q.", what, word, word)))
			continue
		}
		r.Add(Mistake(t.SourceRange(), "Invalid value", fmt.Sprintf("%s is fixed when the configuration is loaded, so it cannot use %s.", what, Written(t))))
	}
	return found
}

func (r *Reader) defines(name string) bool {
	for ctx := r.ctx; ctx != nil; ctx = ctx.Parent() {
		if _, ok := ctx.Variables[name]; ok {
			return true
		}
	}
	return false
}

// literalText returns the text of a quoted string without interpolation.
func literalText(e hcl.Expression) (string, bool) {
	if t, ok := e.(*hclsyntax.TemplateExpr); !ok || !t.IsStringLiteral() {
		return "", false
	}
	v, diags := e.Value(nil)
	if diags.HasErrors() {
		return "", false
	}
	return v.AsString(), true
}

func nameOf(t cty.Type) string {
	switch t {
	case cty.String:
		return "a text"
	case cty.Number:
		return "a number"
	case cty.Bool:
		return "true or false"
	}
	return "a " + t.FriendlyName()
}

func kindOf(v cty.Value) string {
	switch t := v.Type(); {
	case t == cty.String:
		return "a text"
	case t == cty.Number:
		return "a number"
	case t == cty.Bool:
		return "a bool"
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		return "a list"
	case t.IsObjectType() || t.IsMapType():
		return "an object"
	}
	return "a " + v.Type().FriendlyName()
}

func remedyFor(want cty.Type, v cty.Value) string {
	switch {
	case want == cty.String && v.Type() == cty.Number:
		return fmt.Sprintf("Write it in quotes: %q.", v.AsBigFloat().Text('g', 20))
	case want == cty.String:
		return "Write a text in quotes."
	case want == cty.Number:
		return "Write a number without quotes, such as 10 or 2.5."
	}
	return "Write true or false, without quotes."
}

// choose says which of the allowed words to write.
func choose(given string, allowed []string) string {
	if near := Suggest(given, allowed); given != "" && near != "" {
		return fmt.Sprintf("Did you mean %s?", near)
	}
	return fmt.Sprintf("Write %s.", join(allowed, "or"))
}

func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strconv.Quote(w)
	}
	return out
}

// join lists words as a sentence does: a, b and c.
func join(words []string, conjunction string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " " + conjunction + " " + words[last]
}

// Bare is e without the parentheses around it.
func Bare(e hclsyntax.Expression) hclsyntax.Expression {
	for {
		p, ok := e.(*hclsyntax.ParenthesesExpr)
		if !ok {
			return e
		}
		e = p.Expression
	}
}
