package rules

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// writtenMaxBytes bounds the text of one part of a condition as it is told;
// more is cut and ends in "...".
const writtenMaxBytes = 240

// asWritten is an expression on one line, as canonical formatting has it. Where
// the user wrote a name for something that is known when the configuration is
// loaded, such as a variable or a local, it is what the name stands for.
func asWritten(e hclsyntax.Expression) string {
	var w writer
	w.expression(e)
	if w.Len() > writtenMaxBytes {
		return string(cutText([]byte(w.String()), writtenMaxBytes-len(cutMark))) + cutMark
	}
	return w.String()
}

// A writer writes expressions of the rule language. Once it has written more
// than is told it writes nothing further.
type writer struct{ strings.Builder }

func (w *writer) expression(e hclsyntax.Expression) {
	if w.Len() > writtenMaxBytes {
		return
	}
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		w.WriteString(literal(e.Val))
	case *hclsyntax.ParenthesesExpr:
		w.enclosed("(", e.Expression, ")")
	case *hclsyntax.ScopeTraversalExpr:
		w.WriteString(traversed(e.Traversal))
	case *hclsyntax.UnaryOpExpr:
		w.WriteString(map[bool]string{true: "!", false: "-"}[e.Op == hclsyntax.OpLogicalNot])
		w.operand(e.Val, unaryRank)
	case *hclsyntax.BinaryOpExpr:
		rank := ranks[e.Op]
		w.operand(e.LHS, rank)
		w.WriteString(" " + symbols[e.Op] + " ")
		w.operand(e.RHS, rank+1)
	case *hclsyntax.ConditionalExpr:
		w.operand(e.Condition, conditionalRank+1)
		w.WriteString(" ? ")
		w.expression(e.TrueResult)
		w.WriteString(" : ")
		w.expression(e.FalseResult)
	case *hclsyntax.FunctionCallExpr:
		w.WriteString(e.Name)
		w.list("(", e.Args, ")")
	case *hclsyntax.TemplateExpr:
		w.template(e)
	case *hclsyntax.TemplateWrapExpr:
		w.enclosed(`"${`, e.Wrapped, `}"`)
	case *hclsyntax.TupleConsExpr:
		w.list("[", e.Exprs, "]")
	}
}

func (w *writer) enclosed(before string, e hclsyntax.Expression, after string) {
	w.WriteString(before)
	w.expression(e)
	w.WriteString(after)
}

// The ranks of what binds an expression together: a weaker one inside a
// stronger one needs parentheses, which what was put in place of a name lacks.
const (
	conditionalRank = iota
	orRank
	andRank
	equalityRank
	orderRank
	sumRank
	productRank
	unaryRank
	closedRank
)

var ranks = map[*hclsyntax.Operation]int{
	hclsyntax.OpLogicalOr: orRank, hclsyntax.OpLogicalAnd: andRank,
	hclsyntax.OpEqual: equalityRank, hclsyntax.OpNotEqual: equalityRank,
	hclsyntax.OpGreaterThan: orderRank, hclsyntax.OpGreaterThanOrEqual: orderRank,
	hclsyntax.OpLessThan: orderRank, hclsyntax.OpLessThanOrEqual: orderRank,
	hclsyntax.OpAdd: sumRank, hclsyntax.OpSubtract: sumRank,
	hclsyntax.OpMultiply: productRank, hclsyntax.OpDivide: productRank, hclsyntax.OpModulo: productRank,
}

func rankOf(e hclsyntax.Expression) int {
	switch e := e.(type) {
	case *hclsyntax.BinaryOpExpr:
		return ranks[e.Op]
	case *hclsyntax.UnaryOpExpr:
		return unaryRank
	case *hclsyntax.ConditionalExpr:
		return conditionalRank
	}
	return closedRank
}

// operand writes e where something of that rank is wanted.
func (w *writer) operand(e hclsyntax.Expression, rank int) {
	if rankOf(e) < rank {
		w.enclosed("(", e, ")")
		return
	}
	w.expression(e)
}

// traversed is a name as it is written, with what follows its dots and brackets.
func traversed(t hcl.Traversal) string {
	var text strings.Builder
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			text.WriteString(step.Name)
		case hcl.TraverseAttr:
			text.WriteString("." + step.Name)
		case hcl.TraverseIndex:
			text.WriteString("[" + literal(step.Key) + "]")
		}
	}
	return text.String()
}

func (w *writer) list(before string, items []hclsyntax.Expression, after string) {
	w.WriteString(before)
	for i, item := range items {
		if i > 0 {
			w.WriteString(", ")
		}
		w.expression(item)
	}
	w.WriteString(after)
}

// template writes a quoted text with ${…} in it.
func (w *writer) template(e *hclsyntax.TemplateExpr) {
	w.WriteByte('"')
	for _, part := range e.Parts {
		if text, ok := literalPart(part); ok {
			quoted := strconv.Quote(text)
			w.WriteString(strings.ReplaceAll(quoted[1:len(quoted)-1], "${", "$${"))
			continue
		}
		w.enclosed("${", part, "}")
	}
	w.WriteByte('"')
}
