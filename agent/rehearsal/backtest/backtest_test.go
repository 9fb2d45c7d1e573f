package backtest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/agent/config"
)

const plantConfig = `
site {
  name     = "Plant"
  timezone = "Europe/Dublin"
}
mqtt "plant" {
  url = "mqtt://localhost"
}
modem "stick" {
  port = "/dev/ttyUSB2"
}
contact "alice" {
  phone = "+353871234567"
}
contact "bob" {
  phone = "+353867654321"
}
policy "both" {
  notify = [contact.alice, contact.bob]
}
sensor "temp" {
  topic = "machine/temp"
  value = number
}
sensor "pump" {
  topic  = "pump/{id}/state"
  fields = { bar = number, word = string }
}
alert "cold" {
  when       = sensor.temp < 50
  for        = "15m"
  clear_when = sensor.temp > 60
  notify     = contact.alice
  message    = "Machine at ${sensor.temp}"
}
alert "pressure" {
  when     = sensor.pump.bar > 10
  severity = "critical"
  notify   = policy.both
  message  = "Pump ${id}: ${sensor.pump.bar} bar"
}
`

func plant(t testing.TB) *config.Config { return configured(t, plantConfig) }

func configured(t testing.TB, text string) *config.Config {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "plant.hcl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, _, diags := config.Load(dir, config.Options{})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return c
}

// play plays CSV or recordings, named 0, 1, …
func play(t testing.TB, o Options, texts ...string) *Report {
	t.Helper()
	if o.Config == nil {
		o.Config = plant(t)
	}
	var files []File
	for i, text := range texts {
		files = append(files, File{fmt.Sprint(i), strings.NewReader(text)})
	}
	r, err := Play(o, files)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// told are the firings of a configuration, a line each, and the people.
func told(o *Outcome) []string {
	var all []string
	for _, a := range o.Alerts {
		for _, f := range a.Firings {
			line := fmt.Sprintf("%s %s–%s %v", f.Instance, f.Start.Format("02 15:04"), f.End.Format("02 15:04"), f.Duration())
			if f.Lasts {
				line += " lasts"
			}
			all = append(all, fmt.Sprintf("%s texts=%d night=%d", line, f.Texts, f.Night))
		}
	}
	for _, p := range o.People {
		all = append(all, fmt.Sprintf("%s texts=%d night=%d", p.Name, p.Texts, p.Night))
	}
	return all
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
}

var temperature = Options{Maps: []Map{{"value", "machine/temp", ""}}}

func TestFiringsAreToldWithTheirTimesAndTextsAtNight(t *testing.T) {
	r := play(t, temperature, `time,value
2020-01-10 20:00:00,70
2020-01-10 20:30:00,45
2020-01-10 20:50:00,45
2020-01-10 23:00:00,65
2020-01-11 03:00:00,45
2020-01-11 06:59:00,45
2020-01-11 07:00:00,65
2020-01-11 12:00:00,45
2020-01-11 13:00:00,44
`)
	wantLines(t, told(r.Outcome),
		"cold 10 20:45–10 23:00 2h15m0s texts=2 night=1",
		"cold 11 03:15–11 07:00 3h45m0s texts=2 night=1",
		"cold 11 12:15–11 13:00 45m0s lasts texts=1 night=0",
		"alice texts=5 night=2", "bob texts=0 night=0")
	a := r.Outcome.Alerts[0]
	if a.Count != 3 || a.Lasted != 6*time.Hour+45*time.Minute || a.Texts != 5 || a.Night != 2 {
		t.Errorf("got %d firings, %v, %d texts, %d at night", a.Count, a.Lasted, a.Texts, a.Night)
	}
	if r.Readings != 9 || r.From.Format(time.DateTime) != "2020-01-10 20:00:00" || r.To.Format(time.DateTime) != "2020-01-11 13:00:00" {
		t.Errorf("%d readings from %v to %v", r.Readings, r.From, r.To)
	}
}

func TestNightIsThatOfTheSite(t *testing.T) {
	// In Irish summer 21:30 UTC is night.
	r := play(t, Options{}, `{"time": "2020-07-10T21:30:00Z", "topic": "pump/a/state", "payload": {"bar": 11}}`)
	wantLines(t, told(r.Outcome),
		`pressure{id="a"} 10 22:30–10 22:30 0s lasts texts=2 night=2`,
		"alice texts=1 night=1", "bob texts=1 night=1")
}

func TestATextOfSeveralFiringsCountsForEachAndOnceForItsReader(t *testing.T) {
	c := configured(t, strings.Replace(plantConfig, `severity = "critical"`, "", 1))
	r := play(t, Options{Config: c}, `{"time": "2020-01-10T10:00:00Z", "topic": "pump/a/state", "payload": {"bar": 11}}
{"time": "2020-01-10T10:00:20Z", "topic": "pump/b/state", "payload": {"bar": 12}}
{"time": "2020-01-10T10:00:40Z", "topic": "pump/c/state", "payload": {"bar": 13}}
{"time": "2020-01-10T10:02:00Z", "topic": "pump/c/state", "payload": {"bar": 13}}
`)
	wantLines(t, told(r.Outcome),
		`pressure{id="a"} 10 10:00–10 10:02 2m0s lasts texts=2 night=0`,
		`pressure{id="b"} 10 10:00–10 10:02 1m40s lasts texts=2 night=0`,
		`pressure{id="c"} 10 10:00–10 10:02 1m20s lasts texts=2 night=0`,
		"alice texts=2 night=0", "bob texts=2 night=0")
	if a := r.Outcome.Alerts[1]; a.Texts != 4 {
		t.Errorf("%d texts of %s, want 4: two to each", a.Texts, a.Name)
	}
}

func TestFilesAreMergedByTime(t *testing.T) {
	o := Options{Maps: []Map{{"value", "machine/temp", ""}}}
	r := play(t, o,
		"time,value\n2020-01-10 10:00:00,70\n2020-01-10 10:20:00,45\n2020-01-10 10:40:00,65\n",
		`{"time": "2020-01-10T10:00:00Z", "topic": "machine/temp", "payload": "45"}
{"time": "2020-01-10T10:10:00Z", "topic": "machine/temp", "payload": "45"}
{"time": "2020-01-10T10:50:00Z", "topic": "machine/temp", "payload": "70"}
`)
	// 70 and then 45 at 10:00, since the table is named first; 45 until 10:40.
	wantLines(t, told(r.Outcome), "cold 10 10:15–10 10:40 25m0s texts=2 night=0", "alice texts=2 night=0", "bob texts=0 night=0")
	if r.Readings != 6 || r.Files[0].OutOfOrder+r.Files[1].OutOfOrder != 0 {
		t.Errorf("%d readings, %+v", r.Readings, r.Files)
	}
}

func TestARowIsHeardWhenItSaysAndItsPayloadTellsHowOldItIs(t *testing.T) {
	c := configured(t, strings.Replace(plantConfig, `fields = { bar = number, word = string }`, `fields  = { bar = number, word = string }
  time    = payload.ts
  max_age = "5m"`, 1))
	row := `{"time": "2026-01-05T%s", "topic": "pump/1/state", "payload": {"bar": 12, "ts": "2026-01-05T%s"}}` + "\n"
	for _, test := range []struct {
		said  string
		fires int
	}{{"11:50:00Z", 0}, {"11:59:00Z", 1}} {
		r := play(t, Options{Config: c}, fmt.Sprintf(row, "12:00:00Z", test.said))
		if got := r.Outcome.Alerts[1].Count; got != test.fires {
			t.Errorf("a reading made at %s and heard at noon: %d firings, want %d", test.said, got, test.fires)
		}
	}
}

func TestRowsThatGoBackInTimeAreLeftOut(t *testing.T) {
	r := play(t, temperature, "time,value\n2020-01-10 10:00:00,70\n2020-01-10 09:00:00,45\n2020-01-10 10:00:00,70\n2020-01-10 11:00:00,70\n")
	f := r.Files[0]
	if f.Rows != 4 || f.Readings != 3 || f.OutOfOrder != 1 || f.FirstOutOfOrder != "line 3 is 1h0m0s before what was played by then" {
		t.Errorf("got %+v", f)
	}
	wantLines(t, told(r.Outcome), "alice texts=0 night=0", "bob texts=0 night=0")
}

func TestWhatCameToNothingIsCounted(t *testing.T) {
	r := play(t, Options{Maps: []Map{{"value", "machine/temp", ""}, {"value", "elsewhere", ""}}},
		"time,value\n2020-01-10 10:00:00,N/A\n2020-01-10 11:00:00,nan\n2020-01-10 12:00:00,5\n")
	if r.Unmatched != 3 || r.Unknown["not_a_number"] != 1 || r.Unknown["unavailable"] != 1 {
		t.Errorf("%d unmatched, unknown %v", r.Unmatched, r.Unknown)
	}
}

func TestWhatAChangeWouldHaveAltered(t *testing.T) {
	there := configured(t, strings.NewReplacer(
		`for        = "15m"`, `for        = "40m"`, // one firing fewer, one later
		"sensor.pump.bar > 10", "sensor.pump.bar > 8", // one more
		"policy.both", "contact.bob",
	).Replace(plantConfig))
	r := play(t, Options{Other: there, Maps: []Map{{"value", "machine/temp", ""}, {"bar", "pump/a/state", "bar"}}}, `time,value,bar
2020-01-10 10:00:00,45,5
2020-01-10 10:30:00,65,9
2020-01-10 11:00:00,45,5
2020-01-10 13:00:00,65,11
2020-01-10 14:00:00,65,5
`)
	alerts, people := Changes(r.Outcome, r.Other)
	if len(alerts) != 2 || len(alerts[0].Gone) != 1 || len(alerts[0].Shifted) != 1 || len(alerts[0].New) != 0 || alerts[0].Same != 0 {
		t.Fatalf("cold: %+v", alerts)
	}
	if at := alerts[0].Shifted[0]; at[0].Start.Format("15:04") != "11:15" || at[1].Start.Format("15:04") != "11:40" {
		t.Errorf("the firing moved from %v to %v", at[0].Start, at[1].Start)
	}
	if c := alerts[1]; len(c.New) != 1 || c.Same != 1 || len(c.Gone)+len(c.Shifted) != 0 || c.New[0].Start.Format("15:04") != "10:30" {
		t.Errorf("pressure: %+v", c)
	}
	want := []PersonChange{
		{"alice", Person{Name: "alice", Texts: 10}, Person{Name: "alice", Texts: 2}},
		{"bob", Person{Name: "bob", Texts: 6}, Person{Name: "bob", Texts: 11}},
	}
	if diff := cmp.Diff(want, people); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}

func TestNothingIsDifferentFromItself(t *testing.T) {
	r := play(t, Options{Config: plant(t), Other: plant(t), Maps: temperature.Maps}, string(machine(1000))+"2030-01-01 00:00:00,20\n2030-01-02 00:00:00,20\n")
	if alerts, people := Changes(r.Outcome, r.Other); len(alerts)+len(people) > 0 || r.Outcome.Alerts[0].Count != 1 {
		t.Errorf("changes %+v, %+v after %d firings", alerts, people, r.Outcome.Alerts[0].Count)
	}
}

func TestAlertsAndPeopleThatOnlyOneHasAreChanges(t *testing.T) {
	here := &Outcome{Alerts: []*Alert{{Name: "old", Count: 1, Firings: []*Firing{{Instance: "old"}}}}, People: []*Person{{Name: "alice", Texts: 1}}}
	there := &Outcome{Alerts: []*Alert{{Name: "new"}}, People: []*Person{{Name: "bob", Texts: 2}}}
	alerts, people := Changes(here, there)
	if len(alerts) != 2 || alerts[0].There != nil || len(alerts[0].Gone) != 1 || alerts[1].Here != nil {
		t.Errorf("alerts: %+v", alerts)
	}
	if len(people) != 2 || people[0].There.Texts != 0 || people[1].There.Texts != 2 {
		t.Errorf("people: %+v", people)
	}
}

func TestMemoryDoesNotGrowWithTheHistory(t *testing.T) {
	allocated := func(rows int) uint64 {
		history := bytes.NewReader(machine(rows))
		o := temperature
		o.Config, o.Zone = plant(t), time.UTC
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Play(o, []File{{"h", history}}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	few, many := allocated(1000), allocated(101_000)
	if grown := int64(many) - int64(few); grown > 100_000 {
		t.Errorf("a hundred thousand readings more allocate %d bytes more, want next to none", grown)
	}
}

// FuzzHistory plays any text as a file.
func FuzzHistory(f *testing.F) {
	f.Add("time,value\n2020-01-10 10:00:00,70\n", "value=machine/temp", "")
	f.Add("\ufeff\"date\";\"id\";\"bar\"\r\n\"1\";\"2020-01-10\";\"a\"\"b\";5\r\n", "bar=pump/{id}/state:bar", "x/{bar}")
	f.Add(`{"time": 1577836800, "topic": "pump/a/state", "payload": {"bar": 11}}`, "", "")
	c := plant(f)
	f.Fuzz(func(t *testing.T, text, mapped, topic string) {
		o := Options{Config: c, Other: c, Topic: topic}
		if m, err := ParseMap(mapped); err == nil {
			o.Maps = append(o.Maps, m)
		}
		r, err := Play(o, []File{{"a", strings.NewReader(text)}, {"b", strings.NewReader(text)}})
		if err != nil {
			return
		}
		if alerts, people := Changes(r.Outcome, r.Other); len(alerts)+len(people) > 0 {
			t.Errorf("one configuration differs from itself: %+v %+v", alerts, people)
		}
		for _, p := range r.Files {
			if p.Bad+p.OutOfOrder > p.Rows {
				t.Errorf("more is left out than there is: %+v", p)
			}
		}
	})
}

func TestARecordingIsReadMessageByMessage(t *testing.T) {
	const lines = `{"time":"2026-01-05T12:00:00Z","topic":"a","payload":"on","retain":1}
{"time":"2026-01-05T12:00:01Z","topic":"b","payload":{"x":1}}
{"time":"2026-01-05T12:00:02Z","topic":"c","payload_base64":"/wA="}
{"time":"2026-01-05T12:00:03Z","topic":"c","payload_base64":"?"}
`
	var got []string
	played, err := ReadRecording(File{"f", strings.NewReader(lines)}, func(r Recorded) {
		got = append(got, fmt.Sprintf("%s %s %q %v", r.At.UTC().Format(time.TimeOnly), r.Topic, r.Payload, r.Retained))
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`12:00:00 a "on" true`, `12:00:01 b "{\"x\":1}" false`, `12:00:02 c "\xff\x00" false`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if played.Readings != 3 || played.Bad != 1 || !strings.Contains(played.FirstBad, "line 4: its payload_base64 is no base64") {
		t.Errorf("got %+v, want 3 readings and line 4 bad", played)
	}
}

func TestACSVFileIsNoRecording(t *testing.T) {
	_, err := ReadRecording(File{"f.csv", strings.NewReader("time,value\n1,2\n")}, func(Recorded) {})
	if err == nil || !strings.Contains(err.Error(), "f.csv: it is no recording") {
		t.Errorf("got %v", err)
	}
}
