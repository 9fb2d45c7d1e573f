package buffer

import (
	"errors"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/google/go-cmp/cmp"
)

var errIO = errors.New("input/output error")

// failLanded carries b out, and then has the disk say that it failed: the case
// in which nobody knows whether a commit is on disk.
func failLanded(t *testing.T, s *Store, b Batch) {
	t.Helper()
	s.write.Lock()
	defer s.write.Unlock()
	undo, err := s.atomically(b.ops(changes{added: s.number(b.Texts)}))
	must(t, err)
	s.debt.owe(undo)
	s.fail(errIO)
}

func TestACommitThatFailedAndYetIsOnDiskIsTakenBackBeforeItIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir())
		commit(t, s, Batch{Records: []Record{{"alert/a", []byte("before")}}, Texts: []Text{text("+1", "old")}})
		b := Batch{Records: []Record{{"alert/a", []byte("after")}, {"alert/b", []byte("new")}}, Texts: []Text{text("+1", "x"), text("+2", "y")}}
		failLanded(t, s, b)
		if _, err := s.Commit(b); err == nil {
			t.Error("a commit right after the failure succeeds, want a pause")
		}
		if st := s.State(); !st.Down || st.Cause == "" || st.Remedy == "" {
			t.Errorf("state %+v does not say that the store is down", st)
		}
		if got := records(s, ""); len(got) == 0 {
			t.Error("no records while the database is closed")
		}
		time.Sleep(backoffFirst)
		commit(t, s, Batch{Records: []Record{{"told/a", []byte("1")}}}) // not the same batch
		if diff := cmp.Diff(map[string]string{"alert/a": "before", "told/a": "1"}, records(s, "")); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
		commit(t, s, b)
		s = reopen(t, s)
		if diff := cmp.Diff([]string{"old", "x", "y"}, bodies(s)); diff != "" {
			t.Errorf("texts (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]string{"alert/a": "after", "alert/b": "new", "told/a": "1"}, records(s, "")); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
		must(t, s.Close())
	})
}

func TestAStoreWhoseDatabaseFailsOpensItAnewByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir())
		ids := commit(t, s, Batch{Texts: []Text{text("+1", "x")}})
		// The database notes a commit as readable a moment later. Closed before, it
		// lets whoever reads next wait for ever.
		must(t, s.db.View(func(*badger.Txn) error { return nil }))
		must(t, s.db.Close()) // whatever is written now is refused
		b := Batch{Texts: []Text{text("+1", "y")}}
		if _, err := s.Commit(b); err == nil {
			t.Error("no error from a closed database")
		}
		if err := s.Begin(ids[0], 1, 1, "stick"); !Remembered(err) {
			t.Errorf("begin: got %v, want it remembered", err)
		}
		time.Sleep(backoffFirst)
		commit(t, s, b)
		st := s.State()
		if st.Down || st.Reopened != 1 || st.Unrecorded != 1 {
			t.Errorf("state %+v", st)
		}
		s = reopen(t, s)
		if got := s.Texts(); len(got) != 2 || got[0].Parts[0].Interrupted != 1 {
			t.Errorf("texts %+v", got)
		}
		must(t, s.Close())
	})
}

func TestABatchInStagesThatFailedIsTakenBackToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir())
		ops := (&Batch{Records: largeBatch(2000).Records}).ops(changes{})
		s.write.Lock()
		for _, p := range append(pieces(ops), op{stagedKey, []byte{pieceVersion}}) {
			if _, err := s.transact([]op{p}); err != nil {
				t.Fatal(err)
			}
		}
		s.debt.owe(unstaging(pieces(ops)))
		s.fail(errIO)
		s.write.Unlock()
		time.Sleep(backoffFirst)
		commit(t, s, Batch{Records: []Record{{"told/a", []byte("1")}}})
		if got := records(s, ""); len(got) != 1 {
			t.Errorf("%d records, want 1", len(got))
		}
		if left := ownKeys(t, s); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		must(t, s.Close())
	})
}

// TestWhileADatabaseClosesItsFilesTellAllThatIsInIt reads them again and again
// as Badger writes its last table and deletes the log.
func TestWhileADatabaseClosesItsFilesTellAllThatIsInIt(t *testing.T) {
	for range 20 {
		s := open(t, t.TempDir())
		commit(t, s, Batch{Records: []Record{{"alert/a", []byte("1")}}, Texts: []Text{text("+1", "x")}})
		s.write.Lock()
		db, done := s.db, make(chan struct{})
		s.db, s.closing = nil, done
		s.write.Unlock()
		go s.closeWithRoom(db, done)
		for closed := false; !closed; {
			select {
			case <-done:
				closed = true
			default:
			}
			if c := read(s.fromFiles()); len(c.texts) != 1 || c.found.Counts["alert"] != 1 {
				t.Fatalf("closed %v: found %v, want the alert and the text", closed, c.found.Counts)
			}
		}
		must(t, s.Close())
	}
}

func TestADiskThatForgetsWhatItConfirmedIsNoticedAndTextsAreWrittenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir())
		commit(t, s, Batch{Texts: []Text{text("+1", "old")}})
		must(t, s.Close())
		before := t.TempDir()
		copyTree(t, s.database(), before)

		s = open(t, s.dir)
		commit(t, s, Batch{Texts: []Text{text("+1", "confirmed")}, Records: []Record{{"alert/a", []byte("1")}}})
		s.write.Lock()
		s.fail(errIO)
		must(t, os.RemoveAll(s.database()))
		copyTree(t, before, s.database())
		s.write.Unlock()
		time.Sleep(backoffFirst)
		commit(t, s, Batch{Records: []Record{{"told/a", []byte("1")}}})
		if r := s.State().Recovery; r.LostCommits != 1 || r.Complete() {
			t.Errorf("recovery %+v, want one commit lost", r)
		}
		s = reopen(t, s)
		if diff := cmp.Diff([]string{"old", "confirmed"}, bodies(s)); diff != "" {
			t.Errorf("texts (-want +got):\n%s", diff)
		}
		must(t, s.Close())
	})
}

func TestABackoffGrowsToItsBoundAndEndsWithSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newFakeDisk()
		d.readOnly.Store(true)
		s := openFake(t, t.TempDir(), d)
		defer s.Close()
		d.readOnly.Store(false)
		s.write.Lock()
		for range 20 {
			s.unusable(errIO)
		}
		if s.backoff != backoffMax {
			t.Errorf("backoff %s, want %s", s.backoff, backoffMax)
		}
		s.write.Unlock()
		time.Sleep(backoffMax)
		commit(t, s, Batch{Records: []Record{{"told/a", []byte("1")}}})
		if s.backoff != 0 {
			t.Errorf("backoff %s after success", s.backoff)
		}
	})
}

func TestThePageFollowsWithinItsBoundsAndThenTheDiskIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir())
		defer s.Close()
		for i := range tendEvery {
			commit(t, s, Batch{Records: []Record{{"counter/a", []byte{byte(i)}}}})
		}
		synctest.Wait()
		if got, _ := readPage(s.page.path); got.Commits < tendEvery {
			t.Errorf("page says %d commits after %d", got.Commits, tendEvery)
		}
		commit(t, s, Batch{Records: []Record{{"counter/a", []byte("last")}}})
		time.Sleep(pageAfter + time.Second)
		synctest.Wait()
		if got, _ := readPage(s.page.path); got.Commits != s.census.Commits {
			t.Errorf("page says %d commits after %s, want %d", got.Commits, pageAfter, s.census.Commits)
		}
		before := snapshot(t, s.dir)
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if diff := cmp.Diff(before, snapshot(t, s.dir)); diff != "" {
			t.Errorf("a day in which nothing happened wrote (-before +after):\n%s", diff)
		}
	})
}
