package rules

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestMessagesFillInWhatIsKnown(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{`"Freezer ${sensor.freezer} C (limit -12)"`, "Freezer -11 C (limit -12)"},
		{`"${machine}: OIL ${sensor.engine.oil_kpa} kPa at ${sensor.engine.rpm} rpm. STOP."`, "m7: OIL 90 kPa at ? rpm. STOP."},
		{`"${sensor.silent}"`, "?"},
		{`"${sensor.smoke} ${sensor.engine.at} ${sensor.mode}"`, "false 2026-01-01T00:00Z away"},
		{`"${sensor.smoke ? "smoke" : "no smoke in ${machine}"}"`, "no smoke in m7"},
		{`"${known(sensor.silent) ? "at ${sensor.silent}" : "silent"}"`, "silent"},
		{`"x ${sensor.silent > 0 ? "a" : "a"}"`, "x ?"},
		{`"%%{}$${n} 100%"`, "%{}${n} 100%"},
		{`"line one\nline two"`, "line one\nline two"},
		{"<<EOT\n${n} first\nsecond\nEOT\n", "3 first\nsecond\n"},
		{`""`, ""},
		{`machine`, "m7"},
		{`(sensor.smoke ? "on" : "off")`, "off"},
		{`format("%.2f C", sensor.freezer)`, "-11.00 C"},
		{`format("%.1f %.0f %d %.1f", sensor.freezer / 1000, -0.4, -0.4, sensor.freezer * 0)`, "0.0 0 0 0.0"},
		{`"${10 / 4} ${1 / 3} ${-0.5 + 0.5}"`, "2.5 0.3333 0"},
	} {
		if got := mustTemplate(t, tt.src, exprScope()).Render(exprFrame()); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.src, got, tt.want)
		}
	}
}

func TestNumbersPrintForPeople(t *testing.T) {
	for _, tt := range []struct {
		v    float64
		want string
	}{
		{0.1 + 0.2, "0.3"}, {0.30000000000000004, "0.3"}, {-11, "-11"}, {-11.5, "-11.5"}, {0, "0"}, {math.Copysign(0, -1), "0"},
		{123456, "123456"}, {123456.7, "123457"}, {9_007_199_254_740_992, "9007199254740992"},
		{999_999_999_999_999, "999999999999999"}, {-1e14, "-100000000000000"}, {1e15, "1000000000000000"}, {1e16, "1e+16"}, {-1.5e300, "-1.5e+300"},
		{1e-7, "0.0000001"}, {-1.23456e-7, "-0.0000001235"}, {1e-9, "0.000000001"}, {1e-10, "1e-10"}, {5e-324, "4.941e-324"},
		{21.456, "21.46"}, {21.4, "21.4"}, {999.96, "1000"}, {99.996, "100"}, {1000.4, "1000"}, {9999.5, "10000"}, {0.99996, "1"},
		{100, "100"}, {2.5, "2.5"}, {0.05, "0.05"},
	} {
		if got := numberText(tt.v); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.v, got, tt.want)
		}
	}
}

func TestTimesPrintInUTCToTheMinute(t *testing.T) {
	for seconds, want := range map[float64]string{
		0: "1970-01-01T00:00Z", 1_767_225_659.9: "2026-01-01T00:00Z", 253_402_300_799: "9999-12-31T23:59Z",
		253_402_300_800: "253402300800", -1: "-1", 1e300: "1e+300",
	} {
		if got := string(appendTime(nil, seconds)); got != want {
			t.Errorf("%v: got %q, want %q", seconds, got, want)
		}
	}
}

func TestASensorCannotForgeLineBreaks(t *testing.T) {
	forged := "ok\r\n\x1b[2J\u0085\u2028\u202e\tdone°"
	want := "ok   [2J    done°"
	frame := exprFrame()
	frame.Series[3].values[0].Str, frame.Labels[0] = forged, forged
	for _, tt := range []struct{ src, want string }{
		{`"a\n${sensor.mode}"`, "a\n" + want},
		{`"${machine}!"`, want + "!"},
		{`"${upper("${sensor.mode}")}"`, strings.ToUpper(want)},
		{`"${join(" ", sensor.mode, machine)}"`, want + " " + want},
		{`sensor.mode`, want},
	} {
		if got := mustTemplate(t, tt.src, exprScope()).Render(frame); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.src, got, tt.want)
		}
	}
}

func TestARenderedMessageIsBounded(t *testing.T) {
	tpl := mustTemplate(t, `"${n}${sensor.mode} and more"`, exprScope())
	frame := exprFrame()
	for _, tt := range []struct {
		n     string
		mode  string
		whole bool
	}{
		{"3", strings.Repeat("x", renderedMaxBytes-len("3 and more")), true},
		{"3", strings.Repeat("x", renderedMaxBytes-len(" and more")), false},
		{"3", strings.Repeat("°", 200<<10), false},
		{"33", strings.Repeat("°", 200<<10), false},
		{"3", strings.Repeat("😀", renderedMaxBytes), false},
	} {
		frame.Labels[1], frame.Series[3].values[0].Str = tt.n, tt.mode
		got := tpl.Render(frame)
		if len(got) > renderedMaxBytes || len(got) < renderedMaxBytes-utf8.UTFMax || !utf8.ValidString(got) {
			t.Errorf("got %d bytes, valid %v, want at most %d", len(got), utf8.ValidString(got), renderedMaxBytes)
		}
		if end := " and more"; strings.HasSuffix(got, end) != tt.whole || strings.HasSuffix(got, "...") == tt.whole {
			t.Errorf("got it ending in %q, want whole %v", got[len(got)-9:], tt.whole)
		}
	}
}

func TestAMessageTooLongByItselfIsAMistake(t *testing.T) {
	for n, refused := range map[int]bool{renderedMaxBytes: false, renderedMaxBytes + 1: true} {
		_, diags := compileTemplate(parseExpr(t, fmt.Sprintf("%q", strings.Repeat("x", n))), exprScope())
		if diags.HasErrors() != refused || refused && diags[0].Summary != "Message too long" {
			t.Errorf("%d bytes: got %v, want refused %v", n, diags, refused)
		}
	}
}

func FuzzALayoutIsCutIntoAllItsParts(f *testing.F) {
	for _, layout := range []string{"%.1f", "%", "%%", "%d %s", "%.f", "%.10f", "%é", "a%.3f%v"} {
		f.Add(layout)
	}
	f.Fuzz(func(t *testing.T, layout string) {
		rebuilt := ""
		for layout := layout; layout != ""; {
			before, verb, rest, ok := cutVerb(layout)
			if len(rest) >= len(layout) {
				t.Fatalf("%q: nothing taken, rest %q", layout, rest)
			}
			if rebuilt += strings.ReplaceAll(before, "%", "%%") + verb; !ok && isVerb(verb) {
				t.Errorf("%q: verb %q refused", layout, verb)
			}
			layout = rest
		}
		if rebuilt != layout {
			t.Errorf("got %q back, want %q", rebuilt, layout)
		}
	})
}

func TestAMessageSaysWhatWasLastKnownAndHowOldThatIs(t *testing.T) {
	e := NewEngine(loadText(t, `
sensor "freezer" {
  topic  = "freezer/{n}"
  fields = { celsius = number, door = string }
}
sensor "outside" {
  topic = "outside"
  value = number
}
alert "a" {
  when    = sensor.freezer.celsius > 1e9 || sensor.outside > 1e9
  message = "${n}: ${sensor.freezer.celsius} C, door ${upper(sensor.freezer.door)}, ${format("%.1f", sensor.freezer.celsius - sensor.outside)} above outside"
}
`))
	text := func() string {
		in := e.alerts[0].instances["3"]
		return in.alert.message.Render(&in.frame)
	}
	say := func(at time.Duration, topic, payload string) {
		e.Observe(Reading{Topic: topic, Payload: []byte(payload), At: at})
	}
	for _, tt := range []struct {
		at                   time.Duration
		topic, payload, want string
	}{
		{0, "freezer/3", `{"celsius": "bad"}`, "3: ? C, door ?, ? above outside"},
		{time.Minute, "freezer/3", `{"celsius": -11, "door": "open"}`, "3: -11 C, door OPEN, ? above outside"},
		{2 * time.Minute, "outside", "5", "3: -11 C, door OPEN, -16.0 above outside"},
		{4 * time.Minute, "freezer/3", `{"celsius": "unavailable", "door": "shut"}`, "3: -11 (3 min ago) C, door SHUT, -16.0 (3 min ago) above outside"},
		{5 * time.Minute, "outside", "nan", "3: -11 (4 min ago) C, door SHUT, -16.0 (4 min ago) above outside"},
		{6 * time.Minute, "freezer/3", `{"celsius": -10}`, "3: -10 C, door SHUT (2 min ago), -15.0 (4 min ago) above outside"},
	} {
		if say(tt.at, tt.topic, tt.payload); text() != tt.want {
			t.Errorf("at %v:\n got %s\nwant %s", tt.at, text(), tt.want)
		}
	}
}

func TestASensorThatNoMessageSaysKeepsNoLastValues(t *testing.T) {
	e := NewEngine(loadText(t, `
sensor "x" {
  topic = "x"
  value = number
}
alert "a" {
  when    = sensor.x > 5
  message = "high"
}
`))
	e.Observe(Reading{Topic: "x", Payload: []byte("1")})
	if e.sensors[0].series[""].recent != nil {
		t.Error("it does")
	}
}

func TestWhatHappenedIsSaidAlsoWhenItIsOver(t *testing.T) {
	source := `
sensor "bell" {
  topic = "bell"
  value = string
  kind  = "event"
  hold  = "5s"
}
sensor "x" {
  topic = "x"
  value = number
}
alert "a" {
  when    = sensor.bell == "side"
  message = "Bell: ${sensor.bell}, ${sensor.x}"
}
`
	set := loadText(t, source)
	e := NewEngine(set)
	e.Observe(Reading{Topic: "bell", Payload: []byte("front")})
	e.Observe(Reading{Topic: "x", Payload: []byte("2"), At: time.Second})
	e.Tick(time.Minute)
	e = again(t, set, e)
	e.Observe(Reading{Topic: "x", Payload: []byte("bad"), At: time.Hour})
	in := e.alerts[0].instances[""]
	if got, want := in.alert.message.Render(&in.frame), "Bell: front (1 h ago), 2 (59 min ago)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
