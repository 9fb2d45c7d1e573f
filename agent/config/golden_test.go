package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestEveryMistakeIsReportedOnItsLineAndNothingElse loads each file of
// testdata/bad as a directory of its own; a .txtar file is one of several files.
// A line that ends in "# ERROR: text" or "# WARNING: text" must carry a
// diagnostic of that severity whose summary and detail contain text; "ERROR@14:"
// speaks of line 14. Diagnostics of the configuration as a whole count for line
// 1 of any file.
func TestEveryMistakeIsReportedOnItsLineAndNothingElse(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no files in testdata/bad", err)
	}
	kinds := map[string]bool{}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			archive := archiveOf(t, file)
			_, _, diags := Load(unpack(t, archive), Options{})
			var want []expectation
			for _, f := range archive.Files {
				want = append(want, expectations(f.Name, string(f.Data))...)
			}
			compare(t, want, diags)
			for _, d := range diags {
				kinds[d.Summary+words(d.Detail)] = true
			}
		})
	}
	const kindsMin = 90
	if len(kinds) < kindsMin {
		t.Errorf("got %d kinds of diagnostics, want at least %d", len(kinds), kindsMin)
	}
}

// words drops what differs between diagnostics of one kind.
func words(detail string) string {
	var kept []string
	for _, w := range strings.Fields(detail) {
		if !strings.ContainsAny(w, `"._/=0123456789`) {
			kept = append(kept, w)
		}
	}
	return strings.Join(kept, " ")
}

// archiveOf reads a .txtar file, or one file as an archive of itself.
func archiveOf(t *testing.T, file string) *txtar.Archive {
	t.Helper()
	if filepath.Ext(file) == ".txtar" {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	return &txtar.Archive{Files: []txtar.File{{Name: filepath.Base(file), Data: []byte(read(t, file))}}}
}

func parseArchive(src string) *txtar.Archive { return txtar.Parse([]byte(src)) }

// unpack makes a configuration directory of an archive.
func unpack(t *testing.T, a *txtar.Archive) string {
	t.Helper()
	dir := directory(t, "empty", "\n")
	for _, f := range a.Files {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(f.Name)), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, dir, f.Name, string(f.Data))
	}
	return dir
}

type expectation struct {
	file     string // "" for any
	line     int
	severity hcl.DiagnosticSeverity
	text     string
}

// expectations reads the marks of a file.
func expectations(file, src string) []expectation {
	var all []expectation
	for i, text := range strings.Split(src, "\n") {
		for _, mark := range strings.Split(text, "# ")[1:] {
			e := expectation{file: file, line: i + 1, severity: hcl.DiagError}
			if _, after, ok := strings.Cut(mark, "ERROR@"); ok {
				fmt.Sscanf(after, "%d: ", &e.line)
				_, e.text, _ = strings.Cut(after, ": ")
			} else if after, ok := strings.CutPrefix(mark, "ERROR: "); ok {
				e.text = after
			} else if after, ok := strings.CutPrefix(mark, "WARNING: "); ok {
				e.severity, e.text = hcl.DiagWarning, after
			} else {
				continue
			}
			e.text = strings.TrimSpace(e.text)
			all = append(all, e)
		}
	}
	return all
}

func compare(t *testing.T, want []expectation, diags hcl.Diagnostics) {
	t.Helper()
	met := make([]bool, len(want))
	for _, d := range diags {
		if i := indexOf(want, met, d); i >= 0 {
			met[i] = true
		} else {
			t.Errorf("got, and did not want: %s", text(d))
		}
	}
	for i, e := range want {
		if !met[i] {
			t.Errorf("%s line %d: wanted, and did not get: %s", e.file, e.line, e.text)
		}
	}
}

func indexOf(want []expectation, met []bool, d *hcl.Diagnostic) int {
	for i, e := range want {
		at := subject(d)
		here := e.file == "" || at.Filename == "" || e.file == at.Filename
		if !met[i] && here && e.line == max(1, at.Start.Line) && e.severity == d.Severity && strings.Contains(d.Summary+": "+d.Detail, e.text) {
			return i
		}
	}
	return -1
}

func text(d *hcl.Diagnostic) string {
	return fmt.Sprintf("%s line %d: %s: %s", subject(d).Filename, subject(d).Start.Line, d.Summary, d.Detail)
}

// directory makes a configuration directory of one file, next to the files the
// configurations of these tests name.
func directory(t *testing.T, name, src string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, name, src)
	write(t, dir, "password", "secret\n")
	write(t, dir, "pin", "1234\n")
	write(t, dir, "bad_pin", "12 34\n")
	write(t, dir, "empty", "\n")
	write(t, dir, "cert.pem", certificatePEM)
	write(t, dir, "key.pem", keyPEM)
	write(t, dir, "other.pem", otherKeyPEM)
	return dir
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
