package rules

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
)

var updateMistakes = flag.Bool("update-mistakes", false, "write testdata/mistakes.txt anew")

// testdata/mistakes.txt holds expressions, each after "when = " or
// "message = ", and under it what we say of them: the summary, the part of the
// expression it is said of, and the detail.
func TestMistakesInExpressionsSayWhatToWriteInstead(t *testing.T) {
	const file = "testdata/mistakes.txt"
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for line := range strings.Lines(string(want)) {
		argument, src, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " = ")
		if ok && !strings.HasPrefix(line, " ") {
			fmt.Fprintf(&got, "%s = %s\n", argument, src)
			writeMistakes(&got, src, mistakesIn(t, argument, src))
		}
	}
	if *updateMistakes {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func mistakesIn(t *testing.T, argument, src string) hcl.Diagnostics {
	if argument == "message" {
		tpl, diags := compileTemplate(parseExpr(t, src), exprScope())
		if (tpl == nil) != diags.HasErrors() {
			t.Errorf("%s: got template %v with %v", src, tpl, diags)
		}
		return diags
	}
	c, diags := compileCondition(parseExpr(t, src), exprScope())
	if (c == nil) != diags.HasErrors() {
		t.Errorf("%s: got condition %v with %v", src, c, diags)
	}
	return diags
}

func writeMistakes(w *bytes.Buffer, src string, diags hcl.Diagnostics) {
	for _, d := range diags {
		fmt.Fprintf(w, "  %s: %s\n    %s\n", d.Summary, d.Subject.SliceBytes([]byte(src)), d.Detail)
	}
	w.WriteByte('\n')
}
