package modemmanager

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/modem/modemmanager/mmtest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.FixedZone("", 3600))

func TestWhatIsReceivedIsHandedOverAndDeleted(t *testing.T) {
	b, fake := withModem(t, Options{})
	fake.Receive(string(alice), "OK 17", noon)
	fake.Receive("Vodafone", "Your bill", noon)
	fake.ReceiveData(string(alice), []byte{1, 2, 3})
	b.Eventually("taken in", func() bool { texts, _, _ := b.inbox.has(); return len(texts) == 3 && fake.Messages() == 0 })
	texts, _, _ := b.inbox.has()
	want := []modem.Inbound{
		{Modem: "main", From: string(alice), Body: "OK 17", Sent: noon, Index: 1, Count: 1},
		{Modem: "main", From: "Vodafone", Name: true, Body: "Your bill", Sent: noon, Index: 1, Count: 1},
		{Modem: "main", Problem: "the message is data, not text"},
	}
	if diff := cmp.Diff(want, texts, cmpopts.IgnoreFields(modem.Inbound{}, "PDU")); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

func TestTheSameMessageHasTheSameIdentityAndAnotherHasNot(t *testing.T) {
	b, fake := withModem(t, Options{})
	b.inbox.set(errors.New("the disk is full"))
	fake.Receive(string(alice), "OK", noon)
	fake.Receive(string(alice), "OK", noon.Add(time.Second))
	fake.Receive(string(alice), "OK 1", noon)
	b.Eventually("offered twice", func() bool { _, _, offered := b.inbox.has(); return offered >= 2 })
	b.inbox.set(nil)
	b.Eventually("taken in", func() bool { texts, _, _ := b.inbox.has(); return len(texts) == 3 })
	texts, _, _ := b.inbox.has()
	same := map[string]int{}
	for _, text := range append(texts, b.inbox.refused...) {
		same[string(text.PDU)]++
	}
	if len(same) != 3 || same[string(texts[0].PDU)] < 2 {
		t.Errorf("%d identities of 3 messages, that of the first %d times, want at least 2", len(same), same[string(texts[0].PDU)])
	}
}

func TestAReportTellsWhichPartAndWhatBecameOfIt(t *testing.T) {
	b, fake := withModem(t, Options{})
	fake.Report(string(alice), 9, 0x46, noon)
	fake.Report(string(alice), 10, 0x100, noon)
	b.Eventually("taken in", func() bool {
		texts, reports, _ := b.inbox.has()
		return len(texts)+len(reports) == 2 && fake.Messages() == 0
	})
	texts, reports, _ := b.inbox.has()
	want := modem.Report{Modem: "main", To: string(alice), Reference: 9, Status: 0x46, Submitted: noon, Discharged: noon.Add(time.Minute)}
	if diff := cmp.Diff([]modem.Report{want}, reports); diff != "" {
		t.Errorf("reports (-want +got):\n%s", diff)
	}
	if got := b.m.State().Reports; got != modem.ReportsWorking {
		t.Errorf("reports are %q, want %q", got, modem.ReportsWorking)
	}
	if len(texts) != 1 || texts[0].Problem == "" {
		t.Errorf("a report without a status came as %+v, want it as a problem", texts)
	}
}

func TestAMessageStaysUntilTheInboxHasTakenIt(t *testing.T) {
	b, fake := withModem(t, Options{})
	b.inbox.set(errors.New("the disk is full"))
	fake.Receive(string(alice), "OK", noon)
	b.Eventually("offered twice", func() bool { _, _, offered := b.inbox.has(); return offered >= 2 })
	if got := fake.Messages(); got != 1 {
		t.Fatalf("%d messages stay, want 1", got)
	}
	b.inbox.set(nil)
	b.Eventually("taken in", func() bool { texts, _, _ := b.inbox.has(); return len(texts) == 1 && fake.Messages() == 0 })
}

func TestAMessageThatCannotBeDeletedIsHandedOverOnce(t *testing.T) {
	b, fake := withModem(t, Options{})
	b.Deny("Messaging", "not authorized")
	fake.Receive(string(alice), "OK", noon)
	b.Eventually("taken in", func() bool { texts, _, _ := b.inbox.has(); return len(texts) == 1 })
	b.Eventually("three attempts to delete it", func() bool { return b.Denials() >= 3 })
	if _, _, offered := b.inbox.has(); offered != 1 {
		t.Errorf("offered %d times, want once", offered)
	}
	b.Deny("Messaging", "")
	b.Eventually("deleted", func() bool { return fake.Messages() == 0 })
}

func TestATextOfSeveralPartsIsTakenInOnceItIsWhole(t *testing.T) {
	b, fake := withModem(t, Options{})
	rest := fake.ReceivePart(string(alice), "a long text")
	fake.Receive(string(alice), "OK", noon)
	b.Eventually("the whole one", func() bool { texts, _, _ := b.inbox.has(); return len(texts) == 1 })
	rest()
	b.Eventually("the long one", func() bool { texts, _, _ := b.inbox.has(); return len(texts) == 2 && fake.Messages() == 0 })
	if texts, _, _ := b.inbox.has(); texts[1].Body != "a long text" || texts[1].Count != 1 {
		t.Errorf("it came as %+v", texts[1])
	}
}

func TestWhatLiesInTheModemAtTheStartIsTakenInHoweverMuch(t *testing.T) {
	const many = 3*messagesMax + 1
	var fake *mmtest.Modem
	b := start(t, Options{}, func(mm *mmtest.ModemManager) {
		fake = mm.Add(imei)
		for range many {
			fake.Receive(string(alice), "OK", noon)
		}
	})
	b.Eventually("all of it", func() bool { texts, _, _ := b.inbox.has(); return len(texts) == many && fake.Messages() == 0 })
}

func TestTimesOfEveryVersionAreRead(t *testing.T) {
	for _, text := range []string{"2026-03-01T12:00:00+01", "2026-03-01T12:00:00+01:00", "2026-03-01T12:00:00+0100"} {
		if got := timestamp(text); !got.Equal(noon) {
			t.Errorf("timestamp(%q) = %v, want %v", text, got, noon)
		}
	}
	for _, text := range []string{"", "yesterday", "2026-03-01T12:00:00"} {
		if got := timestamp(text); !got.IsZero() {
			t.Errorf("timestamp(%q) = %v, want none", text, got)
		}
	}
}
