package agent

import (
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/buffer"
)

// newOverdue watches over a store of its own. Reports come of what the modem
// "stick" sent, not of what "mute" did.
func newOverdue(t *testing.T) *overdue {
	t.Helper()
	s, _, err := buffer.Open(t.TempDir(), buffer.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &overdue{
		outbox:  outbox{s, slog.New(slog.DiscardHandler)},
		reports: func() map[string]bool { return map[string]bool{"stick": true} },
	}
}

// text puts a text into the store at the beginning, and lets something happen to it.
func (o *overdue) text(t *testing.T, urgency uint8, then func(s *buffer.Store, id uint64) error) uint64 {
	t.Helper()
	ids, err := o.outbox.store.Commit(buffer.Batch{Texts: []buffer.Text{{
		To: "+353871234567", Body: "SMOKE", Urgency: urgency, Tells: o.outbox.encode(notify.Text{Tells: []notify.Telling{{Text: 17}}}),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := then(o.outbox.store, ids[0]); err != nil {
		t.Fatal(err)
	}
	return ids[0]
}

func waits(*buffer.Store, uint64) error { return nil }

// accepted has a modem's network accept the text after ten seconds.
func accepted(modem string) func(*buffer.Store, uint64) error {
	return func(s *buffer.Store, id uint64) error {
		if err := s.Begin(id, 1, 1, modem); err != nil {
			return err
		}
		return s.Settle(id, 1, buffer.Receipt{Modem: modem, Reference: 7, At: 10 * time.Second})
	}
}

// reported is accepted, and a report that comes a minute later.
func reported(fate buffer.Fate) func(*buffer.Store, uint64) error {
	return func(s *buffer.Store, id uint64) error {
		if err := accepted("stick")(s, id); err != nil {
			return err
		}
		_, err := s.Report(buffer.Report{Fate: fate, Modem: "stick", Reference: 7, At: 70 * time.Second}, func(string) bool { return true })
		return err
	}
}

func dropped(s *buffer.Store, id uint64) error {
	return s.Drop(id, time.Minute, "the number belongs to nobody")
}

func TestATextRefusedByTheNetworkOrUndeliveredAfterTheReportWindowIsOverdue(t *testing.T) {
	const critical, warning, day = 0, 1, 24 * time.Hour
	for name, tt := range map[string]struct {
		urgency uint8
		then    func(*buffer.Store, uint64) error
		due     time.Duration
	}{
		"a critical one that waits":               {critical, waits, 100 * time.Second},
		"a warning that waits":                    {warning, waits, never},
		"one given up":                            {warning, dropped, 0},
		"one whose report says failed":            {warning, reported(buffer.Failed), 0},
		"one whose phone is off":                  {critical, reported(buffer.Pending), 5*time.Minute + 10*time.Second},
		"a critical one without report":           {critical, accepted("stick"), 5*time.Minute + 10*time.Second},
		"a warning without report":                {warning, accepted("stick"), never},
		"a critical one by a modem without them":  {critical, accepted("mute"), never},
		"one that arrived":                        {critical, reported(buffer.Delivered), never},
		"one of which the network will never say": {critical, reported(buffer.Unconfirmed), never},
	} {
		o := newOverdue(t)
		id := o.text(t, tt.urgency, tt.then)
		early, late := o.find(min(tt.due-time.Second, day)), o.find(min(max(tt.due, 90*time.Second), day))
		if tt.due > 0 && len(early) > 0 {
			t.Errorf("%s: overdue before %s", name, tt.due)
		}
		if found := len(late) == 1 && late[0].ID == id; found != (tt.due < never) {
			t.Errorf("%s: found %v at %s", name, late, tt.due)
		}
	}
}

func TestTheNextLookIsWhenTheNextTextMayBeOverdue(t *testing.T) {
	o := newOverdue(t)
	if o.find(0); o.due != never {
		t.Errorf("with no text: next at %s, want never", o.due)
	}
	o.expect(notify.Text{Urgency: 1}, time.Second)
	if o.due != never {
		t.Errorf("a warning is expected: next at %s, want never", o.due)
	}
	o.expect(notify.Text{}, time.Second)
	if want := 101 * time.Second; o.due != want {
		t.Errorf("a critical text is expected: next at %s, want %s", o.due, want)
	}
	o.text(t, 0, accepted("stick"))
	o.text(t, 0, waits)
	if o.find(time.Minute); o.due != acceptWindow {
		t.Errorf("next at %s, want %s", o.due, acceptWindow)
	}
	if got := o.find(2 * time.Minute); len(got) != 1 || o.due != 10*time.Second+reportWindow {
		t.Errorf("found %d, next at %s, want one, and %s", len(got), o.due, 10*time.Second+reportWindow)
	}
	if o.changed(); o.due != 0 {
		t.Errorf("something became of a text: next at %s, want at once", o.due)
	}
}

func TestATextToldAnewHasTheWholeWindowOnceMore(t *testing.T) {
	o := newOverdue(t)
	o.due = never
	anew := notify.Text{To: "+1", Body: "SMOKE (sent late)", Tells: []notify.Telling{{Text: 17, At: 2 * time.Minute, Late: true}}}
	if _, err := o.outbox.store.Commit(buffer.Batch{Texts: []buffer.Text{(&watch{texts: *o}).text(anew)}}); err != nil {
		t.Fatal(err)
	}
	o.expect(anew, 2*time.Minute)
	want := 2*time.Minute + acceptWindow
	if o.due != want {
		t.Errorf("next at %s, want %s", o.due, want)
	}
	if got := o.find(want - time.Second); len(got) > 0 || o.due != want {
		t.Errorf("found %v before, next at %s, want %s", got, o.due, want)
	}
	if got := o.find(want); len(got) != 1 {
		t.Errorf("found %v, want it", got)
	}
}

func TestATextIsOverdueOnce(t *testing.T) {
	o := newOverdue(t)
	id := o.text(t, 0, waits)
	if got := o.find(2 * time.Minute); len(got) != 1 {
		t.Fatalf("found %v, want it", got)
	}
	if _, err := o.outbox.store.Commit(buffer.Batch{Unreached: []uint64{id}}); err != nil {
		t.Fatal(err)
	}
	if err := dropped(o.outbox.store, id); err != nil {
		t.Fatal(err)
	}
	if got := o.find(3 * time.Minute); len(got) != 0 {
		t.Errorf("found %v once more", got)
	}
}

func TestTheLedgerFindsItsTextsInTheStoreAsItWroteThem(t *testing.T) {
	o := newOverdue(t).outbox
	tells := []notify.Telling{{Text: 17}, {Text: 18, Late: true}}
	w := &watch{texts: overdue{outbox: o}}
	ids, err := o.store.Commit(buffer.Batch{Texts: []buffer.Text{
		w.text(notify.Text{To: "+1", Body: "answer"}), w.text(notify.Text{To: "+1", Body: "alarm", Tells: tells, Created: time.Hour}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := []notify.Queued{{ID: ids[1], Created: time.Hour, Tells: tells}}
	if diff := cmp.Diff(want, o.Waiting("+1")); diff != "" {
		t.Errorf("waiting (-want +got):\n%s", diff)
	}
	if !o.Recall(ids[1]) || len(o.Waiting("+1")) > 0 {
		t.Error("a text that was taken back waits")
	}
}

func TestATextThatTellsOfMoreThanTheStoreKeepsIsSentAllTheSame(t *testing.T) {
	o := newOverdue(t).outbox
	text := notify.Text{Tells: slices.Repeat([]notify.Telling{{Text: 1 << 60}}, 100)}
	if got := o.encode(text); got != nil {
		t.Errorf("%d bytes are kept, want none", len(got))
	}
}
