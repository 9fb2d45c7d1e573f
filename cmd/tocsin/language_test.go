package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/agent/rehearsal/scenario"
)

// TestThePageOfTheLanguageIsTrue loads what docs/language.md shows as one
// configuration, without mistake or warning, and plays its scenario.
func TestThePageOfTheLanguageIsTrue(t *testing.T) {
	page, err := os.ReadFile("../../docs/language.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	_, rest, found := strings.Cut(string(page), "```hcl\n")
	for n := 'a'; found; n++ {
		var source string
		source, rest, _ = strings.Cut(rest, "```\n")
		name := string(n) + ".hcl"
		if strings.HasPrefix(source, "test ") {
			name = string(n) + ".test.hcl"
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
		_, rest, found = strings.Cut(rest, "```hcl\n")
	}
	cfg, _, diags := config.Load(dir, config.Options{})
	for _, d := range diags {
		t.Error(d)
	}
	tests, _, diags := scenario.Load(dir, cfg)
	for _, d := range diags {
		t.Error(d)
	}
	if len(cfg.Rules.Alerts) < 5 || len(tests) == 0 || t.Failed() {
		t.Fatalf("%d alerts, %d tests", len(cfg.Rules.Alerts), len(tests))
	}
	for _, test := range tests {
		for _, f := range scenario.Play(cfg, test).Failures {
			t.Errorf("%s, at %v: %s %s", test.Name, f.At, f.Wanted, f.Happened)
		}
	}
}
