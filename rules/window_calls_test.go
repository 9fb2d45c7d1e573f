package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// windowScope has one sensor of each kind that windows are kept of.
func windowScope() *Scope {
	scalar := func(name string, k Kind) *Sensor {
		return &Sensor{Name: name, Fields: []Field{{Kind: k}}, OfflineAfter: time.Hour}
	}
	sensors := []*Sensor{scalar("x", Number), scalar("on", Bool), scalar("mode", String)}
	return &Scope{Sensors: sensors, All: sensors}
}

// toldBy is the text of an expression at a time, after the sensor said each of
// the text: "0s 20, 9m 21" and so on, "?" for unknown.
func toldBy(t *testing.T, src, text string, at time.Duration) string {
	t.Helper()
	scope := windowScope()
	tpl := mustTemplate(t, `"${`+src+`}"`, scope)
	f := &Frame{Series: make([]*series, len(scope.Sensors))}
	for i, s := range scope.Sensors {
		f.Series[i] = newSeries(s, "", 0)
		f.Series[i].keepWindows()
	}
	for _, sample := range samples(t, text) {
		for i, s := range f.Series {
			s.values[0] = valueOf(scope.Sensors[i].Fields[0], sample.text)
			s.heard = sample.at
			s.remember(&hearing{said: s.values, at: sample.at})
		}
	}
	f.Now = at
	return tpl.Render(f)
}

type sample struct {
	at   time.Duration
	text string
}

// samples reads "0s 20, 9m 21": times and what was said; "1m 20x60/1s" is 20
// sixty times, one second apart.
func samples(t *testing.T, text string) []sample {
	t.Helper()
	var out []sample
	for item := range strings.SplitSeq(text, ",") {
		when, what, _ := strings.Cut(strings.TrimSpace(item), " ")
		at, err := block.ParseDuration(when)
		if err != nil {
			t.Fatal(err)
		}
		n, every := 1, ""
		if what, every, _ = strings.Cut(what, "/"); every != "" {
			var times string
			what, times, _ = strings.Cut(what, "x")
			fmt.Sscan(times, &n)
		}
		step, _ := block.ParseDuration(every)
		for range n {
			out = append(out, sample{at, what})
			at += step
		}
	}
	return out
}

func valueOf(f Field, text string) (v Value) {
	switch f.Kind {
	case Number:
		v.Num, v.Why = parseNumber(text)
	case Bool:
		v.Bool, v.Why = parseBool(text)
	default:
		v.Str = text
	}
	return v
}

func TestFunctionsOfTimeTellWhatTheirNamesSay(t *testing.T) {
	const quietThenBurst = "0s 1, 9m 20x60/1s"
	for _, tt := range []struct{ src, series, at, want string }{
		// Nine quiet minutes as one sample and a minute's burst of sixty: by
		// sample that would be 19.7.
		{`avg_over(sensor.x, "10m")`, quietThenBurst, "10m", "2.9"},
		{`count_over(sensor.x, "10m")`, quietThenBurst, "10m", "60"},
		{`count_over(sensor.x, "11m")`, quietThenBurst, "10m", "61"},
		{`max_over(sensor.x, "10m")`, quietThenBurst, "10m", "20"},
		{`min_over(sensor.x, "10m")`, quietThenBurst, "10m", "1"},
		{`changes_over(sensor.x, "10m")`, quietThenBurst, "10m", "1"},
		{`change_over(sensor.x, "10m")`, quietThenBurst, "10m", "19"},
		{`sum_over(sensor.x, "30s")`, quietThenBurst, "10m", "580"},

		// The last value is carried forward, into the window and to now.
		{`avg_over(sensor.x, "10m")`, "0s 10", "5m", "10"},
		{`avg_over(sensor.x, "10m")`, "0s 10", "100h", "10"},
		{`avg_over(sensor.x, "10m")`, "0s 10, 1h 20", "1h", "10"},
		{`avg_over(sensor.x, "10m")`, "0s 10, 1h 20", "1h2m", "12"},
		{`avg_over(sensor.x, "10m")`, "0s 10, 1h 20", "1h10m", "20"},
		{`avg_over(sensor.x, "10m")`, "0s 10, 1h 20, 1h5m 0", "1h10m", "10"},
		{`avg_over(sensor.x, "10m")`, "0s 10, 4m 20", "8m", "15"},
		{`min_over(sensor.x, "10m")`, "0s 10, 1h 20", "1h9m59s", "10"},
		{`min_over(sensor.x, "10m")`, "0s 10, 1h 20", "1h10m", "20"},
		{`change_over(sensor.x, "10m")`, "0s 10, 1h 20", "1h9m", "10"},
		{`change_over(sensor.x, "10m")`, "0s 10, 1h 20", "1h10m", "0"},
		{`change_over(sensor.x, "10m")`, "0s 10, 3m 14", "6m", "4"},

		// A window is what came after its beginning, up to now.
		{`count_over(sensor.x, "10m")`, "0s 1, 5m 1, 10m 1", "10m", "2"},
		{`count_over(sensor.x, "10m")`, "0s 1, 5m 1, 10m 1", "14m59s", "2"},
		{`count_over(sensor.x, "10m")`, "0s 1, 5m 1, 10m 1", "15m", "1"},
		{`count_over(sensor.x, "10m")`, "0s 1, 5m 1, 10m 1", "20m", "0"},
		{`sum_over(sensor.x, "10m")`, "0s 1, 5m 2, 10m 4", "10m", "6"},
		{`changes_over(sensor.x, "10m")`, "0s 1, 5m 2, 6m 2, 10m 1", "10m", "2"},
		{`changes_over(sensor.mode, "10m")`, "0s home, 5m away, 6m home", "8m", "2"},
		{`count_over(sensor.mode, "10m")`, "0s home, 5m away, 6m home", "8m", "3"},
		{`max_over(sensor.x, "10m")`, "0s 5, 1m 9, 2m 7, 3m 8", "11m59s", "9"},
		{`max_over(sensor.x, "10m")`, "0s 5, 1m 9, 2m 7, 3m 8", "12m", "8"},

		{`stddev_over(sensor.x, "10m")`, "0s 10, 5m 20", "10m", "5"},
		{`stddev_over(sensor.x, "10m")`, "0s 10", "10m", "0"},
		{`stddev_over(sensor.x, "10m")`, "0s 10, 5m 20", "15m", "0"},
		{`rms_over(sensor.x, "10m")`, "0s 3, 5m -4", "10m", "3.536"},
		{`rms_over(sensor.x, "10m")`, "0s -3", "10m", "3"},

		// A bool counts as 1 or 0.
		{`avg_over(sensor.on, "10m")`, "0s off, 4m on, 9m off", "10m", "0.5"},
		{`sum_over(sensor.on, "10m")`, "0s off, 4m on, 5m on, 9m off", "10m", "2"},
		{`max_over(sensor.on, "10m")`, "0s off, 4m on, 9m off", "10m", "1"},

		// Unknown until half the window was observed.
		{`avg_over(sensor.x, "10m")`, "0s 1", "4m59s", "?"},
		{`count_over(sensor.x, "10m")`, "0s 1", "4m59s", "?"},
		{`count_over(sensor.x, "10m")`, "0s 1", "5m", "1"},
		{`max_over(sensor.x, "10m")`, "0s 1, 4m 2", "4m59s", "?"},
		{`change_over(sensor.x, "10m")`, "0s 1, 4m 2", "4m59s", "?"},
		{`stddev_over(sensor.x, "10m")`, "0s 1, 4m 2", "4m59s", "?"},
		{`rms_over(sensor.x, "10m")`, "0s 1, 4m 2", "4m59s", "?"},
		{`sum_over(sensor.x, "10m")`, "0s 1, 4m 2", "4m59s", "?"},
		{`changes_over(sensor.x, "10m")`, "0s 1, 4m 2", "4m59s", "?"},
		{`slope(sensor.x, "10m", "1h")`, "0s 1x5/1m", "4m59s", "?"},

		// Unknown samples never enter a window.
		{`avg_over(sensor.x, "10m")`, "0s 10, 2m unavailable, 5m 20", "10m", "15"},
		{`count_over(sensor.x, "10m")`, "0s 10, 2m unavailable, 5m 20", "8m", "2"},
		{`previous(sensor.x)`, "0s 10, 2m unavailable, 5m 20", "5m", "10"},
		{`changed(sensor.x)`, "0s 10, 2m unavailable, 5m 10", "5m", "false"},

		// A line through the samples, and five of them.
		{`slope(sensor.x, "10m", "1h")`, "0s 1, 2m 2, 4m 3, 6m 4", "7m", "?"},
		{`slope(sensor.x, "10m", "1h")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "8m", "30"},
		{`slope(sensor.x, "10m", "1m")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "8m", "0.5"},
		{`forecast(sensor.x, "10m", "10m")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "8m", "10"},
		{`forecast(sensor.x, "10m", "10m")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "9m", "10.31"},
		{`eta(sensor.x, 11, "10m")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "8m", "12 min"},
		{`eta(sensor.x, 11, "10m")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "9m", "11 min"},
		// In a silence the line bends to the value that stays.
		{`slope(sensor.x, "20m", "1h")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "12m", "24.08"},
		{`eta(sensor.x, 11, "20m")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "16m", "15 min"},
		{`slope(sensor.x, "10m", "1h")`, "0s 0x900/1s", "15m", "0"},
		{`eta(sensor.x, 11, "10m")`, "0s 1, 2m 2, 4m 3, 6m 4", "8m", "?"},
		{`eta(sensor.x, 3, "10m")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "8m", "0 s"},
		{`eta(sensor.x, 0, "10m")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "8m", "never"},
		{`eta(sensor.x, 11, "10m")`, "0s 5x5/2m", "8m", "never"},
		{`eta(sensor.x, 0, "10m")`, "0s 5, 2m 4, 4m 3, 6m 2, 8m 1", "8m", "2 min"},
		{`slope(sensor.x, "10m", "1h")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "17m59s", "?"},
		// Nothing was said for a whole window: it is as it was.
		{`slope(sensor.x, "10m", "1h")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "18m", "0"},
		{`forecast(sensor.x, "10m", "1h")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "18m", "5"},
		{`eta(sensor.x, 6, "10m")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "18m", "never"},

		{`previous(sensor.x)`, "0s 10", "5m", "?"},
		{`previous(sensor.x)`, "0s 10, 1m 20, 2m 30", "5h", "20"},
		{`previous(sensor.mode)`, "0s home, 1m away", "1m", "home"},
		{`previous(sensor.on)`, "0s on, 1m off", "1m", "true"},
		{`changed(sensor.mode)`, "0s home", "1m", "?"},
		{`changed(sensor.mode)`, "0s home, 1m away", "1m", "true"},
		{`changed(sensor.mode)`, "0s home, 1m away, 2m away", "2m", "false"},
		{`sensor.x - previous(sensor.x)`, "0s 10, 1m 20, 2m 35", "2m", "15"},

		{`age(sensor.x)`, "0s 1", "26h", "26 h"},
		{`age(sensor.x)`, "0s 1", "26h10m", "26 h 10 min"},
		{`age(sensor.x)`, "0s 1, 1h null", "1h", "0 s"},
		{`age(sensor.x)`, "0s 1", "45s", "45 s"},
		{`age(sensor.x)`, "0s 1", "2d4h", "2 d 4 h"},
		{`age(sensor.x) / 60`, "0s 1", "45m", "45"},
		{`max(age(sensor.x), age(sensor.on))`, "0s 1", "45m", "45 min"},
		{`format("%.1f h", age(sensor.x) / 3600)`, "0s 1", "90m", "1.5 h"},
		{`age(sensor.x) > "44m" && "45m" <= age(sensor.x)`, "0s 1", "45m", "true"},
		{`age(sensor.x) > "45m" && !(age(sensor.x) < "45m")`, "0s 1", "45m", "true"},
		{`between(age(sensor.x), "10m", "20m")`, "0s 1", "9m59s", "false"},
		{`between(age(sensor.x), "10m", "20m")`, "0s 1", "10m", "true"},
		{`between(age(sensor.x), "10m", "20m")`, "0s 1", "20m", "false"},
		{`between(eta(sensor.x, 11, "10m"), "10m", "20m")`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "8m", "true"},
		{`default(eta(sensor.x, 11, "10m"), "7d")`, "0s 1", "8m", "7 d"},
		{`offline(sensor.x)`, "0s 1", "59m59s", "false"},
		{`offline(sensor.x)`, "0s 1", "1h", "true"},
		{`eta(sensor.x, 11, "10m") < "13m"`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "8m", "true"},
		{`eta(sensor.x, 0, "10m") < "13m"`, "0s 1, 2m 2, 4m 3, 6m 4, 8m 5", "8m", "false"},
		{`default(avg_over(sensor.x, "10m"), -1)`, "0s 5", "1m", "-1"},
		{`known(avg_over(sensor.x, "10m"))`, "0s 5", "1m", "false"},
	} {
		at, err := block.ParseDuration(tt.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := toldBy(t, tt.src, tt.series, at); got != tt.want {
			t.Errorf("%s after %q at %s: got %s, want %s", tt.src, tt.series, tt.at, got, tt.want)
		}
	}
}

func TestASeriesNeverHeardMakesFunctionsOfTimeUnknown(t *testing.T) {
	scope := windowScope()
	f := &Frame{Series: make([]*series, len(scope.Sensors))}
	for _, src := range []string{
		`avg_over(sensor.x, "1m") > 0`, `eta(sensor.x, 1, "1m") > "1s"`, `previous(sensor.x) > 0`, `changed(sensor.x)`,
		`age(sensor.x) > "1m"`, `age(sensor.x) / 2 > 1`, `offline(sensor.x)`, `held(sensor.on, "1m")`, `happened(sensor.on, "1m")`,
	} {
		c := mustCondition(t, src, scope)
		if truth, why := c.Eval(f); truth != Unknown || why != Missing {
			t.Errorf("%s: got %v, %v, want unknown, missing", src, truth, why)
		}
		for _, w := range scope.wakeups {
			if at := w(f); at != never {
				t.Errorf("%s: wakes at %v, want never", src, at)
			}
		}
	}
}

func TestEqualCallsShareOneWindow(t *testing.T) {
	set := loadText(t, `
sensor "x" {
  topic  = "x/{n}"
  fields = { a = number, b = number }
}
alert "one" {
  when       = avg_over(sensor.x.a, "10m") > 5 && avg_over(sensor.x.a, "600s") < 9
  clear_when = stddev_over(sensor.x.a, "10m") < 1
  message    = "${change_over(sensor.x.a, "10m")} ${max_over(sensor.x.a, "10m")}"
}
alert "two" {
  when = avg_over(sensor.x.a, "10m") > 7 || avg_over(sensor.x.b, "10m") > 7 || avg_over(sensor.x.a, "11m") > 7
}
`)
	if got := len(set.Sensors[0].needs); got != 4 {
		t.Errorf("%d windows are kept, want 4: %v", got, set.Sensors[0].needs)
	}
	var used []string
	for _, a := range set.WindowMemory() {
		for _, w := range a.Windows {
			used = append(used, fmt.Sprintf("%s: %s of %s.%s over %v", a.Alert.Name, w.What, w.Sensor.Name, w.Field, w.Length))
		}
	}
	want := "one: level of x.a over 10m0s|one: max of x.a over 10m0s|two: level of x.a over 10m0s|two: level of x.b over 10m0s|two: level of x.a over 11m0s"
	if got := strings.Join(used, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
