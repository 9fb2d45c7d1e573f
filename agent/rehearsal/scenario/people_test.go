package scenario

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// promised are the configurations of what people are promised, with scenarios.
var promised = []string{"testdata/people", "testdata/people/yard"}

func TestPeopleAreToldWhatTheyArePromised(t *testing.T) {
	for _, dir := range promised {
		c, tests, diags := load(t, dir)
		if len(diags) > 0 || len(tests) == 0 {
			t.Fatalf("%s: %d tests: %v", dir, len(tests), diags)
		}
		for _, test := range tests {
			t.Run(test.Name, func(t *testing.T) {
				for _, f := range Play(c, test).Failures {
					t.Errorf("%s line %d, at %v: %s %s", f.Range.Filename, f.Range.Start.Line, f.At, f.Wanted, f.Happened)
					for _, text := range f.Texts {
						t.Logf("%v to %s: %s", text.Sent, text.Contact, text.Body)
					}
				}
			})
		}
	}
}

// TestEverySentenceOfThePromiseHasAScenarioOfItsName reads sentences.txt, a
// sentence a line.
func TestEverySentenceOfThePromiseHasAScenarioOfItsName(t *testing.T) {
	var proven []string
	for _, dir := range promised {
		_, tests, _ := load(t, dir)
		for _, test := range tests {
			proven = append(proven, test.Name)
		}
	}
	text, err := os.ReadFile("testdata/people/sentences.txt")
	if err != nil {
		t.Fatal(err)
	}
	sentences := 0
	for line := range strings.Lines(string(text)) {
		sentence := strings.TrimSpace(line)
		if sentence == "" || strings.HasPrefix(sentence, "#") {
			continue
		}
		if sentences++; !slices.Contains(proven, sentence) {
			t.Errorf("no scenario is called %q", sentence)
		}
	}
	if sentences < 60 {
		t.Errorf("%d sentences, want all of them", sentences)
	}
}
