package rules

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// meaning spells out the conditions of a level without their layout, so that
// a changed condition is told from a reformatted file.
func meaning(when, clearWhen hcl.Expression) string {
	out := ""
	for _, x := range []hcl.Expression{when, clearWhen} {
		if n, ok := x.(hclsyntax.Node); ok {
			out += meaningOf(n)
		}
		out += ";"
	}
	return out
}

// meaningMaxBytes is how much of an expression is spelled out; a longer one is
// known by its hash. It is part of what is remembered of every instance.
const meaningMaxBytes = 200

// meaningOf spells out one expression.
func meaningOf(n hclsyntax.Node) string {
	var m meaningWriter
	hclsyntax.Walk(n, &m)
	if m.Len() > meaningMaxBytes {
		return fmt.Sprintf("%x", sha256.Sum256([]byte(m.String())))
	}
	return m.String()
}

// A meaningWriter writes each node of an expression with its children in
// brackets.
type meaningWriter struct{ strings.Builder }

func (m *meaningWriter) Enter(n hclsyntax.Node) hcl.Diagnostics {
	switch n := n.(type) {
	case *hclsyntax.ParenthesesExpr:
		return nil // the tree already has their meaning
	case *hclsyntax.LiteralValueExpr:
		m.WriteString(literal(n.Val))
	case *hclsyntax.ScopeTraversalExpr:
		m.WriteString(traversed(n.Traversal))
	case *hclsyntax.FunctionCallExpr:
		m.WriteString(n.Name)
	case *hclsyntax.BinaryOpExpr:
		m.WriteString(symbols[n.Op])
	case *hclsyntax.UnaryOpExpr:
		m.WriteString(symbols[n.Op])
	default:
		fmt.Fprintf(m, "%T", n)
	}
	m.WriteByte('(')
	return nil
}

func (m *meaningWriter) Exit(n hclsyntax.Node) hcl.Diagnostics {
	if _, ok := n.(*hclsyntax.ParenthesesExpr); !ok {
		m.WriteByte(')')
	}
	return nil
}

// literal spells a value as the compiled expression holds it. Written out in
// full, a number such as 1e-10000000 would take seconds.
func literal(v cty.Value) string {
	switch {
	case v.IsNull() || !v.IsKnown():
	case v.Type() == cty.Number:
		f, _ := v.AsBigFloat().Float64()
		return strconv.FormatFloat(f, 'g', -1, 64)
	case v.Type() == cty.String:
		return strconv.Quote(v.AsString())
	case v.Type() == cty.Bool:
		return strconv.FormatBool(v.True())
	}
	return v.Type().FriendlyName()
}

var symbols = map[*hclsyntax.Operation]string{
	hclsyntax.OpLogicalOr: "||", hclsyntax.OpLogicalAnd: "&&", hclsyntax.OpLogicalNot: "!",
	hclsyntax.OpEqual: "==", hclsyntax.OpNotEqual: "!=",
	hclsyntax.OpGreaterThan: ">", hclsyntax.OpGreaterThanOrEqual: ">=",
	hclsyntax.OpLessThan: "<", hclsyntax.OpLessThanOrEqual: "<=",
	hclsyntax.OpAdd: "+", hclsyntax.OpSubtract: "-", hclsyntax.OpMultiply: "*",
	hclsyntax.OpDivide: "/", hclsyntax.OpModulo: "%", hclsyntax.OpNegate: "neg",
}
