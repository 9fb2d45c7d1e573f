package config

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// explain puts a syntax error in terms of what the user meant where that can be
// told, and marks it as one.
func explain(d *hcl.Diagnostic, src []byte) *hcl.Diagnostic {
	if d.Extra == syntaxError {
		return d
	}
	if d.Summary == "Missing item separator" {
		d.Detail = "Put a comma between the items of a list, also at the end of a line: [a, b]."
		d.Extra = syntaxError
		return d
	}
	tokens, _ := hclsyntax.LexConfig(src, d.Subject.Filename, hcl.InitialPos)
	i := slices.IndexFunc(tokens, func(t hclsyntax.Token) bool { return t.Range.Start.Byte >= d.Subject.Start.Byte })
	if i > 0 {
		for _, hint := range hints {
			if better := hint(tokens[i-1], tokens[i], tokens[min(i+1, len(tokens)-1)]); better != nil {
				d = better
				break
			}
		}
	}
	if d.Summary == "Missing newline after argument" {
		d.Summary, d.Detail = "More than one value", "An argument ends with its value. Put what follows on a line of its own; texts go in quotes, several values in brackets."
	}
	d.Extra = syntaxError
	return d
}

// Each hint looks at the token where the parser gave up and its neighbours.
var hints = []func(before, at, after hclsyntax.Token) *hcl.Diagnostic{
	bareDuration, barePhone, brokenLine, wordOperator, symbolOperator, prefixNot, otherQuotes, colonForEquals, valueMissing, listWithoutBrackets,
}

// spelledUnits are the units of durations as people write them in full.
var spelledUnits = map[string]string{
	"milliseconds": "ms", "second": "s", "seconds": "s", "sec": "s", "secs": "s", "minute": "m", "minutes": "m", "min": "m", "mins": "m",
	"hour": "h", "hours": "h", "hr": "h", "hrs": "h", "day": "d", "days": "d",
}

// bareDuration explains for = 10m and for = 10 minutes.
func bareDuration(before, at, _ hclsyntax.Token) *hcl.Diagnostic {
	if before.Type != hclsyntax.TokenNumberLit || at.Type != hclsyntax.TokenIdent {
		return nil
	}
	text := string(before.Bytes) + cmp.Or(spelledUnits[strings.ToLower(string(at.Bytes))], string(at.Bytes))
	if _, err := block.ParseDuration(text); err != nil && before.Range.End != at.Range.Start {
		return nil
	}
	detail := fmt.Sprintf("%s is no number. If it is a text, quote it: %q.", text, text)
	if _, err := block.ParseDuration(text); err == nil {
		detail = fmt.Sprintf("A duration is written in quotes. Write %q.", text)
		return block.Mistake(hcl.RangeBetween(before.Range, at.Range), "Invalid duration", detail)
	}
	return block.Mistake(hcl.RangeBetween(before.Range, at.Range), "Invalid value", detail)
}

// barePhone explains phone = +353871234567.
func barePhone(before, at, after hclsyntax.Token) *hcl.Diagnostic {
	if before.Type != hclsyntax.TokenEqual || at.Type != hclsyntax.TokenPlus || after.Type != hclsyntax.TokenNumberLit {
		return nil
	}
	return block.Mistake(hcl.RangeBetween(at.Range, after.Range), "Invalid value", fmt.Sprintf(
		`A number has no plus before it. If it is a phone number, quote it: "+%s".`, after.Bytes))
}

// severalLines is the summary of brokenLine's complaint.
const severalLines = "Expression over several lines"

// brokenLine explains an expression that goes on on the next line.
func brokenLine(before, at, _ hclsyntax.Token) *hcl.Diagnostic {
	if at.Type != hclsyntax.TokenNewline && at.Type != hclsyntax.TokenComment {
		return nil
	}
	if _, calculation := operators[before.Type]; !calculation {
		return nil
	}
	return block.Mistake(before.Range, severalLines,
		"An expression ends with its line unless it stands in brackets. Write ( before it, and ) after its last line.")
}

// operators are the tokens after which an expression must go on.
var operators = map[hclsyntax.TokenType]bool{
	hclsyntax.TokenAnd: true, hclsyntax.TokenOr: true, hclsyntax.TokenBang: true,
	hclsyntax.TokenEqualOp: true, hclsyntax.TokenNotEqual: true,
	hclsyntax.TokenLessThan: true, hclsyntax.TokenLessThanEq: true, hclsyntax.TokenGreaterThan: true, hclsyntax.TokenGreaterThanEq: true,
	hclsyntax.TokenPlus: true, hclsyntax.TokenMinus: true, hclsyntax.TokenStar: true, hclsyntax.TokenSlash: true, hclsyntax.TokenPercent: true,
	hclsyntax.TokenQuestion: true, hclsyntax.TokenColon: true,
}

// wordOperators are operators of other languages and what to write here.
var wordOperators = map[string]string{
	"and": "Write && between two conditions that must both be true.",
	"or":  "Write || between two conditions of which one is enough.",
	"is":  "Write == to compare.",
	"in":  `Write contains(["a", "b"], x) to ask whether x is in a list.`,
	"for": "An alert's delay is an argument of its own. Write for = … on the next line.",
}

// wordOperator explains a and b.
func wordOperator(_, at, _ hclsyntax.Token) *hcl.Diagnostic {
	remedy, ok := wordOperators[strings.ToLower(string(at.Bytes))]
	if !ok || at.Type != hclsyntax.TokenIdent {
		return nil
	}
	return block.Mistake(at.Range, "Unsupported operator", fmt.Sprintf("%s is no operator here. %s", at.Bytes, remedy))
}

// prefixNot explains not a.
func prefixNot(before, at, _ hclsyntax.Token) *hcl.Diagnostic {
	if before.Type != hclsyntax.TokenIdent || !strings.EqualFold(string(before.Bytes), "not") || at.Type == hclsyntax.TokenNewline {
		return nil
	}
	return block.Mistake(before.Range, "Unsupported operator", "not is no operator here. Write ! before the condition, as in !sensor.door.")
}

// symbolOperator explains a = 5, a => 5, a =< 5, a <> 5 and a === 5.
func symbolOperator(before, at, after hclsyntax.Token) *hcl.Diagnostic {
	wrong := func(written, right string) *hcl.Diagnostic {
		return block.Mistake(at.Range, "Unsupported operator", fmt.Sprintf("%s is no operator here. Write %s.", written, right))
	}
	switch {
	case at.Type == hclsyntax.TokenFatArrow:
		return wrong("=>", ">=")
	case at.Type == hclsyntax.TokenEqual && before.Type == hclsyntax.TokenEqualOp:
		return wrong("===", "==")
	case at.Type == hclsyntax.TokenEqual && after.Type == hclsyntax.TokenLessThan:
		return wrong("=<", "<=")
	case at.Type == hclsyntax.TokenEqual:
		return block.Mistake(at.Range, "Unsupported operator", "An argument has one = only. Write == to compare.")
	case at.Type == hclsyntax.TokenGreaterThan && before.Type == hclsyntax.TokenLessThan:
		return wrong("<>", "!=")
	}
	return nil
}

// otherQuotes explains 'ten' and “ten”.
func otherQuotes(_, at, _ hclsyntax.Token) *hcl.Diagnostic {
	if at.Type != hclsyntax.TokenApostrophe && !bytes.ContainsAny(at.Bytes, "“”„‘’`") {
		return nil
	}
	return block.Mistake(at.Range, "Invalid character", fmt.Sprintf(`%s is no quotation mark here. Write texts in straight double quotes: "…".`, at.Bytes))
}

// colonForEquals explains topic: "x".
func colonForEquals(before, at, _ hclsyntax.Token) *hcl.Diagnostic {
	if at.Type != hclsyntax.TokenIdent || (before.Type != hclsyntax.TokenNewline && before.Type != hclsyntax.TokenOBrace) {
		return nil
	}
	return block.Mistake(at.Range, "Incomplete argument", fmt.Sprintf("%s has no value. Write %s = ….", at.Bytes, at.Bytes))
}

// valueMissing explains for = and the end of the line.
func valueMissing(before, at, _ hclsyntax.Token) *hcl.Diagnostic {
	if before.Type != hclsyntax.TokenEqual || (at.Type != hclsyntax.TokenNewline && at.Type != hclsyntax.TokenComment) {
		return nil
	}
	return block.Mistake(before.Range, "Incomplete argument", "Nothing stands after the =. Write a value, or remove the line.")
}

// listWithoutBrackets explains notify = contact.a, contact.b.
func listWithoutBrackets(_, at, _ hclsyntax.Token) *hcl.Diagnostic {
	if at.Type != hclsyntax.TokenComma {
		return nil
	}
	return block.Mistake(at.Range, "Unexpected comma", "An argument has one value. Write several in brackets: [a, b].")
}
