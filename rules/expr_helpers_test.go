package rules

import (
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// exprScope has a sensor of every shape: a scalar, one with fields of every
// kind, one nobody has heard, and one that takes no part in the alert.
func exprScope() *Scope {
	scalar := func(name string, k Kind) *Sensor { return &Sensor{Name: name, Fields: []Field{{Kind: k}}} }
	engine := &Sensor{Name: "engine", Fields: []Field{
		{Name: "oil_kpa", Kind: Number}, {Name: "rpm", Kind: Number}, {Name: "running", Kind: Bool},
		{Name: "state", Kind: String}, {Name: "at", Kind: Time},
	}}
	door := &Sensor{Name: "front_door", Fields: []Field{{Name: "contact", Kind: Bool}}}
	used := []*Sensor{engine, scalar("freezer", Number), scalar("smoke", Bool), scalar("mode", String), scalar("silent", Number), door}
	return &Scope{
		Sensors: used, All: append(used, scalar("garage", Number)), Labels: []string{"machine", "n"},
		Switches: []*Switch{{Name: "armed"}, {Name: "guests"}},
	}
}

// exprFrame is what the sensors of exprScope said: "silent" nothing yet, and
// the engine's rpm something that is no number. One is armed and has no guests.
func exprFrame() *Frame {
	return &Frame{
		Series: heardSeries([][]Value{
			{{Num: 90}, {Why: NotANumber}, {Bool: true}, {Str: "idle"}, {Num: 1_767_225_600}},
			{{Num: -11}}, {{Bool: false}}, {{Str: "away"}}, nil, {{Bool: true}},
		}),
		Labels:   []string{"m7", "3"},
		switches: []switchState{{on: true}, {on: false}},
	}
}

// heardSeries are series without windows that say the given values; nil was
// not heard.
func heardSeries(values [][]Value) []*series {
	out := make([]*series, len(values))
	for i, v := range values {
		if v != nil {
			out[i] = &series{values: v}
		}
	}
	return out
}

func parseExpr(t testing.TB, src string) hclsyntax.Expression {
	t.Helper()
	e, diags := hclsyntax.ParseExpression([]byte(src), "home.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", src, diags)
	}
	return e
}

func mustCondition(t testing.TB, src string, s *Scope) *Condition {
	t.Helper()
	c, diags := compileCondition(parseExpr(t, src), s)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", src, diags)
	}
	return c
}

func mustTemplate(t testing.TB, src string, s *Scope) *Template {
	t.Helper()
	tpl, diags := compileTemplate(parseExpr(t, src), s)
	if diags.HasErrors() {
		t.Fatalf("%s: %v", src, diags)
	}
	return tpl
}
