package modem

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestWhatThePartsSayIsTheTextAsItIsSent(t *testing.T) {
	for _, text := range []string{
		"Rosewood: SMOKE kitchen. Reply OK or 17",
		"@", "€ [x] {y} ~ ^ \\ |", "Frost: −3 °C “cold”",
		strings.Repeat("Freezer 3 is warm. ", 20),
		strings.Repeat("7€", 90),
		"Дым на кухне",
		strings.Repeat("дым🔥", 40),
	} {
		parts, err := Split("+353871234567", text, 7, SplitOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		for _, p := range parts {
			c, err := p.Content()
			if err != nil {
				t.Fatalf("part %d of %q: %v", p.Index, text, err)
			}
			said.WriteString(c.Text)
		}
		if got, want := said.String(), AsSent(text); got != want {
			t.Errorf("the %d parts of %q say %q, want %q", len(parts), text, got, want)
		}
	}
}

func TestAPartThatIsATextByItselfSaysWhichItIs(t *testing.T) {
	for _, text := range []string{strings.Repeat("x", 900), strings.Repeat("я", 400), strings.Repeat("7€", 200)} {
		parts, err := Split("+353871234567", text, 7, SplitOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			plain, _ := p.Content()
			c, err := p.Alone()
			if err != nil {
				t.Fatal(err)
			}
			mark, found := strings.CutSuffix(c.Text, plain.Text)
			if want := fmt.Sprintf("%d/%d", p.Index, p.Count); !found || !strings.Contains(mark, want) {
				t.Errorf("part %d of %d says %q, want the text with %q in front", p.Index, p.Count, c.Text, want)
			}
			if n, _ := Segments(c.Text); n != 1 {
				t.Errorf("part %d of %d is %d parts by itself", p.Index, p.Count, n)
			}
		}
	}
}

func TestAPartTellsHowItIsToBeSent(t *testing.T) {
	parts, err := Split("+353871234567", "warm", 7, SplitOptions{Validity: 2 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	got, err := parts[0].Content()
	if want := (Content{Text: "warm", Validity: 2 * time.Hour, Class: -1}); err != nil || got != want {
		t.Errorf("Content() = %+v, %v, want %+v", got, err, want)
	}
}

func TestOnlyRegistrationWithServiceIsReady(t *testing.T) {
	for stat := statUnknown; stat <= statRLOS+1; stat++ {
		c := Registered(stat)
		if c.ready() != usable(stat) {
			t.Errorf("Registered(%d) = %+v, want ready %v", stat, c, usable(stat))
		}
		if !c.ready() && (c.Phase != PhaseNoNet || c.Cause == "" || c.Remedy == "") {
			t.Errorf("Registered(%d) = %+v, without phase, cause or remedy", stat, c)
		}
	}
}
