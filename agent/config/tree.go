package config

import "github.com/hashicorp/hcl/v2/hclsyntax"

// childrenOf are the expressions that e is made of.
func childrenOf(e hclsyntax.Expression) []hclsyntax.Expression {
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
	case *hclsyntax.TemplateJoinExpr:
		return []hclsyntax.Expression{e.Tuple}
	case *hclsyntax.TupleConsExpr:
		return e.Exprs
	case *hclsyntax.ObjectConsExpr:
		var all []hclsyntax.Expression
		for _, item := range e.Items {
			all = append(all, item.KeyExpr, item.ValueExpr)
		}
		return all
	case *hclsyntax.ObjectConsKeyExpr:
		return []hclsyntax.Expression{e.Wrapped}
	case *hclsyntax.IndexExpr:
		return []hclsyntax.Expression{e.Collection, e.Key}
	case *hclsyntax.RelativeTraversalExpr:
		return []hclsyntax.Expression{e.Source}
	case *hclsyntax.SplatExpr:
		return []hclsyntax.Expression{e.Source, e.Each}
	case *hclsyntax.ForExpr:
		all := []hclsyntax.Expression{e.CollExpr, e.ValExpr}
		for _, optional := range []hclsyntax.Expression{e.KeyExpr, e.CondExpr} {
			if optional != nil {
				all = append(all, optional)
			}
		}
		return all
	}
	return nil
}

// partsOf counts the operators, names and literals of an expression.
func partsOf(e hclsyntax.Expression) int {
	parts := 1
	for _, child := range childrenOf(e) {
		parts += partsOf(child)
	}
	return parts
}
