package buffer

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

// fileMaxBytes bounds what is read of one file of the database; with our
// options none reaches 2 MiB.
const fileMaxBytes = 8 << 20

// manifestMaxBytes bounds the MANIFEST: 10,000 changes and some.
const manifestMaxBytes = 4 << 20

// remains is what can be read of a database's files without opening it.
type remains struct {
	listed map[string]entry // the youngest version of each key, from logs and listed tables
	all    map[string]entry // and also from tables that the MANIFEST does not list
	damage []string         // what cannot be read, in words
}

// readRemains reads the files of the database in dir, and tables set aside in
// orphans. It changes nothing, maps nothing and cannot panic on damage.
func readRemains(dir, orphans string) remains {
	r := remains{listed: make(map[string]entry), all: make(map[string]entry)}
	listed, err := listedTables(dir)
	if err != nil {
		r.damage = append(r.damage, err.Error())
	}
	for _, path := range dataFiles(dir) {
		id, isTable := tableID(path)
		r.read(path, listed == nil || !isTable || listed[id])
		delete(listed, id)
	}
	for id := range listed {
		r.damage = append(r.damage, fmt.Sprintf("table %06d is missing", id))
	}
	if orphans != "" {
		for _, path := range dataFiles(orphans) {
			r.read(path, false)
		}
	}
	return r
}

// read adds one file. A table that the MANIFEST does not list is no damage: the
// power failed while it was being replaced.
func (r *remains) read(path string, listed bool) {
	data, err := readFile(path)
	entries, damaged := scanFile(path, data)
	if listed && (damaged || err != nil) {
		r.damage = append(r.damage, fmt.Sprintf("%s is damaged", filepath.Base(path)))
	}
	for _, e := range entries {
		if listed {
			younger(r.listed, e)
		}
		younger(r.all, e)
	}
}

func younger(m map[string]entry, e entry) {
	if old, ok := m[e.key]; !ok || e.version >= old.version {
		m[e.key] = e
	}
}

func scanFile(path string, data []byte) (entries []entry, damaged bool) {
	if strings.HasSuffix(path, ".sst") {
		s := scanTable(data)
		return s.entries, s.damaged
	}
	s := scanLog(data)
	for _, t := range s.txns {
		entries = append(entries, t.entries...)
	}
	return entries, s.damaged
}

// living picks what goes into the next store. Tables that the MANIFEST does not
// list can bring back what was deleted long ago, so they are used only when the
// others do not hold all that was expected.
func (r *remains) living(expected census) map[string][]byte {
	listed := alive(r.listed)
	found := tally(listed)
	if expected.holds(found) {
		return listed
	}
	all := alive(r.all)
	complete := len(expected.missing(found)) == 0 && expected.Commits <= ownCensus(listed).Commits
	if complete && !expected.holds(tally(all)) {
		all = listed
	}
	maps.DeleteFunc(all, func(key string, _ []byte) bool {
		id, ok := textKind.id(key)
		return ok && (expected.dead(id) || all[sentKind.key(id)] != nil)
	})
	return all
}

func alive(m map[string]entry) map[string][]byte {
	living := make(map[string][]byte)
	for key, e := range m {
		if !e.deleted && ourKey(key) {
			living[key] = e.value
		}
	}
	return living
}

// tally counts what is there.
func tally(living map[string][]byte) census {
	c := census{}.clone()
	for key, value := range living {
		c.add(key, value)
		for _, k := range []kind{textKind, sentKind} {
			if id, ok := k.id(key); ok {
				c.Sequence = max(c.Sequence, id)
			}
		}
	}
	return c
}

// ownCensus is the census a database wrote about itself, empty when it is lost.
func ownCensus(living map[string][]byte) census {
	c, err := decodeCensus(living[censusKey])
	if err != nil {
		return census{}
	}
	return c
}

// dataFiles lists logs and tables: the youngest logs first.
func dataFiles(dir string) []string {
	names, _ := os.ReadDir(dir)
	var logs, tables []string
	for _, n := range names {
		path := filepath.Join(dir, n.Name())
		switch filepath.Ext(path) {
		case ".mem":
			logs = append(logs, path)
		case ".sst":
			tables = append(tables, path)
		}
	}
	slices.Reverse(logs)
	return append(logs, tables...)
}

func tableID(path string) (uint64, bool) {
	digits, ok := strings.CutSuffix(filepath.Base(path), ".sst")
	if !ok {
		return 0, false
	}
	id, err := strconv.ParseUint(digits, 10, 64)
	return id, err == nil
}

// listedTables reads which tables the MANIFEST lists, nil when it cannot be read.
func listedTables(dir string) (ids map[uint64]bool, err error) {
	path := filepath.Join(dir, badger.ManifestFilename)
	f, err := os.Open(path)
	if err != nil {
		return nil, errors.New("the MANIFEST is missing")
	}
	defer f.Close()
	defer func() {
		if recover() != nil {
			ids, err = nil, errors.New("the MANIFEST is damaged")
		}
	}()
	if fi, err := f.Stat(); err != nil || fi.Size() > manifestMaxBytes {
		return nil, errors.New("the MANIFEST is damaged")
	}
	m, _, err := badger.ReplayManifestFile(f, 0, badger.Options{})
	if err != nil {
		return nil, fmt.Errorf("the MANIFEST is damaged: %w", err)
	}
	ids = make(map[uint64]bool)
	for id := range m.Tables {
		ids[id] = true
	}
	return ids, nil
}

// readFile reads a file and leaves zeros where the flash gives an error.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	data := make([]byte, min(fi.Size(), fileMaxBytes))
	var bad error
	const step = 4096
	for off := 0; off < len(data); off += step {
		piece := data[off:min(off+step, len(data))]
		if _, err := f.ReadAt(piece, int64(off)); err != nil && err != io.EOF {
			bad = err
		}
	}
	return data, bad
}
