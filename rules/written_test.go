package rules

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

func TestAnExpressionIsToldAsItWouldBeFormatted(t *testing.T) {
	for src, want := range map[string]string{
		`sensor.freezer>-12`:                      `sensor.freezer > -12`,
		"sensor.a.b ==\n\"x\"":                    `sensor.a.b == "x"`,
		`! sensor.smoke||n=="3"`:                  `!sensor.smoke || n == "3"`,
		`!(sensor.smoke || true)`:                 `!(sensor.smoke || true)`,
		`avg_over( sensor.x ,"10m" )>1e3`:         `avg_over(sensor.x, "10m") > 1000`,
		`contains(["a","b"],n)`:                   `contains(["a", "b"], n)`,
		`(sensor.door?1:0)*2>1`:                   `(sensor.door ? 1 : 0) * 2 > 1`,
		`"${n}: ${sensor.x+1}$${y} \"q\"" == "z"`: `"${n}: ${sensor.x + 1}$${y} \"q\"" == "z"`,
		`"${sensor.mode}" == "away"`:              `"${sensor.mode}" == "away"`,
	} {
		if got := asWritten(parseExpr(t, src)); got != want {
			t.Errorf("%s: got %s, want %s", src, got, want)
		}
	}
}

func TestALongExpressionIsCut(t *testing.T) {
	got := asWritten(parseExpr(t, strings.Repeat("sensor.smoke || ", 500)+"sensor.smoke"))
	if len(got) != writtenMaxBytes || !strings.HasSuffix(got, cutMark) {
		t.Errorf("got %d bytes, want %d: %s", len(got), writtenMaxBytes, got)
	}
}

// What is put in place of a name has no parentheses of its own.
func TestWhatIsToldMeansTheSameThoughParenthesesWereLost(t *testing.T) {
	compared := 0
	for seed := range uint64(1_000) {
		l := newLanguage(seed)
		for _, src := range []string{l.truth(4), l.number(4), l.text(2)} {
			e := withoutParentheses(parseExpr(t, src))
			told := asWritten(e)
			if len(told) >= writtenMaxBytes {
				continue
			}
			compared++
			if again := parseExpr(t, told); meaningOf(again) != meaningOf(e) {
				t.Errorf("seed %d: %s\nis told as %s", seed, src, told)
			}
		}
	}
	if compared < 500 {
		t.Errorf("compared %d expressions, want 500 at least", compared)
	}
}

// withoutParentheses is e, changed in place, as a tree that never had any.
func withoutParentheses(e hclsyntax.Expression) hclsyntax.Expression {
	e = block.Bare(e)
	switch e := e.(type) {
	case *hclsyntax.UnaryOpExpr:
		e.Val = withoutParentheses(e.Val)
	case *hclsyntax.BinaryOpExpr:
		e.LHS, e.RHS = withoutParentheses(e.LHS), withoutParentheses(e.RHS)
	case *hclsyntax.ConditionalExpr:
		e.Condition, e.TrueResult, e.FalseResult = withoutParentheses(e.Condition), withoutParentheses(e.TrueResult), withoutParentheses(e.FalseResult)
	case *hclsyntax.FunctionCallExpr:
		for i := range e.Args {
			e.Args[i] = withoutParentheses(e.Args[i])
		}
	}
	return e
}
