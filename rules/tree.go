package rules

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// boundedTree is e as a syntax tree that can safely be walked by recursion.
func boundedTree(e hcl.Expression) (hclsyntax.Expression, *hcl.Diagnostic) {
	root, ok := e.(hclsyntax.Expression)
	if !ok {
		return nil, block.Mistake(e.Range(), "Unsupported expression", "Conditions and messages are written in native HCL syntax, not in JSON.")
	}
	m := measure{}
	if !m.fits(root, 1) {
		return nil, block.Mistake(root.Range(), "Expression too large", fmt.Sprintf(
			"This expression has more than %d parts, or parts inside each other more than %d deep. Divide it among several alerts.",
			exprPartsMax, exprDepthMax))
	}
	return root, nil
}

// measure counts the parts of an expression.
type measure struct{ parts int }

func (m *measure) fits(e hclsyntax.Expression, depth int) bool {
	m.parts++
	if m.parts > exprPartsMax || depth > exprDepthMax {
		return false
	}
	for _, o := range operands(e) {
		if !m.fits(o, depth+1) {
			return false
		}
	}
	return true
}

// visit calls do for e and everything in it that is compiled, in source order.
func visit(e hclsyntax.Expression, do func(hclsyntax.Expression)) {
	do(e)
	for _, o := range operands(e) {
		visit(o, do)
	}
}

// operands are the expressions that e is made from. What the rule language
// does not have is refused as a whole, so it has none.
func operands(e hclsyntax.Expression) []hclsyntax.Expression {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return []hclsyntax.Expression{e.Expression}
	case *hclsyntax.UnaryOpExpr:
		return []hclsyntax.Expression{e.Val}
	case *hclsyntax.BinaryOpExpr:
		return []hclsyntax.Expression{e.LHS, e.RHS}
	case *hclsyntax.ConditionalExpr:
		return []hclsyntax.Expression{e.Condition, e.TrueResult, e.FalseResult}
	case *hclsyntax.FunctionCallExpr:
		return e.Args
	case *hclsyntax.TemplateExpr:
		return e.Parts
	case *hclsyntax.TemplateWrapExpr:
		return []hclsyntax.Expression{e.Wrapped}
	case *hclsyntax.TupleConsExpr:
		return e.Exprs
	}
	return nil
}
