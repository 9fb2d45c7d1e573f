package notify

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
)

func TestAMatchIsNarrowedByEachOfItsMembers(t *testing.T) {
	i := rules.Incident{Alert: "freezer_warm", Severity: rules.Warning, Labels: []rules.Label{{Name: "machine", Value: "press-7"}, {Name: "site", Value: ""}}}
	for _, test := range []struct {
		name  string
		match Match
		want  bool
	}{
		{"the zero match", Match{}, true},
		{"the alert", Match{Alerts: []string{"freezer_warm"}}, true},
		{"one of several alerts", Match{Alerts: []string{"smoke", "freezer_*"}}, true},
		{"another alert", Match{Alerts: []string{"freezer"}}, false},
		{"the severity", Match{Severity: []rules.Severity{rules.Critical, rules.Warning}}, true},
		{"another severity", Match{Severity: []rules.Severity{rules.Info}}, false},
		{"a label", Match{Labels: map[string]string{"machine": "press-*"}}, true},
		{"a label with another value", Match{Labels: map[string]string{"machine": "press-70"}}, false},
		{"a label that is empty", Match{Labels: map[string]string{"site": ""}}, true},
		{"a label that it does not have", Match{Labels: map[string]string{"line": "*"}}, false},
		{"all labels", Match{Labels: map[string]string{"machine": "*7", "site": "*"}}, true},
		{"not all labels", Match{Labels: map[string]string{"machine": "*7", "site": "a"}}, false},
		{"the alert, not the severity", Match{Alerts: []string{"*"}, Severity: []rules.Severity{rules.Critical}}, false},
	} {
		if got := test.match.Matches(i); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func FuzzAStarStandsForAnyText(f *testing.F) {
	f.Add("", "")
	f.Add("*", "smoke")
	f.Add("a*b*c", "abbc")
	f.Add("a*a", "a")
	f.Add("*ab*ab", "abab")
	f.Add("a.c", "abc")
	f.Add("freezer_*", "a freezer_warm")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 100 {
			return // the regular expression of the comparison would be too large
		}
		pieces := strings.Split(pattern, "*")
		for i := range pieces {
			pieces[i] = regexp.QuoteMeta(pieces[i])
		}
		re, err := regexp.Compile(`\A(?s:` + strings.Join(pieces, `.*`) + `)\z`)
		if err != nil {
			return // no regular expression is made of bytes that are no UTF-8
		}
		if got, want := matchesGlob(pattern, text), re.MatchString(text); got != want {
			t.Errorf("%q matches %q: %v, want %v", pattern, text, got, want)
		}
	})
}

func TestNoPatternTakesLong(t *testing.T) {
	begun := time.Now()
	for _, piece := range []string{"a*", "aa*", "*a", "ab*", strings.Repeat("a", 50) + "b*"} {
		matchesGlob(strings.Repeat(piece, 10_000)+"b", strings.Repeat("a", 100_000))
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("it took %v", took)
	}
}
