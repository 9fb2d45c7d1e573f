package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// literal writes a value as the expression a user would have written for it,
// all of it at rng: lists and objects as constructors, so that what reads a
// list finds its elements, references as names. It does not say what the value's
// type was before.
func literal(v cty.Value, rng hcl.Range) hclsyntax.Expression {
	if r, ok := referenceIn(v); ok {
		return r.traversal(nil, rng)
	}
	switch t := v.Type(); {
	case v.IsNull():
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		list := &hclsyntax.TupleConsExpr{SrcRange: rng, OpenRange: rng}
		for _, element := range v.Elements() {
			list.Exprs = append(list.Exprs, literal(element, rng))
		}
		return list
	case t.IsObjectType() || t.IsMapType():
		object := &hclsyntax.ObjectConsExpr{SrcRange: rng, OpenRange: rng}
		for key, element := range v.Elements() {
			object.Items = append(object.Items, hclsyntax.ObjectConsItem{
				KeyExpr:   &hclsyntax.ObjectConsKeyExpr{Wrapped: literal(key, rng)},
				ValueExpr: literal(element, rng),
			})
		}
		return object
	}
	return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: rng}
}

// sizeOf measures a value in bytes of text and elements, and stops at max.
func sizeOf(v cty.Value, max int) int {
	if v.IsNull() {
		return 1
	}
	switch t := v.Type(); {
	case t == cty.String:
		return min(max, 1+len(v.AsString()))
	case t.IsTupleType() || t.IsCollectionType() || t.IsObjectType():
		size := 1
		for key, element := range v.Elements() {
			if size += sizeOf(key, max-size) + sizeOf(element, max-size); size >= max {
				return max
			}
		}
		return size
	}
	return 1
}

// exponentMax bounds numbers on both sides of 1, as a power of two. The library
// calculates with any number, and writing 1e-10000000 as a text takes it minutes.
const exponentMax = 1 << 11

// tame reports whether no number in v is out of all proportion.
func tame(v cty.Value) bool {
	if v.IsNull() {
		return true
	}
	switch t := v.Type(); {
	case t == cty.Number:
		n := v.AsBigFloat()
		exponent := n.MantExp(nil)
		return !n.IsInf() && exponent < exponentMax && exponent > -exponentMax
	case t.IsTupleType() || t.IsCollectionType() || t.IsObjectType():
		for _, element := range v.Elements() {
			if !tame(element) {
				return false
			}
		}
	}
	return true
}
