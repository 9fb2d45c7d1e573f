package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"

	"github.com/tocsin-edge/tocsin/agent/config"
)

// house makes a directory of the house and of one file of scenarios.
func house(t testing.TB, scenarios string) string {
	t.Helper()
	dir := t.TempDir()
	home, err := os.ReadFile("testdata/house.hcl")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"house.hcl": string(home), "house.test.hcl": scenarios} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func load(t testing.TB, dir string) (*config.Config, []*Test, hcl.Diagnostics) {
	t.Helper()
	c, _, diags := config.Load(dir, config.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	tests, _, diags := Load(dir, c)
	return c, tests, diags
}

// TestEveryMistakeIsReportedOnItsLineAndNothingElse loads each file of
// testdata/bad with the house. A line that ends in "# ERROR: text" or
// "# WARNING: text" must carry a diagnostic of that severity that contains text;
// "ERROR@14:" speaks of line 14.
func TestEveryMistakeIsReportedOnItsLineAndNothingElse(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.test.hcl")
	if err != nil || len(files) == 0 {
		t.Fatal("no files in testdata/bad", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			// The file is named in some of its own mistakes.
			dir := house(t, "")
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(file)), text, 0o600); err != nil {
				t.Fatal(err)
			}
			_, _, diags := load(t, dir)
			compare(t, string(text), diags)
		})
	}
}

func compare(t *testing.T, text string, diags hcl.Diagnostics) {
	t.Helper()
	left := marks(text)
next:
	for _, d := range diags {
		got := fmt.Sprintf("%d %d %s: %s", d.Severity, d.Subject.Start.Line, d.Summary, d.Detail)
		for i, m := range left {
			if strings.HasPrefix(got, m[0]) && strings.Contains(got, m[1]) {
				left = append(left[:i], left[i+1:]...)
				continue next
			}
		}
		t.Errorf("got, and did not want: %s", got)
	}
	for _, m := range left {
		t.Errorf("wanted, and did not get: %s… %s", m[0], m[1])
	}
}

// marks are what must be said, as severity with line and a part of the text.
func marks(text string) [][2]string {
	var all [][2]string
	for i, line := range strings.Split(text, "\n") {
		_, mark, ok := strings.Cut(line, "# ")
		severity, said, ok2 := strings.Cut(mark, ": ")
		word, at, other := strings.Cut(severity, "@")
		if !ok || !ok2 || word != "ERROR" && word != "WARNING" {
			continue
		}
		if !other {
			at = fmt.Sprint(i + 1)
		}
		level := map[string]hcl.DiagnosticSeverity{"ERROR": hcl.DiagError, "WARNING": hcl.DiagWarning}[word]
		all = append(all, [2]string{fmt.Sprintf("%d %s ", level, at), strings.TrimSpace(said)})
	}
	return all
}

func TestRepeatNotation(t *testing.T) {
	tests := []struct{ text, want string }{
		{"-18x10 ? _ -11.5", `"-18"×10 ?×1 _×1 "-11.5"×1`},
		{"ONx2 ?x3 _x4", `"ON"×2 ?×3 _×4`},
		{"0x10", `"0"×10`},
		{"max x-ray", `"max"×1 "x-ray"×1`},
		{"  1\n\t2  ", `"1"×1 "2"×1`},
	}
	for _, test := range tests {
		tokens, err := parseValues(test.text)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		var got []string
		for _, tok := range tokens {
			what := fmt.Sprintf("%q", tok.text)
			switch {
			case tok.silent:
				what = "_"
			case tok.unknown:
				what = "?"
			}
			got = append(got, fmt.Sprintf("%s×%d", what, tok.count))
		}
		if s := strings.Join(got, " "); s != test.want {
			t.Errorf("%q: got %s, want %s", test.text, s, test.want)
		}
	}
}

func TestAGlobMatchesAnyTextForAStar(t *testing.T) {
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"SMOKE", "SMOKE", true},
		{"SMOKE", "SMOKE: attic", false},
		{"SMOKE*", "SMOKE: attic", true},
		{"*attic", "SMOKE: attic", true},
		{"S*E: *c", "SMOKE: attic", true},
		{"*", "", true},
		{"a*a", "a", false},
		{"a*b*a", "aba", true},
		{"a*ab*a", "aba", false},
		{"?", "x", false},
		{"", "", true},
	}
	for _, test := range tests {
		if got := (glob{pattern: test.pattern}).matches(test.text); got != test.want {
			t.Errorf("%q and %q: got %v, want %v", test.pattern, test.text, got, test.want)
		}
	}
}

// FuzzScenarios reads any text as scenarios and plays what has no mistake.
func FuzzScenarios(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*.test.hcl", "testdata/*.test.hcl"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
	f.Add(`test "t" { at "0s" { publish "home/utility/freezer/temp" { values = "-18x10 ? _x3", every = "1m" } expect { quiet = true } } }`)
	c, _, diags := config.Load(house(f, ""), config.Options{})
	if diags.HasErrors() {
		f.Fatal(diags)
	}
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "fuzz.test.hcl"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		tests, _, diags := Load(dir, c)
		if diags.HasErrors() {
			return
		}
		for _, test := range tests {
			if test.messages < 10_000 {
				Play(c, test)
			}
		}
	})
}
