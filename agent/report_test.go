package agent

import (
	"errors"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
)

// queued puts a text of one part at a modem.
func (p *postbox) queued(to, name string) (uint64, modem.Part) {
	p.t.Helper()
	ids, err := p.store.Commit(buffer.Batch{Texts: []buffer.Text{{To: to, Contact: "alice", Body: "SMOKE", Subject: "smoke"}}})
	if err == nil {
		err = p.store.Begin(ids[0], 1, 1, name)
	}
	parts, splitErr := modem.Split(modem.Number(to), "SMOKE", uint16(ids[0]), modem.SplitOptions{})
	if err = errors.Join(err, splitErr); err != nil {
		p.t.Fatal(err)
	}
	return ids[0], parts[0]
}

func (p *postbox) settle(id uint64, name string, mr uint8) {
	p.t.Helper()
	if err := p.store.Settle(id, 1, buffer.Receipt{Modem: name, Reference: mr, At: p.now}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *postbox) report(r modem.Report) {
	p.t.Helper()
	if err := p.Report(r); err != nil {
		p.t.Fatal(err)
	}
}

func (p *postbox) wantFate(id uint64, want buffer.Fate) {
	p.t.Helper()
	for _, s := range p.store.Sent() {
		if s.ID == id {
			if got := s.Fate(p.now); got != want {
				p.t.Errorf("text %d: %v, want %v", id, got, want)
			}
			return
		}
	}
	p.t.Errorf("text %d was not sent", id)
}

func TestAReportNamesItsRecipientInNationalFormToo(t *testing.T) {
	for _, form := range []string{"+353871234567", "353871234567", "0871234567", "871234567"} {
		p := newPostbox(t)
		id, _ := p.queued(alice, "stick")
		p.settle(id, "stick", 7)
		p.report(modem.Report{Modem: "stick", To: form, Reference: 7, Discharged: time.Unix(1e9, 0)})
		p.killed().wantFate(id, buffer.Delivered)
	}
}

func TestTwoModemsWithEqualReferencesAreToldApart(t *testing.T) {
	p := newPostbox(t)
	first, _ := p.queued(alice, "stick")
	p.settle(first, "stick", 7)
	second, _ := p.queued(alice, "spare")
	p.settle(second, "spare", 7)
	p.report(modem.Report{Modem: "stick", To: alice, Reference: 7, Status: 0x46})
	p.wantFate(first, buffer.Failed)
	p.wantFate(second, buffer.Pending)
	p.wantTold("failed 1: expired before it could be delivered")
}

func TestAReportBeforeItsReceiptSurvivesACrashBetweenThem(t *testing.T) {
	p := newPostbox(t)
	id, _ := p.queued(alice, "stick")
	p.report(modem.Report{Modem: "stick", To: alice, Reference: 7})
	p.killed().wantFate(id, buffer.Delivered)
	p.settle(id, "stick", 7)
	p.wantFate(id, buffer.Delivered)
}

func TestAReportOfAnUnansweredPartTellsThatItWasAccepted(t *testing.T) {
	p := newPostbox(t)
	id, _ := p.queued(alice, "stick")
	if err := p.store.Defer(id, 1, buffer.Deferral{Why: buffer.Silent, Until: time.Hour, Cause: "no answer"}); err != nil {
		t.Fatal(err)
	}
	p = p.killed()
	p.report(modem.Report{Modem: "stick", To: bob, Reference: 7})
	p.wantTold()
	p.report(modem.Report{Modem: "stick", To: alice, Reference: 7, Status: 0x20})
	p.wantTold("accepted 1")
	p.report(modem.Report{Modem: "stick", To: alice, Reference: 7})
	p.wantFate(id, buffer.Delivered)
	p.wantTold("accepted 1")
}

func TestALateAnswerSettlesThePartItNames(t *testing.T) {
	p := newPostbox(t)
	id, part := p.queued(alice, "stick")
	if err := p.store.Defer(id, 1, buffer.Deferral{Why: buffer.Silent, Until: time.Hour, Cause: "no answer"}); err != nil {
		t.Fatal(err)
	}
	p = p.killed()
	elsewhere := part
	elsewhere.To = bob
	for _, stranger := range []modem.Late{{Modem: "spare", Part: part}, {Modem: "stick", Part: elsewhere}} {
		if err := p.Late(stranger); err != nil {
			t.Fatal(err)
		}
	}
	p.wantTold()
	late := modem.Late{Modem: "stick", Part: part, Receipt: modem.Receipt{Reference: 9}}
	for range 2 {
		if err := p.Late(late); err != nil {
			t.Fatal(err)
		}
	}
	p.wantTold("accepted 1")
	p.killed().wantFate(id, buffer.Pending)
}

func TestALateRefusalLetsThePartGoOutAtOnce(t *testing.T) {
	p := newPostbox(t)
	id, part := p.queued(alice, "stick")
	if err := p.store.Defer(id, 1, buffer.Deferral{Why: buffer.Silent, Until: time.Hour, Cause: "no answer"}); err != nil {
		t.Fatal(err)
	}
	if err := p.Late(modem.Late{Modem: "stick", Part: part, Err: &modem.SendError{To: alice, Part: 1, Parts: 1, Outcome: modem.Refused, Err: errors.New("+CMS ERROR: 38")}}); err != nil {
		t.Fatal(err)
	}
	if x, ok := p.killed().store.Next(p.now); !ok || x.ID != id || x.Parts[0].Silent != 0 {
		t.Errorf("got %v %+v, want it due and no longer in doubt", ok, x)
	}
}

func TestALateRefusalOfATextThatWasGivenUpChangesNothing(t *testing.T) {
	p := newPostbox(t)
	id, part := p.queued(alice, "stick")
	if err := errors.Join(
		p.store.Defer(id, 1, buffer.Deferral{Why: buffer.Silent, Cause: "no answer"}),
		p.store.Drop(id, 0, "nobody knows"),
	); err != nil {
		t.Fatal(err)
	}
	refused := &modem.SendError{To: alice, Part: 1, Parts: 1, Outcome: modem.Refused, Err: errors.New("+CMS ERROR: 38")}
	if err := p.Late(modem.Late{Modem: "stick", Part: part, Err: refused}); err != nil {
		t.Error(err)
	}
	p.wantFate(id, buffer.Failed)
}

func TestWhatAModemCallsAFateTheStoreHasToo(t *testing.T) {
	for f := range modem.FateFailed + 1 {
		if got, ok := fates[f]; !ok || got.String() != f.String() {
			t.Errorf("%v becomes %v", f, got)
		}
	}
}
