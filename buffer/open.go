package buffer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/dgraph-io/badger/v4"
	"golang.org/x/sys/unix"
)

// Open opens the store in dir, which it makes if need be, and locks it.
//
// It fails only when another agent holds the directory ([LockedError]) or when
// there can be no directory. A database that cannot be opened is set aside and
// what can be read of it goes on in a new one; Recovery says what was lost.
// While the disk is full or read-only the store works from memory: it yields
// its texts, refuses batches, and opens by itself later.
func Open(dir string, o Options) (*Store, Recovery, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, Recovery{}, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, Recovery{}, err
	}
	sign(dir)
	o = o.withDefaults()
	s := &Store{
		o: o, log: o.Log, dir: dir, lock: lock,
		disk:  disk{dir: dir, statfs: o.statfs},
		debt:  make(debt),
		queue: newQueue(o.TextsMax),
		wake:  make(chan struct{}, 1), nudge: make(chan struct{}, 1),
		stop: make(chan struct{}), tended: make(chan struct{}),
	}
	s.page.open(filepath.Join(dir, pageName))
	r := s.start()
	go s.tend()
	return s, r, nil
}

// start fills the queue from the database or, when that cannot be opened, from
// its files.
func (s *Store) start() Recovery {
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.disk.restore(); err != nil {
		s.log.Warn("no ballast", "error", err)
	}
	c, r, err := s.openDatabase()
	if err != nil {
		s.log.Warn("store works from memory", "error", err)
		s.unusable(err)
		c = read(s.fromFiles())
	}
	s.sequence = max(s.sequence, c.own.Sequence, c.found.Sequence, s.page.census().Sequence)
	s.fill(c)
	r = r.or(c.recovery)
	s.untold = !r.empty()
	if s.db != nil {
		s.leave()
	}
	r.Unreadable = c.unreadable
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Recovery = r
	return r
}

// fill puts what was found into memory. Parts that were at the modem when the
// last agent was killed wait again, unless a report told of them.
func (s *Store) fill(c contents) {
	s.mu.Lock()
	for _, x := range s.history.add(c.sent...) {
		s.debt[sentKind.key(x.ID)] = nil
	}
	var changed []*Text
	var through []*Sent
	for _, t := range c.texts {
		n := t.interrupt()
		s.state.Interrupted += n
		switch {
		case t.complete():
			through = append(through, &Sent{Text: *t, Ended: t.lastAccepted()})
			continue
		case n > 0:
			changed = append(changed, t)
		}
		s.queue.add(t)
	}
	s.filled = true
	s.mu.Unlock()
	s.debt.owe(putTexts(changed))
	if len(through) > 0 {
		s.debt.owe(s.retire(through, func(st *State) { st.Accepted += uint64(len(through)) }))
	}
}

// leave writes what the start itself has changed.
func (s *Store) leave() {
	if err := s.settleOwed(); err != nil {
		s.fail(err)
		return
	}
	if err := s.page.write(s.census); err != nil {
		s.log.Warn("page not written", "error", err)
	}
	s.unpaged = 0
}

// openDatabase opens the database, after repairing it if it has to.
func (s *Store) openDatabase() (contents, Recovery, error) {
	if err := s.prepare(); err != nil {
		return contents{}, Recovery{}, err
	}
	damage := s.examine()
	if damage == nil {
		c, err := s.openChecked()
		if err == nil {
			c, err = s.finishStaged(c)
			return c, Recovery{}, err
		}
		damage = err
	}
	switch {
	case fromSurroundings(damage):
		return contents{}, Recovery{}, damage
	case s.stillClosing():
		return contents{}, Recovery{}, errStillClosing
	}
	r, err := s.repair(damage)
	if err != nil {
		return contents{}, Recovery{}, fmt.Errorf("%w; repair: %w", damage, err)
	}
	s.log.Warn("store repaired", "recovery", r.String())
	c, err := s.openChecked()
	if err == nil {
		c, err = s.finishStaged(c)
	}
	return c, r, err
}

// prepare brings the directory into the state the database should be opened in.
func (s *Store) prepare() error {
	if err := s.disk.admit(false); err != nil {
		return err
	}
	if err := s.finishRepair(); err != nil {
		return err
	}
	if err := s.makeDatabase(); err != nil {
		return err
	}
	if err := waitFree(s.database()); err != nil {
		return err
	}
	if err := s.clean(); err != nil {
		return err
	}
	return s.setAside()
}

// makeDatabase makes the database's directory and sets aside whatever else has
// its name.
func (s *Store) makeDatabase() error {
	fi, err := os.Stat(s.database())
	if err == nil && fi.IsDir() {
		return nil
	}
	if err == nil {
		if err := os.Rename(s.database(), s.nextBroken()); err != nil {
			return err
		}
	}
	if err := os.Mkdir(s.database(), 0o700); err != nil {
		return err
	}
	return errors.Join(syncDir(s.dir), syncDir(filepath.Dir(s.dir)))
}

// clean removes what holds nothing and only makes Badger fail: logs of length
// zero, left by a kill while one was deleted; value logs and their bookkeeping,
// as all values are in the tree; the key registry, as nothing is encrypted.
func (s *Store) clean() error {
	names, err := os.ReadDir(s.database())
	if err != nil {
		return err
	}
	for _, n := range names {
		if path := filepath.Join(s.database(), n.Name()); holdsNothing(path) {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	return nil
}

func holdsNothing(path string) bool {
	switch name := filepath.Base(path); {
	case name == "DISCARD", name == "KEYREGISTRY", name == "LOCK", strings.HasSuffix(name, ".vlog"):
		return true
	case strings.HasSuffix(name, ".mem"):
		fi, err := os.Stat(path)
		return err == nil && fi.Size() == 0
	}
	return false
}

// setAside moves away the tables that the MANIFEST does not list. Badger
// would delete them: rightly after a crash between two of its steps, wrongly
// when the MANIFEST has lost its end. The census will tell.
func (s *Store) setAside() error {
	listed, err := listedTables(s.database())
	if err != nil {
		return nil // examine will find the same
	}
	for _, path := range dataFiles(s.database()) {
		id, isTable := tableID(path)
		if !isTable || listed[id] {
			continue
		}
		if err := os.MkdirAll(s.orphans(), 0o700); err != nil {
			return err
		}
		if err := os.Rename(path, filepath.Join(s.orphans(), filepath.Base(path))); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) orphans() string { return filepath.Join(s.database(), "orphans") }

// damageWordsMax is how many damaged files are named.
const damageWordsMax = 3

// examine looks for damage before the database is opened in this process: in
// the files themselves, then by a child that opens them.
func (s *Store) examine() error {
	if files := dataFiles(s.database()); len(files) == 0 {
		return nil
	}
	r := readRemains(s.database(), "")
	if n := len(r.damage); n > damageWordsMax {
		return fmt.Errorf("%s and %d more", strings.Join(r.damage[:damageWordsMax], ", "), n-damageWordsMax)
	} else if n > 0 {
		return errors.New(strings.Join(r.damage, ", "))
	}
	if err := s.trim(); err != nil {
		return err
	}
	return s.probe()
}

// trim cuts logs behind their last transaction. What follows was never
// acknowledged, and Badger takes lengths it finds there at their word.
func (s *Store) trim() error {
	for _, path := range dataFiles(s.database()) {
		if !strings.HasSuffix(path, ".mem") {
			continue
		}
		data, err := readFile(path)
		if err != nil {
			return err
		}
		end := scanLog(data).end
		if zero(data[end:]) {
			continue
		}
		if err := os.Truncate(path, int64(end)); err != nil {
			return err
		}
	}
	return nil
}

func zero(b []byte) bool {
	for _, x := range b {
		if x != 0 {
			return false
		}
	}
	return true
}

func (s *Store) probe() (err error) {
	if s.o.Probe == nil {
		return nil
	}
	for range probeTries {
		if err = s.probeOnce(); err == nil {
			return nil
		}
	}
	if none := new(noProbeError); errors.As(err, &none) {
		s.log.Warn("store not probed", "error", err)
		return nil
	}
	return err
}

func (s *Store) probeOnce() error {
	ctx, cancel := context.WithTimeout(context.Background(), probeLimit)
	defer cancel()
	return s.o.Probe(ctx, s.database())
}

// openChecked opens the database and compares what is in it with its census and
// the page.
func (s *Store) openChecked() (contents, error) {
	db, err := openBadger(s.database(), s.o)
	if err != nil {
		return contents{}, err
	}
	c, err := readDatabase(db)
	if err == nil {
		err = c.compare(s.page.census())
	}
	if err != nil {
		s.closeBounded(db)
		return contents{}, err
	}
	s.db, s.census, s.logID = db, c.own.clone(), 0
	s.sequence = max(s.sequence, c.own.Sequence, c.found.Sequence, s.page.census().Sequence)
	s.reserve()
	if err := os.RemoveAll(s.orphans()); err != nil {
		s.log.Warn("tables of the past not deleted", "error", err)
	}
	return c, nil
}

// finishStaged carries out a batch that was declared complete, unless that is
// to be taken back, and reads what is then there.
func (s *Store) finishStaged(c contents) (contents, error) {
	if len(c.staged) == 0 {
		return c, nil
	}
	ops, complete := unstage(c.staged)
	if _, takenBack := s.debt[stagedKey]; takenBack || !complete {
		ops = nil
	}
	err := s.carryOut(ops, stagedPieces(c.staged))
	if err == nil {
		c, err = readDatabase(s.db)
	}
	if err != nil {
		s.fail(err)
	}
	return c, err
}

// openBadger turns a panic in Badger's Open into an error. One in a goroutine
// of Badger's own is beyond reach: that is what the probe is for.
func openBadger(dir string, o Options) (db *badger.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			db, err = nil, fmt.Errorf("panic: %.200s", fmt.Sprint(p))
		}
	}()
	return badger.Open(badgerOptions(dir, o.Log))
}

// surroundings are errors that say nothing about the database: the same one may
// open when the cause has gone.
var surroundings = []syscall.Errno{
	unix.ENOSPC, unix.EDQUOT, unix.EROFS, unix.ENOMEM, unix.EMFILE, unix.ENFILE, unix.EACCES, unix.EPERM,
}

func fromSurroundings(err error) bool {
	return errors.Is(err, ErrFull) || errors.Is(err, ErrReadOnly) ||
		slices.ContainsFunc(surroundings, func(e syscall.Errno) bool { return says(err, e) })
}
