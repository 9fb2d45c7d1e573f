package buffer

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// files are the logs and tables of a store.
func files(t testing.TB, ext string) (all [][]byte) {
	t.Helper()
	dir := t.TempDir()
	s, _, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range 60 {
		if _, err := s.Commit(Batch{
			Records: []Record{{"series/a", []byte(strings.Repeat("x", i))}, {"alert/b", []byte{byte(i)}}},
			Texts:   []Text{text("+1", "hello")},
		}); err != nil {
			t.Fatal(err)
		}
	}
	if ext == ".sst" {
		s.Close()
	}
	paths, _ := filepath.Glob(filepath.Join(s.database(), "*"+ext))
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data[:min(len(data), 64<<10)])
	}
	return all
}

func TestEachPrefixOfALogIsTheTransactionsThatFit(t *testing.T) {
	data := files(t, ".mem")[0]
	whole := scanLog(data)
	if whole.damaged || len(whole.txns) < 50 {
		t.Fatalf("%d transactions, damaged %v", len(whole.txns), whole.damaged)
	}
	last := 0
	for end := range whole.end {
		s := scanLog(data[:end])
		if s.damaged || len(s.txns) < last || s.end > end {
			t.Fatalf("cut at %d: %d transactions after %d, end %d, damaged %v", end, len(s.txns), last, s.end, s.damaged)
		}
		last = len(s.txns)
	}
}

// TestAHoleInALogCostsTheTransactionsItTouchesAndNoOther also holds that a hole
// in the last one is no damage: that one was never acknowledged.
func TestAHoleInALogCostsTheTransactionsItTouchesAndNoOther(t *testing.T) {
	data := files(t, ".mem")[0]
	whole := scanLog(data)
	for at := logHeaderBytes; at < whole.end; at += 7 {
		holed := slices.Clone(data)
		holed[at] ^= 0xff
		s := scanLog(holed)
		if lost := len(whole.txns) - len(s.txns); lost > 1 {
			t.Fatalf("a flipped byte at %d of %d costs %d transactions", at, whole.end, lost)
		}
		lastGone := s.txns[len(s.txns)-1].version != whole.txns[len(whole.txns)-1].version
		if !s.damaged && !lastGone {
			t.Fatalf("a flipped byte at %d of %d is not noticed", at, whole.end)
		}
	}
}

func TestAFlippedByteInATableCostsOneBlock(t *testing.T) {
	data := files(t, ".sst")[0]
	whole := scanTable(data)
	if whole.damaged || len(whole.entries) == 0 {
		t.Fatalf("%d entries, damaged %v", len(whole.entries), whole.damaged)
	}
	for at := 0; at < len(data); at += 11 {
		flipped := slices.Clone(data)
		flipped[at] ^= 0x10
		s := scanTable(flipped)
		if !s.damaged {
			t.Fatalf("a flipped byte at %d of %d is not noticed", at, len(data))
		}
		for _, e := range s.entries {
			if !slices.ContainsFunc(whole.entries, func(w entry) bool {
				return w.key == e.key && w.version == e.version && string(w.value) == string(e.value)
			}) {
				t.Fatalf("a flipped byte at %d makes up %q", at, e.key)
			}
		}
	}
}

func FuzzScanLog(f *testing.F) {
	for _, data := range files(f, ".mem") {
		f.Add(data[:4096])
	}
	f.Add([]byte(strings.Repeat("\xff", 100)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if s := scanLog(data); s.end > len(data) || s.end < 0 {
			t.Errorf("ends at %d of %d", s.end, len(data))
		}
	})
}

func FuzzScanTable(f *testing.F) {
	for _, data := range files(f, ".sst") {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { scanTable(data) })
}

func FuzzDecodePiece(f *testing.F) {
	for _, p := range pieces((&Batch{Records: largeBatch(3).Records}).ops(changes{})) {
		f.Add(p.value)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ops := decodePiece(data)
		if len(ops) == 0 {
			return
		}
		again := decodePiece(pieces(ops)[0].value)
		for i, o := range again {
			if o.key != ops[i].key || !same(o.value, ops[i].value) {
				t.Errorf("got %+v, want %+v", o, ops[i])
			}
		}
	})
}

func FuzzPageSlot(f *testing.F) {
	slot, err := encodeSlot(census{Commits: 7, Counts: map[string]int{"text": 1}}, 3)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(slot)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == slotBytes {
			decodeSlot(data)
		}
	})
}
