package buffer

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAHeldBatchGoesOutFromMemoryAndIsWrittenBeforeAnythingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newFakeDisk()
		s := openFake(t, t.TempDir(), d)
		d.readOnly.Store(true)
		b := Batch{Records: []Record{{"alert/a", []byte("firing")}}, Texts: []Text{text("+1", "held"), text("+2", "sent")}}
		if _, err := s.Commit(b); !errors.Is(err, ErrReadOnly) {
			t.Fatalf("commit: %v", err)
		}
		ids, err := s.Hold(b)
		must(t, err)
		if x, ok := s.Next(0); !ok || x.Body != "held" {
			t.Errorf("yields %+v, want the held text", x)
		}
		if err := errors.Join(s.Begin(ids[1], 1, 1, "stick"), s.Settle(ids[1], 1, receipt(5))); !Remembered(err) {
			t.Errorf("sent from memory: %v", err)
		}
		if err := s.Flush(); !errors.Is(err, ErrReadOnly) {
			t.Errorf("flush: %v", err)
		}
		d.readOnly.Store(false)
		commit(t, s, Batch{Records: []Record{{"alert/a", []byte("clear")}}})
		must(t, s.Flush())
		must(t, s.Close())
		s = openFake(t, s.dir, d)
		if diff := cmp.Diff([]string{"held"}, bodies(s)); diff != "" {
			t.Errorf("texts (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]string{"alert/a": "clear"}, records(s, "")); diff != "" {
			t.Errorf("records: the later commit counts (-want +got):\n%s", diff)
		}
		must(t, s.Close())
	})
}

func TestABatchThatFailedAndIsThenHeldIsOnDiskOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := open(t, t.TempDir())
		b := Batch{Records: []Record{{"alert/a", []byte("firing")}}, Texts: []Text{text("+1", "x")}}
		failLanded(t, s, b)
		_, err := s.Hold(b)
		must(t, err)
		time.Sleep(backoffFirst)
		must(t, s.Flush())
		s = reopen(t, s)
		if diff := cmp.Diff([]string{"x"}, bodies(s)); diff != "" {
			t.Errorf("texts (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]string{"alert/a": "firing"}, records(s, "")); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
		must(t, s.Close())
	})
}

func TestWhatIsHeldIsBoundedAndWrittenByCloseIfItCan(t *testing.T) {
	d := newFakeDisk()
	s := openFake(t, t.TempDir(), d)
	d.readOnly.Store(true)
	var err error
	n := 0
	for ; err == nil; n++ {
		_, err = s.Hold(Batch{Records: []Record{{"series/" + string(rune('a'+n)), make([]byte, recordMaxBytes)}}})
	}
	if !errors.Is(err, ErrTooBig) || n < 80 {
		t.Errorf("%d batches, then %v", n, err)
	}
	d.readOnly.Store(false)
	must(t, s.Close())
	s = openFake(t, s.dir, d)
	defer s.Close()
	if got := len(records(s, "")); got != n-1 {
		t.Errorf("%d records, want %d", got, n-1)
	}
}
