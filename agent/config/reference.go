package config

import (
	"reflect"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A reference is a block as a value: what contact.alice stands for in a
// variable, a local or a module's argument. It is put in place as if it had been
// written there.
type reference struct {
	kind string
	name string // qualified by the module it stands in
}

var referenceType = cty.CapsuleWithOps("reference to a block", reflect.TypeFor[reference](), &cty.CapsuleOps{
	RawEquals: func(a, b any) bool { return *a.(*reference) == *b.(*reference) },
	HashKey:   func(v any) string { return v.(*reference).String() },
})

// referable are the kinds of blocks that expressions refer to.
var referable = []string{"alert", "contact", "modem", "mqtt", "policy", "schedule", "sensor", "switch"}

// sensing are those of them that also have a value of their own, which changes
// while the agent runs.
var sensing = []string{"sensor", "switch"}

func (r reference) value() cty.Value { return cty.CapsuleVal(referenceType, &r) }

func (r reference) String() string { return r.kind + "." + r.name }

// referenceIn is the reference that v is.
func referenceIn(v cty.Value) (reference, bool) {
	if v == cty.NilVal || v.IsNull() || v.Type() != referenceType {
		return reference{}, false
	}
	return *v.EncapsulatedValue().(*reference), true
}

// traversal writes the reference, with what followed it, as an expression at
// rng.
func (r reference) traversal(rest hcl.Traversal, rng hcl.Range) *hclsyntax.ScopeTraversalExpr {
	t := hcl.Traversal{
		hcl.TraverseRoot{Name: r.kind, SrcRange: rng},
		hcl.TraverseAttr{Name: r.name, SrcRange: rng},
	}
	return &hclsyntax.ScopeTraversalExpr{Traversal: slices.Concat(t, rest), SrcRange: rng}
}
