package buffer

import (
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/dgraph-io/badger/v4"
)

const databaseName = "store"

// closeLimit bounds Close: on a file system that has become read-only Badger
// tries for ever to write its last table.
const closeLimit = 5 * time.Second

var (
	// ErrClosed says that the store was closed.
	ErrClosed = errors.New("store is closed")
	// ErrQueueFull says that as many texts wait as may. Nothing was written.
	ErrQueueFull = errors.New("text queue is full")
	// ErrTooBig says that something exceeds its bound and never will fit.
	// Nothing was written.
	ErrTooBig = errors.New("too big for the store")
	// ErrNoText says that no such text is known.
	ErrNoText = errors.New("no such text")
	// ErrAccepted says that the network has accepted this part before. It is not
	// to be sent again.
	ErrAccepted = errors.New("already accepted by the network")
)

// A Store keeps texts and records on flash. It is safe for use by several
// goroutines. Make one with [Open].
type Store struct {
	o    Options
	log  *slog.Logger
	dir  string
	disk disk
	lock *os.File

	// flat is held while tables are compacted and while a database closes: Badger
	// cannot do both at once.
	flat sync.Mutex

	// write is held while anything is written, so there is one transaction at a
	// time. It guards the fields below it and is taken before mu.
	write    sync.Mutex
	closed   bool
	db       *badger.DB // nil while the database cannot be used
	census   census     // as of the last transaction that is on disk
	sequence uint64     // the highest text ID given out
	held     held
	debt     debt
	closing  <-chan struct{} // a database that has not finished closing
	failure  error           // why db is nil
	retryAt  time.Time
	backoff  time.Duration
	logID    int  // the last log that was preallocated, 0 when not known yet
	unpaged  int  // transactions the page does not cover
	untold   bool // a recovery that nobody may have been told of

	page page

	mu      sync.Mutex
	queue   queue
	history history
	filled  bool  // both with what was on disk
	state   State // counters and what does not follow from the other fields

	wake   chan struct{}
	nudge  chan struct{}
	stop   chan struct{}
	tended chan struct{}
}

// State is what the store says about itself.
type State struct {
	Texts     int   `json:"texts"`
	Bytes     int64 `json:"bytes"`      // what it occupies, evidence and ballast included
	FreeBytes int64 `json:"free_bytes"` // what the file system has left

	Full     bool `json:"full"`      // nothing new is taken in; receipts and deletions are
	ReadOnly bool `json:"read_only"` // nothing can be written
	Down     bool `json:"down"`      // the database cannot be used; the texts are in memory

	Cause  string `json:"cause"` // of the first of these that is so; empty when all is well
	Remedy string `json:"remedy"`

	Commits     uint64 `json:"commits"`     // transactions on disk since Open
	Accepted    uint64 `json:"accepted"`    // texts the network has accepted in full
	Delivered   uint64 `json:"delivered"`   // parts of which a status report says so
	Undelivered uint64 `json:"undelivered"` // parts of which one says that they never will be
	Expired     uint64 `json:"expired"`
	Dropped     uint64 `json:"dropped"`
	Recalled    uint64 `json:"recalled"`    // taken back for others in their place
	QueueFull   uint64 `json:"queue_full"`  // batches refused because the queue was full
	Unrecorded  uint64 `json:"unrecorded"`  // steps of texts that were not on disk when they returned
	Reopened    uint64 `json:"reopened"`    // how often the database was closed after an error and opened anew
	Interrupted int    `json:"interrupted"` // parts that were at the modem when the last agent was killed

	Recovery Recovery `json:"recovery"` // the last one, from Open or since
}

// State tells how the store is. It never waits for the disk to finish a write.
func (s *Store) State() State {
	s.mu.Lock()
	st := s.state
	st.Texts = s.queue.len()
	s.mu.Unlock()

	st.Bytes = int64(occupied(s.dir))
	sp, err := s.disk.statfs(s.dir)
	st.FreeBytes = int64(sp.free)
	if err == nil {
		err = s.disk.check(sp, true)
	}
	st.ReadOnly, st.Full = errors.Is(err, ErrReadOnly), errors.Is(err, ErrFull)
	switch {
	case st.ReadOnly:
		st.Cause = fmt.Sprintf("%s: the file system is read-only", s.dir)
		st.Remedy = "look for disk errors in the kernel log; remount it writable or replace the card"
	case st.Full:
		st.Cause = fmt.Sprintf("%s: %v", s.dir, err)
		st.Remedy = "free space on this file system; the store goes on by itself"
	case st.Down:
		st.Remedy = "look for disk errors in the kernel log; the store tries again by itself"
	}
	return st
}

// Records returns the records whose keys begin with prefix, in the order of
// their keys. While the database cannot be used they come from its files.
func (s *Store) Records(prefix string) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, r := range s.records(prefix) {
			if !yield(r.key, r.value) {
				return
			}
		}
	}
}

func (s *Store) records(prefix string) []op {
	s.write.Lock()
	defer s.write.Unlock()
	var found []op
	s.each(prefix, func(key string, value []byte) error {
		if k, ok := kindOf(key); ok && k.record() {
			if v, ok := k.unwrap(value); ok {
				found = append(found, op{key, append([]byte{}, v...)})
			}
		}
		return nil
	})
	return found
}

// each visits what begins with prefix, from the database or else from its files.
func (s *Store) each(prefix string, visit func(string, []byte) error) error {
	if s.db != nil {
		return forEach(s.db, prefix, visit)
	}
	return eachOf(s.fromFiles(), prefix, visit)
}

// Wake is signalled when a text was added or may be due earlier than before. It
// has one reader.
func (s *Store) Wake() <-chan struct{} { return s.wake }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// note keeps why the database cannot be used, nil when it can.
func (s *Store) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Down = err != nil
	s.state.Cause = ""
	if err != nil {
		s.state.Cause = fmt.Sprintf("%s: %v", s.dir, err)
	}
}

// Close ends the store. It returns within 5 s; when that was not enough the
// error says so, the directory stays locked, and the process should exit. On a
// full or read-only disk the database is left as a kill would leave it. Nothing
// acknowledged is lost either way.
func (s *Store) Close() error {
	done := make(chan error, 1)
	go func() { done <- s.shut() }()
	limit := time.NewTimer(closeLimit)
	defer limit.Stop()
	select {
	case err := <-done:
		return err
	case <-limit.C:
		return fmt.Errorf("%s: not closed within %s", s.dir, closeLimit)
	}
}

func (s *Store) shut() error {
	s.write.Lock()
	closed := s.closed
	s.closed = true
	s.write.Unlock()
	if closed {
		return ErrClosed
	}
	close(s.stop)
	<-s.tended
	s.write.Lock()
	defer s.write.Unlock()
	return errors.Join(s.shutDatabase(), s.lock.Close())
}

// shutDatabase writes what is owed and closes the database, unless the disk has
// no room for that: Badger would write its memory table, and die of SIGBUS or
// try for ever. Its log is on disk.
func (s *Store) shutDatabase() error {
	if s.db == nil {
		if s.closing != nil {
			<-s.closing
		}
		return nil
	}
	if err := s.canFlush(); err != nil {
		return fmt.Errorf("%s: left open: %w", s.dir, err)
	}
	owed := s.settleOwed()
	db := s.db
	s.db = nil
	return errors.Join(owed, db.Close(), s.page.write(s.census))
}

func (s *Store) database() string { return filepath.Join(s.dir, databaseName) }
