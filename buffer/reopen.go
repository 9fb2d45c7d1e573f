package buffer

import (
	"errors"
	"fmt"
	"time"

	"github.com/dgraph-io/badger/v4"
)

// After an error a database cannot be trusted to know what is on disk: one
// that carried on lost acknowledged commits in half of the trials, one that was
// closed and opened anew never did.

// Waiting between attempts to open the database again.
const (
	backoffFirst = time.Second
	backoffMax   = time.Minute
)

var errStillClosing = errors.New("the database has not finished closing")

// debt is what the disk should hold and may not: texts that moved on while
// nothing could be written, and what undoes a transaction that failed and may
// yet be on disk. Nil is no value. It is settled before anything else is written.
type debt map[string][]byte

func (d debt) owe(ops []op) {
	for _, o := range ops {
		d[o.key] = o.value
	}
}

// settleDebt writes what is owed, group by group.
func (s *Store) settleDebt() error {
	for _, group := range split(puts(s.debt)) {
		if _, err := s.transact(group); err != nil {
			return err
		}
		for _, o := range group {
			delete(s.debt, o.key)
		}
	}
	return nil
}

// fail closes the database after err, which it returns in words. A later call
// opens it again.
func (s *Store) fail(err error) error {
	err = inWords(err)
	if s.db == nil {
		return err
	}
	s.log.Warn("store closed, will be opened anew", "error", err)
	db := s.db
	s.db = nil
	s.closeBounded(db)
	s.unusable(err)
	return err
}

// closeBounded closes db and waits for that at most closeLimit. While it is
// still closing it may write, so no other is opened before it has ended.
func (s *Store) closeBounded(db *badger.DB) {
	done := make(chan struct{})
	s.closing = done
	wait := s.canFlush() == nil
	go s.closeWithRoom(db, done)
	if !wait {
		return
	}
	limit := time.NewTimer(closeLimit)
	defer limit.Stop()
	select {
	case <-done:
		s.closing = nil
	case <-limit.C:
	}
}

// closeWithRoom closes db as soon as the disk has room for what that writes.
func (s *Store) closeWithRoom(db *badger.DB, done chan<- struct{}) {
	defer close(done)
	for s.canFlush() != nil {
		select {
		case <-s.stop:
			return
		case <-time.After(backoffFirst):
		}
	}
	s.flat.Lock()
	defer s.flat.Unlock()
	if err := db.Close(); err != nil {
		s.log.Warn("database closed", "error", err)
	}
}

// canFlush reports why a memory table could not be written now.
func (s *Store) canFlush() error {
	if err := s.disk.admit(false); err != nil {
		return err
	}
	return s.disk.knock()
}

// unusable notes why there is no database and when to try again.
func (s *Store) unusable(err error) {
	err = inWords(err)
	s.failure = err
	s.backoff = min(max(2*s.backoff, backoffFirst), backoffMax)
	s.retryAt = time.Now().Add(s.backoff)
	s.disk.heard(err)
	s.note(err)
}

// reopen opens the database again when it was closed and the time has come.
func (s *Store) reopen() error {
	if s.db != nil {
		return nil
	}
	if time.Now().Before(s.retryAt) {
		return fmt.Errorf("store is down: %w", s.failure)
	}
	if s.stillClosing() {
		s.unusable(errStillClosing)
		return errStillClosing
	}
	acknowledged := s.census.Commits
	c, r, err := s.openDatabase()
	if err != nil {
		s.unusable(err)
		return err
	}
	s.oweDifferences(c)
	if r.empty() && c.own.Commits < acknowledged {
		r = Recovery{
			Cause:       "the disk has lost what it had confirmed",
			Salvaged:    c.found.Counts,
			LostCommits: acknowledged - c.own.Commits,
			Outdated:    true,
		}
		s.log.Warn("store opened anew", "recovery", r.String())
	}
	s.log.Info("store opened anew")
	s.disk.heard(nil)
	s.note(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Reopened++
	if !r.empty() {
		s.state.Recovery = r
	}
	return nil
}

func (s *Store) stillClosing() bool {
	select {
	case <-s.closing:
		s.closing = nil
	default:
	}
	return s.closing != nil
}

// oweDifferences owes what makes the texts on disk what they are in memory:
// after a failure it is the memory that knows what was acknowledged.
func (s *Store) oweDifferences(onDisk contents) {
	stored := make(map[string][]byte, len(onDisk.texts)+len(onDisk.sent))
	for _, o := range append(putTexts(onDisk.texts), putSent(onDisk.sent)...) {
		stored[o.key] = o.value
	}
	s.mu.Lock()
	known := append(putTexts(s.queue.onDisk()), putSent(s.history.texts)...)
	s.mu.Unlock()
	for _, o := range known {
		if !same(stored[o.key], o.value) {
			s.debt[o.key] = o.value
		}
		delete(stored, o.key)
	}
	for key := range stored {
		s.debt[key] = nil
	}
}
