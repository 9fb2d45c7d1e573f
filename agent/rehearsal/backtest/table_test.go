package backtest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func TestALineIsSplitIntoItsCells(t *testing.T) {
	tests := []struct{ line, want string }{
		{`a,b,c`, `a|b|c`},
		{`a,,c,`, `a||c|`},
		{``, ``},
		{`"a,b",c`, `a,b|c`},
		{`"a ""quoted"" word",c`, `a "quoted" word|c`},
		{`"""",""`, `"|`},
		{`a"b,c`, `a"b|c`},
		{`"140","2015-02-02 14:19:00",23.7`, `140|2015-02-02 14:19:00|23.7`},
	}
	for _, test := range tests {
		cells, err := split([]byte(test.line), ',', nil)
		if err != nil {
			t.Errorf("%s: %v", test.line, err)
		}
		var got []string
		for _, c := range cells {
			got = append(got, string(c))
		}
		if s := strings.Join(got, "|"); s != test.want {
			t.Errorf("%s: got %s, want %s", test.line, s, test.want)
		}
	}
	for _, line := range []string{`"a`, `"a""`, `a,"b"c,d`} {
		if cells, err := split([]byte(line), ',', nil); err == nil {
			t.Errorf("%s: got %q, want an error", line, cells)
		}
	}
}

func TestACellBecomesTheJSONItIs(t *testing.T) {
	tests := map[string]string{
		"1": "1", "-18.5": "-18.5", "1e5": "1e5", "1E-5": "1E-5", "0": "0", "-0.5": "-0.5", "true": "true", "false": "false", "": "null", "null": "null",
		"007": `"007"`, "1.": `"1."`, ".5": `".5"`, "1e": `"1e"`, "-": `"-"`, "+1": `"+1"`, "NaN": `"NaN"`, "N/A": `"N/A"`, "0x1": `"0x1"`,
		`say "hi"`: `"say \"hi\""`, "tab\there": `"tab\there"`, "°C": `"°C"`,
	}
	for cell, want := range tests {
		got := string(appendJSON(nil, []byte(cell)))
		if got != want {
			t.Errorf("%q: got %s, want %s", cell, got, want)
		}
		if !json.Valid([]byte(got)) {
			t.Errorf("%q: %s is not JSON", cell, got)
		}
	}
}

func TestAMapSaysTopicAndField(t *testing.T) {
	tests := []struct {
		text string
		want Map
	}{
		{"value=machine/temp", Map{"value", "machine/temp", ""}},
		{"t=pump/7/state:celsius", Map{"t", "pump/7/state", "celsius"}},
		{"Air temperature [K]=mill/{Type}:air_k", Map{"Air temperature [K]", "mill/{Type}", "air_k"}},
		{"v=gw/00:11:22/temp", Map{"v", "gw/00:11:22/temp", ""}},
	}
	for _, test := range tests {
		if got, err := ParseMap(test.text); err != nil || got != test.want {
			t.Errorf("%s: got %+v, %v, want %+v", test.text, got, err, test.want)
		}
	}
	for _, text := range []string{"", "value", "=topic", "value="} {
		if got, err := ParseMap(text); err == nil {
			t.Errorf("%q: got %+v, want an error", text, got)
		}
	}
}

// said is what is made of a file, a line for each message.
func said(t *testing.T, o Options, text string) (lines []string, played Played) {
	t.Helper()
	o.Config, o.Zone = plant(t), time.UTC
	sources, err := open(o, []File{{"test.csv", strings.NewReader(text)}})
	if err != nil {
		t.Fatal(err)
	}
	for s := sources[0]; s.advance(); {
		for _, m := range s.messages {
			lines = append(lines, time.Unix(0, s.at).UTC().Format(time.DateTime)+" "+m.Topic+" "+string(m.Payload))
		}
	}
	return lines, sources[0].played
}

func TestColumnsBecomeMessages(t *testing.T) {
	const csv = "time,id,bar,word\n2020-01-01 00:00:00,a,5.5,ok\n2020-01-01 00:01:00,b,,\n"
	tests := []struct {
		name string
		o    Options
		want string
	}{
		{"bare", Options{Maps: []Map{{"bar", "machine/temp", ""}}},
			"2020-01-01 00:00:00 machine/temp 5.5"},
		{"members of one payload", Options{Maps: []Map{{"bar", "pump/{id}/state", "bar"}, {"word", "pump/{id}/state", "word"}}},
			"2020-01-01 00:00:00 pump/a/state {\"bar\":5.5,\"word\":\"ok\"}\n2020-01-01 00:01:00 pump/b/state {\"bar\":null,\"word\":null}"},
		{"one column twice", Options{Maps: []Map{{"bar", "machine/temp", ""}, {"bar", "x", "y"}}},
			"2020-01-01 00:00:00 machine/temp 5.5\n2020-01-01 00:00:00 x {\"y\":5.5}\n2020-01-01 00:01:00 x {\"y\":null}"},
		{"whole rows", Options{Topic: "all/{id}"},
			"2020-01-01 00:00:00 all/a {\"time\":\"2020-01-01 00:00:00\",\"id\":\"a\",\"bar\":5.5,\"word\":\"ok\"}\n" +
				"2020-01-01 00:01:00 all/b {\"time\":\"2020-01-01 00:01:00\",\"id\":\"b\",\"bar\":null,\"word\":null}"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lines, played := said(t, test.o, csv)
			if got := strings.Join(lines, "\n"); got != test.want || played.Bad != 0 {
				t.Errorf("%d bad; got\n%s\nwant\n%s", played.Bad, got, test.want)
			}
		})
	}
}

func TestTablesComeInManyShapes(t *testing.T) {
	bar := Options{Maps: []Map{{"bar", "x", ""}}}
	tests := []struct{ name, text string }{
		{"semicolons", "datetime;bar\n2020-01-01 00:00:00;5\n"},
		{"tabs", "ts\tbar\n1577836800\t5\n"},
		{"bars", "TIME|bar\n1577836800|5\n"},
		{"byte order mark, CRLF, no last line end", "\ufefftime,bar\r\n2020-01-01 00:00:00,5"},
		{"blanks around cells", "time, bar\n2020-01-01 00:00:00, 5 \n\n"},
		{"numbered rows without a name for it", "\"date\",\"bar\"\n\"1\",\"2020-01-01 00:00:00\",5\n"},
		{"quoted", "\"time\",\"bar\"\n\"2020-01-01 00:00:00\",\"5\"\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lines, played := said(t, bar, test.text)
			if got, want := strings.Join(lines, "\n"), "2020-01-01 00:00:00 x 5"; got != want || played.Bad != 0 || played.Rows != 1 {
				t.Errorf("%+v; got %q, want %q", played, got, want)
			}
		})
	}
}

func TestABadRowIsCountedAndTheFirstIsTold(t *testing.T) {
	text := "time,bar\n2020-01-01 00:00:00,5\nsoon,5\n2020-01-01 00:01:00\n2020-01-01 00:02:00,\"5\n" +
		"2020-01-01 00:03:00," + strings.Repeat("9", lineMaxBytes) + "\n2020-01-01 00:04:00,6\n"
	lines, played := said(t, Options{Maps: []Map{{"bar", "x", ""}}}, text)
	if len(lines) != 2 || played.Rows != 6 || played.Bad != 4 {
		t.Errorf("%d messages, %+v; want 2 of 6 rows with 4 bad", len(lines), played)
	}
	if !strings.HasPrefix(played.FirstBad, `line 3: "soon" is no time`) {
		t.Errorf("the first bad row is %q", played.FirstBad)
	}
}

func TestRecordingsAreLinesOfTimeTopicAndPayload(t *testing.T) {
	text := `{"time": "2020-01-01T00:00:00Z", "topic": "a/b", "payload": "-18.5"}
{"ts": 1577836860, "topic": "a/b", "payload": {"x": [1, true]}, "qos": 1}
{"timestamp": 1577836920000, "topic": "a/ü", "payload": "say \"hi\""}
{"time": "2020-01-01T00:03:00Z", "topic": "a", "payload": 5}
{"time": "2020-01-01T00:03:00Z", "topic": "a", "payload": ""}
{"topic": "a", "payload": 5}
{"time": "2020-01-01T00:03:00Z", "payload": 5}
{"time": "2020-01-01T00:03:00Z", "topic": "a"}
{"time": true, "topic": "a", "payload": 5}
[1]
{"time":
`
	lines, played := said(t, Options{}, text)
	want := "2020-01-01 00:00:00 a/b -18.5\n2020-01-01 00:01:00 a/b {\"x\": [1, true]}\n" +
		"2020-01-01 00:02:00 a/ü say \"hi\"\n2020-01-01 00:03:00 a 5\n2020-01-01 00:03:00 a "
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if played.Bad != 6 || played.FirstBad != `line 6: it has no "time"` {
		t.Errorf("%+v, want 6 bad, the first without time", played)
	}
}

func TestAFileThatCannotBePlayedSaysWhatToWrite(t *testing.T) {
	bar := []Map{{"bar", "x", ""}}
	tests := []struct {
		name, text string
		o          Options
		want       string
	}{
		{"empty", "", Options{Maps: bar}, "it is empty"},
		{"no header", "1 1 -0.0007 100.0\n1 2 0.0019 100.0\n", Options{Maps: bar}, `its first line names no columns, it begins "1 1 -0.0007 100.0"`},
		{"no time", "when,bar\n1,2\n", Options{Maps: bar}, `say which holds the time, such as --time "when"`},
		{"no such time", "when,bar\n1,2\n", Options{Maps: bar, Time: "wen"}, `did you mean "when"?`},
		{"no such column", "time,value\n1,2\n", Options{Maps: bar}, `there is no column "bar"; its columns are "time", "value"`},
		{"no map", "time,value\n1,2\n", Options{}, `--map "value=machine/temp"`},
		{"no such column in a topic", "time,bar\n1,2\n", Options{Maps: []Map{{"bar", "x/{ba}", ""}}}, `did you mean "bar"?`},
		{"an open brace", "time,bar\n1,2\n", Options{Topic: "x/{bar"}, `a { is not closed`},
		{"only bad rows", "time,bar\nnever,2\n", Options{Maps: bar}, `there is not one reading in it; line 2: "never" is no time`},
		{"no rows", "time,bar\n", Options{Maps: bar}, `there is not one reading in it`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.o.Config = plant(t)
			_, err := Play(test.o, []File{{"h.csv", strings.NewReader(test.text)}})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "h.csv: ") {
				t.Errorf("got %v, want h.csv: … %s", err, test.want)
			}
		})
	}
}
