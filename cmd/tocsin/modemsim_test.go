package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

func TestModemsimShowsATextAsAPersonReadsItAndLogsIt(t *testing.T) {
	var shown, logged bytes.Buffer
	s := modemsim{out: &shown}
	s.show(modemtest.Text{
		To: "+447700900111", Body: "Freezer 3\nis warm", At: time.Date(2026, 3, 1, 7, 5, 9, 0, time.UTC),
		Parts: 2, Copies: 2, References: []uint8{7, 8}, Encoding: "gsm7",
	}, &logged)
	want := "07:05:09  to +447700900111 (2 parts) (copy 2)\n  Freezer 3\n  is warm\n"
	if got := shown.String(); got != want {
		t.Errorf("showed %q, want %q", got, want)
	}
	var entry acceptedText
	if err := json.Unmarshal(logged.Bytes(), &entry); err != nil {
		t.Fatalf("%q: %v", logged.String(), err)
	}
	if entry.Body != "Freezer 3\nis warm" || len(entry.References) != 2 || entry.References[1] != 8 {
		t.Errorf("logged %+v", entry)
	}
}

// simulating is a simulation of n modems, and what it says.
func simulating(n int) (*modemsim, *bytes.Buffer) {
	var out bytes.Buffer
	s := &modemsim{out: &out}
	network := modemtest.NewNetwork()
	for range n {
		s.modems = append(s.modems, modemtest.New(modemtest.On(network)))
	}
	return s, &out
}

func TestModemsimObeysWhatIsTyped(t *testing.T) {
	s, out := simulating(1)
	s.listen(strings.NewReader("help\n\nsignal 12\ntext +447700900222 OK thanks\nreport +447700900111 7 0\nunplug\n"))
	if !strings.Contains(out.String(), "registration STAT") {
		t.Errorf("help said %q", out.String())
	}
	if got := s.modems[0].Stats(); got.Received != 1 || got.Reported != 1 {
		t.Errorf("%d texts and %d reports arrived, want 1 each", got.Received, got.Reported)
	}
	if line, err := s.modems[0].Open(t.Context()); err == nil {
		line.Close()
		t.Error("the modem is still plugged in")
	}
}

func TestModemsimObeysForTheModemThatIsNamed(t *testing.T) {
	s, out := simulating(2)
	s.listen(strings.NewReader("2 text Bank hello\n3 unplug\n"))
	if got := s.modems[1].Stats().Received; got != 1 {
		t.Errorf("%d texts arrived at the second modem, want 1", got)
	}
	if !strings.Contains(out.String(), "there is no modem 3, but 2 of them") {
		t.Errorf("said %q", out.String())
	}
}

func TestModemsimTellsOfCalls(t *testing.T) {
	s, out := simulating(1)
	s.showCall(modemtest.Call{To: "+447700900111"})
	s.showCall(modemtest.Call{To: "+447700900111", Ringing: 25 * time.Second, End: "hung up"})
	s.showCall(modemtest.Call{To: "+447700900111", Answered: true, Duration: 4 * time.Second, End: "no carrier"})
	for _, want := range []string{
		"  dials +447700900111\n", "  rang +447700900111 for 25s: hung up\n", "  talked to +447700900111 for 4s: no carrier\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("said %q, want %q in it", out, want)
		}
	}
}

// What the help shows can be typed.
func TestModemsimUnderstandsItsHelp(t *testing.T) {
	fill := strings.NewReplacer(
		"[", "", "]", "", "STAT", "1", "CS PS EPS", "1 1 1", "ACT", "7", "RSSI", "12", "FROM BODY", "Bank hello", "HEX", "0401",
		"TO REFERENCE STATUS", "+447700900111 7 0", "CODE", "8", "PARTS", "3", "OCTETS", "9",
	)
	understood := 0
	for line := range strings.Lines(modemsimTyped) {
		what, isTyped := strings.CutPrefix(line, "  ")
		for column := range strings.SplitSeq(what, "  ") {
			column = strings.TrimSpace(column)
			verb, _, _ := strings.Cut(column, " ")
			if !isTyped || column == "" || !slices.Contains(modemtest.Events(), verb) {
				continue
			}
			if s, _ := simulating(1); s.obey(fill.Replace(column)) != nil {
				t.Errorf("%q: %v", column, s.obey(fill.Replace(column)))
			}
			understood++
		}
	}
	if understood < 24 {
		t.Errorf("only %d of them", understood)
	}
}

func TestModemsimNamesAMistakeInWhatIsTyped(t *testing.T) {
	for typed, want := range map[string]string{
		"explode":         `"explode" is not an event; there are [access`,
		"signal loud":     `"loud" is not a signal from 0 to 199`,
		"registration 12": `"12" is not a registration state from 0 to 11`,
		"sim lost":        `"lost" is not where the SIM is`,
		"text +44":        "the body is missing",
	} {
		s, _ := simulating(1)
		if err := s.obey(typed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q in it", typed, err, want)
		}
	}
}

func TestModemsimTakesAFaultScriptOrItsFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(name, []byte("send 1 silent"), 0o600); err != nil {
		t.Fatal(err)
	}
	for given, want := range map[string]string{name: "send 1 silent", "send 2 cms 38": "send 2 cms 38", "": ""} {
		if got, err := faultScript(given); got != want || err != nil {
			t.Errorf("--fault %q is %q, %v, want %q", given, got, err, want)
		}
	}
}
