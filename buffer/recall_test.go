package buffer

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// telling is a text that says what its reader will know by it.
func telling(to, body string) Text {
	t := text(to, body)
	t.Tells = []byte(body)
	return t
}

func TestATextIsTakenBackAsLongAsNothingOfItCanBeOnItsWay(t *testing.T) {
	for name, tt := range map[string]struct {
		before func(s *Store, id uint64) error
		want   bool
	}{
		"it waits": {func(*Store, uint64) error { return nil }, true},
		"its telephone rang": {func(s *Store, id uint64) error {
			return s.Defer(id, 1, Deferral{Until: time.Hour, Cause: "no signal", Rang: true})
		}, true},
		"it is at the modem": {func(s *Store, id uint64) error { return s.Begin(id, 1, 2, "stick") }, false},
		"the modem did not take it": {func(s *Store, id uint64) error {
			return errors.Join(s.Begin(id, 1, 2, "stick"), s.Defer(id, 1, Deferral{Until: time.Hour}))
		}, true},
		"the network refused it": {func(s *Store, id uint64) error {
			return errors.Join(s.Begin(id, 1, 2, "stick"), s.Defer(id, 1, Deferral{Why: Refused, Until: time.Hour}))
		}, true},
		"the modem did not answer": {func(s *Store, id uint64) error {
			return errors.Join(s.Begin(id, 1, 2, "stick"), s.Defer(id, 1, Deferral{Why: Silent, Until: time.Hour}))
		}, false},
		"half of it is out": {func(s *Store, id uint64) error {
			return errors.Join(s.Begin(id, 1, 2, "stick"), s.Settle(id, 1, receipt(5)))
		}, false},
		"it is out": {func(s *Store, id uint64) error {
			return errors.Join(s.Begin(id, 1, 1, "stick"), s.Settle(id, 1, receipt(5)))
		}, false},
	} {
		s := open(t, t.TempDir())
		id := commit(t, s, Batch{Texts: []Text{telling("+1", "x")}})[0]
		must(t, tt.before(s, id))
		if got := s.Recall(id); got != tt.want {
			t.Errorf("%s: recalled %v, want %v", name, got, tt.want)
		}
	}
}

func TestATextThatIsTakenBackIsSentNoMoreAndHoldsBackNobody(t *testing.T) {
	s := open(t, t.TempDir())
	ids := commit(t, s, Batch{Texts: []Text{telling("+1", "old"), telling("+1", "later"), text("+1", "an answer")}})
	must(t, s.Defer(ids[0], 1, Deferral{Until: time.Hour}))
	<-s.Wake()
	if !s.Recall(ids[0]) {
		t.Fatal("not recalled")
	}
	select {
	case <-s.Wake():
	default:
		t.Error("nobody is told that what it held back is due")
	}
	if x, ok := s.Next(0); !ok || x.Body != "later" {
		t.Errorf("yields %+v, want the one behind it", x)
	}
	if err := s.Begin(ids[0], 1, 1, "stick"); !errors.Is(err, ErrNoText) {
		t.Errorf("begun: %v, want no such text", err)
	}
	if got := s.WaitingTo("+1"); len(got) != 1 || got[0].Body != "later" || string(got[0].Tells) != "later" {
		t.Errorf("waiting: %+v, want the other that tells something", got)
	}
	s.Release(ids[0])
	if diff := cmp.Diff([]string{"old", "later", "an answer"}, bodies(s)); diff != "" {
		t.Errorf("released (-want +got):\n%s", diff)
	}
}

func TestWhatTakesATextsPlaceIsOnDiskTogetherWithItsEnd(t *testing.T) {
	s := open(t, t.TempDir())
	old := commit(t, s, Batch{Texts: []Text{telling("+1", "old")}})
	s.Recall(old[0])
	before := s.State().Commits
	commit(t, s, Batch{Recalled: old, Texts: []Text{telling("+1", "new")}, Records: []Record{{"told/1", []byte("new")}}})
	if st := s.State(); st.Commits != before+1 || st.Recalled != 1 || st.Dropped != 0 {
		t.Errorf("%d commits, %d recalled, %d dropped, want 1, 1, 0", st.Commits-before, st.Recalled, st.Dropped)
	}
	s = reopen(t, s)
	if diff := cmp.Diff([]string{"new"}, bodies(s)); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	if sent := s.Sent(); len(sent) != 0 {
		t.Errorf("%+v is kept as sent", sent)
	}
}

func TestABatchThatTakesThePlaceOfATextNotTakenBackIsRefused(t *testing.T) {
	s := open(t, t.TempDir())
	ids := commit(t, s, Batch{Texts: []Text{telling("+1", "old")}})
	if _, err := s.Commit(Batch{Recalled: ids, Texts: []Text{text("+1", "new")}}); !errors.Is(err, ErrNoText) {
		t.Errorf("got %v, want no such text", err)
	}
	if diff := cmp.Diff([]string{"old"}, bodies(s)); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

func TestAHeldBatchTakesThePlaceOfTextsAsWell(t *testing.T) {
	d := newFakeDisk()
	s := openFake(t, t.TempDir(), d)
	old := commit(t, s, Batch{Texts: []Text{telling("+1", "old")}})
	s.Recall(old[0])
	d.readOnly.Store(true)
	b := Batch{Recalled: old, Texts: []Text{telling("+1", "new")}}
	if _, err := s.Commit(b); !errors.Is(err, ErrReadOnly) {
		t.Fatalf("commit: %v", err)
	}
	_, err := s.Hold(b)
	must(t, err)
	if diff := cmp.Diff([]string{"new"}, bodies(s)); diff != "" {
		t.Errorf("in memory (-want +got):\n%s", diff)
	}
	d.readOnly.Store(false)
	must(t, s.Flush())
	must(t, s.Close())
	s = openFake(t, s.dir, d)
	defer s.Close()
	if diff := cmp.Diff([]string{"new"}, bodies(s)); diff != "" {
		t.Errorf("on disk (-want +got):\n%s", diff)
	}
}

func TestADatabaseOpenedAnewKeepsATextThatIsTakenBackUntilItsEndIsWritten(t *testing.T) {
	s := open(t, t.TempDir())
	old := commit(t, s, Batch{Texts: []Text{telling("+1", "old")}})
	s.Recall(old[0])
	s.write.Lock()
	s.fail(errors.New("input/output error"))
	s.retryAt = time.Time{}
	s.write.Unlock()
	commit(t, s, Batch{Records: []Record{{"told/1", []byte("x")}}})
	s = reopen(t, s)
	if diff := cmp.Diff([]string{"old"}, bodies(s)); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

func TestATextTakenBackIsThereAgainWhenTheAgentIsKilledBeforeItsEnd(t *testing.T) {
	canReexec(t)
	dir := t.TempDir()
	kill, _ := holding(t, dir, "recall")
	kill()
	if diff := cmp.Diff([]string{"held"}, bodies(open(t, dir))); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

func TestWhatATextTellsIsKeptUntilItsWriterKnowsThatItDidNotArrive(t *testing.T) {
	s := open(t, t.TempDir())
	ids := commit(t, s, Batch{Texts: []Text{telling("+1", "waits"), telling("+2", "dropped"), text("+3", "an answer")}})
	must(t, s.Drop(ids[1], time.Minute, "refused"))
	s = reopen(t, s)
	unsettled := func() (found []string) {
		s.Unsettled(func(x *Text, sent *Sent) {
			if sent == nil {
				found = append(found, string(x.Tells))
			} else {
				found = append(found, string(x.Tells)+": "+sent.Cause)
			}
		})
		return found
	}
	if diff := cmp.Diff([]string{"waits", "dropped: refused"}, unsettled()); diff != "" {
		t.Errorf("unsettled (-want +got):\n%s", diff)
	}
	commit(t, s, Batch{Unreached: append(ids, 1000)})
	s = reopen(t, s)
	if got := unsettled(); len(got) > 0 {
		t.Errorf("unsettled %v although that is known", got)
	}
	if got := s.WaitingTo("+1"); len(got) != 1 || !got[0].Unreached {
		t.Errorf("got %+v, want it to wait all the same", got)
	}
}

func TestTheLargestTextStaysOutOfTheValueLog(t *testing.T) {
	s := open(t, t.TempDir())
	x := text("+1", strings.Repeat("\x01", bodyMaxBytes)) // of which JSON makes six times as many
	x.Contact, x.Subject = strings.Repeat("\x01", bodyMaxBytes/2), strings.Repeat("\x01", bodyMaxBytes/2-len(x.To))
	x.Tells = make([]byte, TellsMaxBytes)
	id := commit(t, s, Batch{Texts: []Text{x}})[0]
	must(t, s.Begin(id, 1, 30, "stick"))
	must(t, s.Defer(id, 1, Deferral{Why: Silent, Cause: strings.Repeat("\x01", errorMaxBytes)}))
	if n, limit := len(encodeText(&s.Texts()[0])), badgerOptions(s.dir, s.log).ValueThreshold; n >= int(limit) {
		t.Errorf("the largest text takes %d bytes, which go into the value log", n)
	}
	x = text("+1", "x")
	x.Tells = make([]byte, TellsMaxBytes+1)
	if _, err := s.Commit(Batch{Texts: []Text{x}}); !errors.Is(err, ErrTooBig) {
		t.Errorf("got %v, want too much told", err)
	}
}
