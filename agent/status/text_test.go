package status

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/mqtt"
)

var started = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// healthy is a gateway that has run for three hours.
func healthy() Snapshot {
	return Snapshot{
		Version: "1.2.3", Site: "Rosewood", PID: 417, Since: started, Up: 3*time.Hour + 5*time.Minute + 40*time.Second,
		Rules:   Rules{Readings: 1204, Series: 12, Instances: 14},
		Brokers: []Broker{{"home", mqtt.State{Connected: true, Received: 1204}}},
		Modems: []modem.State{{
			Name: "main", Phase: modem.PhaseReady, Maker: "Quectel", Model: "EC25", Port: "/dev/ttyUSB2",
			Operator: "vodafone IE", Technology: modem.TechnologyLTE, SignalDBm: -71, Signal: modem.SignalExcellent, Registration: 1,
			Accepted: 4, CanSend: modem.CanSendYes, LastAccepted: started.Add(2 * time.Hour),
		}},
		Store: buffer.State{Bytes: 9461760},
		Sent:  4,
	}
}

// troubled is a gateway where most of what can go wrong has.
func troubled() Snapshot {
	s := healthy()
	s.Brokers = []Broker{
		{"home", mqtt.State{
			Cause:    "nothing listens at mqtt://192.168.178.20:1883",
			Remedy:   "start the broker, or correct host and port in url",
			Received: 1, Oversize: 2,
		}},
		{"barn", mqtt.State{Connected: true, Received: 77, Refused: []string{"barn/#"}}},
	}
	s.Embedded = &mqtt.BrokerState{Listening: true, Connections: 1, Rejected: 3, Dropped: 40}
	s.Modems = []modem.State{{
		Name: "main", Phase: modem.PhaseOpening, Port: "/dev/serial/by-id/usb-HUAWEI_HUAWEI_Mobile-if00-port0",
		Cause:   "no modem at /dev/serial/by-id/usb-HUAWEI_HUAWEI_Mobile-if00-port0",
		Remedy:  "plug the modem in, or set port in the modem block to where it is",
		CanSend: modem.CanSendNo, LastAccepted: started.Add(-26 * time.Hour), Recoveries: map[string]uint64{"reopen": 4, "usb": 1},
		Cautions: []modem.Caution{{Cause: "texts go over GSM, which networks are switching off", Remedy: "plan for a modem and SIM that text over LTE"}},
	}}
	s.Store = buffer.State{Texts: 2, Bytes: 700 << 10, Full: true, Expired: 1, Dropped: 2,
		Cause: "/var/lib/tocsin: 3.1 MiB free, 8.0 MiB wanted", Remedy: "free space on this file system; the store goes on by itself"}
	s.Rules.Unmatched, s.Rules.Refused, s.Rules.Windowless, s.Rules.Unread = 5, 9, 2, 1
	s.Rules.ClocksAhead = []string{"engine"}
	s.Rules.Unknown = map[string]uint64{"null": 1, "out_of_range": 30, "missing": 30}
	s.Firing = []Incident{
		{
			ID: 340, Number: 12, Instance: `freezer_warm{site="cellar"}`, Severity: "critical", For: 26*time.Hour + 12*time.Minute,
			Message: "Rosewood: Freezer in the cellar is at -9.5 C, limit -12, and has been warming for several hours now",
			Acked:   &Ack{"bob", 3 * time.Minute}, Stale: true,
		},
		{
			ID: 338, Instance: "break_in", Severity: "critical", For: time.Hour, Message: "Front door opened while you are away",
			Latched: true, Shadow: true, Suppressed: []string{"power_lost", "broker_unreachable"},
		},
	}
	s.Switches = []Switch{{Name: "away", On: true, Set: true, For: 90 * time.Minute}, {Name: "armed"}}
	s.Silences = []Silence{
		{Window: "maintenance", What: `every alert{site="barn"}`, Left: 47 * time.Minute},
		{ID: 2, What: `12 freezer_warm{site="cellar"}`, By: "bob", Ago: 2 * time.Minute, UntilClear: true},
	}
	s.People = []Person{{Name: "alice", Texts: 3}, {Name: "bob", OptedOut: true, Forged: true}, {Name: "carol", Texts: 11, Held: 7}}
	s.Deaf, s.Limited = []string{"smoke"}, 12*time.Minute
	s.Waiting = []WaitingText{
		{ID: 31, Contact: "alice", To: "+3538…567", Subject: `freezer_warm{site="cellar"}`, Age: 42 * time.Second},
		{ID: 32, Contact: "bob", To: "+3538…321", Subject: `freezer_warm{site="cellar"}`, Age: 3 * time.Minute, Attempts: 2,
			Cause: "modem: part 1 of 1 to +3538…321: the network refuses it: +CMS ERROR: 38 (network out of order)"},
	}
	s.Undecided = []Undecided{{
		Alert: "oil_pressure", Instance: `oil_pressure{machine="m7"}`, Instances: 3, For: 62 * time.Minute,
		Part: "sensor.engine.oil_kpa", Reason: "missing",
	}}
	s.Assess()
	s.Up = 42 * time.Second
	return s
}

func text(t *testing.T, s Snapshot) string {
	t.Helper()
	var b strings.Builder
	if err := WriteText(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAPersonReadsHowTheAgentIs(t *testing.T) {
	for name, s := range map[string]Snapshot{"healthy": healthy(), "troubled": troubled()} {
		want, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), text(t, s)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestNoLineIsWiderThanATerminal(t *testing.T) {
	for line := range strings.Lines(text(t, troubled())) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
		if strings.TrimRight(line, " \n") != strings.TrimSuffix(line, "\n") {
			t.Errorf("blanks at the end of %q", line)
		}
	}
}

func TestAWordThatFitsNowhereIsNotCutApart(t *testing.T) {
	s := healthy()
	path := "/dev/" + strings.Repeat("x", 100)
	s.Problems = []Problem{{ModemNotReady, "no modem at " + path, ""}}
	want := "\nPROBLEM  no modem at\n         " + path + "\n\nmqtt "
	if got := text(t, s); !strings.Contains(got, want) {
		t.Errorf("got %s\nwant in it %s", got, want)
	}
}

func TestNothingAnybodySaysReachesTheTerminalAsACommand(t *testing.T) {
	s := healthy()
	evil := "x\x1b[2J\x1b]0;owned\x07\r\n\u009b31my\u202etxt\u200b"
	s.Site, s.Modems[0].Operator = evil, evil
	s.Firing = []Incident{{Instance: evil, Message: evil, Acked: &Ack{By: evil}, Suppressed: []string{evil}}}
	s.Switches = []Switch{{Name: evil}}
	s.Silences, s.People = []Silence{{What: evil, By: evil}}, []Person{{Name: evil, OptedOut: true}}
	s.Waiting = []WaitingText{{Contact: evil, Subject: evil, Cause: evil}}
	s.Problems = []Problem{{"code", evil, evil}}
	if got := text(t, s); strings.ContainsAny(got, "\x1b\x07\r\u009b\u202e\u200b") {
		t.Errorf("got %q", got)
	}
}

func TestALongListIsCutShortAndSaysSo(t *testing.T) {
	s := healthy()
	for range 10_000 {
		s.Firing = append(s.Firing, Incident{Instance: "leak", Severity: "info"})
		s.Waiting = append(s.Waiting, WaitingText{Contact: "alice"})
	}
	got := text(t, s)
	if n := strings.Count(got, "FIRING"); n != 20 {
		t.Errorf("%d alerts are listed, want 20", n)
	}
	if n := strings.Count(got, "WAITING"); n != 20 {
		t.Errorf("%d texts are listed, want 20", n)
	}
	for _, want := range []string{"… and 9980 more alerts fire; --json lists all.", "… and 9980 more texts wait; --json lists all."} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

func TestADurationIsSaidInItsTwoLargestUnits(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0:                        "0s",
		59999 * time.Millisecond: "59s",
		time.Minute:              "1m",
		time.Hour - 1:            "59m",
		time.Hour:                "1h0m",
		24*time.Hour - 1:         "23h59m",
		52 * time.Hour:           "2d4h",
		500 * 24 * time.Hour:     "500d0h",
	} {
		if got := lasting(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}

func TestATextThatCannotBeWrittenIsAnError(t *testing.T) {
	if err := WriteText(full{}, healthy()); !errors.Is(err, errFull) {
		t.Errorf("got %v, want %v", err, errFull)
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, fmt.Errorf("pipe: %w", errFull) }
