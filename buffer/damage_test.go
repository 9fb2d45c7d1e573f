package buffer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// filled is a closed store with several tables, a log with the youngest commits
// as a kill would leave it, and the model of what is in it.
func filled(t *testing.T) (dir string, m *model) {
	t.Helper()
	fillOnce.Do(func() { fillOriginal(t) })
	if original.model == nil {
		t.Fatal("there is no store to damage")
	}
	dir = t.TempDir()
	must(t, os.CopyFS(dir, original.files))
	return dir, original.model.clone()
}

var (
	fillOnce sync.Once
	original struct {
		files fstest.MapFS
		model *model
	}
)

func fillOriginal(t *testing.T) {
	s := open(t, t.TempDir())
	m := modelOf(s, 42)
	for i := range 3000 {
		if err := m.step(s); err != nil {
			t.Fatal(i, err)
		}
	}
	atRest(t, s, func() { original.files = readTree(t, s.dir) })
	m.restart()
	original.model = m
}

func readTree(t *testing.T, dir string) fstest.MapFS {
	t.Helper()
	tree := make(fstest.MapFS)
	must(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == ballastName {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		tree[path] = &fstest.MapFile{Data: data, Mode: 0o600}
		return err
	}))
	return tree
}

// atRest calls do while no commit, compaction or flush changes the database: what
// is read of it file by file is then what a kill at one instant would leave.
func atRest(t *testing.T, s *Store, do func()) {
	t.Helper()
	s.flat.Lock()
	defer s.flat.Unlock()
	s.write.Lock()
	defer s.write.Unlock()
	waitForFlush(t, s)
	do()
}

// waitForFlush waits until one log is left: nothing then writes but commits. A
// log that was replayed when the store opened is flushed in the background too.
func waitForFlush(t *testing.T, s *Store) {
	t.Helper()
	const flushLimit = time.Minute // by the wall, on a machine busy with other tests
	for start := time.Now(); time.Since(start) < flushLimit; runtime.Gosched() {
		if len(logs(s)) == 1 {
			return
		}
	}
	t.Fatalf("memory tables are not flushed: %v", logs(s))
}

func logs(s *Store) []string {
	return slices.DeleteFunc(dataFiles(s.database()), func(p string) bool { return !strings.HasSuffix(p, ".mem") })
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
}

func youngest(t *testing.T, dir, ext string) string {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(dir, databaseName, "*"+ext))
	if len(found) == 0 {
		t.Fatalf("no %s in %s", ext, dir)
	}
	return found[len(found)-1]
}

type damage struct {
	name string
	do   func(t *testing.T, path string)
}

var damages = []damage{
	{"missing", func(t *testing.T, path string) { must(t, os.Remove(path)) }},
	{"emptied", func(t *testing.T, path string) { must(t, os.Truncate(path, 0)) }},
	{"cut by a byte", func(t *testing.T, path string) { must(t, os.Truncate(path, size(t, path)-1)) }},
	{"cut in half", func(t *testing.T, path string) { must(t, os.Truncate(path, size(t, path)/2)) }},
	{"cut to 10 bytes", func(t *testing.T, path string) { must(t, os.Truncate(path, min(10, size(t, path)))) }},
	{"zeroed", func(t *testing.T, path string) { overwrite(t, path, 0, make([]byte, size(t, path))) }},
	{"zeroed in the middle", func(t *testing.T, path string) { overwrite(t, path, used(t, path)/2, make([]byte, 4096)) }},
	{"0xFF at the end", func(t *testing.T, path string) {
		overwrite(t, path, size(t, path)-min(4096, size(t, path)), bytes.Repeat([]byte{0xff}, 4096))
	}},
	{"0xFF behind what is used", func(t *testing.T, path string) {
		overwrite(t, path, used(t, path), bytes.Repeat([]byte{0xff}, 4096))
	}},
	{"a flipped bit", func(t *testing.T, path string) {
		at := used(t, path) / 3
		data, err := os.ReadFile(path)
		must(t, err)
		if len(data) > 0 {
			overwrite(t, path, at, []byte{data[at] ^ 4})
		}
	}},
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	fi, err := os.Stat(path)
	must(t, err)
	return fi.Size()
}

// used is where the zeros at the end of a file begin.
func used(t *testing.T, path string) int64 {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	return int64(len(bytes.TrimRight(data, "\x00")))
}

func overwrite(t *testing.T, path string, at int64, data []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	must(t, err)
	defer f.Close()
	_, err = f.WriteAt(data, at)
	must(t, err)
}

// harmless are files that hold nothing that is not elsewhere as well.
var harmless = []string{"DISCARD", "KEYREGISTRY", ".vlog"}

// TestNoDamageKeepsTheStoreFromOpeningOrGoesUnnoticed does to each kind of file
// what crashes and worn flash do. Whatever is gone afterwards must be reported.
func TestNoDamageKeepsTheStoreFromOpeningOrGoesUnnoticed(t *testing.T) {
	probe := probeSelf(t)
	for _, kind := range append([]string{".sst", ".mem", "MANIFEST"}, harmless...) {
		for _, d := range damages {
			t.Run(kind+" "+d.name, func(t *testing.T) {
				dir, m := filled(t)
				if found, _ := filepath.Glob(filepath.Join(dir, databaseName, "*"+kind)); len(found) == 0 {
					t.Skip("there is none")
				}
				d.do(t, youngest(t, dir, kind))
				checkDamaged(t, dir, m, probe, slices.Contains(harmless, kind) || kind == "MANIFEST")
			})
		}
	}
}

// checkDamaged opens a damaged store and holds it to its word.
func checkDamaged(t *testing.T, dir string, m *model, probe func(context.Context, string) error, whole bool) {
	t.Helper()
	s, r, err := Open(dir, Options{Probe: probe})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.db == nil {
		t.Fatalf("works from memory: %+v", s.State())
	}
	t.Logf("%d of %d texts, %d of %d records; %v", len(s.Texts()), len(m.texts), len(records(s, "")), len(m.records), r)
	d := m.diff(s)
	if whole && d != "" {
		t.Errorf("should have lost nothing (-want +got):\n%.1000s", d)
	}
	if d != "" && r.Complete() && !onlyTornTail(s, m) {
		t.Errorf("a loss nobody was told of; recovery %v (-want +got):\n%.1000s", r, d)
	}
	for kind, n := range r.Lost {
		if n <= 0 {
			t.Errorf("lost %d of %s", n, kind)
		}
	}
	if !r.empty() {
		if _, err := os.Stat(r.Quarantined); err != nil {
			t.Errorf("evidence: %v", err)
		}
	}
	commit(t, s, Batch{Records: []Record{{"alert/after", []byte("1")}}, Texts: []Text{text("+9", "after")}})
	after := modelOf(s, 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if d := after.diff(s); d != "" {
		t.Errorf("opened once more (-want +got):\n%.1000s", d)
	}
}

// onlyTornTail reports whether s is what a kill a few transactions ago would
// have left: the commits since the page may be lost without a trace when
// exactly they are gone.
func onlyTornTail(s *Store, m *model) bool {
	return s.sequence >= m.last-2*tendEvery
}

func TestDamageOfTheWholeDirectory(t *testing.T) {
	for _, tt := range []struct {
		name  string
		do    func(t *testing.T, dir string)
		whole bool // nothing is lost
	}{
		{"stray names", func(t *testing.T, dir string) {
			for _, name := range []string{"x.mem", "x.sst", "x.vlog", "00001.mem~", "MANIFEST-REWRITE", "lost+found"} {
				must(t, os.WriteFile(filepath.Join(dir, databaseName, name), []byte("stray"), 0o600))
			}
		}, true},
		{"a directory where a log should be", func(t *testing.T, dir string) {
			must(t, os.Mkdir(filepath.Join(dir, databaseName, "00099.mem"), 0o700))
		}, true},
		{"the database deleted", func(t *testing.T, dir string) {
			must(t, os.RemoveAll(filepath.Join(dir, databaseName)))
		}, false},
		{"the database is a file", func(t *testing.T, dir string) {
			must(t, os.RemoveAll(filepath.Join(dir, databaseName)))
			must(t, os.WriteFile(filepath.Join(dir, databaseName), []byte("?"), 0o600))
		}, false},
		{"the page deleted", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, pageName))) }, true},
		{"the page damaged", func(t *testing.T, dir string) {
			must(t, os.WriteFile(filepath.Join(dir, pageName), bytes.Repeat([]byte("?"), 9000), 0o600))
		}, true},
		{"all tables zeroed", func(t *testing.T, dir string) {
			tables, _ := filepath.Glob(filepath.Join(dir, databaseName, "*.sst"))
			for _, path := range tables {
				overwrite(t, path, 0, make([]byte, size(t, path)))
			}
		}, false},
		{"all files cut in half", func(t *testing.T, dir string) {
			files, _ := filepath.Glob(filepath.Join(dir, databaseName, "*"))
			for _, path := range files {
				must(t, os.Truncate(path, size(t, path)/2))
			}
		}, false},
		{"a repair interrupted before its end", func(t *testing.T, dir string) {
			copyTree(t, filepath.Join(dir, databaseName), filepath.Join(dir, nextName))
			must(t, os.Truncate(youngest(t, dir, ".sst"), 99))
			must(t, os.Rename(filepath.Join(dir, databaseName), filepath.Join(dir, "x")))
			must(t, os.Rename(filepath.Join(dir, nextName), filepath.Join(dir, databaseName)))
			must(t, os.Rename(filepath.Join(dir, "x"), filepath.Join(dir, nextName)))
		}, true},
		{"a repair interrupted between its renames", func(t *testing.T, dir string) {
			must(t, os.Rename(filepath.Join(dir, databaseName), filepath.Join(dir, nextName)))
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, m := filled(t)
			tt.do(t, dir)
			checkDamaged(t, dir, m, probeSelf(t), tt.whole)
		})
	}
}

func TestACutManifestDropsNoTableInSilence(t *testing.T) {
	dir, _ := filled(t)
	data, err := os.ReadFile(filepath.Join(dir, databaseName, "MANIFEST"))
	must(t, err)
	for _, end := range manifestEntries(data) {
		dir, m := filled(t)
		must(t, os.Truncate(filepath.Join(dir, databaseName, "MANIFEST"), int64(end)))
		s, r, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if d := m.diff(s); d != "" || !r.Complete() {
			t.Errorf("cut at %d of %d: %v (-want +got):\n%.1000s", end, len(data), r, d)
		}
		s.Close()
	}
}

// manifestEntries are the places where an entry of a MANIFEST ends.
func manifestEntries(data []byte) (ends []int) {
	for end := 8; end < len(data); {
		ends = append(ends, end)
		end += 8 + int(data[end])<<24 + int(data[end+1])<<16 + int(data[end+2])<<8 + int(data[end+3])
	}
	return ends
}

func TestARecoveryIsToldUntilSomethingIsCommitted(t *testing.T) {
	dir, _ := filled(t)
	must(t, os.Truncate(youngest(t, dir, ".sst"), 99))
	var told []Recovery
	for range 3 {
		s, r, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, r)
		if len(told) == 2 {
			commit(t, s, Batch{Records: []Record{{"alert/told", []byte("1")}}})
		}
		must(t, s.Close())
	}
	told[1].Unreadable, told[0].Unreadable = nil, nil
	if diff := cmp.Diff(told[0], told[1]); diff != "" || told[0].empty() {
		t.Errorf("the agent was killed before it could say so (-first +second):\n%s", diff)
	}
	if !told[2].empty() {
		t.Errorf("told again: %v", told[2])
	}
}

func TestEvidenceIsBounded(t *testing.T) {
	dir, _ := filled(t)
	for range brokenMax + 2 {
		must(t, os.WriteFile(filepath.Join(dir, databaseName, "stray.mem"), []byte("x"), 0o600))
		s, r, err := Open(dir, Options{})
		if err != nil || r.empty() {
			t.Fatalf("%v %v", r, err)
		}
		must(t, s.Close())
	}
	found, _ := filepath.Glob(filepath.Join(dir, brokenPrefix+"*"))
	if len(found) != brokenMax || !slices.Contains(found, filepath.Join(dir, fmt.Sprint(brokenPrefix, brokenMax+2))) {
		t.Errorf("%q, want the last %d", found, brokenMax)
	}
}

func TestAProbeThatFailsOnceIsAskedAgainAndOneThatCannotRunProvesNothing(t *testing.T) {
	for _, tt := range []struct {
		name     string
		errs     []error
		repaired bool
	}{
		{"fails once", []error{errors.New("Create a new file"), nil}, false},
		{"fails twice", []error{errors.New("panic"), errors.New("panic: again")}, true},
		{"cannot run", []error{&noProbeError{os.ErrNotExist}, &noProbeError{os.ErrNotExist}}, false},
		{"no memory", []error{errors.New("mmap: cannot allocate memory"), errors.New("mmap: cannot allocate memory")}, false},
	} {
		dir, _ := filled(t)
		asked := 0
		_, r, err := Open(dir, Options{Probe: func(context.Context, string) error {
			asked++
			return tt.errs[asked-1]
		}})
		if err != nil || !r.empty() != tt.repaired {
			t.Errorf("%s: %v, recovery %v, want one: %v", tt.name, err, r, tt.repaired)
		}
	}
}

func TestAChildThatDiesIsACauseInWords(t *testing.T) {
	for _, tt := range []struct{ script, want string }{
		{"exit 0", "<nil>"},
		{"echo 'panic: runtime error' >&2; echo 'goroutine 1' >&2; exit 2", "panic: runtime error"},
		{"kill -9 $$", "opening it killed the process"},
	} {
		err := Child("/bin/sh", "-c", tt.script)(t.Context(), "dir")
		if got := fmt.Sprint(err); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.script, got, tt.want)
		}
	}
	if err := Child("/no/such/program")(t.Context(), "dir"); !errors.As(err, new(*noProbeError)) {
		t.Errorf("no program: %v", err)
	}
}
