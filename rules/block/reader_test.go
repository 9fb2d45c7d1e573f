package block

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// parse returns the first block of a configuration.
func parse(t *testing.T, src string) *hclsyntax.Block {
	t.Helper()
	f, diags := hclsyntax.ParseConfig([]byte(src), "x.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return f.Body.(*hclsyntax.Body).Blocks[0]
}

// open reads a block with one argument.
func open(t *testing.T, argument string) *Reader {
	t.Helper()
	return Open(parse(t, "alert \"door\" {\n  "+argument+"\n}\n"), nil)
}

// only returns what a reader found, which must be one diagnostic, in one line.
func only(t *testing.T, r *Reader) string {
	t.Helper()
	diags := r.Close()
	if len(diags) != 1 {
		t.Fatalf("got %d diagnostics, want 1: %v", len(diags), diags)
	}
	return fmt.Sprintf("%d:%d %s: %s", diags[0].Subject.Start.Line, diags[0].Subject.Start.Column, diags[0].Summary, diags[0].Detail)
}

func TestEveryMistakeSaysWhatToWriteInstead(t *testing.T) {
	tests := []struct {
		argument string
		read     func(*Reader)
		want     string
	}{
		{`for = "ten minutes"`, func(r *Reader) { r.Duration("for", 0, time.Hour) },
			`2:9 Invalid duration: "ten minutes" is not a duration. Write a number and a unit, such as "90s", "10m" or "4h".`},
		{`for = 10`, func(r *Reader) { r.Duration("for", 0, time.Hour) },
			`2:9 Invalid duration: 10 has no unit. Write it in quotes with one, such as "10s" or "10m".`},
		{`for = "10"`, func(r *Reader) { r.Duration("for", 0, time.Hour) },
			`2:9 Invalid duration: "10" has no unit. Write a number and a unit, such as "90s", "10m" or "4h".`},
		{`for = true`, func(r *Reader) { r.Duration("for", 0, time.Hour) },
			`2:9 Invalid duration: for takes a duration, and this is a bool. Write a number and a unit, such as "90s", "10m" or "4h".`},
		{`for = "2h"`, func(r *Reader) { r.Duration("for", time.Second, 90*time.Minute) },
			`2:9 Invalid duration: for is 2h. Write a duration between "1s" and "1h30m".`},
		{`message = 5`, func(r *Reader) { r.String("message") },
			`2:13 Invalid value: message takes a text, and this is a number. Write it in quotes: "5".`},
		{`message = ["a"]`, func(r *Reader) { r.String("message") },
			`2:13 Invalid value: message takes a text, and this is a list. Write a text in quotes.`},
		{`message = " "`, func(r *Reader) { r.Text("message") },
			`2:13 Invalid value: message is empty. Write a text, or leave the argument out.`},
		{`message = 5`, func(r *Reader) { r.Text("message") },
			`2:13 Invalid value: message takes a text, and this is a number. Write it in quotes: "5".`},
		{`message = hello`, func(r *Reader) { r.String("message") },
			`2:13 Invalid value: message takes a fixed value, and hello is a name. If it is a text, quote it: "hello".`},
		{`message = "x ${sensor.a.b}"`, func(r *Reader) { r.String("message") },
			`2:18 Invalid value: message is fixed when the configuration is loaded, so it cannot use sensor.a.b.`},
		{`message = null`, func(r *Reader) { r.String("message") },
			`2:13 Invalid value: message has no value here. Write one, or leave the argument out.`},
		{`latch = "yes"`, func(r *Reader) { r.Bool("latch", false) },
			`2:11 Invalid value: latch takes true or false, and this is a text. Write true or false, without quotes.`},
		{`qos = 3`, func(r *Reader) { r.Int("qos", 0, 2, 1) },
			`2:9 Invalid number: qos is 3. Write a whole number between 0 and 2.`},
		{`qos = 0.5`, func(r *Reader) { r.Int("qos", 0, 2, 1) },
			`2:9 Invalid number: qos is 0.5. Write a whole number between 0 and 2.`},
		{`qos = "1"`, func(r *Reader) { r.Int("qos", 0, 2, 1) },
			`2:9 Invalid value: qos takes a number, and this is a text. Write a number without quotes, such as 10 or 2.5.`},
		{`limit = 1e400`, func(r *Reader) { r.Number("limit") },
			`2:11 Invalid number: limit is too large. Write a number below 1e308.`},
		{`severity = "critcial"`, func(r *Reader) { r.Words("severity", "critical", "warning") },
			`2:14 Invalid value: severity cannot be "critcial". Did you mean "critical"?`},
		{`severity = "x"`, func(r *Reader) { r.Words("severity", "critical", "warning", "info") },
			`2:14 Invalid value: severity cannot be "x". Write "critical", "warning" or "info".`},
		{`value = numbr`, func(r *Reader) { r.Keyword("value", "number", "bool") },
			`2:11 Invalid value: value takes one of the words number and bool. Did you mean number?`},
		{`value = "number"`, func(r *Reader) { r.Keyword("value", "number", "bool") },
			`2:11 Invalid value: value takes one of the words number and bool. Write number without the quotes.`},
		{`notify = "alice"`, func(r *Reader) { r.Refs("notify", "contact", "policy") },
			`2:12 Invalid reference: notify refers to a block, and "alice" is a text. Write contact.alice or policy.alice, without quotes.`},
		{`notify = "policy.all"`, func(r *Reader) { r.Refs("notify", "contact", "policy") },
			`2:12 Invalid reference: notify refers to a block, and "policy.all" is a text. Write policy.all, without quotes.`},
		{`notify = alice`, func(r *Reader) { r.Refs("notify", "contact") },
			`2:12 Invalid reference: alice says no kind. Write contact.alice.`},
		{`notify = contact`, func(r *Reader) { r.Refs("notify", "contact") },
			`2:12 Invalid reference: contact needs a name. Write contact.some_name.`},
		{`notify = [contact.bob, sensor.a]`, func(r *Reader) { r.Refs("notify", "contact") },
			`2:26 Invalid reference: notify cannot be sensor.a. Write contact.some_name.`},
		{`notify = contact.bob.phone`, func(r *Reader) { r.Refs("notify", "contact") },
			`2:12 Invalid reference: contact.bob.phone is no reference to a block. Write kind and name only: contact.bob.`},
		{`notify = contact["bob"]`, func(r *Reader) { r.Refs("notify", "contact") },
			`2:12 Invalid reference: contact is no reference to a block. Write kind and name only: contact.some_name.`},
		{`notify = 1 + 2`, func(r *Reader) { r.Refs("notify", "contact") },
			`2:12 Invalid reference: notify refers to a block by kind and name. Write contact.some_name.`},
		{`notify = []`, func(r *Reader) { r.Refs("notify", "contact") },
			`2:12 Invalid reference: notify is an empty list. Write contact.some_name, or leave the argument out.`},
		{`fields = number`, func(r *Reader) { r.Pairs("fields") },
			`2:12 Invalid value: fields takes an object. Write fields = { name = … }.`},
		{`fields = { a = 1, a = 2 }`, func(r *Reader) { r.Pairs("fields") },
			`2:21 Duplicate name: fields already has a, on line 2. Keep one of them.`},
		{``, func(r *Reader) { r.Need("when", `Write when = sensor.x > 5.`) },
			`1:1 Missing argument: alert "door" has no when. Write when = sensor.x > 5.`},
		{`notfiy = 1`, func(r *Reader) { r.Has("notify") },
			`2:3 Unsupported argument: alert "door" takes no argument notfiy. Did you mean notify?`},
		{`colour = 1`, func(r *Reader) { r.Has("when"); r.Has("for") },
			`2:3 Unsupported argument: alert "door" takes no argument colour. Its arguments are when and for.`},
		{`latch = 1`, func(r *Reader) { r.Later("latch") },
			`2:3 Not available yet: The argument latch of alert is not available in this version of tocsin. Remove it or upgrade.`},
		{`levels {}`, func(r *Reader) { r.Block("level") },
			`2:3 Unsupported block: alert "door" takes no block levels. Did you mean level?`},
		{`levels {}`, func(r *Reader) {},
			`2:3 Unsupported block: alert "door" takes no block levels. It takes no blocks; remove it.`},
		{`when {}`, func(r *Reader) { r.Has("when") },
			`2:3 Argument expected: when is an argument of alert "door", not a block. Write when = ….`},
		{`tls = {}`, func(r *Reader) { r.Block("tls") },
			`2:3 Block expected: tls is a block of alert "door", not an argument. Write tls { … } without "=".`},
		{"tls {}\n  tls {}", func(r *Reader) { r.Block("tls") },
			`3:3 Duplicate block: alert "door" already has the block tls, on line 2. Keep one of them.`},
		{`tls "x" {}`, func(r *Reader) { r.Block("tls") },
			`2:7 Unexpected label: A tls block inside another one has no name. Write tls { … }.`},
		{"tls {\n    ca = 1\n  }", func(r *Reader) { r.Block("tls").Has("ca_file") },
			`3:5 Unsupported argument: tls of alert "door" takes no argument ca. Its arguments are ca_file.`},
	}
	for _, tt := range tests {
		t.Run(tt.argument, func(t *testing.T) {
			r := open(t, tt.argument)
			tt.read(r)
			if got := only(t, r); got != tt.want {
				t.Errorf("\ngot  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestRightArgumentsAreReadAsWritten(t *testing.T) {
	r := Open(parse(t, `alert "door" {
  message  = "Door open"
  latch    = true
  qos      = 2
  limit    = -2.5
  for      = "20m"
  severity = "critical"
  value    = bool
  notify   = [contact.alice, policy.family]
  fields   = { b = number, "a" = bool }
  when     = sensor.door
}`), nil)
	check := func(name string, got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	limit, _ := r.Number("limit")
	pairs := r.Pairs("fields")
	check("label", r.Label(), "door")
	check("title", r.Title(), `alert "door"`)
	check("message", r.String("message"), "Door open")
	check("latch", r.Bool("latch", false), true)
	check("qos", r.Int("qos", 0, 2, 1), 2)
	check("limit", limit, -2.5)
	check("for", r.Duration("for", 0, time.Hour), 20*time.Minute)
	check("severity", r.Words("severity", "critical", "warning"), "critical")
	check("value", r.Keyword("value", "number", "bool"), "bool")
	check("notify", r.Refs("notify", "contact", "policy"), "[contact.alice policy.family]")
	check("fields", []string{pairs[0].Key, pairs[1].Key}, "[b a]")
	check("kind", r.KeywordOf(pairs[1].Value, "a", "number", "bool"), "bool")
	check("when", r.Expr("when").Range().Start.Line, 11)
	check("range", r.Range("qos").Start.Line, 4)
	if diags := r.Close(); len(diags) > 0 {
		t.Errorf("got %v, want no diagnostics", diags)
	}
}

func TestAbsentArgumentsAreZeroAndNoMistake(t *testing.T) {
	r := Open(parse(t, `alert "door" {}`), nil)
	if r.Has("a") || r.String("a") != "" || r.Duration("a", 1, 2) != 0 || r.Expr("a") != nil ||
		r.Refs("a", "contact") != nil || r.Pairs("a") != nil || r.Block("a") != nil ||
		r.Words("a", "x") != "" || r.Keyword("a", "x") != "" || r.Int("a", 1, 2, 7) != 7 || !r.Bool("a", true) {
		t.Error("an absent argument is not the zero value")
	}
	if got := r.Range("a"); got != r.Header() {
		t.Errorf("range of an absent argument: got %v, want the header's %v", got, r.Header())
	}
	if diags := r.Close(); len(diags) > 0 {
		t.Errorf("got %v, want no diagnostics", diags)
	}
}

func TestAnArgumentIsWrongOnceAMistakeWasFoundInIt(t *testing.T) {
	r := Open(parse(t, "alert \"a\" {\n for = [1, 2]\n message = \"x\"\n}"), nil)
	if r.Wrong("for") {
		t.Error("for is wrong before it was read")
	}
	r.Duration("for", 0, time.Hour)
	r.String("message")
	if got := [3]bool{r.Wrong("for"), r.Wrong("message"), r.Wrong("absent")}; got != [3]bool{true, false, false} {
		t.Errorf("for, message and absent wrong: got %v, want only the first", got)
	}
}

func TestCloseReportsInTheOrderOfTheSourceAndOnce(t *testing.T) {
	r := Open(parse(t, "alert \"a\" {\n z = 1\n y = 1\n tls {\n  b = 1\n }\n x = 1\n}"), nil)
	r.Block("tls")
	var lines []string
	for _, d := range r.Close() {
		lines = append(lines, fmt.Sprint(d.Subject.Start.Line))
	}
	if got, want := strings.Join(lines, " "), "2 3 5 7"; got != want {
		t.Errorf("lines: got %s, want %s", got, want)
	}
	if again := r.Close(); again != nil {
		t.Errorf("second Close: got %v, want nothing", again)
	}
}

func TestDurationsAreReadLargestUnitFirst(t *testing.T) {
	good := map[string]time.Duration{
		"90s": 90 * time.Second, "10m": 10 * time.Minute, "4h": 4 * time.Hour, "7d": 7 * day, "0s": 0,
		"1h30m": 90 * time.Minute, "1.5h": 90 * time.Minute, "250ms": 250 * time.Millisecond, "1d12h": 36 * time.Hour,
	}
	for s, want := range good {
		if got, err := ParseDuration(s); err != nil || got != want {
			t.Errorf("ParseDuration(%q): got %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "m", "10", "1.5", "-5m", "10 m", "10 minutes", "30m1h", "1m1m", "1..5h", ".", "1h30", "1e3s", "999999999d", "NaN", "inf"} {
		if got, err := ParseDuration(s); err == nil {
			t.Errorf("ParseDuration(%q): got %v, want an error", s, got)
		}
	}
}

func FuzzDurationsSurviveFormatting(f *testing.F) {
	for _, s := range []string{"90s", "1.5h", "7d", "1h30m", "250ms", "106751d", "ten minutes"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			return
		}
		d = d.Truncate(time.Millisecond)
		if again, err := ParseDuration(FormatDuration(d)); err != nil || (again-d).Abs() > time.Millisecond && d < 1000*day {
			t.Errorf("%q is %v, formatted %q, read as %v, %v", s, d, FormatDuration(d), again, err)
		}
	})
}

func TestSuggestionsForgiveSlipsAndNothingElse(t *testing.T) {
	known := []string{"clear_for", "clear_when", "for", "message", "notify", "when"}
	tests := []struct{ given, want string }{
		{"notfiy", "notify"}, {"clear-when", "clear_when"}, {"mesage", "message"}, {"Notify", "notify"},
		{"wehn", "when"}, {"clearfor", "clear_for"}, {"colour", ""}, {"x", ""}, {"", ""}, {"text", ""},
	}
	for _, tt := range tests {
		if got := Suggest(tt.given, known); got != tt.want {
			t.Errorf("Suggest(%q): got %q, want %q", tt.given, got, tt.want)
		}
	}
}

func FuzzNoArgumentCrashesTheReader(f *testing.F) {
	for _, s := range []string{`"10m"`, `5`, `[contact.a]`, `{ a = number }`, `null`, `1 / 0`, `"${1}"`, `a[0].b`, `[for x in [1]: x]`, `1e999`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		file, diags := hclsyntax.ParseConfig([]byte("alert \"door\" {\nv = "+value+"\n}\n"), "x.hcl", hcl.InitialPos)
		if diags.HasErrors() || len(value) > 200 || strings.ContainsAny(value, "eE") {
			return // huge exponents and deep nesting are refused before a block is read
		}
		for _, b := range file.Body.(*hclsyntax.Body).Blocks {
			r := Open(b, nil)
			r.String("v")
			r.Bool("v", false)
			r.Int("v", 0, 9, 0)
			r.Number("v")
			r.Duration("v", 0, time.Hour)
			r.Words("v", "a")
			r.Keyword("v", "a")
			r.Pairs("v")
			r.Refs("v", "contact")
			r.Block("v")
			for _, d := range r.Close() {
				if d.Subject == nil || d.Summary == "" || d.Detail == "" {
					t.Errorf("%q: diagnostic without range, summary or detail: %v", value, d)
				}
			}
		}
	})
}
