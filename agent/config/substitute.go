package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// The rest of the program never sees var, local, each or module: before it
// reads a block, what these names stand for is put in their place in the syntax
// tree, as if the user had written it there. A value takes the place of its name
// at that name's range, so that a mistake points at the name; the expression of
// a local keeps its own, so that a mistake points into the local.

// A use is a place where something was put in place of a name.
type use struct {
	name    string    // local.running, var.limit_c
	at      hcl.Range // where the name stands
	from    string    // where it was defined or given
	written hcl.Range // where what was put there is written; zero for a value
	inside  []use     // in what was put there
}

// substitution puts in place what names stand for in one block or local.
type substitution struct {
	view
	parts  int // of the live expressions that were put in place
	uses   []use
	failed bool
}

// rewrite returns e with everything in place. What needs no change is e itself;
// e is never changed.
func (s *substitution) rewrite(e hclsyntax.Expression) hclsyntax.Expression {
	if s.l.spent > expansionMax {
		return e // that was said, and nothing will come of it
	}
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return s.name(e)
	case *hclsyntax.ParenthesesExpr:
		if inner := s.rewrite(e.Expression); inner != e.Expression {
			return &hclsyntax.ParenthesesExpr{Expression: inner, SrcRange: e.SrcRange}
		}
	case *hclsyntax.UnaryOpExpr:
		if val := s.rewrite(e.Val); val != e.Val {
			out := *e
			out.Val = val
			return &out
		}
	case *hclsyntax.BinaryOpExpr:
		if lhs, rhs := s.rewrite(e.LHS), s.rewrite(e.RHS); lhs != e.LHS || rhs != e.RHS {
			out := *e
			out.LHS, out.RHS = lhs, rhs
			return &out
		}
	case *hclsyntax.ConditionalExpr:
		return s.conditional(e)
	case *hclsyntax.FunctionCallExpr:
		return s.call(e)
	case *hclsyntax.TemplateExpr:
		if parts, changed := s.all(e.Parts); changed {
			return &hclsyntax.TemplateExpr{Parts: parts, SrcRange: e.SrcRange}
		}
	case *hclsyntax.TemplateWrapExpr:
		if inner := s.rewrite(e.Wrapped); inner != e.Wrapped {
			return &hclsyntax.TemplateWrapExpr{Wrapped: inner, SrcRange: e.SrcRange}
		}
	case *hclsyntax.TupleConsExpr:
		if items, changed := s.all(e.Exprs); changed {
			return &hclsyntax.TupleConsExpr{Exprs: items, SrcRange: e.SrcRange, OpenRange: e.OpenRange}
		}
	case *hclsyntax.ObjectConsExpr:
		return s.object(e)
	case *hclsyntax.IndexExpr, *hclsyntax.RelativeTraversalExpr, *hclsyntax.SplatExpr, *hclsyntax.ForExpr, *hclsyntax.TemplateJoinExpr:
		return s.beyondRules(e)
	}
	return e
}

func (s *substitution) all(given []hclsyntax.Expression) (out []hclsyntax.Expression, changed bool) {
	for _, e := range given {
		r := s.rewrite(e)
		changed = changed || r != e
		out = append(out, r)
	}
	return out, changed
}

// name puts in place what a name stands for.
func (s *substitution) name(e *hclsyntax.ScopeTraversalExpr) hclsyntax.Expression {
	t := e.Traversal
	if isReferable(t.RootName()) {
		return s.qualified(e)
	}
	switch m := s.resolve(t); m.kind {
	case foreign:
		return e
	case broken:
		s.failed = true
		s.hush(e.SrcRange)
		return e
	case live:
		s.parts += m.parts
		s.uses = append(s.uses, use{name: written(t), at: e.SrcRange, from: m.from, written: m.span, inside: m.uses})
		return m.expr
	default:
		return s.put(m, written(t), e)
	}
}

// qualified gives a reference the name its block has outside of the module.
func (s *substitution) qualified(e *hclsyntax.ScopeTraversalExpr) hclsyntax.Expression {
	if s.instance == "" || stepName(e.Traversal, 1) == "" {
		return e
	}
	t := slices.Clone(e.Traversal)
	name := block.Qualify(s.instance, stepName(t, 1))
	if !s.l.knows(block.Ref{Kind: t.RootName(), Name: name, Range: t[:2].SourceRange()}) {
		s.hush(e.SrcRange)
	}
	t[1] = hcl.TraverseAttr{Name: name, SrcRange: t[1].SourceRange()}
	return &hclsyntax.ScopeTraversalExpr{Traversal: t, SrcRange: e.SrcRange}
}

// put writes a value in place of e.
func (s *substitution) put(m meaning, name string, e hclsyntax.Expression) hclsyntax.Expression {
	if !s.l.spend(sizeOf(m.value, valueMax)*literalCost, e.Range()) {
		s.failed = true
		return e
	}
	if name != "" {
		s.uses = append(s.uses, use{name: name, at: e.Range(), from: m.from})
	}
	return literal(m.value, e.Range())
}

// fixed puts the value of e in its place when it is known.
func (s *substitution) fixed(e hclsyntax.Expression) (hclsyntax.Expression, bool) {
	m := s.fold(e, "This")
	if m.kind == broken {
		s.failed = true
		s.hush(e.Range())
		return e, true
	}
	if m.kind != fixed {
		return e, false
	}
	return s.put(m, "", e), true
}

// conditional chooses when the condition is known, so that what was not chosen
// need not make sense.
func (s *substitution) conditional(e *hclsyntax.ConditionalExpr) hclsyntax.Expression {
	if m := s.fold(e.Condition, "A condition"); m.kind == fixed && !m.value.IsNull() && m.value.Type() == cty.Bool {
		if m.value.True() {
			return s.rewrite(e.TrueResult)
		}
		return s.rewrite(e.FalseResult)
	}
	parts, changed := s.all([]hclsyntax.Expression{e.Condition, e.TrueResult, e.FalseResult})
	if !changed {
		return e
	}
	return &hclsyntax.ConditionalExpr{Condition: parts[0], TrueResult: parts[1], FalseResult: parts[2], SrcRange: e.SrcRange}
}

// call puts in place what a function yields that rules do not have, or that
// rules have for single values and is called with a list.
func (s *substitution) call(e *hclsyntax.FunctionCallExpr) hclsyntax.Expression {
	_, ours := functions[e.Name]
	switch {
	case ours && !rules.HasFunction(e.Name):
		if out, ok := s.fixed(e); ok {
			return out
		}
		s.l.add(s.notConstant(e, e.Name+"(…)"))
		s.hush(e.Range())
		s.failed = true
		return e
	case ours && slices.ContainsFunc(e.Args, s.isCollection):
		if out, ok := s.fixed(e); ok {
			return out
		}
	}
	args, changed := s.all(e.Args)
	if !changed {
		return e
	}
	out := *e
	out.Args = args
	return &out
}

// isCollection tells whether e stands for a list or an object.
func (s *substitution) isCollection(e hclsyntax.Expression) bool {
	if _, list := block.Bare(e).(*hclsyntax.TupleConsExpr); list {
		return true
	}
	t, ok := block.Bare(e).(*hclsyntax.ScopeTraversalExpr)
	if !ok || isReferable(t.Traversal.RootName()) {
		return false
	}
	m := s.resolve(t.Traversal)
	return m.kind == fixed && iterates(m.value)
}

// beyondRules puts in place what is known of the parts of HCL that rules do not
// have.
func (s *substitution) beyondRules(e hclsyntax.Expression) hclsyntax.Expression {
	if r, ok := e.(*hclsyntax.RelativeTraversalExpr); ok {
		if m := s.fold(r.Source, "This"); m.kind == fixed {
			return s.followed(s.follow(m, slices.Concat(hcl.Traversal{hcl.TraverseRoot{Name: "this"}}, r.Traversal), 1), e)
		}
	}
	if out, ok := s.fixed(e); ok {
		return out
	}
	return e
}

func (s *substitution) followed(m meaning, e hclsyntax.Expression) hclsyntax.Expression {
	switch m.kind {
	case fixed:
		return s.put(m, "", e)
	case live:
		return m.expr
	}
	s.failed = true
	s.hush(e.Range())
	return e
}

// object puts in place what the values of an object stand for, and its keys
// that are not plain words.
func (s *substitution) object(e *hclsyntax.ObjectConsExpr) hclsyntax.Expression {
	out := &hclsyntax.ObjectConsExpr{SrcRange: e.SrcRange, OpenRange: e.OpenRange}
	changed := false
	for _, item := range e.Items {
		key, value := s.objectKey(item.KeyExpr), s.rewrite(item.ValueExpr)
		changed = changed || key != item.KeyExpr || value != item.ValueExpr
		out.Items = append(out.Items, hclsyntax.ObjectConsItem{KeyExpr: key, ValueExpr: value})
	}
	if !changed {
		return e
	}
	return out
}

func (s *substitution) objectKey(e hclsyntax.Expression) hclsyntax.Expression {
	key, ok := e.(*hclsyntax.ObjectConsKeyExpr)
	if !ok {
		return e
	}
	if _, name := key.Wrapped.(*hclsyntax.ScopeTraversalExpr); name && !key.ForceNonLiteral {
		return e
	}
	inner := s.rewrite(key.Wrapped)
	if inner == key.Wrapped {
		return e
	}
	return &hclsyntax.ObjectConsKeyExpr{Wrapped: inner, ForceNonLiteral: key.ForceNonLiteral}
}

// body puts everything in place in a block. An argument whose value is null is
// left out, as if it were not written.
func (s *substitution) body(b *hclsyntax.Body) *hclsyntax.Body {
	out := &hclsyntax.Body{Attributes: hclsyntax.Attributes{}, SrcRange: b.SrcRange, EndRange: b.EndRange}
	for _, a := range inOrder(b.Attributes) {
		s.parts = 0
		e := s.rewrite(a.Expr)
		switch {
		case e != a.Expr && isNull(e):
			continue
		case s.parts > 0 && s.parts+partsOf(a.Expr) > expandedPartsMax:
			s.l.add(block.Mistake(a.Expr.Range(), "Expression too large", fmt.Sprintf(
				"With everything in place that it names, %s has more than %d parts. Divide it among several alerts.", a.Name, expandedPartsMax)))
			s.hush(a.Expr.Range())
			e = a.Expr
		}
		changed := *a
		changed.Expr = e
		out.Attributes[a.Name] = &changed
	}
	for _, n := range b.Blocks {
		nested := *n
		nested.Body = s.body(n.Body)
		out.Blocks = append(out.Blocks, &nested)
	}
	return out
}

func isNull(e hclsyntax.Expression) bool {
	l, ok := block.Bare(e).(*hclsyntax.LiteralValueExpr)
	return ok && l.Val.IsNull()
}

// instantiate returns a block of the source as it is in this scope, under the
// name it has outside of it.
func (s *scope) instantiate(b *hclsyntax.Block) *hclsyntax.Block {
	w := substitution{view: view{scope: s}}
	out := *b
	out.Labels = slices.Clone(b.Labels)
	if len(out.Labels) > 0 {
		out.Labels[0] = block.Qualify(s.instance, out.Labels[0])
	}
	out.Body = w.body(b.Body)
	s.l.origins[&out] = origin{instance: s.instance, uses: w.uses}
	return &out
}
