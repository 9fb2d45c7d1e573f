package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// This file holds the type checks with what they say to the user.

// wantTruth complains unless x can stand in a condition.
func (c *compiler) wantTruth(e hclsyntax.Expression, x expr) bool {
	if x.kind == Bool {
		return true
	}
	c.mistake(e, "Not a condition", nameAtStart(e)+" is "+noun(x)+"; "+compareIt(e, x))
	return false
}

// wantNumber complains unless x can be calculated with.
func (c *compiler) wantNumber(e hclsyntax.Expression, x expr) bool {
	if x.numeric() {
		return true
	}
	detail := nameAtStart(e) + " is " + noun(x) + ", and only numbers can be calculated with and compared by size. "
	text, quoted := literalString(e)
	switch _, err := strconv.ParseFloat(text, 64); {
	case quoted && err == nil:
		detail += "Write " + text + " without quotes."
	case x.kind == String && c.isLabel(e):
		detail += `Labels are texts; compare them with ==, as in ` + nameOf(e) + ` == "3".`
	case x.kind == String:
		detail += `Texts are compared with == and put together in quotes, as in "${a} ${b}".`
	default:
		detail += "Use it as a condition, or write x ? 1 : 0 for a number."
	}
	c.mistake(e, "Not a number", detail)
	return false
}

// mayCompare complains unless a comparison of l and r can come out either way.
func (c *compiler) mayCompare(e *hclsyntax.BinaryOpExpr, l, r expr) bool {
	if commonKind(l, r) == 0 {
		c.differentTypes(e, l, r)
		return false
	}
	left, right := traversalText(e.LHS), traversalText(e.RHS)
	if left != "" && left == right {
		c.mistake(e, "Comparison with itself", left+" is compared with itself, so the outcome is always the same.")
		return false
	}
	return true
}

func (c *compiler) differentTypes(e *hclsyntax.BinaryOpExpr, l, r expr) {
	outcome := "never true"
	if e.Op == hclsyntax.OpNotEqual {
		outcome = "always true"
	}
	value, other, x, y := e.LHS, e.RHS, l, r
	if l.fixed && !r.fixed {
		value, other, x, y = e.RHS, e.LHS, r, l
	}
	c.mistake(e, "Values of different types", fmt.Sprintf("%s is %s, so comparing it with %s is %s. %s",
		nameAtStart(value), noun(x), described(other, y), outcome, c.sameTypeInstead(e.Op, value, other, x, y)))
}

// described is an operand as the object of a sentence: the text "open".
func described(e hclsyntax.Expression, x expr) string {
	if text, ok := literalString(e); ok {
		return "the text " + strconv.Quote(text)
	}
	if _, ok := block.Bare(e).(*hclsyntax.LiteralValueExpr); ok {
		return "the " + x.kind.String() + " " + nameOf(e)
	}
	if name := traversalText(e); name != "" {
		return name + ", " + noun(x) + ","
	}
	return noun(x)
}

// sameTypeInstead says how to compare value with what other was meant to say.
func (c *compiler) sameTypeInstead(op *hclsyntax.Operation, value, other hclsyntax.Expression, x, y expr) string {
	text, quoted := literalString(other)
	_, err := strconv.ParseFloat(text, 64)
	name := traversalText(value)
	switch {
	case x.kind == Bool && name != "" && truthMeant(name, nameOf(other)) != "":
		return didYouMean(name, nameOf(other), op == hclsyntax.OpNotEqual)
	case x.kind == Duration || y.kind == Duration:
		return `Write a duration in quotes with its unit, such as "10m".`
	case x.numeric() && quoted && err == nil:
		return "Write " + text + " without quotes."
	case x.kind == String && y.numeric() && y.fixed && c.isLabel(value):
		return fmt.Sprintf("Labels are texts: write %q.", nameOf(other))
	case x.kind == String && y.numeric() && y.fixed && name != "":
		return fmt.Sprintf("Write %q, or declare %s as a number.", nameOf(other), name)
	case x.kind == Bool:
		return "Compare it with true or false, or use it as it is."
	}
	return "Both sides must be of one type."
}

// truthMeant is "true" or "false" for a text that a declared bool reads so, ""
// for any other. A contact sensor says true while the contact is made, so
// while it is closed.
func truthMeant(name, text string) string {
	meant, why := parseBool(strings.Trim(text, `"`))
	if why != Known {
		return ""
	}
	return strconv.FormatBool(meant != aboutContact(name, text))
}

func aboutContact(name, text string) bool {
	word := strings.ToLower(strings.Trim(text, `"`))
	return strings.HasSuffix(name, "contact") && (word == "open" || word == "closed")
}

func didYouMean(name, text string, opposite bool) string {
	instead := name
	if (truthMeant(name, text) == "false") != opposite {
		instead = "!" + name
	}
	if !aboutContact(name, text) {
		return "Did you mean " + instead + "?"
	}
	word := strings.Trim(text, `"`)
	if opposite {
		word = "not " + word
	}
	return "Did you mean " + instead + " (" + word + ")?"
}

func (c *compiler) isLabel(e hclsyntax.Expression) bool {
	return slices.Contains(c.scope.Labels, traversalText(e))
}

// noun is the kind of x with its article.
func noun(x expr) string {
	if x.list != nil {
		return "a list"
	}
	return "a " + x.kind.String()
}

// compareIt ends a sentence about a value that is no condition by itself.
func compareIt(e hclsyntax.Expression, x expr) string {
	name := traversalText(e)
	switch {
	case x.kind == Duration:
		return `compare it with one in quotes, such as "10m".`
	case name == "":
		return "compare it with something."
	case x.kind == String:
		return fmt.Sprintf("compare it, as in %s == \"open\".", name)
	}
	return fmt.Sprintf("compare it, as in %s > 10.", name)
}

// nameAtStart is e at the start of a sentence.
func nameAtStart(e hclsyntax.Expression) string {
	if name := nameOf(e); name != "" {
		return name
	}
	return "This"
}

// nameOf is e as the user wrote it, when that is short; otherwise "".
func nameOf(e hclsyntax.Expression) string {
	switch e := block.Bare(e).(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return traversalText(e)
	case *hclsyntax.FunctionCallExpr:
		return e.Name + "(…)"
	case *hclsyntax.UnaryOpExpr:
		if name := nameOf(e.Val); name != "" && e.Op == hclsyntax.OpNegate {
			return "-" + name
		}
	case *hclsyntax.LiteralValueExpr:
		return literalText(e.Val)
	}
	if text, ok := literalString(e); ok {
		return strconv.Quote(text)
	}
	return ""
}

func literalText(v cty.Value) string {
	switch {
	case v.IsNull():
		return "null"
	case v.Type() == cty.Bool:
		return strconv.FormatBool(v.True())
	case v.Type() == cty.Number:
		n, _ := v.AsBigFloat().Float64() // 1e-10000000 takes a minute to print in full
		return strconv.FormatFloat(n, 'g', -1, 64)
	}
	return ""
}

// literalString is the content of a quoted text without ${…}.
func literalString(e hclsyntax.Expression) (string, bool) {
	t, ok := block.Bare(e).(*hclsyntax.TemplateExpr)
	switch {
	case !ok || len(t.Parts) > 1:
		return "", false
	case len(t.Parts) == 0:
		return "", true
	}
	return literalPart(t.Parts[0])
}

// traversalText is a name as written, such as sensor.engine.rpm; "" when e is
// not a name, or one with an index.
func traversalText(e hclsyntax.Expression) string {
	t, ok := block.Bare(e).(*hclsyntax.ScopeTraversalExpr)
	if !ok {
		return ""
	}
	names := []string{t.Traversal.RootName()}
	for _, step := range t.Traversal[1:] {
		attr, ok := step.(hcl.TraverseAttr)
		if !ok {
			return ""
		}
		names = append(names, attr.Name)
	}
	return strings.Join(names, ".")
}

// namesListed is how many names one diagnostic lists.
const namesListed = 12

// someOf lists names, the first of them when there are many.
func someOf(names []string) string {
	if more := len(names) - namesListed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:namesListed], ", "), more)
	}
	return strings.Join(names, ", ")
}

const unsupportedIf = `Write the choice as a value: "${sensor.door.open ? "open" : "closed"}".`

// isDirective tells `%{ if }` from `c ? a : b`: the parser makes the same node
// of both, but only a directive begins before its condition does.
func isDirective(e *hclsyntax.ConditionalExpr) bool {
	return e.SrcRange.Start.Byte < e.Condition.Range().Start.Byte
}

// unsupported says what to write instead of a part of HCL that the rule
// language does not have.
func unsupported(e hclsyntax.Expression) string {
	switch e.(type) {
	case *hclsyntax.ForExpr, *hclsyntax.TemplateJoinExpr:
		return "Rules do not loop. An alert is evaluated for each combination of labels by itself; write the condition for one of them."
	case *hclsyntax.SplatExpr:
		return "Rules do not collect the values of several sensors with *. An alert is evaluated for each combination of labels by itself; write the condition for one of them."
	case *hclsyntax.ObjectConsExpr:
		return "An object is not a value here. Write the value itself."
	case *hclsyntax.IndexExpr, *hclsyntax.RelativeTraversalExpr:
		return "Values have no parts to pick from here. Name a sensor's field with dots, as in sensor.engine.rpm."
	}
	return "This part of HCL is not part of the rule language. Write a comparison of a sensor, such as sensor.freezer > -12."
}
