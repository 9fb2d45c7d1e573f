package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/rules/block"
)

const (
	// valueMax bounds a value that a name stands for, in bytes of text and
	// elements.
	valueMax = 1 << 18
	// workMax bounds what one folded expression may have to copy.
	workMax = 1 << 22
)

// fold finds what an expression stands for: a value when it can be known while
// the configuration is loaded; live when it depends on sensors, or is made of
// what only rules have. what names it in complaints.
func (p view) fold(e hclsyntax.Expression, what string) meaning {
	kind := fixed
	var known valueTree
	for _, t := range e.Variables() {
		switch m, steps := p.base(t); {
		case m.kind == broken || m.kind == fixed && !p.exists(t, m):
			p.hush(t.SourceRange())
			kind = broken
		case m.kind == fixed && !m.reaches(t[steps:]):
			known.put(t[:steps], m.value)
		case kind == fixed:
			kind = live
		}
	}
	if kind == fixed && (unknownCall(e) != nil || !p.passes(e)) {
		kind = live
	}
	if kind != fixed {
		return meaning{kind: kind}
	}
	m := p.evaluate(e, what, &known)
	if m.secret = m.kind == fixed && p.secret(e); m.secret && !onlyJoins(e) {
		p.l.hide(m.value, false)
	}
	return m
}

// constant folds an expression that must be known while the configuration is
// loaded. The value may be null.
func (p view) constant(e hclsyntax.Expression, what string) (cty.Value, bool) {
	m := p.fold(e, what)
	if m.kind == live {
		p.l.add(p.notConstant(e, what))
	}
	return m.value, m.kind == fixed
}

// notConstant says what keeps an expression from being known.
func (p view) notConstant(e hclsyntax.Expression, what string) *hcl.Diagnostic {
	if word := hcl.ExprAsKeyword(e); word != "" {
		return block.Mistake(e.Range(), "Invalid value", fmt.Sprintf("%s takes a fixed value, and %s is a name. If it is a text, quote it: %q.", what, word, word))
	}
	if call := unknownCall(e); call != nil {
		return block.Mistake(call.NameRange, "Invalid value", fmt.Sprintf("%s is fixed when the configuration is loaded, and %s is no function that can be called then.", what, call.Name))
	}
	for _, t := range e.Variables() {
		if m := p.resolve(t); m.kind != fixed {
			return block.Mistake(t.SourceRange(), "Invalid value", fmt.Sprintf("%s is fixed when the configuration is loaded, so it cannot use %s.", what, written(t)))
		}
	}
	return block.Mistake(e.Range(), "Invalid value", what+" is fixed when the configuration is loaded, so a sensor can be named in it as a whole, and not be compared or calculated with.")
}

// exists complains when a reference that is written out leads nowhere.
func (p view) exists(t hcl.Traversal, m meaning) bool {
	ref, ok := referenceIn(m.value)
	if !ok || !isReferable(t.RootName()) {
		return true
	}
	return p.l.knows(block.Ref{Kind: ref.kind, Name: ref.name, Range: t.SourceRange()})
}

func (p view) evaluate(e hclsyntax.Expression, what string, known *valueTree) meaning {
	if known.weight(e) >= workMax {
		return p.wrong(e.Range(), "Value too large", fmt.Sprintf("What %s stands for would be larger than anything a rule could use. Make it from less.", what))
	}
	v, diags := e.Value(&hcl.EvalContext{Variables: known.members(), Functions: functions})
	if diags.HasErrors() {
		p.explain(e, diags)
		return meaning{kind: broken}
	}
	v, _ = v.UnmarkDeep()
	switch size := sizeOf(v, valueMax); {
	case !v.IsWhollyKnown():
		return p.wrong(e.Range(), "Invalid value", what+" has no value here.")
	case !tame(v):
		return p.wrong(e.Range(), "Invalid number", what+" is a number beyond all use. Write one between 1e-308 and 1e308.")
	case size >= valueMax:
		return p.wrong(e.Range(), "Value too large", fmt.Sprintf("%s is longer than %d KiB. Divide it.", what, valueMax>>10))
	default:
		return meaning{kind: fixed, value: v}
	}
}

// explain reports why e cannot be evaluated: in our words when one of its names
// leads nowhere, else in those of the library.
func (p view) explain(e hclsyntax.Expression, diags hcl.Diagnostics) {
	before := len(p.l.diags)
	for _, t := range e.Variables() {
		p.resolve(t)
	}
	if len(p.l.diags) > before {
		return
	}
	for _, d := range diags {
		d.Expression, d.EvalContext = nil, nil // it may hold a secret
	}
	p.l.add(diags...)
}

// unknownCall finds a call of what is no function here, nil when there is none.
func unknownCall(e hclsyntax.Expression) *hclsyntax.FunctionCallExpr {
	var found *hclsyntax.FunctionCallExpr
	hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		call, ok := n.(*hclsyntax.FunctionCallExpr)
		if _, ours := functions[nameOfCall(call)]; ok && !ours && found == nil {
			found = call
		}
		return nil
	})
	return found
}

func nameOfCall(call *hclsyntax.FunctionCallExpr) string {
	if call == nil {
		return ""
	}
	return call.Name
}

// passes tells whether e only hands on the sensors and switches it names, and
// does not look at what they say.
func (p view) passes(e hclsyntax.Expression) bool {
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return true
	case *hclsyntax.ObjectConsExpr, *hclsyntax.TupleConsExpr, *hclsyntax.ParenthesesExpr, *hclsyntax.RelativeTraversalExpr:
		return !slices.ContainsFunc(childrenOf(e), func(child hclsyntax.Expression) bool { return !p.passes(child) })
	case *hclsyntax.ConditionalExpr:
		return (!p.senses(e.Condition) || p.asksForNull(e.Condition)) && p.passes(e.TrueResult) && p.passes(e.FalseResult)
	case *hclsyntax.IndexExpr:
		return p.passes(e.Collection) && !p.senses(e.Key)
	case *hclsyntax.FunctionCallExpr:
		return !slices.ContainsFunc(e.Args, func(arg hclsyntax.Expression) bool { return !p.passes(arg) })
	}
	return !p.senses(e) || p.asksForNull(e)
}

// asksForNull recognises x == null, the question whether an optional sensor was
// given.
func (p view) asksForNull(e hclsyntax.Expression) bool {
	op, ok := block.Bare(e).(*hclsyntax.BinaryOpExpr)
	if !ok || op.Op != hclsyntax.OpEqual && op.Op != hclsyntax.OpNotEqual {
		return false
	}
	return isNull(op.RHS) && p.passes(op.LHS) || isNull(op.LHS) && p.passes(op.RHS)
}

// senses tells whether e names a sensor or a switch, also through a variable or
// a local.
func (p view) senses(e hclsyntax.Expression) bool {
	return slices.ContainsFunc(e.Variables(), func(t hcl.Traversal) bool {
		m := p.resolve(t)
		return m.kind == live || m.kind == fixed && holdsSensor(m.value)
	})
}

// holdsSensor tells whether a value is, or has in it, a sensor or a switch.
func holdsSensor(v cty.Value) bool {
	if ref, ok := referenceIn(v); ok {
		return slices.Contains(sensing, ref.kind)
	}
	if !iterates(v) {
		return false
	}
	for _, element := range v.Elements() {
		if holdsSensor(element) {
			return true
		}
	}
	return false
}

// weight bounds from above what evaluating e may have to copy, in the measure
// of sizeOf. It stops counting at workMax.
func (v *valueTree) weight(e hclsyntax.Expression) int {
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return 1 + v.sizeOf(e.Traversal)
	case *hclsyntax.LiteralValueExpr:
		return 1 + sizeOf(e.Val, workMax)
	case *hclsyntax.ForExpr:
		return product(v.weight(e.CollExpr), 1+v.weigh(e.KeyExpr, e.ValExpr, e.CondExpr))
	case *hclsyntax.SplatExpr:
		return product(v.weight(e.Source), 1+v.weight(e.Each))
	case *hclsyntax.FunctionCallExpr:
		if multiplying[e.Name] {
			all := 1
			for _, arg := range e.Args {
				all = product(all, v.weight(arg))
			}
			return all
		}
	}
	return 1 + v.weigh(childrenOf(e)...)
}

func (v *valueTree) weigh(all ...hclsyntax.Expression) int {
	sum := 0
	for _, e := range all {
		if e != nil && sum < workMax {
			sum = min(workMax, sum+v.weight(e))
		}
	}
	return sum
}

// product multiplies two weights.
func product(a, b int) int {
	if a >= workMax || b >= workMax || a > workMax/max(1, b) {
		return workMax
	}
	return a * b
}

// A valueTree holds values by the names that lead to them.
type valueTree struct {
	leaf   cty.Value // cty.NilVal where there are branches
	branch map[string]*valueTree
}

// put adds what a traversal leads to. What is there as part of a larger value
// stays.
func (v *valueTree) put(t hcl.Traversal, value cty.Value) {
	for i := range t {
		if v.leaf != cty.NilVal {
			return
		}
		key := stepKey(t, i)
		if v.branch == nil {
			v.branch = map[string]*valueTree{}
		}
		if v.branch[key] == nil {
			v.branch[key] = &valueTree{}
		}
		v = v.branch[key]
	}
	v.leaf, v.branch = value, nil
}

// sizeOf is the size of what a traversal leads to, 0 when it leads nowhere: a
// loop's own names are weighed with what it goes through.
func (v *valueTree) sizeOf(t hcl.Traversal) int {
	for i := range t {
		if v.leaf != cty.NilVal {
			break
		}
		if v = v.branch[stepKey(t, i)]; v == nil {
			return 0
		}
	}
	if v.leaf == cty.NilVal {
		return 0
	}
	return sizeOf(v.leaf, workMax)
}

// stepKey is a step as a member of an object; an index by number finds the
// member of that name.
func stepKey(t hcl.Traversal, i int) string {
	switch step := t[i].(type) {
	case hcl.TraverseRoot:
		return step.Name
	case hcl.TraverseAttr:
		return step.Name
	case hcl.TraverseIndex:
		return keyText(step.Key)
	}
	return ""
}

func (v *valueTree) members() map[string]cty.Value {
	out := map[string]cty.Value{}
	for key, b := range v.branch {
		if b.branch == nil {
			out[key] = b.leaf
		} else {
			out[key] = cty.ObjectVal(b.members())
		}
	}
	return out
}
