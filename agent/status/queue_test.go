package status

import (
	"strings"
	"testing"
	"time"
)

func TestTheQueueIsToldInLines(t *testing.T) {
	q := Queue{
		Waiting: []WaitingText{
			{ID: 9, Contact: "alice", To: "+3538…567", Subject: "leak", Age: 5 * time.Minute, NextTry: 40 * time.Second, Cause: "network out of order"},
			{ID: 10, To: "+3538…321", Subject: "ordered by root", Age: time.Second},
		},
		Sent: []SentText{
			{ID: 1, Contact: "alice", To: "+3538…567", Subject: "smoke", Fate: FateDelivered, Ago: time.Hour, Took: 4 * time.Second},
			{ID: 2, Contact: "bob", To: "+3538…321", Subject: "smoke", Fate: FateFailed, Ago: 26 * time.Hour, Known: 2 * time.Hour, Cause: "the number cannot be reached"},
			{ID: 3, Contact: "bob", To: "+3538…321", Subject: "smoke", Fate: FateGivenUp, Ago: time.Minute, Cause: "invalid destination"},
			{ID: 4, Contact: "bob", To: "+3538…321", Subject: "smoke", Fate: FateUnconfirmed, Ago: 50 * time.Hour},
			{ID: 5, Contact: "bob", To: "+3538…321", Subject: "smoke", Fate: FateUnreported, Ago: time.Minute},
			{ID: 6, Contact: "bob", To: "+3538…321", Subject: "smoke", Fate: FateAccepted, Ago: time.Second},
			{ID: 7, Contact: "bob", To: "+3538…321", Fate: FateDelivered, Ago: time.Second},
		},
		Received: []ReceivedText{
			{From: "alice", Body: "OK \x1b[2J 17", Ago: time.Minute, Parts: 1, Count: 1, Did: "acknowledged 17 smoke"},
			{From: "+3538…321", Body: "half of it[...]", Ago: 25 * time.Hour, Parts: 1, Count: 3},
			{Ago: time.Minute, Parts: 1, Count: 1, Problem: "the TPDU ends early", PDU: "07ff"},
		},
	}
	var out strings.Builder
	if err := q.WriteText(&out); err != nil {
		t.Fatal(err)
	}
	want := `waiting  text 9 to alice (+3538…567) for 5m: leak
         network out of order; next try in 40s
waiting  text 10 to +3538…321 for 1s: ordered by root
sent     text 1 to alice (+3538…567), accepted 1h0m ago, delivered within 4s:
         smoke
FAILED   text 2 to bob (+3538…321), accepted 1d2h ago, known for 2h0m not to
         have arrived: smoke
         the number cannot be reached
GIVEN UP text 3 to bob (+3538…321), 1m ago: smoke
         invalid destination
sent     text 4 to bob (+3538…321), accepted 2d2h ago, not confirmed: smoke
sent     text 5 to bob (+3538…321), accepted 1m ago, reports not available:
         smoke
sent     text 6 to bob (+3538…321), accepted 1s ago, no report yet: smoke
sent     text 7 to bob (+3538…321), accepted 1s ago, delivered
received from alice, 1m ago
         OK [2J 17
         did: acknowledged 17 smoke
received from +3538…321, 1d1h ago
         half of it[...]
         2 of its 3 parts never came
received from an unreadable sender, 1m ago
         cannot be read: the TPDU ends early; PDU 07ff
`
	if got := out.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestAnEmptyQueueSaysSo(t *testing.T) {
	var out strings.Builder
	if err := (Queue{}).WriteText(&out); err != nil || out.String() != "No text waits, none was sent and none has come.\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func TestTheFateOfAnOrderedTextNamesItsModem(t *testing.T) {
	for want, f := range map[string]TextFate{
		"text 10 to +3538…321 for 1s: ordered by root\nno service\n": {Waiting: &WaitingText{ID: 10, To: "+3538…321", Subject: "ordered by root", Age: time.Second, Cause: "no service"}},
		"text 10 to +3538…321, accepted 1s ago, delivered: ordered by root\n2 parts through modem stick\n": {Sent: &SentText{
			ID: 10, To: "+3538…321", Subject: "ordered by root", Fate: FateDelivered, Ago: time.Second,
			Parts: []SentPart{{Modem: "stick"}, {Modem: "stick"}},
		}},
	} {
		var out strings.Builder
		if err := f.WriteText(&out); err != nil || out.String() != want {
			t.Errorf("got %q, %v, want %q", out.String(), err, want)
		}
	}
}
