package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
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

func TestModemsimObeysWhatIsTyped(t *testing.T) {
	var out bytes.Buffer
	s := modemsim{out: &out}
	m := modemtest.New()
	s.listen(strings.NewReader("help\n\nsignal 12\ntext +447700900222 OK thanks\nunplug\n"), m)
	if !strings.Contains(out.String(), "registration STAT") {
		t.Errorf("help said %q", out.String())
	}
	if m.Stats().Received != 1 {
		t.Error("no text arrived")
	}
	if line, err := m.Open(t.Context()); err == nil {
		line.Close()
		t.Error("the modem is still plugged in")
	}
}

func TestModemsimNamesAMistakeInWhatIsTyped(t *testing.T) {
	for typed, want := range map[string]string{
		"explode":         `"explode" is nothing that can be typed here`,
		"signal loud":     `"loud" is not a number from 0 to 199`,
		"registration 12": `"12" is not a number from 0 to 11`,
		"sim lost":        `sim "lost"; write sim in or sim out`,
		"text +44":        "text wants a sender and a body",
	} {
		s := modemsim{}
		if err := s.obey(typed, modemtest.New()); err == nil || !strings.Contains(err.Error(), want) {
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
