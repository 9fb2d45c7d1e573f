package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func TestFormattingAlignsAndIndentsAndChangesNothingElse(t *testing.T) {
	src := "# Freezers\nalert  \"warm\" {\nwhen=sensor.freezer>-12   # too warm\n    for = \"20m\"\n\tmessage=\"Freezer  ${ sensor.freezer }  C\"\n}\n"
	want := "# Freezers\nalert \"warm\" {\n  when    = sensor.freezer > -12 # too warm\n  for     = \"20m\"\n  message = \"Freezer  ${sensor.freezer}  C\"\n}\n"
	got, _, diags := Format([]byte(src), "a.hcl")
	if string(got) != want || len(diags) > 0 {
		t.Errorf("got %s and %v, want %s", got, diags, want)
	}
}

func TestAFileWithASyntaxErrorIsNotFormatted(t *testing.T) {
	tests := map[string]string{
		"alert \"a\" {\n  for = 10m\n}\n": `Write "10m".`,
		"alert \"a\" {\n":                 "Unclosed configuration block",
		"a\x00b":                          "not text in UTF-8",
	}
	for src, want := range tests {
		got, _, diags := Format([]byte(src), "a.hcl")
		if got != nil || !strings.Contains(diags.Error(), want) {
			t.Errorf("%q: got %q and %v, want nothing and %s", src, got, diags, want)
		}
	}
}

func FuzzFormattingKeepsEveryTokenAndIsDoneOnce(f *testing.F) {
	files, _ := filepath.Glob("testdata/*/*.hcl")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		once, _, diags := Format(src, "a.hcl")
		if diags.HasErrors() {
			return
		}
		if got, want := tokensOf(once), tokensOf(src); got != want {
			t.Errorf("%q became %q:\ngot  %s\nwant %s", src, once, got, want)
		}
		if twice, _, _ := Format(once, "a.hcl"); string(twice) != string(once) {
			t.Errorf("%q became %q, and that %q", src, once, twice)
		}
	})
}

// tokensOf spells out the tokens of a file; spaces are none.
func tokensOf(src []byte) string {
	var b strings.Builder
	tokens, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)
	for _, t := range tokens {
		b.WriteString(string(rune(t.Type)))
		b.WriteString(strings.TrimSpace(string(t.Bytes)))
		b.WriteByte(' ')
	}
	return b.String()
}
