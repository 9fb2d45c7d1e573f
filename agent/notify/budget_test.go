package notify

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAPersonIsSentOneTextAMinuteFiveIn15MinutesElevenAnHourAnd21InThreeHours(t *testing.T) {
	var sent []time.Duration
	for range 22 {
		var last time.Duration
		if len(sent) > 0 {
			last = sent[len(sent)-1]
		}
		sent = append(sent, DefaultBudget.Next(sent, last, 1))
	}
	for i, want := range map[int]time.Duration{
		0: 0, 1: time.Minute, 4: 4 * time.Minute, // one a minute
		5: 15 * time.Minute, 9: 19 * time.Minute, // five in 15 min
		10: 30 * time.Minute, 11: time.Hour, // eleven an hour
		16: 75 * time.Minute, 20: 79 * time.Minute, 21: 3 * time.Hour, // 21 in 3 h
	} {
		if sent[i] != want {
			t.Errorf("text %d is sent at %v, want %v", i+1, sent[i], want)
		}
	}
}

func Test30PercentAreKeptForWhatIsCritical(t *testing.T) {
	hourly := Budget{{11, time.Hour}}
	seven := []time.Duration{0, 1, 2, 3, 4, 5, 6}
	if got := hourly.Next(seven, time.Minute, 0.7); got != time.Hour {
		t.Errorf("the eighth of what is not critical is sent at %v, want an hour after the first", got)
	}
	if got := hourly.Next(seven, time.Minute, 1); got != time.Minute {
		t.Errorf("the eighth that is critical is sent at %v, want at once", got)
	}
}

func TestOneTextOfEachRateIsAllowedWhateverTheShare(t *testing.T) {
	b := Budget{{1, time.Minute}}
	for _, share := range []float64{0, 0.7, 1} {
		if got := b.Next(nil, time.Hour, share); got != time.Hour {
			t.Errorf("with a share of %v the first is sent at %v, want at once", share, got)
		}
		if got := b.Next([]time.Duration{time.Hour}, time.Hour, share); got != time.Hour+time.Minute {
			t.Errorf("with a share of %v the second is sent at %v, want a minute later", share, got)
		}
	}
}

func TestAShareThatIsAWholeNumberOfTextsIsNotLessForBeingBinary(t *testing.T) {
	for texts, share := range map[int]float64{100: 0.29, 10: 0.7, 50: 0.58} {
		if got, want := (Rate{Texts: texts}).part(share), int(share*float64(texts)+0.5); got != want {
			t.Errorf("%v of %d is %d, want %d", share, texts, got, want)
		}
	}
}

func TestWhoHasNoBudgetHasTheDefault(t *testing.T) {
	sent := []time.Duration{time.Hour}
	if got := Budget(nil).Next(sent, time.Hour, 1); got != time.Hour+time.Minute {
		t.Errorf("the second text is sent at %v, want a minute later", got)
	}
	if got := (Budget{}).Next(sent, time.Hour, 1); got != time.Hour {
		t.Errorf("without any rate the second text is sent at %v, want at once", got)
	}
}

func TestNoTextIsSentBeforeEveryRateAllowsItNorAnyLater(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBudget(t)
		share := rapid.Float64Range(0, 1).Draw(t, "share")
		var sent, kept []time.Duration
		now := time.Duration(0)
		for range 60 {
			now += time.Duration(rapid.IntRange(0, 300).Draw(t, "pause")) * time.Second
			next := b.Next(sent, now, share)
			if early := b.Next(kept, now, share); early != next {
				t.Fatalf("by what is kept it is sent at %v, want %v", early, next)
			}
			if next < now || !b.keeps(append(slices.Clone(sent), next), share) {
				t.Fatalf("%v at %v after %v is more than %v of %v", next, now, sent, share, b)
			}
			if next > now && b.keeps(append(slices.Clone(sent), next-1), share) {
				t.Fatalf("%v at %v after %v is later than %v of %v wants", next, now, sent, share, b)
			}
			now = next
			sent = append(sent, now)
			kept = b.Keep(append(kept, now), now)
		}
	})
}

// keeps reports whether no time that is as long as a rate's has more texts than
// its part.
func (b Budget) keeps(sent []time.Duration, share float64) bool {
	for _, r := range b {
		for i, from := range sent {
			n := 0
			for _, at := range sent[i:] {
				if at < from+r.Per {
					n++
				}
			}
			if n > r.part(share) {
				return false
			}
		}
	}
	return true
}

func drawBudget(t *rapid.T) Budget {
	b := Budget{}
	for range rapid.IntRange(0, 4).Draw(t, "rates") {
		b = append(b, Rate{
			Texts: rapid.IntRange(1, 12).Draw(t, "texts"),
			Per:   time.Duration(rapid.IntRange(1, 3600).Draw(t, "per")) * time.Second,
		})
	}
	return b
}

func TestNoMoreTextsAreKeptThanARateAllows(t *testing.T) {
	b := Budget{{2, time.Minute}, {3, time.Hour}}
	sent := []time.Duration{0, time.Second, 2 * time.Second, 3 * time.Second}
	if got := b.Keep(sent, time.Minute); !slices.Equal(got, sent[1:]) {
		t.Errorf("kept %v, want the last three", got)
	}
	if got := b.Keep(sent, time.Hour+2*time.Second); !slices.Equal(got, sent[3:]) {
		t.Errorf("kept %v, want what is less than an hour ago", got)
	}
	if got := (Budget{}).Keep(sent, 0); len(got) > 0 {
		t.Errorf("without any rate %v is kept", got)
	}
}
