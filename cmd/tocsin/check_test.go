package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tocsin-edge/tocsin/agent/config"
)

const checked = `
variable "limit" {
  type    = number
  default = -12
}
mqtt "main" { url = "mqtt://127.0.0.1" }
modem "main" { port = "/dev/ttyUSB2" }
contact "alice" { phone = "+353871234567" }
sensor "freezer" {
  topic = "freezer"
  value = number
}
alert "warm" {
  when    = sensor.freezer > var.limit
  for     = "20m"
  notify  = contact.alice
  message = "Freezer ${sensor.freezer} °C"
}
`

// checkOf runs check over one file.
func checkOf(t *testing.T, src string, f checkFlags) (out, complaints string, err error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "a.hcl"), []byte(src), 0o600); err != nil {
		t.Fatal(err)
	}
	var o, c bytes.Buffer
	err = check(&o, &c, dir, f)
	return o.String(), c.String(), err
}

func TestCheckSaysEachAlertAndWhatItTakesOnTheAir(t *testing.T) {
	out, complaints, err := checkOf(t, checked, checkFlags{})
	want := `If freezer is above -12 for 20 minutes, text Alice; clear when that is over.
  1 text, at most 18 characters; sent as "Freezer -8888.8 C"
`
	if err != nil || complaints != "" || !strings.HasPrefix(out, want) {
		t.Errorf("got %v, %s%s, want %s", err, out, complaints, want)
	}
}

func TestCheckTakesValuesOfVariables(t *testing.T) {
	out, _, err := checkOf(t, checked, checkFlags{vars: varsFlag{"limit": "-18"}})
	if want := "If freezer is above -18 for"; err != nil || !strings.HasPrefix(out, want) {
		t.Errorf("got %v and %s, want %s", err, out, want)
	}
	_, complaints, err := checkOf(t, checked, checkFlags{vars: varsFlag{"limit": "cold"}})
	if want := "on --var limit line 1"; !errors.Is(err, errSaid) || !strings.Contains(complaints, want) {
		t.Errorf("got %v and %s, want %s", err, complaints, want)
	}
}

func TestCheckSaysHowManyTextsThereAreInTheWorstCase(t *testing.T) {
	out, complaints, err := checkOf(t, checked+`
contact "bob" {
  phone  = "+353867654321"
  budget = ["10/1h"]
}
alert "hot" {
  when     = sensor.freezer > 5
  for      = "1m"
  severity = "critical"
  repeat   = "never"
  notify   = contact.bob
}
limits {
  texts_per_day = 100
}
heartbeat "daily" {
  at     = "09:00"
  notify = contact.bob
}
`, checkFlags{})
	want := `In the worst case, besides answers to their own texts:
  alice  at most 70 texts a day (14 in 3h); one incident of warm: up to 2
  bob    at most 234 texts a day if critical alerts fire anew every minute; one
         incident of hot: up to 2; 1 heartbeat a day
The gateway sends 100 texts a day at most; beyond that only what is critical,
and that less often.
`
	if err != nil || !strings.Contains(out, want) {
		t.Errorf("got %v, %s%s, want %s", err, complaints, out, want)
	}
}

func TestCheckForMachinesSaysAllThereIs(t *testing.T) {
	out, complaints, err := checkOf(t, checked, checkFlags{json: true})
	var good checkReport
	if jsonErr := json.Unmarshal([]byte(out), &good); jsonErr != nil || err != nil || complaints != "" {
		t.Fatalf("%v, %v, %s, %s", err, jsonErr, out, complaints)
	}
	want := jsonAlert{
		Name: "warm", Sentence: "If freezer is above -12 for 20 minutes, text Alice; clear when that is over.",
		Texts: 1, Characters: 18, Encoding: "GSM-7", Example: "Freezer -8888.8 °C",
	}
	want.Windows = []jsonWindow{}
	worst := burden{Contact: "alice", Day: 112, Incidents: []cost{{"warm", 2}}}
	report := checkReport{Valid: true, Diagnostics: []jsonDiagnostic{}, Alerts: []jsonAlert{want}, Worst: []burden{worst}}
	if diff := cmp.Diff(report, good, cmpopts.IgnoreUnexported(burden{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	out, _, err = checkOf(t, strings.Replace(checked, `"20m"`, `20m`, 1), checkFlags{json: true})
	var bad checkReport
	if jsonErr := json.Unmarshal([]byte(out), &bad); jsonErr != nil || !errors.Is(err, errSaid) {
		t.Fatalf("%v, %v, %s", err, jsonErr, out)
	}
	if bad.Valid || bad.Errors != 1 || len(bad.Alerts) != 0 || len(bad.Diagnostics) != 1 {
		t.Fatalf("got %+v, want one error and no alerts", bad)
	}
	d := bad.Diagnostics[0]
	if d.Severity != "error" || d.Summary != "Invalid duration" || d.Range == nil || d.Range.File != "a.hcl" || d.Range.Start.Line != 15 || d.Range.Start.Column != 13 {
		t.Errorf("got %+v %+v, want an invalid duration at line 15, column 13", d, d.Range)
	}
}

func TestCheckSaysWhatWindowsTake(t *testing.T) {
	src := checked + `
sensor "engine" {
  topic         = "fleet/{machine}/engine"
  value         = number
  expect        = ["a", "b", "c"]
  offline_after = "1h"
}
alert "vibrates" {
  when   = avg_over(sensor.engine, "10m") > 5 && previous(sensor.engine) > 4
  for    = "1m"
  notify = contact.alice
}
`
	out, complaints, err := checkOf(t, src, checkFlags{})
	for _, want := range []string{"remembers engine for 10m, ", "remembers the previous engine, ", "Windows on engine take ", " for the 3 that are expected."} {
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("got %v, %s%s, want %q", err, out, complaints, want)
		}
	}
}

func TestSizesAreSaidInTheirUnits(t *testing.T) {
	for bytes, want := range map[int]string{0: "0 B", 1023: "1023 B", 1536: "1.5 KiB", 12 << 20: "12 MiB"} {
		if got := size(bytes); got != want {
			t.Errorf("%d: got %s, want %s", bytes, got, want)
		}
	}
}

func TestWhatATextTakesIsSaidInWords(t *testing.T) {
	tests := []struct {
		m    config.Message
		want string
	}{
		{config.Message{Characters: 1, Parts: 1, Encoding: "GSM-7"}, "1 text, at most 1 character"},
		{config.Message{Characters: 161, Parts: 2, Encoding: "GSM-7"}, "2 texts, at most 161 characters"},
		{config.Message{Characters: 80, Parts: 2, Encoding: "UCS-2", Because: "ж"}, "2 texts, at most 80 characters, 70 to a text instead of 160 because of ж"},
		{config.Message{Characters: 2000, Parts: 14, Cut: true, Encoding: "GSM-7"}, "14 texts, at most 2000 characters, too many, so that the end is cut off"},
	}
	for _, tt := range tests {
		if got := onTheAir(tt.m); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
