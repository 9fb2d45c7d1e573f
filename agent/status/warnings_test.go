package status

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/mqtt"
)

// codes are those of a snapshot's problems, in order.
func codes(s Snapshot) []string {
	var all []string
	for _, p := range s.Problems {
		all = append(all, p.Code)
	}
	return all
}

func TestAHealthyGatewayHasNoProblem(t *testing.T) {
	s := healthy()
	s.Assess()
	if len(s.Problems) > 0 {
		t.Errorf("got %+v, want none", s.Problems)
	}
}

func TestEachProblemHasItsCode(t *testing.T) {
	waiting := "waiting for the broker to confirm our subscriptions"
	for _, c := range []struct {
		name  string
		spoil func(*Snapshot)
		want  []string
	}{
		{"broker away", func(s *Snapshot) { s.Brokers[0].State = mqtt.State{Cause: "nothing listens there"} }, []string{BrokerUnreachable}},
		{"not subscribed yet", func(s *Snapshot) { s.Brokers[0].Cause = waiting }, []string{BrokerUnsteady}},
		{"thrown out again and again", func(s *Snapshot) { s.Brokers[0].Cause = "3 times in a row" }, []string{BrokerUnsteady}},
		{"two topics refused", func(s *Snapshot) {
			s.Brokers[0].Cause, s.Brokers[0].Refused = "the broker refused 2 of 3", []string{"a/#", "b"}
		}, []string{SubscriptionRefused, SubscriptionRefused}},
		{"topics were refused, then the broker went", func(s *Snapshot) {
			s.Brokers[0].State = mqtt.State{Cause: "nothing listens there", Refused: []string{"a/#"}}
		}, []string{SubscriptionRefused, BrokerUnreachable}},
		{"a text the network gave up, and one that we did", func(s *Snapshot) {
			s.Lost = []SentText{{ID: 1, Fate: FateFailed}, {ID: 2, Fate: FateGivenUp}}
		}, []string{TextUndelivered, TextGivenUp}},
		{"everybody has opted out", func(s *Snapshot) { s.Deaf = []string{"smoke"} }, []string{AlertUnheard}},
		{"as many texts as the limits allow", func(s *Snapshot) { s.Limited = time.Minute }, []string{TextsLimited}},
		{"somebody at their budget, and wrong codes", func(s *Snapshot) {
			s.People = []Person{{Name: "alice", Texts: 11, Held: 2}, {Name: "bob", Forged: true}}
		}, []string{PersonOverBudget, CodeRefused}},
		{"somebody opted out", func(s *Snapshot) { s.People = []Person{{Name: "alice", OptedOut: true}} }, nil},
		{"embedded broker without an address", func(s *Snapshot) { s.Embedded = &mqtt.BrokerState{Cause: "in use"} }, []string{BrokerDeaf}},
		{"a text the network gave up, and one that we did", func(s *Snapshot) {
			s.Lost = []SentText{{ID: 1, Fate: FateFailed}, {ID: 2, Fate: FateGivenUp}}
		}, []string{TextUndelivered, TextGivenUp}},
		{"embedded broker without a network", func(s *Snapshot) { s.Embedded = &mqtt.BrokerState{} }, nil},
		{"no modem", func(s *Snapshot) { s.Modems = []modem.State{{Phase: modem.PhaseOpening, Cause: "no modem"}} }, []string{ModemNotReady}},
		{"disk full", func(s *Snapshot) { s.Store.Full, s.Store.Cause = true, "full" }, []string{StoreFull}},
		{"disk read-only", func(s *Snapshot) { s.Store.ReadOnly, s.Store.Cause = true, "read-only" }, []string{StoreReadOnly}},
		{"database closed after an error", func(s *Snapshot) { s.Store.Down, s.Store.Cause = true, "input/output error" }, []string{StoreFailing}},
		{"database was repaired", func(s *Snapshot) {
			s.Store.Recovery = buffer.Recovery{Cause: "checksum mismatch", Quarantined: "store.broken-1"}
		}, []string{StoreDamaged}},
		{"no memory for windows", func(s *Snapshot) { s.Rules.Windowless = 1 }, []string{WindowsRefused}},
		{"a switch's topic says something else", func(s *Snapshot) { s.Rules.Unread = 1 }, []string{SwitchUnread}},
		{"a clock that is ahead", func(s *Snapshot) { s.Rules.ClocksAhead = []string{"engine"} }, []string{ClockAhead}},
		{"an alert that decides nothing", func(s *Snapshot) { s.Undecided = []Undecided{{Alert: "oil", Instance: "oil", Instances: 1}} }, []string{AlertUndecided}},
		{"too many sources", func(s *Snapshot) { s.Rules.Refused = 1 }, []string{SeriesRefused}},
	} {
		s := healthy()
		c.spoil(&s)
		s.Assess()
		if diff := cmp.Diff(c.want, codes(s)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestProblemsReadAlike(t *testing.T) {
	for _, p := range troubled().Problems {
		for _, words := range []string{p.Cause, p.Remedy} {
			if words == "" || unicode.IsUpper([]rune(words)[0]) || strings.HasSuffix(words, ".") {
				t.Errorf("%s says %q, want a phrase without capital and full stop", p.Code, words)
			}
		}
	}
}

func TestHowLongTheAgentIsUpDoesNotHangOnTheClock(t *testing.T) {
	s := healthy()
	s.Since = time.Now().Add(-time.Minute)
	s.Assess()
	// Whoever asks may have another clock, or the same one set since.
	s.Since = time.Date(1970, 1, 1, 0, 0, 10, 0, time.UTC)
	if got, want := text(t, s), "up 1m."; !strings.Contains(got, want) {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestASnapshotSurvivesItsJourneyAsJSON(t *testing.T) {
	want := troubled()
	wire, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Snapshot
	if err := json.Unmarshal(wire, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text(t, want), text(t, got)); diff != "" {
		t.Errorf("as text (-sent +received):\n%s", diff)
	}
}
