package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const coldRoom = `
site {
  name     = "Plant"
  timezone = "UTC"
}
broker {
  allow_anonymous = true
}
modem "stick" {
  port = "/dev/ttyUSB2"
}
variable "limit" {
  type    = number
  default = 50
}
contact "alice" {
  phone = "+353871234567"
}
sensor "temp" {
  topic = "room/{n}/temp"
  value = number
}
alert "cold" {
  when       = sensor.temp < var.limit
  for        = "15m"
  clear_when = sensor.temp > var.limit + 10
  message    = "Room ${n}: ${sensor.temp} C"
}
alert "hot" {
  when    = sensor.temp > 200
  for     = "1m"
  message = "Room ${n}: ${sensor.temp} C"
}
`

const coldScenarios = `
test "a cold room texts" {
  at "0s" {
    publish "room/3/temp" {
      values = "20x20 70"
      every  = "1m"
    }
  }
  at "15m" {
    expect {
      sms = 1
    }
  }
}

test "a warm room texts" {
  at "0s" {
    network {
      down = "16m"
    }
    publish "room/3/temp" {
      value = 20
    }
  }
  at "20m" {
    expect {
      sms  = 2
      text = "Room 4*"
    }
  }
}
`

// files makes a directory of files, by name and text in turn.
func files(t *testing.T, namesAndTexts ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(namesAndTexts); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, namesAndTexts[i]), []byte(namesAndTexts[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func same(t *testing.T, want, got string) {
	t.Helper()
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), got); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

func TestAScenarioThatFailsIsExplained(t *testing.T) {
	dir := files(t, "plant.hcl", coldRoom, "plant.test.hcl", coldScenarios)
	var out, complaints bytes.Buffer
	if err := test(&out, &complaints, dir, testFlags{}); !errors.Is(err, errSaid) {
		t.Errorf("got error %v, want exit code 1 and nothing more to say", err)
	}
	same(t, `
ok    a cold room texts  (20m)
FAIL  a warm room texts  (20m)

  on plant.test.hcl line 27, at 20m:
  27:       sms  = 2

  2 texts were expected. There was 1:
    16m      to alice: Plant: Room 3: 20 C. Reply OK or 1  (waited 1m)

  on plant.test.hcl line 28, at 20m:
  28:       text = "Room 4*"

  A text that reads "Room 4*" was expected. There was 1:
    16m      to alice: Plant: Room 3: 20 C. Reply OK or 1  (waited 1m)

DIR: 1 of 2 tests failed.
`, strings.ReplaceAll(out.String(), dir, "DIR"))
	same(t, "", complaints.String())
}

func TestVerboseShowsAllThatHappens(t *testing.T) {
	dir := files(t, "plant.hcl", coldRoom, "plant.test.hcl", coldScenarios)
	var out bytes.Buffer
	if err := test(&out, &out, dir, testFlags{run: "A COLD", verbose: true}); err != nil {
		t.Error(err)
	}
	same(t, `
ok    a cold room texts  (20m)
      0s       alert  cold{n="3"}: pending
      15m      alert  cold{n="3"}: firing
      15m      text   to alice: Plant: Room 3: 20 C. Reply OK or 1
      20m      alert  cold{n="3"}: ok
      20m      text   to alice: Plant: Over after 5 min: Room 3: 20 C

DIR: 1 test, all as expected.
`, strings.ReplaceAll(out.String(), dir, "DIR"))
}

const coldReplies = `
test "somebody sees to it" {
  at "0s" {
    network {
      down = "18m"
    }
    publish "room/3/temp" {
      value = 20
    }
  }
  at "19m" {
    reply "+447700900123" {
      text = "OK"
    }
    reply "alice" {
      text = "OK"
    }
    expect {
      acked = [alert.cold]
    }
  }
  at "30m" {
    phone "alice" {
      down = "1m"
    }
    publish "room/3/temp" {
      value = 70
    }
  }
}
`

func TestVerboseShowsRepliesAndWhatWasNotSent(t *testing.T) {
	dir := files(t, "plant.hcl", coldRoom, "plant.test.hcl", coldReplies)
	var out bytes.Buffer
	if err := test(&out, &out, dir, testFlags{verbose: true}); err != nil {
		t.Error(err)
	}
	same(t, `
ok    somebody sees to it  (30m)
      0s              no mobile network for 18m
      0s       alert  cold{n="3"}: pending
      15m      alert  cold{n="3"}: firing
      17m      text   to alice: Plant: Room 3: 20 C. Reply OK or 1  (not sent: taken back)
      18m      text   to alice: Plant: Room 3: 20 C. Reply OK or 1 (sent late: no signal since 12:00)  (waited 3m)
      19m      reply  from +447700900123: OK  (nothing: from a stranger)
      19m      reply  from alice: OK  (acknowledged 1 cold{n="3"})
      19m      alert  cold{n="3"}: firing, acknowledged by alice
      19m      text   to alice: Plant: You are on it: 1 Room 3: 20 C
      30m             texts to alice are refused for 1m
      30m      alert  cold{n="3"}: ok
      30m      text   to alice: Plant: Over after 15 min: Room 3: 20 C  (failed)

DIR: 1 test, all as expected.
`, strings.ReplaceAll(out.String(), dir, "DIR"))
}

func TestTheAnswerForMachinesSaysTheSame(t *testing.T) {
	dir := files(t, "plant.hcl", coldRoom, "plant.test.hcl", coldScenarios)
	var out, complaints bytes.Buffer
	if err := test(&out, &complaints, dir, testFlags{json: true, verbose: true}); !errors.Is(err, errSaid) {
		t.Errorf("got error %v, want exit code 1", err)
	}
	var got testsJSON
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Passed != 1 || got.Failed != 1 || len(got.Tests) != 2 || !got.Tests[0].OK || len(got.Tests[0].Timeline) != 5 {
		t.Fatalf("got %+v", got)
	}
	want := failureJSON{
		At: 1200, File: "plant.test.hcl", Line: 27, Wanted: "2 texts were expected.", Happened: "There was 1:",
		Texts: []eventJSON{{At: 960, Kind: "text", Instance: `cold{n="3"}`, Contact: "alice", To: "+353871234567", Body: "Plant: Room 3: 20 C. Reply OK or 1", Waited: 60}},
	}
	if diff := cmp.Diff(want, got.Tests[1].Failures[0]); diff != "" {
		t.Errorf("failure (-want +got):\n%s", diff)
	}
}

func TestNothingPlayedIsNoSuccess(t *testing.T) {
	tests := []struct {
		name, scenarios, run, want string
	}{
		{"no scenarios", "", "", "DIR holds no scenarios. Write one, in a file such as home.test.hcl.\n"},
		{"none chosen", coldScenarios, "smoke", "DIR: no test matches --run smoke.\n"},
		{"a mistake", `test "x" {}`, "", `Error: Nothing expected

  on plant.test.hcl line 1, in test "x":
   1: test "x" {}

A test that expects nothing proves nothing. Write at "1m" { expect { sms = 1 }
}.

DIR: 1 error in the scenarios. Nothing was played.
`},
	}
	for _, each := range tests {
		t.Run(each.name, func(t *testing.T) {
			dir := files(t, "plant.hcl", coldRoom, "plant.test.hcl", each.scenarios)
			var out, complaints bytes.Buffer
			if err := test(&out, &complaints, dir, testFlags{run: each.run}); !errors.Is(err, errSaid) {
				t.Errorf("got error %v, want exit code 1", err)
			}
			same(t, each.want, strings.ReplaceAll(complaints.String(), dir, "DIR"))
			same(t, "", out.String())
		})
	}
	var usage usageError
	if err := test(&bytes.Buffer{}, &bytes.Buffer{}, t.TempDir(), testFlags{run: "("}); !errors.As(err, &usage) {
		t.Errorf("got %v, want a mistake of the command line", err)
	}
}

func TestVariablesMayBeGivenOnTheCommandLine(t *testing.T) {
	dir := files(t, "plant.hcl", coldRoom, "plant.test.hcl", coldScenarios)
	vars := varsFlag{}
	if err := vars.Set("limit=10"); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := test(&out, &out, dir, testFlags{vars: vars}); !errors.Is(err, errSaid) || !strings.Contains(out.String(), "2 of 2 tests failed") {
		t.Errorf("got %v, want both tests to fail with another limit:\n%s", err, &out)
	}
	for _, wrong := range []string{"limit", "=10", ""} {
		if err := newTestCommand().ParseFlags([]string{"--var", wrong}); err == nil {
			t.Errorf("--var %q was taken", wrong)
		}
	}
}

const coldHistory = `timestamp,value,room
2020-01-10 20:00:00,70,3
2020-01-10 20:30:00,45,3
2020-01-10 21:00:00,N/A,3
2020-01-10 20:50:00,45,3
2020-01-10 23:00:00,65,3
soon,45,3
2020-01-11 03:00:00,30,4
2020-01-11 12:00:00,30,4
`

func TestABacktestTellsFiringsAndPeople(t *testing.T) {
	dir := files(t, "plant.hcl", coldRoom, "history.csv", coldHistory)
	other := files(t, "plant.hcl", strings.Replace(coldRoom, `"15m"`, `"3h"`, 1))
	history := filepath.Join(dir, "history.csv")
	var out bytes.Buffer
	f := backtestFlags{maps: []string{"value=room/{room}/temp"}, diff: other, vars: varsFlag{}}
	if err := runBacktest(&out, dir, []string{history}, f); err != nil {
		t.Fatal(err)
	}
	same(t, `
DIR/history.csv: 1 row of 8 left out, which cannot be read; the first: line 7: "soon" is no time; what can be read is 2013-12-02 21:15:00, RFC 3339, and seconds or milliseconds since 1970.
DIR/history.csv: 1 row of 8 left out, out of order; the first: line 5 is 10m0s before what was played by then.
6 readings from 2020-01-10 20:00 to 2020-01-11 12:00 UTC (16h).
Values that are unknown to the rules: 1 not_a_number.

cold: 2 firings, 11h in all, 3 texts, 2 at night
  2020-01-10 20:45 to 2020-01-10 23:00  2h 15m     {n="3"}
  2020-01-11 03:15 on                   8h 45m     {n="4"}

never fired: hot

alice: 3 texts, 2 at night

With OTHER instead of DIR:
  cold: 1 firing instead of 2, 1 text instead of 3
    - 2020-01-10 20:45 to 2020-01-10 23:00  2h 15m     {n="3"}
    ~ 2020-01-11 06:00 on                   6h         {n="4"}
  alice: 1 text instead of 3, 1 at night instead of 2
`, strings.NewReplacer(dir, "DIR", other, "OTHER").Replace(out.String()))
}

func TestABacktestForMachines(t *testing.T) {
	dir := files(t, "plant.hcl", coldRoom, "history.csv", coldHistory)
	other := files(t, "plant.hcl", strings.Replace(coldRoom, `"15m"`, `"3h"`, 1))
	f := backtestFlags{maps: []string{"value=room/{room}/temp"}, diff: other, vars: varsFlag{}, json: true}
	var out bytes.Buffer
	if err := runBacktest(&out, dir, []string{filepath.Join(dir, "history.csv")}, f); err != nil {
		t.Fatal(err)
	}
	var got backtestJSON
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	cold := got.Alerts[0]
	if cold.Count != 2 || cold.Seconds != 11*3600 || len(cold.Firings) != 2 || !cold.Firings[1].Lasts || got.Files[0].Bad != 1 || got.Files[0].OutOfOrder != 1 {
		t.Errorf("got %+v of %+v", cold, got.Files)
	}
	if len(got.Changes) != 1 || got.Changes[0].After != 1 || len(got.Changes[0].Gone) != 1 || len(got.Changes[0].Shifted) != 1 || got.Texts[0].After.Texts != 1 {
		t.Errorf("changes: %+v %+v", got.Changes, got.Texts)
	}

	f.json, f.csv = false, true
	out.Reset()
	if err := runBacktest(&out, dir, []string{filepath.Join(dir, "history.csv")}, f); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	want := [][]string{
		{"alert", "instance", "severity", "start", "end", "seconds", "lasts", "texts", "texts_at_night"},
		{"cold", `cold{n="3"}`, "warning", "2020-01-10T20:45:00Z", "2020-01-10T23:00:00Z", "8100", "false", "2", "1"},
		{"cold", `cold{n="4"}`, "warning", "2020-01-11T03:15:00Z", "2020-01-11T12:00:00Z", "31500", "true", "1", "1"},
	}
	if diff := cmp.Diff(want, rows); err != nil || diff != "" {
		t.Errorf("%v; rows (-want +got):\n%s", err, diff)
	}
}

func TestABacktestThatCannotBePlayedSaysWhy(t *testing.T) {
	dir := files(t, "plant.hcl", coldRoom, "history.csv", coldHistory)
	history := filepath.Join(dir, "history.csv")
	var usage usageError
	tests := []struct {
		name  string
		file  string
		flags backtestFlags
		want  string
		usage bool
	}{
		{"a map", history, backtestFlags{maps: []string{"value"}}, "--map value: write column=topic", true},
		{"a zone", history, backtestFlags{zone: "Dublin"}, "--zone Dublin: it is no time zone", true},
		{"no file", filepath.Join(dir, "nothing.csv"), backtestFlags{maps: []string{"value=x"}}, "no such file", false},
		{"no map", history, backtestFlags{}, `write --map "value=room/{n}/temp"`, false},
	}
	for _, each := range tests {
		t.Run(each.name, func(t *testing.T) {
			err := runBacktest(&bytes.Buffer{}, dir, []string{each.file}, each.flags)
			if err == nil || !strings.Contains(err.Error(), each.want) || errors.As(err, &usage) != each.usage {
				t.Errorf("got %v (usage %v), want %s", err, errors.As(err, &usage), each.want)
			}
		})
	}
}
