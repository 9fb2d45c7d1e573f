package rules

import (
	"strings"
	"testing"
)

func TestAPathNamesKeysLiterally(t *testing.T) {
	for _, tt := range []struct {
		path string
		want []pathStep
	}{
		{"p", []pathStep{{"p", -1}}},
		{"engine.oil[0].p", []pathStep{{"engine", -1}, {"oil", -1}, {"", 0}, {"p", -1}}},
		{"[2][17].v", []pathStep{{"", 2}, {"", 17}, {"v", -1}}},
		{`["key with.dots"].v`, []pathStep{{"key with.dots", -1}, {"v", -1}}},
		{`a['it is "x"'][0]`, []pathStep{{"a", -1}, {`it is "x"`, -1}, {"", 0}}},
		{`a["]"]`, []pathStep{{"a", -1}, {"]", -1}}},
		{`[""]`, []pathStep{{"", -1}}},
		{"DS18B20-1.Temperature", []pathStep{{"DS18B20-1", -1}, {"Temperature", -1}}},
		{"switch:0.aenergy.by_minute[1]", []pathStep{{"switch:0", -1}, {"aenergy", -1}, {"by_minute", -1}, {"", 1}}},
		{`a*.b?.#.@this.|x\y.$`, []pathStep{{"a*", -1}, {"b?", -1}, {"#", -1}, {"@this", -1}, {`|x\y`, -1}, {"$", -1}}},
		{"0.1", []pathStep{{"0", -1}, {"1", -1}}},
		{"größe", []pathStep{{"größe", -1}}},
	} {
		got, err := parsePath(tt.path)
		if err != nil {
			t.Errorf("%s: %s", tt.path, err.Problem)
			continue
		}
		if len(got) != len(tt.want) {
			t.Errorf("%s: got %v, want %v", tt.path, got, tt.want)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%s: step %d is %v, want %v", tt.path, i, got[i], tt.want[i])
			}
		}
	}
}

func TestAMistakeInAPathIsFoundWhereItStands(t *testing.T) {
	for _, tt := range []struct{ path, part, problem string }{
		{"", "", "the path is 0 bytes long"},
		{strings.Repeat("p", pathMaxBytes+1), strings.Repeat("p", pathMaxBytes+1), "257 bytes long"},
		{".a", ".", "a name is missing"},
		{"a..b", ".", "a name is missing"},
		{"a.", ".", "a name is missing"},
		{"a.[0]", ".", "a name is missing"},
		{"a b", " ", `" " cannot stand in a bare name`},
		{`a"b"`, `"`, `"\"" cannot stand in a bare name`},
		{"a]", "]", `"]" cannot stand in a bare name`},
		{"a[0]b", "b", `"b" follows a bracket without a dot`},
		{"a[0", "[0", "[ is not closed"},
		{"a[]", "", `"" is not an index`},
		{"a[-1]", "-1", `"-1" is not an index`},
		{"a[*].b", "*", `"*" is not an index`},
		{"a[65536]", "65536", `"65536" is not an index`},
		{"a[99999999999999999999]", "99999999999999999999", "is not an index"},
		{`a["b]`, `["b]`, "the quoted key is not closed"},
		{`a["b"`, `["b"`, "the quoted key is not closed"},
		{`a["b"x]`, `["b"x]`, "the quoted key is not closed"},
		{"$.a", "$", "begins at the payload"},
		{"$[0]", "$", "begins at the payload"},
		{"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q", ".q", "more than 16 steps"},
	} {
		_, err := parsePath(tt.path)
		if err == nil {
			t.Errorf("%s: no mistake, want %q", tt.path, tt.problem)
			continue
		}
		if got := tt.path[err.Offset : err.Offset+err.Length]; got != tt.part || !strings.Contains(err.Problem, tt.problem) {
			t.Errorf("%s: got %q at %q, want %q at %q", tt.path, err.Problem, got, tt.problem, tt.part)
		}
	}
}

func FuzzParsePathSaysWhereTheMistakeIs(f *testing.F) {
	for _, path := range []string{"engine.oil[0].p", `["a.b"].c`, "a[", "a..b", `['x`, "[0][1]", "$.a"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		steps, err := parsePath(path)
		switch {
		case err == nil && (len(steps) == 0 || len(steps) > pathMaxSteps):
			t.Errorf("%q: %d steps", path, len(steps))
		case err != nil && (err.Offset < 0 || err.Length < 0 || err.Offset+err.Length > len(path) || err.Problem == "" || err.Remedy == ""):
			t.Errorf("%q: %+v", path, err)
		}
	})
}
