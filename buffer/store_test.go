package buffer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/google/go-cmp/cmp"
)

func TestABatchSurvivesClosing(t *testing.T) {
	s := open(t, t.TempDir())
	want := text("+353871234567", "freezer 3 is warm")
	want.Expires, want.NotBefore, want.Reference = time.Hour, time.Minute, 77
	ids := commit(t, s, Batch{
		Records: []Record{{"alert/door", []byte("firing")}, {"told/alice", []byte{}}},
		Texts:   []Text{want},
	})
	s = reopen(t, s)
	want.ID = ids[0]
	if diff := cmp.Diff([]Text{want}, s.Texts()); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"alert/door": "firing"}, records(s, "alert/")); diff != "" {
		t.Errorf("alert/ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"told/alice": ""}, records(s, "told/")); diff != "" {
		t.Errorf("told/: an empty value is not a deletion (-want +got):\n%s", diff)
	}
}

func TestANilValueDeletes(t *testing.T) {
	s := open(t, t.TempDir())
	commit(t, s, Batch{Records: []Record{{"alert/a", []byte("1")}, {"alert/b", []byte("2")}}})
	commit(t, s, Batch{Records: []Record{{Key: "alert/a"}}})
	for range 2 {
		if diff := cmp.Diff(map[string]string{"alert/b": "2"}, records(s, "")); diff != "" {
			t.Errorf("records (-want +got):\n%s", diff)
		}
		s = reopen(t, s)
	}
}

func TestOfTwoRecordsWithOneKeyTheLaterCounts(t *testing.T) {
	s := open(t, t.TempDir())
	commit(t, s, Batch{Records: []Record{{"alert/a", []byte("1")}, {"alert/a", []byte("2")}, {"alert/b", []byte("3")}, {Key: "alert/b"}}})
	s = reopen(t, s)
	if diff := cmp.Diff(map[string]string{"alert/a": "2"}, records(s, "")); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestIDsAscendAcrossRestartsAndAreNeverUsedAgain(t *testing.T) {
	s := open(t, t.TempDir())
	last := uint64(0)
	for range 5 {
		for _, id := range commit(t, s, Batch{Texts: []Text{text("+1", "a"), text("+1", "b")}}) {
			if id <= last {
				t.Errorf("text %d after %d", id, last)
			}
			last = id
			if err := s.Drop(id, 0, "test"); err != nil {
				t.Fatal(err)
			}
		}
		s = reopen(t, s)
	}
}

func TestWhatCanNeverBeStoredIsRefusedInWords(t *testing.T) {
	s := open(t, t.TempDir())
	long := strings.Repeat("x", 64<<10)
	var many []Record
	for i := range 100 {
		many = append(many, Record{fmt.Sprintf("series/%d", i), []byte(long[:recordMaxBytes])})
	}
	for _, tt := range []struct {
		name   string
		batch  Batch
		tooBig bool
	}{
		{"a value too long", Batch{Records: []Record{{"alert/a", []byte(long)}}}, true},
		{"a key too long", Batch{Records: []Record{{"alert/" + long, []byte("1")}}}, true},
		{"a body too long", Batch{Texts: []Text{text("+1", long)}}, true},
		{"a subject too long", Batch{Texts: []Text{{To: "+1", Subject: long}}}, true},
		{"a batch too large", Batch{Records: many}, true},
		{"a prefix nobody knows", Batch{Records: []Record{{"alerts/a", []byte("1")}}}, false},
		{"a text as a record", Batch{Records: []Record{{"text/0000000000000001", []byte("1")}}}, false},
		{"a text to nobody", Batch{Texts: []Text{{Body: "hello"}}}, false},
	} {
		_, err := s.Commit(tt.batch)
		if err == nil || errors.Is(err, ErrTooBig) != tt.tooBig {
			t.Errorf("%s: got %v, want an error, too big %v", tt.name, err, tt.tooBig)
		}
		if err != nil && len(err.Error()) > 200 {
			t.Errorf("%s: error of %d bytes", tt.name, len(err.Error()))
		}
	}
	if n := s.State().Commits; n != 0 {
		t.Errorf("%d commits, want 0", n)
	}
}

func TestTransactionsAtOurBoundsFitIntoBadgers(t *testing.T) {
	s := open(t, t.TempDir())
	var many, large []op
	for i := range txnMaxOps {
		many = append(many, op{fmt.Sprintf("series/%04d", i), []byte("1x")})
	}
	for i := range 10 {
		large = append(large, op{fmt.Sprintf("told/%d%s", i, strings.Repeat("k", keyMaxBytes-10)), make([]byte, 4900)})
	}
	large = append(large, op{"told/last", make([]byte, txnMaxBytes-cost(large)-opExtraBytes-len("told/last"))})
	for _, ops := range [][]op{many, large} {
		if n := len(split(ops)); n != 1 {
			t.Fatalf("%d transactions, want 1", n)
		}
		if _, err := transact(s, ops); err != nil {
			t.Error(err)
		}
	}
	if err := s.db.Update(func(txn *badger.Txn) error {
		for i := range 900 {
			if err := txn.Set([]byte(fmt.Sprint(i)), nil); err != nil {
				return err
			}
		}
		return nil
	}); !errors.Is(err, badger.ErrTxnTooBig) {
		t.Errorf("900 keys: %v; Badger's limit has moved, so may ours", err)
	}
}

// transact writes ops as the store itself would.
func transact(s *Store, ops []op) ([]op, error) {
	s.write.Lock()
	defer s.write.Unlock()
	return s.transact(ops)
}

func cost(ops []op) (sum int) {
	for _, o := range ops {
		sum += len(o.key) + len(o.value) + opExtraBytes
	}
	return sum
}

func TestABatchLargerThanATransactionIsStillOneDecision(t *testing.T) {
	s := open(t, t.TempDir())
	b := largeBatch(3000)
	ids := commit(t, s, b)
	if len(ids) != len(b.Texts) {
		t.Fatalf("%d IDs for %d texts", len(ids), len(b.Texts))
	}
	for range 2 {
		if got := len(records(s, "series/")); got != 3000 {
			t.Errorf("%d records, want 3000", got)
		}
		if got := len(s.Texts()); got != len(b.Texts) {
			t.Errorf("%d texts, want %d", got, len(b.Texts))
		}
		if left := ownKeys(t, s); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		s = reopen(t, s)
	}
}

func largeBatch(n int) (b Batch) {
	for i := range n {
		b.Records = append(b.Records, Record{fmt.Sprintf("series/%05d", i), []byte(strings.Repeat("v", 100))})
	}
	for i := range 200 {
		b.Texts = append(b.Texts, text("+1", fmt.Sprint(i)))
	}
	return b
}

// ownKeys are the store's own keys beside the census.
func ownKeys(t *testing.T, s *Store) (found []string) {
	t.Helper()
	if err := forEach(s.db, ownPrefix, func(key string, _ []byte) error {
		if key != censusKey {
			found = append(found, key)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAStagedBatchIsCarriedOutAtTheNextStartOnlyWhenItWasComplete(t *testing.T) {
	for _, complete := range []bool{true, false} {
		s := open(t, t.TempDir())
		commit(t, s, Batch{Records: []Record{{"alert/a", []byte("before")}}})
		one := text("+1", "staged")
		one.ID = 900
		ops := append(putTexts([]*Text{&one}), op{key: "alert/a"}, op{"alert/b", kinds[4].wrap([]byte("after"))})
		for _, p := range pieces(ops) {
			if _, err := transact(s, []op{p}); err != nil {
				t.Fatal(err)
			}
		}
		if complete {
			if _, err := transact(s, []op{{stagedKey, []byte{pieceVersion}}}); err != nil {
				t.Fatal(err)
			}
		}
		s = reopen(t, s)
		want, wantTexts := map[string]string{"alert/a": "before"}, []string(nil)
		if complete {
			want, wantTexts = map[string]string{"alert/b": "after"}, []string{"staged"}
		}
		if diff := cmp.Diff(want, records(s, "")); diff != "" {
			t.Errorf("complete %v: records (-want +got):\n%s", complete, diff)
		}
		if diff := cmp.Diff(wantTexts, bodies(s)); diff != "" {
			t.Errorf("complete %v: texts (-want +got):\n%s", complete, diff)
		}
		if left := ownKeys(t, s); len(left) > 0 {
			t.Errorf("complete %v: left behind: %v", complete, left)
		}
		if complete {
			if ids := commit(t, s, Batch{Texts: []Text{text("+1", "next")}}); ids[0] <= 900 {
				t.Errorf("ID %d was given out before", ids[0])
			}
		}
	}
}

func TestWhatChangesNothingWritesNothing(t *testing.T) {
	s := open(t, t.TempDir())
	b := Batch{Records: []Record{{"alert/a", []byte("1")}}}
	commit(t, s, b)
	ids := commit(t, s, Batch{Texts: []Text{text("+1", "x")}})
	begin(t, s, ids[0], 1, 1)
	commits, before := s.State().Commits, snapshot(t, s.dir)
	commit(t, s, b)
	commit(t, s, Batch{})
	commit(t, s, Batch{Records: []Record{{Key: "alert/never"}}})
	begin(t, s, ids[0], 1, 1)
	records(s, "")
	s.Next(0)
	s.State()
	if got := s.State().Commits; got != commits {
		t.Errorf("%d commits, want %d", got, commits)
	}
	if diff := cmp.Diff(before, snapshot(t, s.dir)); diff != "" {
		t.Errorf("files (-before +after):\n%s", diff)
	}
}

func begin(t testing.TB, s *Store, id uint64, part, parts int) {
	t.Helper()
	if err := s.Begin(id, part, parts, "stick"); err != nil {
		t.Fatal(err)
	}
}

// snapshot is every file with its size and when it was written to.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	if err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		fi, err := d.Info()
		if err != nil {
			return err
		}
		files[path] = fmt.Sprint(fi.Size(), fi.ModTime(), allocated(path))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return files
}

func TestAValueOfANewerReleaseIsLeftAloneAndReported(t *testing.T) {
	s := open(t, t.TempDir())
	commit(t, s, Batch{Records: []Record{{"alert/a", []byte("1")}}, Texts: []Text{text("+1", "x")}})
	newer := []op{{"alert/new", []byte{2, 'n'}}, {"novel/kind", []byte{1, 'n'}}, {textKind.key(50), []byte("\x02{}")}, {textKind.key(51), []byte("\x01{")}}
	if _, err := transact(s, newer); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, r, err := Open(s.dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if diff := cmp.Diff(map[string]int{"alert": 1, "novel": 1, "text": 2}, r.Unreadable); diff != "" || !r.empty() {
		t.Errorf("recovery %v, unreadable (-want +got):\n%s", r, diff)
	}
	if diff := cmp.Diff(map[string]string{"alert/a": "1"}, records(s, "")); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	left := 0
	if err := s.each("", func(key string, value []byte) error {
		if slices.ContainsFunc(newer, func(o op) bool { return o.key == key && same(o.value, value) }) {
			left++
		}
		return nil
	}); err != nil || left != len(newer) {
		t.Errorf("%d of %d are still there (%v)", left, len(newer), err)
	}
}

func TestATextIsStoredAsPeopleCanRead(t *testing.T) {
	x := text("+353871234567", "freezer 3 is at -9 °C")
	x.ID, x.Parts = 7, []Part{{State: Accepted, Reference: 9}, {State: Waiting, Silent: 1}}
	got := string(encodeText(&x))
	want := "\x01" + `{"to":"+353871234567","contact":"alice","body":"freezer 3 is at -9 °C","urgency":1,` +
		`"subject":"alert/door","created":1000000000,"parts":[{"state":2,"reference":9},{"state":0,"silent":1}]}`
	if got != want {
		t.Errorf("this form is on people's flash and must stay:\n got %q\nwant %q", got, want)
	}
	back, err := decodeText(textKind.key(7), []byte(want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&x, back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestASentTextIsStoredAsPeopleCanRead(t *testing.T) {
	x := Sent{Text: text("+353871234567", "SMOKE"), Ended: 3 * time.Second}
	x.ID, x.Call, x.Rang, x.Flash, x.Alter = 7, true, true, true, 5
	x.Parts = []Part{{State: Accepted, Modem: "stick", Reference: 9, At: 3 * time.Second, Report: &Report{
		Fate: Delivered, Modem: "stick", Reference: 9, At: 5 * time.Second,
		Submitted: time.Unix(1e9, 0).UTC(), Discharged: time.Unix(1e9+2, 0).UTC(),
	}}}
	got := string(encodeSent(&x))
	want := "\x01" + `{"to":"+353871234567","contact":"alice","body":"SMOKE","urgency":1,"subject":"alert/door","created":1000000000,` +
		`"call":true,"rang":true,"flash":true,"alter":5,` +
		`"parts":[{"state":2,"modem":"stick","reference":9,"at":3000000000,"report":{"fate":1,"status":0,"modem":"stick","reference":9,` +
		`"at":5000000000,"submitted":"2001-09-09T01:46:40Z","discharged":"2001-09-09T01:46:42Z"}}],"ended":3000000000}`
	if got != want {
		t.Errorf("this form is on people's flash and must stay:\n got %q\nwant %q", got, want)
	}
	back, err := decodeSent(sentKind.key(7), []byte(want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&x, back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestAfterCloseNothingIsTaken(t *testing.T) {
	s := open(t, t.TempDir())
	ids := commit(t, s, Batch{Texts: []Text{text("+1", "x")}})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := s.Commit(Batch{Records: []Record{{"alert/a", []byte("1")}}})
	_, expireErr := s.Expire(0)
	for name, err := range map[string]error{
		"Commit": err, "Begin": s.Begin(ids[0], 1, 1, "stick"), "Drop": s.Drop(ids[0], 0, ""), "Expire": expireErr, "Close": s.Close(),
	} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%s: got %v, want %v", name, err, ErrClosed)
		}
	}
}
