package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	loose = "site {\nname=\"Rosewood\"\n   language = \"en\"\n}\n"
	tight = "site {\n  name     = \"Rosewood\"\n  language = \"en\"\n}\n"
	wrong = "site {\n  name = 10m\n}\n"
)

// formatted runs fmt over files, and returns what it said and what they became.
func formatted(t *testing.T, f formatter, files map[string]string) (said, complained string, became map[string]string, err error) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	var out, complaints bytes.Buffer
	f.out, f.complaints = &out, &complaints
	err = f.run(dir)
	became = map[string]string{}
	for name := range files {
		path := filepath.Join(dir, name)
		b, readErr := os.ReadFile(path)
		info, statErr := os.Stat(path)
		if readErr != nil || statErr != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("%s: %v, %v, mode %v, want 0640", name, readErr, statErr, info.Mode())
		}
		became[name] = string(b)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > len(filesHidden(files)) {
		t.Errorf("left behind: %v", left)
	}
	return strings.ReplaceAll(out.String(), dir+"/", ""), complaints.String(), became, err
}

func filesHidden(files map[string]string) (hidden []string) {
	for name := range files {
		if strings.HasPrefix(name, ".") {
			hidden = append(hidden, name)
		}
	}
	return hidden
}

var mixed = map[string]string{
	"a.hcl": loose, "b.hcl": tight, "c.vars.hcl": "x=1\n", "d.test.hcl": loose, "modules/m/e.hcl": loose,
	".git/f.hcl": loose, ".g.hcl": loose, "README.md": loose,
}

func TestFmtFormatsEveryFileBelowTheDirectoryInPlace(t *testing.T) {
	said, complained, got, err := formatted(t, formatter{}, mixed)
	if err != nil || complained != "" {
		t.Errorf("got %v and %q", err, complained)
	}
	if want := "a.hcl\nc.vars.hcl\nd.test.hcl\nmodules/m/e.hcl\n"; said != want {
		t.Errorf("said %q, want %q", said, want)
	}
	want := map[string]string{
		"a.hcl": tight, "b.hcl": tight, "c.vars.hcl": "x = 1\n", "d.test.hcl": tight, "modules/m/e.hcl": tight,
		".git/f.hcl": loose, ".g.hcl": loose, "README.md": loose,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFmtWithCheckOrDiffWritesNothing(t *testing.T) {
	tests := map[string]struct {
		f    formatter
		want string // said of a.hcl
		err  error
	}{
		"check":          {formatter{check: true}, "a.hcl\n", errSaid},
		"diff":           {formatter{diff: true}, "--- a.hcl\n+++ a.hcl in canonical form\n@@ -1,4 +1,4 @@\n site {\n-name=\"Rosewood\"\n-   language = \"en\"\n+  name     = \"Rosewood\"\n+  language = \"en\"\n }\n", nil},
		"check and diff": {formatter{check: true, diff: true}, "+++ a.hcl in canonical form", errSaid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			said, _, got, err := formatted(t, tt.f, mixed)
			if !errors.Is(err, tt.err) || !strings.Contains(said, tt.want) {
				t.Errorf("got %v and %s, want %v and %s", err, said, tt.err, tt.want)
			}
			if diff := cmp.Diff(mixed, got); diff != "" {
				t.Errorf("files changed (-before +after):\n%s", diff)
			}
		})
	}
	if _, _, _, err := formatted(t, formatter{check: true}, map[string]string{"a.hcl": tight}); err != nil {
		t.Errorf("all in canonical form: got %v, want no error", err)
	}
}

func TestFmtRefusesFilesWithSyntaxErrorsAndFormatsTheOthers(t *testing.T) {
	said, complained, got, err := formatted(t, formatter{}, map[string]string{"a.hcl": wrong, "b.hcl": loose})
	if !errors.Is(err, errSaid) || said != "b.hcl\n" {
		t.Errorf("got %v and %q, want errSaid and b.hcl", err, said)
	}
	for _, want := range []string{"on a.hcl line 2", `Write "10m".`, "1 file: not formatted."} {
		if !strings.Contains(complained, want) {
			t.Errorf("complained %s, want %q", complained, want)
		}
	}
	if got["a.hcl"] != wrong || got["b.hcl"] != tight {
		t.Errorf("got %v", got)
	}
}

func TestFmtOfADirectoryWithoutConfigurationSaysSo(t *testing.T) {
	if _, _, _, err := formatted(t, formatter{}, map[string]string{"README.md": "x"}); err == nil || !strings.Contains(err.Error(), "holds no *.hcl file") {
		t.Errorf("got %v", err)
	}
	if err := (&formatter{}).run(filepath.Join(t.TempDir(), "nowhere")); err == nil {
		t.Error("no error for a directory that does not exist")
	}
}

func TestEveryExampleIsInCanonicalForm(t *testing.T) {
	var out bytes.Buffer
	f := formatter{check: true, diff: true, out: &out, complaints: &out}
	if err := f.run("../../examples"); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
}
