package buffer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// tendEvery is the number of transactions after which tables are looked
	// after and the page is written.
	tendEvery = 32
	// pageAfter is how long the page may not cover a transaction.
	pageAfter = 10 * time.Minute
	// ballastEvery is how often a missing ballast is thought of.
	ballastEvery = 30 * time.Second
	// tablesMax is how many tables of level 0 are left alone.
	tablesMax = 2
)

// tend does the store's housekeeping, off the path of whoever commits. While
// nothing is committed and nothing is missing it sleeps.
func (s *Store) tend() {
	defer close(s.tended)
	s.flatten()
	timer := time.NewTimer(pageAfter)
	defer timer.Stop()
	due := time.Now().Add(pageAfter)
	for {
		select {
		case <-s.stop:
			return
		case <-timer.C:
			s.round()
			due = time.Time{}
		case <-s.nudge:
		}
		wait := s.untilRound()
		if wait == 0 {
			s.round()
			due = time.Time{}
		} else if at := time.Now().Add(wait); wait > 0 && (due.IsZero() || at.Before(due)) {
			due = at
			timer.Reset(wait)
		}
	}
}

// untilRound says how long the next round may wait, negative when there is no
// need for one.
func (s *Store) untilRound() time.Duration {
	s.write.Lock()
	unpaged := s.unpaged
	s.write.Unlock()
	switch {
	case unpaged >= tendEvery:
		return 0
	case s.disk.lacksBallast():
		return ballastEvery
	case unpaged > 0:
		return pageAfter
	}
	return -1
}

func (s *Store) round() {
	s.flatten()
	if s.disk.lacksBallast() {
		if err := s.disk.restore(); err != nil {
			s.log.Warn("no ballast", "error", err)
		}
	}
	s.write.Lock()
	c := s.census.clone()
	s.unpaged = 0
	s.write.Unlock()
	if err := s.page.write(c); err != nil {
		s.log.Warn("page not written", "error", err)
	}
}

// flatten compacts the tables when enough have gathered and the disk has room
// for the old and the new ones side by side.
func (s *Store) flatten() {
	s.write.Lock()
	db := s.db
	s.write.Unlock()
	s.flat.Lock()
	defer s.flat.Unlock()
	if db == nil || db.IsClosed() || db.Levels()[0].NumTables <= tablesMax || !s.roomToFlatten() {
		return
	}
	if err := db.Flatten(1); err != nil {
		s.log.Warn("tables not compacted", "error", err)
	}
}

func (s *Store) roomToFlatten() bool {
	sp, err := s.disk.statfs(s.dir)
	return err == nil && !sp.readOnly && sp.free >= hardFloorBytes+occupied(s.database())
}

// reserve preallocates the log that transactions go to, once for each, and makes
// sure of its name, which Badger does not.
func (s *Store) reserve() {
	if s.logID == 0 {
		s.logID = lastLog(s.database()) - 1
	}
	next := filepath.Join(s.database(), fmt.Sprintf("%05d.mem", s.logID+1))
	if _, err := os.Stat(next); err != nil {
		return
	}
	s.logID++
	if err := errors.Join(reserve(next), syncDir(s.database())); err != nil {
		s.log.Warn("log not preallocated", "error", err)
	}
}

func lastLog(dir string) int {
	last := 0
	for _, path := range dataFiles(dir) {
		digits, ok := strings.CutSuffix(filepath.Base(path), ".mem")
		if n, err := strconv.Atoi(digits); ok && err == nil {
			last = max(last, n)
		}
	}
	return last
}
