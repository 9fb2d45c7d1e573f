package block

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// This file reads expressions that are parts of an argument, such as an item of
// a list. What names them in diagnostics.

// BoolOf folds an expression to a bool, and says whether it is right.
func (r *Reader) BoolOf(e hcl.Expression, what string) (value, ok bool) {
	v, ok := r.fold(e, what, cty.Bool)
	return ok && v.True(), ok
}

// IntOf folds an expression to a whole number between min and max.
func (r *Reader) IntOf(e hcl.Expression, what string, min, max int) (int, bool) {
	v, ok := r.fold(e, what, cty.Number)
	if !ok {
		return 0, false
	}
	n, exact := v.AsBigFloat().Int64()
	if exact != big.Exact || n < int64(min) || n > int64(max) {
		r.Add(Mistake(e.Range(), "Invalid number", fmt.Sprintf(
			"%s is %s. Write a whole number between %d and %d.", what, v.AsBigFloat().Text('g', 6), min, max)))
		return 0, false
	}
	return int(n), true
}

// WordOf folds an expression to one of the allowed texts; "" when it is none.
func (r *Reader) WordOf(e hcl.Expression, what string, allowed ...string) string {
	text, ok := r.StringOf(e, what)
	if !ok || slices.Contains(allowed, text) {
		return text
	}
	r.Add(Mistake(e.Range(), "Invalid value", fmt.Sprintf("%s cannot be %q. %s", what, text, choose(text, quoted(allowed)))))
	return ""
}

// ValueOf folds an expression to a value of any type that is known and not null.
func (r *Reader) ValueOf(e hcl.Expression, what string) (cty.Value, bool) {
	return r.foldAny(e, what)
}

// ItemsOf returns the items of a list, written out or folded; each has the
// range of what it stands in.
func (r *Reader) ItemsOf(e hcl.Expression, what string) ([]hcl.Expression, bool) {
	if items, diags := hcl.ExprList(e); !diags.HasErrors() {
		return items, true
	}
	v, ok := r.foldAny(e, what)
	if !ok {
		return nil, false
	}
	if !v.CanIterateElements() || v.Type().IsObjectType() || v.Type().IsMapType() {
		r.Add(Mistake(e.Range(), "Invalid value", fmt.Sprintf("%s takes a list, and this is %s. Write it in brackets: [%s].", what, kindOf(v), itemText(v))))
		return nil, false
	}
	var items []hcl.Expression
	for _, item := range v.AsValueSlice() {
		items = append(items, hcl.StaticExpr(item, e.Range()))
	}
	return items, true
}

// itemText writes a text or number as an item of a list.
func itemText(v cty.Value) string {
	switch v.Type() {
	case cty.String:
		return strconv.Quote(v.AsString())
	case cty.Number:
		return v.AsBigFloat().Text('g', 20)
	}
	return " … "
}

// PairsOf returns the entries of an object that is written out, in the order of
// the source. A key written twice is a mistake. example is what to write.
func (r *Reader) PairsOf(e hcl.Expression, what, example string) []Pair {
	entries, diags := hcl.ExprMap(e)
	if diags.HasErrors() {
		r.Add(Mistake(e.Range(), "Invalid value", fmt.Sprintf("%s takes an object. Write %s.", what, example)))
		return nil
	}
	var pairs []Pair
	for _, entry := range entries {
		if p, ok := r.pair(entry, what); ok && !r.repeats(pairs, p, what) {
			pairs = append(pairs, p)
		}
	}
	return pairs
}
