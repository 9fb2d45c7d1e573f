package rules

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func FuzzWhatHCLParsesIsCompiledOrRefusedWithAReason(f *testing.F) {
	mistakes, err := os.ReadFile("testdata/mistakes.txt")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(mistakes)) {
		if _, src, ok := strings.Cut(strings.TrimSpace(line), " = "); ok {
			f.Add(src)
		}
	}
	f.Add(`"${machine}: ${format("%.1f", default(sensor.silent, 1))} ${sensor.engine.at}"`)
	f.Add("<<-EOT\n  ${join(\", \", n, sensor.mode)}\n  EOT\n")
	f.Fuzz(func(t *testing.T, src string) {
		e, diags := hclsyntax.ParseExpression([]byte(src), "home.hcl", hcl.InitialPos)
		if diags.HasErrors() {
			return
		}
		scope, all := exprScope(), map[string]*Sensor{}
		for _, s := range scope.All {
			all[s.Name] = s
		}
		sensorsUsed(e, all)
		checkCompiledCondition(t, e, scope)
		checkCompiledTemplate(t, e, scope)
	})
}

func checkCompiledCondition(t *testing.T, e hcl.Expression, s *Scope) {
	c, diags := compileCondition(e, s)
	if (c == nil) != diags.HasErrors() {
		t.Fatalf("got condition %v with %v", c, diags)
	}
	if c != nil {
		truth, why := c.Eval(exprFrame())
		if (truth == Unknown) != (why != Known) {
			t.Errorf("got %v, %v", truth, why)
		}
		f := exprFrame()
		for _, w := range s.wakeups {
			if at := w(f); at <= f.Now {
				t.Errorf("wakes at %v, now is %v", at, f.Now)
			}
		}
	}
}

func checkCompiledTemplate(t *testing.T, e hcl.Expression, s *Scope) {
	tpl, diags := compileTemplate(e, s)
	if (tpl == nil) != diags.HasErrors() {
		t.Fatalf("got template %v with %v", tpl, diags)
	}
	if tpl != nil {
		if text := tpl.Render(exprFrame()); len(text) > renderedMaxBytes || !utf8.ValidString(text) {
			t.Errorf("got %d bytes: %q", len(text), text)
		}
	}
}
