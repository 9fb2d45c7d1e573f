package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/agent/rehearsal/scenario"
	"github.com/tocsin-edge/tocsin/examples"
)

// unpackExamples puts the examples where they can be read as files, and lists
// their names.
func unpackExamples(t *testing.T) (dir string, names []string) {
	t.Helper()
	t.Setenv("TELEMATICS_PASSWORD", "for the fleet example")
	dir = t.TempDir()
	if err := os.CopyFS(dir, examples.FS); err != nil {
		t.Fatal(err)
	}
	entries, err := fs.ReadDir(examples.FS, ".")
	if err != nil || len(entries) < 2 {
		t.Fatalf("%d examples: %v", len(entries), err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return dir, names
}

func TestEveryExampleIsWithoutMistakeOrWarning(t *testing.T) {
	dir, names := unpackExamples(t)
	for _, name := range names {
		cfg, _, diags := config.Load(filepath.Join(dir, name), config.Options{})
		for _, d := range diags {
			t.Errorf("%s: %v", name, d)
		}
		if len(cfg.Rules.Alerts) == 0 || len(cfg.Sentences) != len(cfg.Rules.Alerts) {
			t.Errorf("%s: %d alerts said in %d sentences", name, len(cfg.Rules.Alerts), len(cfg.Sentences))
		}
	}
}

func TestEveryExampleDoesWhatItsScenariosExpect(t *testing.T) {
	scenariosMin := map[string]int{"home": 10, "fleet": 7, "installer": 2}
	dir, names := unpackExamples(t)
	for _, name := range names {
		cfg, _, diags := config.Load(filepath.Join(dir, name), config.Options{})
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		tests, _, diags := scenario.Load(filepath.Join(dir, name), cfg)
		for _, d := range diags {
			t.Errorf("%s: %v", name, d)
		}
		if len(tests) < scenariosMin[name] {
			t.Errorf("%s: %d scenarios, want at least %d", name, len(tests), scenariosMin[name])
		}
		for _, test := range tests {
			t.Run(name+": "+test.Name, func(t *testing.T) {
				for _, f := range scenario.Play(cfg, test).Failures {
					t.Errorf("%s line %d, at %v: %s %s", f.Range.Filename, f.Range.Start.Line, f.At, f.Wanted, f.Happened)
				}
			})
		}
	}
}
