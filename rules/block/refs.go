package block

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Ref is a reference to another block by kind and name: contact.alice.
type Ref struct {
	Kind, Name string
	Range      hcl.Range
}

func (f Ref) String() string { return f.Kind + "." + f.Name }

// Refs returns what the argument refers to: one reference or a list of them,
// each to a block of one of the kinds. Texts, other kinds and an empty list are
// mistakes. Whether the blocks exist is for the caller to say.
func (r *Reader) Refs(name string, kinds ...string) []Ref {
	a := r.argument(name)
	if a == nil {
		return nil
	}
	items, diags := hcl.ExprList(a.Expr)
	if diags.HasErrors() {
		items = []hcl.Expression{a.Expr}
	}
	if len(items) == 0 {
		r.Add(Mistake(a.Expr.Range(), "Invalid reference", fmt.Sprintf(
			"%s is an empty list. Write %s, or leave the argument out.", name, example(kinds, ""))))
	}
	var refs []Ref
	for _, item := range items {
		if ref, ok := r.RefOf(item, name, kinds...); ok {
			refs = append(refs, ref)
		}
	}
	return refs
}

// RefOf reads an expression that refers to a block of one of the kinds. name names
// it in diagnostics.
func (r *Reader) RefOf(e hcl.Expression, name string, kinds ...string) (Ref, bool) {
	if text, ok := literalText(e); ok {
		return r.wrongRef(e, fmt.Sprintf("%s refers to a block, and %q is a text. Write %s, without quotes.",
			name, text, example(kinds, text)))
	}
	t, diags := hcl.AbsTraversalForExpr(e)
	if diags.HasErrors() {
		return r.wrongRef(e, fmt.Sprintf("%s refers to a block by kind and name. Write %s.", name, example(kinds, "")))
	}
	ref := Ref{Kind: t.RootName(), Range: t.SourceRange()}
	switch step := stepOf(t); {
	case len(t) == 1 && slices.Contains(kinds, ref.Kind):
		return r.wrongRef(e, fmt.Sprintf("%s needs a name. Write %s.", ref.Kind, example([]string{ref.Kind}, "")))
	case len(t) == 1:
		return r.wrongRef(e, fmt.Sprintf("%s says no kind. Write %s.", ref.Kind, example(kinds, ref.Kind)))
	case !slices.Contains(kinds, ref.Kind):
		return r.wrongRef(e, fmt.Sprintf("%s cannot be %s. Write %s.", name, Written(t), example(kinds, "")))
	case len(t) > 2 || step == "":
		return r.wrongRef(e, fmt.Sprintf("%s is no reference to a block. Write kind and name only: %s.", Written(t), example([]string{ref.Kind}, step)))
	default:
		ref.Name = step
	}
	return ref, true
}

func (r *Reader) wrongRef(e hcl.Expression, detail string) (Ref, bool) {
	r.Add(Mistake(e.Range(), "Invalid reference", detail))
	return Ref{}, false
}

// stepOf returns the attribute after the root, "" when there is none.
func stepOf(t hcl.Traversal) string {
	if len(t) < 2 {
		return ""
	}
	attr, _ := t[1].(hcl.TraverseAttr)
	return attr.Name
}

// example writes a reference of each kind to name, or to a made-up name.
func example(kinds []string, name string) string {
	if kind, _, found := strings.Cut(name, "."); found && slices.Contains(kinds, kind) {
		return name
	}
	if !hclsyntax.ValidIdentifier(name) {
		name = "some_name"
	}
	var all []string
	for _, kind := range kinds {
		all = append(all, kind+"."+name)
	}
	return join(all, "or")
}

// Written renders a traversal as the user wrote it, up to its first index.
func Written(t hcl.Traversal) string {
	words := []string{t.RootName()}
	for _, step := range t[1:] {
		attr, ok := step.(hcl.TraverseAttr)
		if !ok {
			break
		}
		words = append(words, attr.Name)
	}
	return strings.Join(words, ".")
}
