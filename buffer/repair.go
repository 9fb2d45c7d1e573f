package buffer

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

const (
	brokenPrefix = databaseName + ".broken-"
	nextName     = databaseName + ".new"

	// Evidence is kept, but not without end: the oldest goes first.
	brokenMax      = 3
	brokenMaxBytes = 16 << 20
	brokenShare    = 4 // at most this part of the file system

	// sequenceJump leaves room for the IDs of texts that are lost, so that no
	// ledger mistakes a new text for one of them.
	sequenceJump = 1 << 20
)

// Recovery says what Open had to do. It is empty when all was well.
type Recovery struct {
	Cause       string         `json:"cause"`       // what was wrong with the database
	Quarantined string         `json:"quarantined"` // where it lies now
	Salvaged    map[string]int `json:"salvaged"`    // what goes on in the new one, by kind
	Lost        map[string]int `json:"lost"`        // at least, by kind
	LostCommits uint64         `json:"lost_commits"`
	Outdated    bool           `json:"outdated"` // what was kept is not all as last written
	Unreadable  map[string]int `json:"-"`        // values of another release, left alone, by kind
}

func (r Recovery) empty() bool { return r.Cause == "" }

// Complete reports whether everything goes on as it was last written.
func (r Recovery) Complete() bool { return len(r.Lost) == 0 && r.LostCommits == 0 && !r.Outdated }

func (r Recovery) or(earlier Recovery) Recovery {
	if r.empty() {
		return earlier
	}
	return r
}

// String is the recovery in a sentence or two, empty when all was well.
func (r Recovery) String() string {
	if r.empty() {
		return ""
	}
	lost := "nothing was lost"
	switch {
	case len(r.Lost) > 0:
		lost = "lost: " + countWords(r.Lost)
	case !r.Complete():
		lost = "by number nothing was lost"
	}
	if r.LostCommits > 0 {
		lost += fmt.Sprintf("; at least %d commits are gone", r.LostCommits)
	}
	if r.Outdated {
		lost += "; some of what was kept may be out of date, and texts may go out twice"
	}
	moved := ""
	if r.Quarantined != "" {
		moved = " and is now in " + r.Quarantined
	}
	return fmt.Sprintf("the store was damaged (%s)%s; kept: %s; %s", r.Cause, moved, countWords(r.Salvaged), lost)
}

// repair builds a new database from what can be read of the old one, then puts
// it in its place. It can be interrupted at any point; see finishRepair.
func (s *Store) repair(damage error) (Recovery, error) {
	if err := s.disk.admitMore(occupied(s.database())); err != nil {
		return Recovery{}, err
	}
	remains := readRemains(s.database(), s.orphans())
	expected := s.page.census()
	if own := ownCensus(alive(remains.all)); own.Commits >= expected.Commits {
		expected = own
	}
	living := remains.living(expected)
	found := tally(living)
	broken := s.nextBroken()
	r := Recovery{
		Cause:       damage.Error(),
		Quarantined: broken,
		Salvaged:    found.Counts,
		Lost:        expected.missing(found),
		LostCommits: expected.Commits - min(expected.Commits, ownCensus(living).Commits),
	}
	r.Outdated = len(living) > 0 && !expected.holds(found)
	found.First = expected.First
	found.Commits = expected.Commits + 1
	found.Sequence = max(found.Sequence, expected.Sequence) + sequenceJump
	if err := s.build(living, found, r); err != nil {
		return Recovery{}, err
	}
	return r, s.replace(broken)
}

// build writes a database next to the broken one.
func (s *Store) build(living map[string][]byte, c census, r Recovery) error {
	dir := filepath.Join(s.dir, nextName)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	db, err := openBadger(dir, s.o)
	if err != nil {
		return err
	}
	defer db.Close()
	if living[censusKey], err = c.encode(); err != nil {
		return err
	}
	if living[recoveryKey], err = json.Marshal(r); err != nil {
		return err
	}
	for _, group := range split(puts(living)) {
		if err := writeAll(db, group); err != nil {
			return err
		}
	}
	return db.Close()
}

func puts(living map[string][]byte) (ops []op) {
	for _, key := range slices.Sorted(maps.Keys(living)) {
		ops = append(ops, op{key, living[key]})
	}
	return ops
}

func writeAll(db *badger.DB, ops []op) error {
	return db.Update(func(txn *badger.Txn) error {
		for _, o := range ops {
			if err := txn.Set([]byte(o.key), o.value); err != nil {
				return err
			}
		}
		return nil
	})
}

// replace sets the old database aside and puts the new one in its place.
func (s *Store) replace(broken string) error {
	if err := os.Rename(s.database(), broken); err != nil {
		return err
	}
	if err := s.finishRepair(); err != nil {
		return err
	}
	s.prune()
	return nil
}

// finishRepair ends a repair that was interrupted. The old database is moved
// away only when the new one is complete, so a new one beside an old one is
// unfinished, and a new one alone only has to be moved.
func (s *Store) finishRepair() error {
	next := filepath.Join(s.dir, nextName)
	if _, err := os.Stat(next); err != nil {
		return nil
	}
	if _, err := os.Stat(s.database()); err == nil {
		return os.RemoveAll(next)
	}
	if err := os.Rename(next, s.database()); err != nil {
		return err
	}
	return syncDir(s.dir)
}

// broken lists the databases set aside by number, and their numbers.
func (s *Store) broken() map[int]string {
	names, _ := os.ReadDir(s.dir)
	found := make(map[int]string)
	for _, name := range names {
		digits, ok := strings.CutPrefix(name.Name(), brokenPrefix)
		if n, err := strconv.Atoi(digits); ok && err == nil {
			found[n] = filepath.Join(s.dir, name.Name())
		}
	}
	return found
}

func (s *Store) nextBroken() string {
	last := 0
	for n := range s.broken() {
		last = max(last, n)
	}
	return filepath.Join(s.dir, brokenPrefix+strconv.Itoa(last+1))
}

// prune deletes the oldest evidence beyond the bounds, never the youngest.
func (s *Store) prune() {
	found := s.broken()
	numbers := slices.Sorted(maps.Keys(found))
	slices.Reverse(numbers)
	limit := uint64(brokenMaxBytes)
	if sp, err := s.disk.statfs(s.dir); err == nil {
		limit = min(limit, sp.total/brokenShare)
	}
	var bytes uint64
	for i, n := range numbers {
		bytes += occupied(found[n])
		if i > 0 && (i >= brokenMax || bytes > limit) {
			if err := os.RemoveAll(found[n]); err != nil {
				s.log.Warn("evidence not deleted", "error", err)
			}
		}
	}
}

// readingsMax is how often files are read that change meanwhile; the last reading
// then has to do. A database that closes changes its tables a few times, and
// each time waits for the disk longer than a reading takes.
const readingsMax = 10

// fromFiles reads the database's files without opening or changing them.
//
// A database that has not finished closing may still replace them. Badger deletes
// a log or a table only after the MANIFEST lists what takes its place, so a
// reading that found the same MANIFEST before and after it has missed nothing.
func (s *Store) fromFiles() map[string][]byte {
	var r remains
	for range readingsMax {
		before, _ := listedTables(s.database())
		r = readRemains(s.database(), s.orphans())
		if after, _ := listedTables(s.database()); maps.Equal(before, after) {
			break
		}
	}
	return r.living(s.page.census())
}
