package modem

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// letters are the usual abbreviations of the classes.
var letters = map[string]Class{
	"W": Wait, "R": Soon, "S": Slow, "A": Ambiguous, "P": Permanent, "SIM": Account, "M": Device, "C": Storage, "OK": Done,
}

func TestEveryCodeHasTheClassOfItsRow(t *testing.T) {
	const s, min, h = time.Second, time.Minute, time.Hour
	type pauses = []time.Duration
	for _, row := range []struct {
		codes  []int
		letter string
		tries  int    // refusals from which on then holds
		then   string // "" when the letter always holds
		alter  Alteration
		pauses pauses // the first ones; nil: none is prescribed
	}{
		{codes: []int{1}, letter: "S", tries: 2, then: "P", pauses: pauses{10 * min}},
		{codes: []int{8, 10, 50, 193, 213, 312, 315, 316, 317, 318}, letter: "SIM", pauses: pauses{h}},
		{codes: []int{17}, letter: "R", pauses: pauses{10 * s, 30 * s, 2 * min}},
		{codes: []int{21}, letter: "S", tries: 4, then: "SIM", pauses: pauses{min}},
		{codes: []int{22, 42, 47, 514}, letter: "R", pauses: pauses{15 * s, 30 * s, min, min}},
		{codes: []int{27, 38, 194}, letter: "S", pauses: pauses{min, 5 * min, 15 * min, 15 * min}},
		{codes: []int{28, 29}, letter: "SIM", pauses: pauses{min, h, h}},
		{codes: []int{30}, letter: "SIM", pauses: pauses{h}},
		{codes: []int{41, 2, 7, 100, 126}, letter: "R", tries: 4, then: "S", pauses: pauses{5 * s, 20 * s, min}},
		{codes: []int{69}, letter: "R", tries: 2, then: "P"},
		{codes: []int{81, 210}, letter: "M"},
		{codes: []int{95, 96, 97, 99, 128, 129, 130, 143, 160, 161, 175, 176, 195, 196, 303, 304, 305, 321}, letter: "P"},
		{codes: []int{98}, letter: "R", tries: 2, then: "M"},
		{codes: []int{111}, letter: "S", tries: 3, then: "P"},
		{codes: []int{127}, letter: "S", tries: 4, then: "P"},
		{codes: []int{144, 159}, letter: "P", alter: AsPlain},
		{codes: []int{145}, letter: "P", alter: WithoutClass},
		{codes: []int{198, 199}, letter: "P", alter: WithoutValidity},
		{codes: []int{192}, letter: "R", pauses: pauses{30 * s, 30 * s}},
		{codes: []int{197, 340}, letter: "OK"},
		{codes: []int{208, 209, 211, 322}, letter: "C"},
		{codes: []int{212}, letter: "R", pauses: pauses{5 * s}},
		{codes: []int{224, 240, 254}, letter: "S", tries: 2, then: "P"},
		{codes: []int{255, 131, 150, 223}, letter: "S", tries: 3, then: "P"},
		{codes: []int{300}, letter: "R", tries: 2, then: "M", pauses: pauses{5 * s}},
		{codes: []int{301}, letter: "W", pauses: pauses{30 * s, 30 * s}},
		{codes: []int{302}, letter: "W", tries: 3, then: "M"},
		{codes: []int{310, 311, 313}, letter: "SIM"},
		{codes: []int{314, 515}, letter: "W", pauses: pauses{s, 2 * s, 5 * s, 10 * s, 10 * s, 10 * s, 20 * s, min, min}},
		{codes: []int{320}, letter: "C", tries: 2, then: "M"},
		{codes: []int{330}, letter: "SIM", pauses: pauses{10 * s}},
		{codes: []int{331}, letter: "W"},
		{codes: []int{332, 513}, letter: "A", pauses: pauses{2 * min}},
		{codes: []int{500, 0, 333, 499, 501, 517, 543, 9999, -1}, letter: "S", pauses: pauses{30 * s, 2 * min}},
		{codes: []int{512}, letter: "R"},
	} {
		for _, code := range row.codes {
			t.Run(fmt.Sprint(code), func(t *testing.T) {
				v := (&SendError{Outcome: Refused, Code: code}).Verdict()
				if v.Class != letters[row.letter] || v.Tries != row.tries || v.Alter != row.alter {
					t.Errorf("class %v, %d tries, alteration %b, want %s, %d, %b", v.Class, v.Tries, v.Alter, row.letter, row.tries, row.alter)
				}
				if row.then != "" && v.Then != letters[row.then] {
					t.Errorf("then %v, want %s", v.Then, row.then)
				}
				if v.Cause == "" {
					t.Error("no cause in plain words")
				}
				for i, want := range row.pauses {
					if _, pause := v.At(i + 1); pause != want {
						t.Errorf("pause %v after refusal %d, want %v", pause, i+1, want)
					}
				}
			})
		}
	}
}

func TestWhatAPersonMustSeeToSaysWhatToDo(t *testing.T) {
	for code, v := range verdicts {
		needed := v.Class == Account || v.Class == Permanent && code != 321
		if needed && v.Remedy == "" {
			t.Errorf("%d is %v and has no remedy", code, v.Class)
		}
		waits := v.Class != Permanent && v.Class != Device && v.Class != Done
		if waits && len(v.Pauses) == 0 {
			t.Errorf("%d is %v and is tried again without a pause", code, v.Class)
		}
	}
}

func TestEveryRowHasTheWordsOfItsStandard(t *testing.T) {
	for code := range verdicts {
		if code != 0 && cmsMeanings[code] == "" {
			t.Errorf("%d has a verdict and no meaning", code)
		}
	}
	for code := range cmsMeanings {
		if _, ok := verdicts[code]; !ok {
			t.Errorf("%d has a meaning and no verdict", code)
		}
	}
}

func TestAnErrorOfTheModemCountsAsItsTwinOfTheNetwork(t *testing.T) {
	for cme, want := range map[int]int{
		3: 302, 4: 303, 10: 310, 11: 311, 12: 316, 13: 313, 14: 314, 15: 315, 16: 311, 17: 317, 18: 318,
		20: 322, 23: 320, 30: 331, 31: 332, 32: 331, 100: 500, 515: 515, 577: 0,
	} {
		if got := (&refusal{kind: "CME", code: cme}).cms(); got != want {
			t.Errorf("+CME ERROR: %d counts as %d, want %d", cme, got, want)
		}
	}
}

func TestTheOutcomeDecidesBeforeTheCode(t *testing.T) {
	for name, c := range map[string]struct {
		e    SendError
		want Class
	}{
		"silence after Ctrl-Z":     {SendError{Outcome: Unknown}, Ambiguous},
		"a receipt and an error":   {SendError{Outcome: Unknown, Code: 38}, Ambiguous},
		"the network's silence":    {SendError{Outcome: Unknown, Code: 332}, Ambiguous},
		"no prompt":                {SendError{Outcome: NotSent, Err: errNoPrompt}, Soon},
		"a modem that isn't ready": {SendError{Outcome: NotSent, Err: errors.New("no service")}, Wait},
	} {
		if got := c.e.Verdict(); got.Class != c.want || len(got.Pauses) == 0 || got.Cause == "" {
			t.Errorf("%s: %+v, want class %v, a pause and a cause", name, got, c.want)
		}
	}
}

func TestAfterItsTriesARefusalIsAnother(t *testing.T) {
	v := Verdict{Class: Soon, Pauses: []time.Duration{1, 2, 3}, Tries: 3, Then: Slow}
	var got []string
	for n := range 6 {
		class, pause := v.At(n)
		got = append(got, fmt.Sprintf("%v %d", class, pause))
	}
	want := []string{"soon 1", "soon 1", "soon 2", "slow 3", "slow 3", "slow 3"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if class, pause := (Verdict{Class: Permanent}).At(9); class != Permanent || pause != 0 {
		t.Errorf("a verdict without limit is %v after 9 refusals, with a pause of %v", class, pause)
	}
}

func TestEveryRefusalIsToldWithItsCode(t *testing.T) {
	for code := range verdicts {
		if code == 0 {
			continue
		}
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				m := run(t, modemtest.New(modemtest.Fault(fmt.Sprintf("send * cms %d", code))))
				mustBeReady(t, m, time.Minute)
				_, err := m.Send(t.Context(), somePart("hello"))
				var e *SendError
				if !errors.As(err, &e) || e.Code != code {
					t.Fatalf("error %v, want +CMS ERROR: %d", err, code)
				}
				want := verdicts[code].Class
				switch code {
				case cmsUnknownSubscriber:
					want = Slow // it may be the recipient
				case cmsNoAcknowledgement:
					want = Ambiguous // it answers something else
				}
				if got := e.Verdict().Class; got != want {
					t.Errorf("class %v, want %v", got, want)
				}
			})
		})
	}
}
