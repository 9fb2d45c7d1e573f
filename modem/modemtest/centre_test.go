package modemtest

import (
	"strings"
	"testing"
	"time"

	"github.com/warthog618/sms"
)

// partsOf encodes a text by another implementation and reads it.
func partsOf(t testing.TB, to, body string) []submit {
	t.Helper()
	tpdus, err := sms.Encode([]byte(body), sms.To(strings.TrimPrefix(to, "+")))
	if err != nil {
		t.Fatal(err)
	}
	var parts []submit
	for _, p := range tpdus {
		parts = append(parts, readBack(t, p))
	}
	return parts
}

// take gives a part to the centre with the reference it goes out with.
func take(t testing.TB, c *centre, s submit, reference byte) *Text {
	t.Helper()
	text, wrong := c.accept(nil, "+447700900001", s, reference, time.Now())
	if wrong != nil {
		t.Fatal(wrong)
	}
	return text
}

func TestPartsAreJoinedInWhateverOrderTheyCome(t *testing.T) {
	body := strings.Repeat("0123456789", 40)
	parts := partsOf(t, alice, body)
	if len(parts) != 3 {
		t.Fatalf("%d parts, want 3", len(parts))
	}
	var c centre
	for i, n := range []int{2, 0, 1} {
		text := take(t, &c, parts[n], byte(10+n))
		switch {
		case i < 2 && text != nil:
			t.Errorf("whole after %d parts: %+v", i+1, text)
		case i == 2 && (text == nil || text.Body != body || string(text.References) != "\x0a\x0b\x0c"):
			t.Errorf("got %+v", text)
		}
	}
}

func TestAPartThatWasRepeatedIsCounted(t *testing.T) {
	parts := partsOf(t, alice, strings.Repeat("a", 200))
	var c centre
	take(t, &c, parts[0], 1)
	take(t, &c, parts[1], 2)
	if text := take(t, &c, parts[1], 3); text != nil {
		t.Errorf("one part repeated made a second text: %+v", text)
	}
	if copies := c.copies(c.texts[0].group); copies != 2 {
		t.Errorf("%d copies, want 2", copies)
	}
	if text := take(t, &c, parts[0], 4); text == nil || len(c.texts) != 2 {
		t.Errorf("both parts repeated made %d texts, want 2", len(c.texts))
	}
}

func TestATextSentTwiceIsThereTwice(t *testing.T) {
	part := partsOf(t, alice, "smoke")[0]
	var c centre
	first, second := take(t, &c, part, 1), take(t, &c, part, 2)
	if first.Copies != 1 || second.Copies != 2 {
		t.Errorf("copies %d and %d, want 1 and 2", first.Copies, second.Copies)
	}
}

func TestPartsOfDifferentTextsAreNotMixed(t *testing.T) {
	one, other := partsOf(t, alice, strings.Repeat("a", 200)), partsOf(t, alice, strings.Repeat("b", 200))
	three := partsOf(t, alice, strings.Repeat("c", 400))
	var c centre
	take(t, &c, one[0], 1)
	for _, wrong := range []submit{other[0], three[1]} {
		if _, r := c.accept(nil, "+447700900001", wrong, 2, time.Now()); r == nil || r.code != 304 {
			t.Errorf("part %+v with the reference of another text gave %v, want code 304", wrong.concat, r)
		}
	}
	if text := take(t, &c, one[1], 3); text == nil || text.Body != strings.Repeat("a", 200) {
		t.Errorf("got %+v", text)
	}
	take(t, &c, other[0], 4) // whole before, so the reference may serve again
	if text := take(t, &c, other[1], 5); text == nil || text.Body != strings.Repeat("b", 200) {
		t.Errorf("got %+v", text)
	}
}

func TestTheSameReferenceToSomebodyElseIsAnotherText(t *testing.T) {
	body := strings.Repeat("a", 200)
	var c centre
	take(t, &c, partsOf(t, alice, body)[0], 1)
	if text := take(t, &c, partsOf(t, "+447700900333", body)[1], 2); text != nil {
		t.Errorf("two halves for two people made %+v", text)
	}
}

func TestTPRDRefusesTheSameReferenceToTheSameNumber(t *testing.T) {
	part := partsOf(t, alice, "smoke")[0]
	repeat := part
	repeat.rejectDuplicates = true
	elsewhere := partsOf(t, "+447700900333", "smoke")[0]
	elsewhere.rejectDuplicates = true
	var c centre
	take(t, &c, part, 7)
	if _, wrong := c.accept(nil, "+447700900001", repeat, 7, time.Now()); wrong == nil || wrong.code != 197 {
		t.Errorf("a duplicate gave %v, want code 197", wrong)
	}
	take(t, &c, repeat, 8)
	take(t, &c, elsewhere, 7)
	take(t, &c, part, 7)
}

func TestWhatTheCentreRemembersIsBounded(t *testing.T) {
	var c centre
	part := partsOf(t, alice, strings.Repeat("a", 200))[0]
	for i := range submitsMax + 100 {
		part.concat.reference = uint16(i)
		take(t, &c, part, byte(i))
	}
	if len(c.submits) != submitsMax || len(c.groups) != groupsMax {
		t.Errorf("%d submits and %d groups, want %d and %d", len(c.submits), len(c.groups), submitsMax, groupsMax)
	}
}
