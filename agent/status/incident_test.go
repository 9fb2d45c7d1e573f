package status

import (
	"strings"
	"testing"
	"time"
)

func TestAPersonReadsWhatWasAcknowledged(t *testing.T) {
	a := Acked{
		Incidents: []Incident{{Number: 12, Instance: `smoke{room="kitchen"}`, Severity: "critical", For: 3 * time.Minute}},
		Already:   []Incident{{Number: 3, Instance: "leak", Severity: "warning", For: time.Hour, Acked: &Ack{"bob", time.Minute}}},
		Over:      []Incident{{Instance: "break_in", Severity: "critical", For: time.Hour}},
	}
	want := "acknowledged: 12 smoke{room=\"kitchen\"}, critical, for 3m\n" +
		"3 leak, warning, for 1h0m: acknowledged by bob 1m ago\nover now: break_in, critical, for 1h0m\n"
	var b strings.Builder
	if err := a.WriteText(&b); err != nil || b.String() != want {
		t.Errorf("got %v, %s\nwant %s", err, b.String(), want)
	}
}

func TestNothingToAcknowledgeIsSaid(t *testing.T) {
	var b strings.Builder
	if err := (Acked{}).WriteText(&b); err != nil || b.String() != "No alert fires.\n" {
		t.Errorf("got %v, %q", err, b.String())
	}
}
