package notify

import (
	"math"
	"time"
)

// A Budget is how many texts one person is sent at most: each of its rates holds.
// The nil Budget is DefaultBudget.
type Budget []Rate

// A Rate is a number of texts in a time.
type Rate struct {
	Texts int
	Per   time.Duration
}

// DefaultBudget is that of a contact that says nothing of it.
var DefaultBudget = Budget{{1, time.Minute}, {5, 15 * time.Minute}, {11, time.Hour}, {21, 3 * time.Hour}}

// Next is the earliest time from now on at which one more text keeps every rate,
// when only a share of each, from 0 to 1, may be used, and one text of each in any
// case. sent are the times of the texts before it, ascending.
func (b Budget) Next(sent []time.Duration, now time.Duration, share float64) time.Duration {
	for _, r := range b.rates() {
		if n := r.part(share); len(sent) >= n {
			now = max(now, sent[len(sent)-n]+r.Per)
		}
	}
	return now
}

// Keep is that part of sent, which is ascending, to which any rate looks back
// from now on: no more texts than the largest of them allows.
func (b Budget) Keep(sent []time.Duration, now time.Duration) []time.Duration {
	var texts int
	var per time.Duration
	for _, r := range b.rates() {
		texts, per = max(texts, r.part(1)), max(per, r.Per)
	}
	sent = sent[max(len(sent)-texts, 0):]
	for len(sent) > 0 && sent[0]+per <= now {
		sent = sent[1:]
	}
	return sent
}

func (b Budget) rates() Budget {
	if b == nil {
		return DefaultBudget
	}
	return b
}

// part is how many texts a share of the rate allows. What is no whole text is
// left to others.
func (r Rate) part(share float64) int {
	const rounding = 1e-9 // 0.29 of 100 is 29, and a little less in binary
	return max(int(math.Floor(float64(r.Texts)*share+rounding)), 1)
}
