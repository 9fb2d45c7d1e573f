package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/examples"
)

func TestEveryExampleIsWithoutMistakeOrWarning(t *testing.T) {
	t.Setenv("TELEMATICS_PASSWORD", "for the fleet example")
	dir := t.TempDir()
	if err := os.CopyFS(dir, examples.FS); err != nil {
		t.Fatal(err)
	}
	entries, err := fs.ReadDir(examples.FS, ".")
	if err != nil || len(entries) < 2 {
		t.Fatalf("%d examples: %v", len(entries), err)
	}
	for _, e := range entries {
		cfg, _, diags := config.Load(filepath.Join(dir, e.Name()))
		for _, d := range diags {
			t.Errorf("%s: %v", e.Name(), d)
		}
		if len(cfg.Rules.Alerts) == 0 || len(cfg.Sentences) != len(cfg.Rules.Alerts) {
			t.Errorf("%s: %d alerts said in %d sentences", e.Name(), len(cfg.Rules.Alerts), len(cfg.Sentences))
		}
	}
}
