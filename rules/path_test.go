package rules

import (
	"fmt"
	"strings"
	"testing"
)

// stepText writes a step down: 'key', [0], * or [key=value].
func stepText(s pathStep) string {
	switch s.kind {
	case elementStep:
		return fmt.Sprintf("[%d]", s.index)
	case anyStep:
		return "*"
	case matchStep:
		return fmt.Sprintf("[%s=%s]", s.key, s.value)
	}
	return "'" + s.key + "'"
}

func TestAPathIsAListOfSteps(t *testing.T) {
	for _, tt := range []struct{ path, want string }{
		{"p", "'p'"},
		{".", ""},
		{"engine.oil[0].p", "'engine' 'oil' [0] 'p'"},
		{"[2][17].v", "[2] [17] 'v'"},
		{`["key with.dots"].v`, "'key with.dots' 'v'"},
		{`a['it is "x"'][0]`, `'a' 'it is "x"' [0]`},
		{`a["]"]`, "'a' ']'"},
		{`[""]`, "''"},
		{"DS18B20-1.Temperature", "'DS18B20-1' 'Temperature'"},
		{"switch:0.aenergy.by_minute[1]", "'switch:0' 'aenergy' 'by_minute' [1]"},
		{`a*.b?.#.@this.|x\y.$`, `'a*' 'b?' '#' '@this' '|x\y' '$'`},
		{"0.1", "'0' '1'"},
		{"größe", "'größe'"},
		{"*.Battery", "* 'Battery'"},
		{"LwReceived.*.DoorOpen", "'LwReceived' * 'DoorOpen'"},
		{"a[*].b", "'a' * 'b'"},
		{"[*]", "*"},
		{"['*'].b", "'*' 'b'"},
		{"sensors[name=kitchen].temp", "'sensors' [name=kitchen] 'temp'"},
		{"can2[id=217056256].data", "'can2' [id=217056256] 'data'"},
		{"[name=Total P].v", "[name=Total P] 'v'"},
		{`['friendly name'="a]b"].v`, "[friendly name=a]b] 'v'"},
		{"errors[=overtemp]", "'errors' [=overtemp]"},
		{"a[b='']", "'a' [b=]"},
		{"a[b=c=d]", "'a' [b=c=d]"},
	} {
		steps, err := parsePath(tt.path)
		if err != nil {
			t.Errorf("%s: %s", tt.path, err.Problem)
			continue
		}
		var got []string
		for _, s := range steps {
			got = append(got, stepText(s))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: got %s, want %s", tt.path, strings.Join(got, " "), tt.want)
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
		{"a[name].b", "name", `"name" is not an index`},
		{"a[name=", "[name=", "[ is not closed"},
		{"a[name=x", "[name=x", "[ is not closed"},
		{"a[name=]", "", "what the member is to say is missing"},
		{`a[name="x]`, `="x]`, "the quoted key is not closed"},
		{"a.*b*[", "[", "[ is not closed"},
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
	for _, path := range []string{"engine.oil[0].p", `["a.b"].c`, "a[", "a..b", `['x`, "[0][1]", "$.a", "a[b=c]", "*.x", "['a'=\"b\"]"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		steps, err := parsePath(path)
		switch {
		case err == nil && (len(steps) == 0) != (path == wholePath), len(steps) > pathMaxSteps:
			t.Errorf("%q: %d steps", path, len(steps))
		case err != nil && (err.Offset < 0 || err.Length < 0 || err.Offset+err.Length > len(path) || err.Problem == "" || err.Remedy == ""):
			t.Errorf("%q: %+v", path, err)
		}
	})
}
