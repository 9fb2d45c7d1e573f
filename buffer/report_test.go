package buffer

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// killed is what the next agent finds when this one is killed now.
func killed(t *testing.T, s *Store) *Store {
	t.Helper()
	dir := t.TempDir()
	atRest(t, s, func() { copyTree(t, s.dir, dir) })
	return open(t, dir)
}

// sendTo has a text of one part go to a modem.
func sendTo(t *testing.T, s *Store, to, modem string) uint64 {
	t.Helper()
	id := commit(t, s, Batch{Texts: []Text{text(to, "SMOKE")}})[0]
	must(t, s.Begin(id, 1, 1, modem))
	return id
}

// acceptedBy is a text that the network accepted from a modem.
func acceptedBy(t *testing.T, s *Store, to, modem string, mr uint8, at time.Duration) uint64 {
	t.Helper()
	id := sendTo(t, s, to, modem)
	must(t, s.Settle(id, 1, Receipt{modem, mr, at}))
	return id
}

func reportOf(modem string, mr uint8, f Fate, at time.Duration) Report {
	return Report{Fate: f, Status: uint8(f), Modem: modem, Reference: mr, At: at, Discharged: time.Unix(int64(at/time.Second), 0).UTC()}
}

// silentUntil is why a part is deferred that went out unanswered.
func silentUntil(at time.Duration) Deferral {
	return Deferral{Why: Silent, Until: at, Cause: "no answer"}
}

func is(number string) func(string) bool { return func(to string) bool { return to == number } }

func sentFate(t *testing.T, s *Store, id uint64, now time.Duration) Fate {
	t.Helper()
	for _, x := range s.Sent() {
		if x.ID == id {
			return x.Fate(now)
		}
	}
	t.Fatalf("text %d was not sent", id)
	return 0
}

func TestAReportIsAboutTheLastTextOfItsModemReferenceAndRecipient(t *testing.T) {
	s := open(t, t.TempDir())
	old := acceptedBy(t, s, "+1", "a", 7, time.Minute)
	acceptedBy(t, s, "+1", "b", 7, 2*time.Minute)
	acceptedBy(t, s, "+2", "a", 7, 3*time.Minute)
	young := acceptedBy(t, s, "+1", "a", 7, 4*time.Minute)
	for i, want := range []uint64{young, old} {
		about, err := s.Report(reportOf("a", 7, Delivered, time.Duration(5+i)*time.Minute), is("+1"))
		if err != nil || about.Text.ID != want || !about.News {
			t.Fatalf("report %d: got text %d, %v, want %d", i+1, about.Text.ID, err, want)
		}
	}
	if _, err := s.Report(reportOf("a", 7, Delivered, 7*time.Minute), is("+1")); !errors.Is(err, ErrNoText) {
		t.Errorf("a third: got %v, want that no text is known", err)
	}
	fates := map[Fate]int{}
	for _, x := range killed(t, s).Sent() {
		fates[x.Fate(time.Hour)]++
	}
	if diff := cmp.Diff(map[Fate]int{Delivered: 2, Pending: 2}, fates); diff != "" {
		t.Errorf("after a crash (-want +got):\n%s", diff)
	}
}

func TestAReportThatComesTwiceIsNoNewsAndWritesNothing(t *testing.T) {
	s := open(t, t.TempDir())
	acceptedBy(t, s, "+1", "a", 7, time.Minute)
	r := reportOf("a", 7, Failed, 2*time.Minute)
	if about, err := s.Report(r, is("+1")); err != nil || !about.News {
		t.Fatalf("first: %+v, %v", about, err)
	}
	s = killed(t, s) // before the modem had deleted it
	before := s.State().Commits
	r.At = 3 * time.Minute
	about, err := s.Report(r, is("+1"))
	if err != nil || about.News {
		t.Errorf("again: news %v, %v, want none", about.News, err)
	}
	if got := s.State(); got.Undelivered != 0 || got.Commits != before {
		t.Errorf("%d counted, %d commits; want none", got.Undelivered, got.Commits-before)
	}
}

func TestAReportMayOvertakeItsReceiptAlsoAcrossACrash(t *testing.T) {
	s := open(t, t.TempDir())
	id := sendTo(t, s, "+1", "a")
	if about, err := s.Report(reportOf("a", 7, Delivered, time.Minute), is("+1")); err != nil || about.Accepted {
		t.Fatalf("%+v, %v, want it kept until the modem has answered", about, err)
	}
	crashed := killed(t, s)
	if n := len(crashed.Texts()); n != 0 || sentFate(t, crashed, id, time.Hour) != Delivered {
		t.Errorf("%d texts wait after a crash, want the text known as delivered", n)
	}
	must(t, s.Settle(id, 1, Receipt{"a", 7, 2 * time.Minute}))
	if got := sentFate(t, s, id, time.Hour); got != Delivered {
		t.Errorf("once the receipt has come: %v, want delivered", got)
	}
}

func TestAReportThatCameEarlyUnderAnotherReferenceCountsForNothing(t *testing.T) {
	s := open(t, t.TempDir())
	id := sendTo(t, s, "+1", "a")
	if _, err := s.Report(reportOf("a", 7, Delivered, time.Minute), is("+1")); err != nil {
		t.Fatal(err)
	}
	must(t, s.Settle(id, 1, Receipt{"a", 8, 2 * time.Minute}))
	if got := sentFate(t, s, id, time.Hour); got != Pending {
		t.Errorf("got %v, want pending", got)
	}
}

func TestAPartThatWentOutUnansweredIsAcceptedOnceAReportSaysSo(t *testing.T) {
	s := open(t, t.TempDir())
	id := sendTo(t, s, "+1", "a")
	must(t, s.Defer(id, 1, silentUntil(time.Hour)))
	s = killed(t, s)
	about, err := s.Report(reportOf("a", 7, Pending, time.Minute), is("+1"))
	if err != nil || !about.Accepted || about.Text.ID != id {
		t.Fatalf("%+v, %v, want it accepted", about, err)
	}
	if err := s.Begin(id, 1, 1, "a"); !errors.Is(err, ErrAccepted) {
		t.Errorf("begun again: %v, want that it was accepted", err)
	}
	if err := s.Defer(id, 1, silentUntil(time.Hour)); err != nil {
		t.Errorf("what the courier still has to say of it: %v", err)
	}
	if _, err := s.Report(reportOf("a", 7, Delivered, 2*time.Minute), is("+1")); err != nil {
		t.Fatal(err)
	}
	if got := sentFate(t, killed(t, s), id, time.Hour); got != Delivered {
		t.Errorf("got %v, want delivered", got)
	}
}

func TestAReportThatMayBeAboutTwoUnansweredPartsIsAboutNone(t *testing.T) {
	s := open(t, t.TempDir())
	for range 2 {
		id := sendTo(t, s, "+1", "a")
		must(t, s.Defer(id, 1, silentUntil(time.Hour)))
	}
	if _, err := s.Report(reportOf("a", 7, Delivered, time.Minute), is("+1")); !errors.Is(err, ErrNoText) {
		t.Errorf("got %v, want that no text is known", err)
	}
	if _, err := s.Report(reportOf("b", 7, Delivered, time.Minute), is("+1")); !errors.Is(err, ErrNoText) {
		t.Errorf("through another modem: got %v", err)
	}
}

func TestAPartThatIsWithTheModemAgainIsNotDoubledByAReport(t *testing.T) {
	s := open(t, t.TempDir())
	id := sendTo(t, s, "+1", "a")
	must(t, s.Defer(id, 1, silentUntil(0)))
	must(t, s.Begin(id, 1, 1, "a"))
	if _, err := s.Report(reportOf("a", 7, Delivered, time.Minute), is("+1")); err != nil {
		t.Fatal(err)
	}
	must(t, s.Settle(id, 1, Receipt{"a", 8, 2 * time.Minute}))
	if got := sentFate(t, s, id, time.Hour); got != Delivered {
		t.Errorf("the first copy was delivered: got %v", got)
	}
}

func TestAGivenUpTextIsRememberedAndALateAnswerCorrectsIt(t *testing.T) {
	s := open(t, t.TempDir())
	id := sendTo(t, s, "+1", "a")
	must(t, s.Defer(id, 1, silentUntil(0)))
	must(t, s.Drop(id, time.Minute, "nobody knows"))
	s = killed(t, s)
	if x := s.Sent()[0]; x.Cause != "nobody knows" || x.Ended != time.Minute || x.Fate(time.Hour) != Failed {
		t.Errorf("got %+v, want it given up", x)
	}
	if err := s.Begin(id, 1, 1, "a"); !errors.Is(err, ErrNoText) {
		t.Errorf("begun: %v", err)
	}
	must(t, s.SettleLate(id, 1, Receipt{"a", 9, 2 * time.Minute}))
	if x := killed(t, s).Sent()[0]; x.Cause != "" || x.Fate(time.Hour) != Pending {
		t.Errorf("got %+v, want it accepted", x)
	}
}

func TestAPartThatWasRefusedLateMayGoOutAtOnce(t *testing.T) {
	s := open(t, t.TempDir())
	id := sendTo(t, s, "+1", "a")
	must(t, s.Defer(id, 1, silentUntil(time.Hour)))
	must(t, s.Refute(id, 1, time.Minute, "no carrier"))
	x, ok := killed(t, s).Next(time.Minute)
	if !ok || x.Parts[0].Silent != 0 || x.LastError != "no carrier" {
		t.Errorf("got %v %+v, want it due and no longer in doubt", ok, x)
	}
	must(t, s.Begin(id, 1, 1, "a"))
	must(t, s.Refute(id, 1, time.Minute, "no carrier"))
	must(t, s.Defer(id, 1, silentUntil(time.Hour))) // its own silence, told after
	if x := s.Texts()[0]; x.Parts[0].Silent != 0 {
		t.Errorf("%+v, want it no longer in doubt", x)
	}
}

func TestATextIsInTheQueueOrSentWheneverTheAgentIsKilled(t *testing.T) {
	s := open(t, t.TempDir())
	id := commit(t, s, Batch{Texts: []Text{text("+1", "long")}})[0]
	steps := []func() error{
		func() error { return s.Begin(id, 1, 2, "a") },
		func() error { return s.Settle(id, 1, receipt(1)) },
		func() error { return s.Begin(id, 2, 2, "a") },
		func() error { return s.Settle(id, 2, receipt(2)) },
		func() error { _, err := s.Report(reportOf("stick", 2, Delivered, time.Hour), is("+1")); return err },
	}
	for i, step := range steps {
		must(t, step())
		c := killed(t, s)
		if waits, sent := len(c.Texts()), len(c.Sent()); waits+sent != 1 || (sent == 1) != (i >= 3) {
			t.Errorf("after step %d: %d wait, %d are sent", i+1, waits, sent)
		}
	}
}

func TestLeavingTheQueueCostsNoTransactionOfItsOwn(t *testing.T) {
	s := open(t, t.TempDir())
	before := s.State().Commits
	for i := range sentMax + 10 {
		acceptedBy(t, s, "+1", "a", uint8(i), time.Duration(i)*time.Second)
	}
	if got := s.State().Commits - before; got != 3*(sentMax+10) {
		t.Errorf("%d transactions for %d texts, want three each: taken in, begun, settled", got, sentMax+10)
	}
	if got := len(killed(t, s).Sent()); got != sentMax {
		t.Errorf("%d are remembered, want %d", got, sentMax)
	}
}

// left is a text that left the queue at a time: pending unless a report of that
// fate has come.
func left(id uint64, at time.Duration, reported ...Fate) *Sent {
	p := Part{State: Accepted, At: at}
	for _, f := range reported {
		p.Report = &Report{Fate: f, At: at}
	}
	return &Sent{Text: Text{ID: id, Parts: []Part{p}}, Ended: at}
}

func TestWhatIsKnownOfSentTextsIsBoundedAndOpenOnesStayLongest(t *testing.T) {
	var h history
	open := left(1, time.Second)
	h.add(open)
	for i := range sentMax {
		gone := h.add(left(uint64(i+2), time.Duration(i)*time.Second, Delivered))
		if i == sentMax-1 && (len(gone) != 1 || gone[0].ID != 2) {
			t.Errorf("gone: %+v, want the oldest of which all is known", gone)
		}
	}
	if !slices.Contains(h.texts, open) {
		t.Error("the text whose report may still come is gone")
	}
	gone := h.add(&Sent{Text: Text{ID: 999}, Ended: sentAge + time.Hour})
	if len(gone) != sentMax || len(h.texts) != 1 {
		t.Errorf("%d gone, %d left after a week; want only the last left", len(gone), len(h.texts))
	}
}

func TestATextThatFailedIsRememberedAsLongAsThoseThatArePending(t *testing.T) {
	for name, lost := range map[string]*Sent{
		"given up":    {Text: Text{ID: sentMax}, Ended: sentMax * time.Second, Cause: "nobody knows"},
		"undelivered": left(sentMax, sentMax*time.Second, Failed),
	} {
		var h history
		pending := func(from, to int) {
			for i := from; i < to; i++ {
				h.add(left(uint64(i), time.Duration(i)*time.Second))
			}
		}
		pending(0, sentMax)
		h.add(lost)
		pending(sentMax+1, 2*sentMax)
		if !slices.Contains(h.texts, lost) {
			t.Errorf("%s: gone before pending ones that are older", name)
		}
		pending(2*sentMax, 2*sentMax+1)
		if slices.Contains(h.texts, lost) {
			t.Errorf("%s: still there after %d later ones", name, sentMax)
		}
	}
}

func TestTheFateOfATextIsThatOfItsWorstPart(t *testing.T) {
	part := func(f Fate) Part {
		p := Part{State: Accepted, At: time.Hour}
		if f != Pending {
			p.Report = &Report{Fate: f}
		}
		return p
	}
	for _, tt := range []struct {
		parts []Fate
		now   time.Duration
		want  Fate
	}{
		{[]Fate{Delivered, Delivered}, time.Hour, Delivered},
		{[]Fate{Delivered, Pending}, time.Hour, Pending},
		{[]Fate{Unconfirmed, Delivered}, time.Hour, Unconfirmed},
		{[]Fate{Unconfirmed, Pending}, time.Hour, Pending},
		{[]Fate{Pending, Failed, Delivered}, time.Hour, Failed},
		{[]Fate{Pending}, time.Hour + ReportMax, Pending},
		{[]Fate{Pending}, time.Hour + ReportMax + 1, Unconfirmed},
	} {
		var x Sent
		for _, f := range tt.parts {
			x.Parts = append(x.Parts, part(f))
		}
		if got := x.Fate(tt.now); got != tt.want {
			t.Errorf("%v at %v: got %v, want %v", tt.parts, tt.now, got, tt.want)
		}
	}
}

func TestATextThatDamageBringsBackIsNotSentWhenItIsKnownToBe(t *testing.T) {
	entries := map[string]entry{}
	for i, key := range []string{textKind.key(5), sentKind.key(5), textKind.key(6)} {
		entries[key] = entry{key: key, value: []byte{1, '{', '}'}, version: uint64(i)}
	}
	r := remains{listed: entries, all: entries}
	got := slices.Sorted(maps.Keys(r.living(census{Sequence: 9, Counts: map[string]int{"text": 9, "sent": 9}})))
	if want := fmt.Sprint([]string{sentKind.key(5), textKind.key(6)}); fmt.Sprint(got) != want {
		t.Errorf("living: %v, want %v", got, want)
	}
}
