package buffer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// wantNext is the selection as it is promised, written as plainly as possible.
func wantNext(texts []Text, now time.Duration) (Text, bool) {
	var due []Text
	for _, x := range texts {
		held := slices.ContainsFunc(texts, func(other Text) bool {
			before := cmp.Or(cmp.Compare(other.Urgency, x.Urgency), cmp.Compare(other.ID, x.ID)) < 0
			return other.To == x.To && before && !other.expired(now)
		})
		if !held && !x.expired(now) && !x.inFlight() && x.NotBefore <= now {
			due = append(due, x)
		}
	}
	if len(due) == 0 {
		return Text{}, false
	}
	return slices.MinFunc(due, func(a, b Text) int {
		return cmp.Or(cmp.Compare(a.Urgency, b.Urgency), cmp.Compare(a.ID, b.ID))
	}), true
}

func genText(t *rapid.T, id uint64) Text {
	x := Text{
		ID: id, To: rapid.SampledFrom([]string{"+1", "+2", "+3"}).Draw(t, "to"),
		Urgency:   uint8(rapid.IntRange(0, 2).Draw(t, "urgency")),
		NotBefore: time.Duration(rapid.IntRange(0, 5).Draw(t, "not before")),
		Expires:   time.Duration(rapid.IntRange(0, 8).Draw(t, "expires")),
	}
	if rapid.IntRange(0, 5).Draw(t, "begun") == 0 {
		x.Parts = []Part{{State: PartState(rapid.IntRange(0, 1).Draw(t, "state"))}}
	}
	return x
}

func TestTheQueueYieldsWhatItPromises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newQueue(100)
		now := time.Duration(rapid.IntRange(0, 8).Draw(t, "now"))
		texts := make(map[uint64]Text)
		for range rapid.IntRange(0, 30).Draw(t, "operations") {
			id := uint64(rapid.IntRange(1, 12).Draw(t, "id"))
			if rapid.Bool().Draw(t, "remove") {
				q.remove(id)
				delete(texts, id)
			} else if _, there := texts[id]; !there {
				x := genText(t, id)
				texts[id] = x
				q.add(&x)
			}
		}
		checkQueue(t, &q, texts, now)
	})
}

func checkQueue(t *rapid.T, q *queue, texts map[uint64]Text, now time.Duration) {
	var all []Text
	bytes, lowest := 0, uint64(0)
	for id, x := range texts {
		all = append(all, x)
		bytes += x.size()
		if lowest == 0 || id < lowest {
			lowest = id
		}
	}
	want, ok := wantNext(all, now)
	got := q.next(now, nil)
	if (got != nil) != ok || ok && got.ID != want.ID {
		t.Errorf("next: got %+v, want %+v, %v", got, want, ok)
	}
	if id, any := q.lowest(); id != lowest || any != (len(all) > 0) || q.bytes != bytes || q.len() != len(all) {
		t.Errorf("lowest %d, %v, %d bytes, %d texts, want %d, %d, %d", id, any, q.bytes, q.len(), lowest, bytes, len(all))
	}
	checkDue(t, q, all, now)
}

// checkDue holds nextDue to its word: nothing becomes due or expires before it,
// and something does at it.
func checkDue(t *rapid.T, q *queue, all []Text, now time.Duration) {
	due, ok := q.nextDue(now)
	happens := func(at time.Duration) bool {
		_, yields := wantNext(all, at)
		return yields || len(q.expired(at)) > 0
	}
	for at := now; at < now+20; at++ {
		if ok && at >= due {
			break
		}
		if happens(at) {
			t.Errorf("something is due at %d, nextDue at %d says %d, %v", at, now, due, ok)
		}
	}
	if ok && !happens(due) {
		t.Errorf("nothing is due at %d", due)
	}
}

func TestATextThatIsDeferredDelaysNobodyElse(t *testing.T) {
	s := open(t, t.TempDir())
	a, b, c := text("+1", "first to alice"), text("+1", "second to alice"), text("+2", "to bob")
	ids := commit(t, s, Batch{Texts: []Text{a, b, c}})
	begin(t, s, ids[0], 1, 1)
	must(t, s.Defer(ids[0], 1, Deferral{Why: Refused, Until: time.Minute, Cause: "no carrier"}))
	if x, _ := s.Next(0); x.ID != ids[2] {
		t.Errorf("yields %q, want %q", x.Body, c.Body)
	}
	if n := s.Backlog(0); n != 2 {
		t.Errorf("%d texts wait for a modem, want the one to bob and the second to alice", n)
	}
	if x, ok := s.Next(0, "+2"); ok {
		t.Errorf("yields %q, want nothing that is not to bob", x.Body)
	}
	must(t, s.Drop(ids[2], 0, "test"))
	if x, ok := s.Next(0); ok {
		t.Errorf("yields %q before its predecessor", x.Body)
	}
	if due, ok := s.NextDue(0); !ok || due != time.Minute {
		t.Errorf("next due at %s, %v, want 1m", due, ok)
	}
	urgent := text("+1", "fire")
	urgent.Urgency = 0
	commit(t, s, Batch{Texts: []Text{urgent}})
	if x, _ := s.Next(0); x.Body != "fire" {
		t.Errorf("yields %q, want what is more urgent", x.Body)
	}
	if x, _ := s.Next(time.Minute); x.Body != "fire" {
		t.Errorf("yields %q, want what is more urgent", x.Body)
	}
}

func TestATextIsStruckOffWithItsLastPart(t *testing.T) {
	s := open(t, t.TempDir())
	id := commit(t, s, Batch{Texts: []Text{text("+1", "long")}})[0]
	begin(t, s, id, 1, 2)
	if _, ok := s.Next(0); ok {
		t.Error("yields a text that is at the modem")
	}
	must(t, s.Settle(id, 1, receipt(200)))
	s = reopen(t, s)
	x, ok := s.Next(0)
	if !ok || x.Parts[0] != (Part{State: Accepted, Modem: "stick", Reference: 200, At: time.Minute}) || x.Parts[1].State != Waiting {
		t.Errorf("after the first part: %+v", x)
	}
	begin(t, s, id, 2, 2)
	must(t, s.Defer(id, 2, Deferral{Why: Silent, Cause: "no answer"}))
	x, _ = s.Next(0)
	if x.Attempts != 1 || x.Parts[1].Silent != 1 || x.LastError != "no answer" {
		t.Errorf("after silence: %+v", x)
	}
	begin(t, s, id, 2, 2)
	must(t, s.Settle(id, 2, receipt(201)))
	if st := s.State(); st.Texts != 0 || st.Accepted != 1 {
		t.Errorf("state %+v", st)
	}
	if s = reopen(t, s); len(s.Texts()) != 0 {
		t.Errorf("back on disk: %v", bodies(s))
	}
	if sent := s.Sent(); len(sent) != 1 || sent[0].Body != "long" || sent[0].Ended != time.Minute || sent[0].Parts[1].Reference != 201 {
		t.Errorf("sent %+v, want the text with its references", sent)
	}
}

func TestRefusalsOfOneCodeInARowAreCounted(t *testing.T) {
	s := open(t, t.TempDir())
	id := commit(t, s, Batch{Texts: []Text{text("+1", "x")}})[0]
	for _, step := range []struct {
		d                        Deferral
		code, refusals, attempts int
	}{
		{Deferral{Why: Refused, Code: 38}, 38, 1, 1},
		{Deferral{Why: Refused, Code: 38}, 38, 2, 2},
		{Deferral{Why: NotSent}, 38, 2, 2},
		{Deferral{Why: Refused, Code: 331, Free: true}, 331, 1, 2},
		{Deferral{Why: Refused, Code: 38, Alter: 1}, 38, 1, 3},
		{Deferral{Why: Silent, Rang: true}, 0, 0, 4},
		{Deferral{Why: Refused, Alter: 4}, 0, 1, 5},
	} {
		begin(t, s, id, 1, 2)
		must(t, s.Defer(id, 1, step.d))
		if x, _ := s.Next(0); x.Code != step.code || x.Refusals != step.refusals || x.Attempts != step.attempts {
			t.Errorf("after %+v: code %d, %d refusals, %d attempts", step.d, x.Code, x.Refusals, x.Attempts)
		}
	}
	s = reopen(t, s)
	if x, _ := s.Next(0); x.Refusals != 1 || x.Alter != 5 || !x.Rang {
		t.Errorf("back on disk: %+v", x)
	}
}

func TestTheNumberOfPartsMayChangeUntilOneIsAccepted(t *testing.T) {
	s := open(t, t.TempDir())
	id := commit(t, s, Batch{Texts: []Text{text("+1", "x")}})[0]
	begin(t, s, id, 2, 3)
	must(t, s.Defer(id, 2, Deferral{Why: Silent}))
	begin(t, s, id, 1, 2)
	x := s.Texts()[0]
	if len(x.Parts) != 2 || x.Parts[0].Silent != 1 {
		t.Errorf("%+v, want two parts, and that one may be out", x.Parts)
	}
	must(t, s.Settle(id, 1, receipt(1)))
	if err := s.Begin(id, 2, 3, "stick"); err == nil {
		t.Error("three parts after one of two was accepted")
	}
}

func TestAStepThatCannotBeIsRefused(t *testing.T) {
	s := open(t, t.TempDir())
	id := commit(t, s, Batch{Texts: []Text{text("+1", "x")}})[0]
	for name, err := range map[string]error{
		"settle before begin": s.Settle(id, 1, receipt(1)),
		"silent before begin": s.Defer(id, 1, Deferral{Why: Silent}),
		"part 0":              s.Begin(id, 0, 1, "stick"),
		"part 3 of 2":         s.Begin(id, 3, 2, "stick"),
		"no parts":            s.Begin(id, 1, 0, "stick"),
	} {
		if err == nil || Remembered(err) {
			t.Errorf("%s: got %v, want an error", name, err)
		}
	}
	if got := s.Texts()[0]; len(got.Parts) != 0 {
		t.Errorf("a refused step left %+v", got)
	}
	begin(t, s, id, 1, 2)
	must(t, s.Settle(id, 1, receipt(1)))
	if err := s.Begin(id, 1, 2, "stick"); err == nil {
		t.Error("an accepted part is begun again")
	}
	if err := s.Begin(id+1, 1, 1, "stick"); !errors.Is(err, ErrNoText) {
		t.Errorf("no text: %v", err)
	}
}

func TestAPartThatWasNotSentCostsNoAttempt(t *testing.T) {
	s := open(t, t.TempDir())
	id := commit(t, s, Batch{Texts: []Text{text("+1", "x")}})[0]
	must(t, s.Defer(id, 1, Deferral{Why: NotSent, Until: time.Minute, Cause: "modem is gone"}))
	begin(t, s, id, 1, 1)
	must(t, s.Defer(id, 1, Deferral{Why: NotSent, Until: time.Minute, Cause: "modem is gone"}))
	if x := s.Texts()[0]; x.Attempts != 0 || x.Parts[0].State != Waiting || x.NotBefore != time.Minute {
		t.Errorf("got %+v", x)
	}
}

func TestExpiredTextsAreReturnedOnceAndCounted(t *testing.T) {
	s := open(t, t.TempDir())
	old, young, flying := text("+1", "old"), text("+1", "young"), text("+2", "flying")
	old.Expires, young.Expires, flying.Expires = time.Minute, time.Hour, time.Minute
	ids := commit(t, s, Batch{Texts: []Text{old, young, flying}})
	begin(t, s, ids[2], 1, 1)
	if x, _ := s.Next(time.Minute); x.Body != "young" {
		t.Errorf("yields %q, want the one behind what has expired", x.Body)
	}
	gone, err := s.Expire(time.Minute)
	if err != nil || len(gone) != 1 || gone[0].Body != "old" {
		t.Errorf("got %v, %v, want old", gone, err)
	}
	if again, err := s.Expire(time.Minute); len(again) > 0 || err != nil {
		t.Errorf("again: %v, %v", again, err)
	}
	if st := s.State(); st.Expired != 1 {
		t.Errorf("%d counted", st.Expired)
	}
	must(t, s.Defer(ids[2], 1, Deferral{Why: Silent}))
	if gone, _ := s.Expire(time.Minute); len(gone) != 1 {
		t.Errorf("after its answer: %v", gone)
	}
}

func TestAFullQueueTakesOnlyTheMostUrgentAndOnlySomeOfThem(t *testing.T) {
	s, _, err := Open(t.TempDir(), Options{TextsMax: 20})
	must(t, err)
	defer s.Close()
	for i := range 20 {
		commit(t, s, Batch{Texts: []Text{text("+1", fmt.Sprint(i))}})
	}
	before := s.State().Commits
	if _, err := s.Commit(Batch{Texts: []Text{text("+1", "x")}, Records: []Record{{"alert/a", []byte("1")}}}); !errors.Is(err, ErrQueueFull) {
		t.Errorf("got %v, want %v", err, ErrQueueFull)
	}
	if len(records(s, "")) > 0 || s.State().Commits != before || s.State().QueueFull != 1 {
		t.Errorf("a refused batch left something, or was not counted: %+v", s.State())
	}
	urgent := text("+1", "fire")
	urgent.Urgency = 0
	for range 2 {
		commit(t, s, Batch{Texts: []Text{urgent}})
	}
	if _, err := s.Commit(Batch{Texts: []Text{urgent}}); !errors.Is(err, ErrQueueFull) {
		t.Errorf("beyond the headroom: got %v, want %v", err, ErrQueueFull)
	}
	commit(t, s, Batch{Records: []Record{{"alert/a", []byte("1")}}})
}

func TestWakeIsSignalledWhenSomethingMayBeDue(t *testing.T) {
	s := open(t, t.TempDir())
	woken := func() bool {
		select {
		case <-s.Wake():
			return true
		default:
			return false
		}
	}
	commit(t, s, Batch{Records: []Record{{"alert/a", []byte("1")}}})
	if woken() {
		t.Error("by a record")
	}
	ids := commit(t, s, Batch{Texts: []Text{text("+1", "a"), text("+1", "b")}})
	if !woken() || woken() {
		t.Error("not exactly once by two texts")
	}
	begin(t, s, ids[0], 1, 1)
	woken()
	must(t, s.Settle(ids[0], 1, receipt(1)))
	if !woken() {
		t.Error("not by a recipient who is free again")
	}
}
