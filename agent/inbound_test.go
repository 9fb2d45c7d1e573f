package agent

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
)

// A postbox is an inbox with a store of its own, and what it tells.
type postbox struct {
	*inbox
	t   *testing.T
	dir string
	now time.Duration // on the timeline

	telling sync.Mutex
	told    []string
}

func newPostbox(t *testing.T) *postbox {
	return (&postbox{t: t, dir: t.TempDir()}).open()
}

func (p *postbox) open() *postbox {
	p.t.Helper()
	s, r, err := buffer.Open(p.dir, buffer.Options{})
	if err != nil || r.Cause != "" {
		p.t.Fatal(err, r)
	}
	p.t.Cleanup(func() { s.Close() })
	tell := func(format string, args ...any) {
		p.telling.Lock()
		defer p.telling.Unlock()
		p.told = append(p.told, fmt.Sprintf(format, args...))
	}
	p.inbox = &inbox{
		store:    s,
		timeline: timeline{boot: Boot{Uptime: func() time.Duration { return p.now }}},
		heard:    func(r received) { tell("heard %s: %s", r.From, r.Body) },
		accepted: func(t buffer.Text) { tell("accepted %d", t.ID) },
		failed:   func(t buffer.Text, cause string) { tell("failed %d: %s", t.ID, cause) },
		log:      slog.New(slog.DiscardHandler),
	}
	p.restore()
	return p
}

// killed is what the next agent finds when this one is killed now.
func (p *postbox) killed() *postbox {
	p.t.Helper()
	next := &postbox{t: p.t, now: p.now}
	for before := ""; next.dir == "" || before != listing(p.t, p.dir); {
		next.dir, before = p.t.TempDir(), listing(p.t, p.dir)
		if err := os.CopyFS(next.dir, os.DirFS(p.dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			p.t.Fatal(err)
		}
	}
	return next.open()
}

// listing changes when the store compacts its tables, which no copy must cut in
// half.
func listing(t *testing.T, dir string) string {
	t.Helper()
	all := ""
	if err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		info, statErr := d.Info()
		if statErr == nil {
			all += fmt.Sprintln(path, info.Size(), info.ModTime())
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// take has the inbox take custody.
func (p *postbox) take(in ...modem.Inbound) {
	p.t.Helper()
	for _, i := range in {
		if err := p.Text(i); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *postbox) wantTold(want ...string) {
	p.t.Helper()
	if diff := cmp.Diff(want, p.told); diff != "" {
		p.t.Errorf("told (-want +got):\n%s", diff)
	}
}

// wantReceived compares what is kept, each as "sender: body".
func (p *postbox) wantReceived(want ...string) {
	p.t.Helper()
	var got []string
	for _, r := range p.Received() {
		got = append(got, strings.TrimSuffix(r.From+": "+r.Body+" "+r.Problem, " "))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		p.t.Errorf("received (-want +got):\n%s", diff)
	}
}

// whole is a text in one part.
func whole(from, body string) modem.Inbound {
	return modem.Inbound{Modem: "stick", PDU: []byte(from + body), From: from, Body: body, Index: 1, Count: 1}
}

// piece is a part of a longer text.
func piece(from string, reference uint16, index, count int, body string) modem.Inbound {
	return modem.Inbound{
		Modem: "stick", PDU: fmt.Appendf(nil, "%s %d %d/%d %s", from, reference, index, count, body), From: from, Body: body,
		Reference: reference, Index: index, Count: count,
	}
}

const alice, bob = "+353871234567", "+353867654321"

func TestATextThatComesTwiceIsOneAlsoAcrossACrash(t *testing.T) {
	p := newPostbox(t)
	p.take(whole(alice, "OK"))
	p.wantTold("heard " + alice + ": OK")
	p = p.killed() // before the modem had deleted it
	p.take(whole(alice, "OK"), whole(bob, "OK"))
	p.wantTold("heard " + bob + ": OK")
	p.killed().wantReceived(alice+": OK", bob+": OK")
}

func TestTheSameWordsThroughAnotherModemAreAnotherText(t *testing.T) {
	p := newPostbox(t)
	other := whole(alice, "OK")
	other.Modem = "spare"
	p.take(whole(alice, "OK"), other)
	p.wantReceived(alice+": OK", alice+": OK")
}

func TestPartsAreJoinedInWhateverOrderTheyComeAlsoAcrossACrash(t *testing.T) {
	p := newPostbox(t)
	third, first, second := piece(alice, 300, 3, 3, "STOVE"), piece(alice, 300, 1, 3, "MUTE "), piece(alice, 300, 2, 3, "THE ")
	p.take(third)
	p = p.killed()
	p.take(first, third)
	p = p.killed()
	p.wantReceived()
	p.take(second)
	p.wantTold("heard " + alice + ": MUTE THE STOVE")
	p = p.killed()
	p.take(third, second, first) // none of them had been deleted
	p.wantTold()
	p.wantReceived(alice + ": MUTE THE STOVE")
	for key := range p.store.Records(inboundPrefix) {
		t.Errorf("left behind: %s", key)
	}
}

func TestPartsOfTwoSendersModemsOrReferencesAreNotJoined(t *testing.T) {
	p := newPostbox(t)
	spare := piece(alice, 7, 2, 2, "B")
	spare.Modem = "spare"
	p.take(piece(alice, 7, 1, 2, "A"), piece(bob, 7, 2, 2, "B"), piece(alice, 8, 2, 2, "B"), piece(alice, 7, 2, 3, "B"), spare)
	p.wantTold()
	p.take(piece(alice, 7, 2, 2, "b"))
	p.wantTold("heard " + alice + ": Ab")
}

func TestAReferenceThatComesAroundBeginsANewText(t *testing.T) {
	p := newPostbox(t)
	p.take(piece(alice, 7, 1, 2, "old "), piece(alice, 7, 1, 2, "new "), piece(alice, 7, 2, 2, "end"))
	p.wantTold("heard " + alice + ": new end")
	p.wantReceived(alice+": old [...]", alice+": new end")
}

func TestWhatNeverBecomesWholeIsShownAfterADayAndNeverHeard(t *testing.T) {
	p := newPostbox(t)
	p.take(piece(alice, 7, 2, 4, "lost"))
	p.now += fragmentAge
	p.wantReceived()
	p.now++
	p.wantReceived(alice + ": [...]lost[...]")
	p.take(whole(bob, "OK"))
	p.wantTold("heard " + bob + ": OK")
	p.killed().wantReceived(alice+": [...]lost[...]", bob+": OK")
}

func TestPartsThatWaitAreBounded(t *testing.T) {
	p := newPostbox(t)
	for i := range fragmentsMax + 3 {
		p.take(piece(alice, uint16(i), 1, 2, fmt.Sprint("half ", i)))
	}
	p.wantReceived(alice+": half 0[...]", alice+": half 1[...]", alice+": half 2[...]")
	if got := len(p.killed().wait); got != fragmentsMax {
		t.Errorf("%d parts wait, want %d", got, fragmentsMax)
	}
}

func TestReceivedTextsAreBounded(t *testing.T) {
	p := newPostbox(t)
	for i := range receivedMax + 5 {
		p.take(whole(alice, fmt.Sprint(i)))
	}
	for _, p := range []*postbox{p, p.killed()} {
		all := p.Received()
		if len(all) != receivedMax || all[0].Body != "5" || all[receivedMax-1].Body != fmt.Sprint(receivedMax+4) {
			t.Errorf("%d are kept, from %q to %q", len(all), all[0].Body, all[len(all)-1].Body)
		}
	}
}

func TestAPDUThatCannotBeReadIsKeptAndShown(t *testing.T) {
	p := newPostbox(t)
	p.take(
		modem.Inbound{Modem: "stick", PDU: []byte{0x07, 0xff}, Problem: "the TPDU ends early"},
		modem.Inbound{Modem: "stick", PDU: make([]byte, 9000), From: alice, Body: strings.Repeat("<", 9000), Index: 9, Count: 3},
	)
	p.wantTold()
	all := p.killed().Received()
	if len(all) != 2 || all[0].PDU != "07ff" || all[0].Problem != "the TPDU ends early" {
		t.Fatalf("got %+v", all)
	}
	if r := all[1]; r.Problem != "it claims to be part 9 of 3" || len(r.Body) != receivedBodyMax || len(r.PDU) != 2*pduMax {
		t.Errorf("problem %q, body of %d bytes, PDU of %d digits", r.Problem, len(r.Body), len(r.PDU))
	}
}

func TestWhatTheStoreDoesNotTakeStaysWithTheModem(t *testing.T) {
	p := newPostbox(t)
	p.take(piece(alice, 7, 1, 2, "A"))
	p.store.Close()
	if err := p.Text(piece(alice, 7, 2, 2, "B")); !errors.Is(err, buffer.ErrClosed) {
		t.Errorf("got %v, want that the store is closed", err)
	}
	p.wantTold()
	p.wantReceived()
	if err := p.Report(modem.Report{To: alice}); !errors.Is(err, buffer.ErrClosed) {
		t.Errorf("a report: got %v, want that the store is closed", err)
	}
}

func TestSeveralModemsUseOneInboxAtOnce(t *testing.T) {
	p := newPostbox(t)
	var all sync.WaitGroup
	for m := range 4 {
		all.Go(func() {
			for i := range 10 {
				in := whole(alice, fmt.Sprint(i))
				in.Modem = fmt.Sprint("modem ", m)
				if err := p.Text(in); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	seen := map[uint64]bool{}
	for _, r := range p.killed().Received() {
		seen[r.Number] = true
	}
	if len(seen) != 40 {
		t.Errorf("%d numbers for 40 texts", len(seen))
	}
}

// FuzzReassembly deals the parts of texts out in any order, some twice, and wants
// every text once and as it was written.
func FuzzReassembly(f *testing.F) {
	f.Add(uint64(1), "SMOKE in the kitchen", uint8(3))
	f.Add(uint64(7), "", uint8(1))
	f.Add(uint64(9), "äöü€", uint8(200))
	f.Fuzz(func(t *testing.T, seed uint64, body string, count uint8) {
		rng := rand.New(rand.NewPCG(seed, 2))
		n := int(count)%20 + 2
		var deck []fragment
		for text := range 3 {
			for i := range n {
				f := fragment{From: alice, Reference: uint16(text), Index: i + 1, Count: n, Body: fmt.Sprint(text, i, body)}
				f.Digest = fmt.Sprint(text, "/", i)
				deck = append(deck, f)
			}
		}
		rng.Shuffle(len(deck), func(i, j int) { deck[i], deck[j] = deck[j], deck[i] })
		var a assembly
		got := map[string]int{}
		for i, f := range deck {
			var done []received
			a, done = a.add(f)
			if twice := deck[rng.IntN(i+1)]; a.has(twice.Digest) {
				again, more := a.add(twice)
				if len(again) != len(a) || len(more) > 0 {
					t.Fatalf("part %s a second time changes what there is", twice.Digest)
				}
			}
			for _, r := range done {
				if !r.whole() || len(r.Digests) != n {
					t.Fatalf("not whole: %+v", r)
				}
				got[r.Body]++
			}
			if len(a) > fragmentsMax {
				t.Fatalf("%d parts wait", len(a))
			}
		}
		for text := range 3 {
			want := ""
			for i := range n {
				want += fmt.Sprint(text, i, body)
			}
			if got[want] != 1 {
				t.Errorf("text %d came %d times", text, got[want])
			}
		}
		if len(a) > 0 {
			t.Errorf("%d parts are left", len(a))
		}
	})
}

func TestAnOldPartDoesNotOutliveItsTextsBound(t *testing.T) {
	var a assembly
	var done []received
	for i := range 255 {
		var more []received
		a, more = a.add(fragment{From: alice, Index: i + 1, Count: 255, Body: "x", At: time.Duration(i)})
		done = append(done, more...)
	}
	parts := len(a)
	for _, r := range done {
		if r.whole() {
			t.Error("a text of 255 parts cannot be whole")
		}
		parts += r.Parts
	}
	if parts != 255 || slices.ContainsFunc(done, func(r received) bool { return r.Parts > fragmentsMax+1 }) {
		t.Errorf("%d parts are accounted for, want 255 in texts of at most %d", parts, fragmentsMax+1)
	}
}
