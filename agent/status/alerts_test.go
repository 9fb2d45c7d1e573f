package status

import (
	"strings"
	"testing"
	"time"
)

func TestAPersonReadsHowEachAlertStands(t *testing.T) {
	a := Alerts{
		Omitted: 2,
		Instances: []Standing{
			{Instance: "smoke", State: "firing", For: time.Minute, Incident: &Incident{Number: 4, Instance: "smoke", Acked: &Ack{"bob", time.Second}}},
			{Instance: "oil", State: "clearing", For: time.Minute, Incident: &Incident{Instance: "oil"}},
			{Instance: `freezer_warm{n="3"}`, State: "pending", For: 4 * time.Minute},
			{Instance: `freezer_warm{n="4"}`, State: "ok", Undecided: 2 * time.Hour},
			{Instance: `freezer_warm{n="5"}`, State: "ok"},
		},
		Unheard: []Unheard{{"leak", "water/+"}},
	}
	want := `FIRING   4 smoke, for 1m, acknowledged by bob 1s ago
CLEARING oil, for 1m
pending  freezer_warm{n="3"}, for 4m
ok       freezer_warm{n="4"}, its condition is unknown for 2h0m
ok       freezer_warm{n="5"}
… and 2 more instances.
unheard  leak, no message has come on water/+
`
	var b strings.Builder
	if err := a.WriteText(&b); err != nil || b.String() != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, b.String(), want)
	}
	b.Reset()
	if err := (Alerts{}).WriteText(&b); err != nil || b.String() != "There are no alerts.\n" {
		t.Errorf("got %v, %q", err, b.String())
	}
}
