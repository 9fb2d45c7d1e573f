package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// A constraint is the type of a variable: Terraform's types, and beside them
// the kinds of blocks for references, as in list(contact).
type constraint struct {
	written  hclsyntax.Expression // nil: any
	typ      cty.Type             // with any in place of each kind of block
	defaults *typeexpr.Defaults   // of optional members; nil for none
}

var anything = constraint{typ: cty.DynamicPseudoType}

const typeRemedy = "Write string, number, bool, any, list(…), set(…), map(…), tuple([…]), object({…}), or a kind of block such as contact."

// constraintOf reads a type.
func constraintOf(e hclsyntax.Expression) (constraint, *hcl.Diagnostic) {
	typ, defaults, diags := typeexpr.TypeConstraintWithDefaults(kindsAsAny(e))
	if !diags.HasErrors() {
		return constraint{written: e, typ: typ, defaults: defaults}, nil
	}
	d := diags[0]
	remedy := typeRemedy
	word := hcl.ExprAsKeyword(e)
	known := append([]string{"string", "number", "bool", "any"}, referable...)
	if near := block.Suggest(word, known); word != "" && near != "" {
		remedy = fmt.Sprintf("Did you mean %s?", near)
	}
	return anything, block.Mistake(*d.Subject, "Invalid type", "This is not a type. "+remedy)
}

// kindsAsAny is the type e with any in place of the kinds of blocks, which the
// library does not know.
func kindsAsAny(e hclsyntax.Expression) hclsyntax.Expression {
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		if slices.Contains(referable, hcl.ExprAsKeyword(e)) {
			return &hclsyntax.ScopeTraversalExpr{Traversal: hcl.Traversal{hcl.TraverseRoot{Name: "any", SrcRange: e.SrcRange}}, SrcRange: e.SrcRange}
		}
	case *hclsyntax.FunctionCallExpr:
		call := *e
		call.Args = nil
		for _, arg := range e.Args {
			call.Args = append(call.Args, kindsAsAny(arg))
		}
		return &call
	case *hclsyntax.TupleConsExpr:
		list := *e
		list.Exprs = nil
		for _, item := range e.Exprs {
			list.Exprs = append(list.Exprs, kindsAsAny(item))
		}
		return &list
	case *hclsyntax.ObjectConsExpr:
		object := *e
		object.Items = nil
		for _, item := range e.Items {
			object.Items = append(object.Items, hclsyntax.ObjectConsItem{KeyExpr: item.KeyExpr, ValueExpr: kindsAsAny(item.ValueExpr)})
		}
		return &object
	}
	return e
}

// convert makes v a value of the type. The error says what v is and what is
// wanted, as the end of a sentence that begins with the variable's name.
func (c constraint) convert(v cty.Value) (cty.Value, error) {
	if c.defaults != nil && !v.IsNull() {
		v = c.defaults.Apply(v)
	}
	out, err := convert.Convert(v, c.typ)
	if err != nil {
		return cty.NilVal, fmt.Errorf("takes %s, and this is %s%s", c, described(v), conversionError(err))
	}
	if c.written != nil {
		if err := conforms(c.written, out); err != nil {
			return cty.NilVal, err
		}
	}
	return out, nil
}

func (c constraint) String() string {
	if c.written == nil {
		return "any value"
	}
	return typeText(c.written)
}

// typeText writes a type in one line.
func typeText(e hclsyntax.Expression) string {
	var words []string
	switch e := e.(type) {
	case *hclsyntax.FunctionCallExpr:
		for _, arg := range e.Args {
			words = append(words, typeText(arg))
		}
		return e.Name + "(" + strings.Join(words, ", ") + ")"
	case *hclsyntax.TupleConsExpr:
		for _, item := range e.Exprs {
			words = append(words, typeText(item))
		}
		return "[" + strings.Join(words, ", ") + "]"
	case *hclsyntax.ObjectConsExpr:
		for _, item := range e.Items {
			words = append(words, hcl.ExprAsKeyword(item.KeyExpr)+" = "+typeText(item.ValueExpr))
		}
		return "{ " + strings.Join(words, ", ") + " }"
	}
	if word := hcl.ExprAsKeyword(e); word != "" {
		return word
	}
	return "…"
}

// conforms looks for what stands where the type wants a reference, and is none
// or one to another kind of block.
func conforms(typ hclsyntax.Expression, v cty.Value) error {
	if v.IsNull() {
		return nil
	}
	if kind := hcl.ExprAsKeyword(typ); slices.Contains(referable, kind) {
		return isReferenceTo(kind, v)
	}
	call, ok := typ.(*hclsyntax.FunctionCallExpr)
	if !ok || len(call.Args) == 0 {
		return nil
	}
	switch inner := call.Args[0].(type) {
	case *hclsyntax.ObjectConsExpr:
		for _, item := range inner.Items {
			name := hcl.ExprAsKeyword(item.KeyExpr)
			if v.Type().IsObjectType() && v.Type().HasAttribute(name) {
				if err := conforms(item.ValueExpr, v.GetAttr(name)); err != nil {
					return err
				}
			}
		}
	case *hclsyntax.TupleConsExpr:
		for i, item := range inner.Exprs {
			if err := conforms(item, v.Index(cty.NumberIntVal(int64(i)))); err != nil {
				return err
			}
		}
	default:
		if call.Name == "optional" {
			return conforms(inner, v)
		}
		for _, element := range v.Elements() {
			if err := conforms(inner, element); err != nil {
				return err
			}
		}
	}
	return nil
}

func isReferenceTo(kind string, v cty.Value) error {
	ref, ok := referenceIn(v)
	switch {
	case ok && ref.kind == kind:
		return nil
	case ok:
		return fmt.Errorf("refers to a %s, and %s is none. Write %[1]s.some_name", kind, ref)
	case v.Type() == cty.String:
		return fmt.Errorf("refers to a %s, and %q is a text. Write %[1]s.%[3]s, without quotes", kind, v.AsString(), nameLike(v.AsString()))
	}
	return fmt.Errorf("refers to a %s, and this is %s. Write %[1]s.some_name", kind, described(v))
}

// described says what kind of value v is.
func described(v cty.Value) string {
	ref, ok := referenceIn(v)
	switch t := v.Type(); {
	case v.IsNull():
		return "null"
	case ok:
		return ref.String()
	case t == cty.String:
		return "a text"
	case t == cty.Number:
		return "a number"
	case t == cty.Bool:
		return "a bool"
	case t.IsTupleType() || t.IsListType() || t.IsSetType():
		return "a list"
	}
	return "an object"
}
