package rules

import "time"

// An amount is what the samples up to a moment, and after the cell before it,
// came to.
type amount struct {
	at  time.Duration // of the newest of them
	sum float64
}

// What a tally adds up.
type tallied uint8

const (
	tallyReadings tallied = iota
	tallyValues
	tallyChanges
)

// tally is the window behind count_over, sum_over and changes_over: of the
// samples, what each amounts to.
//
// Only when there are more than 64 are those merged that came within the same
// 124th of the window: they leave it together, with the newest of them.
type tally struct {
	span
	ring[amount]
	what     tallied
	total    total
	taken    int   // cells taken off the total since it was last worked out
	previous Value // of changes
	newest   time.Duration
}

// add takes a sample in. Between which values a late one would have been a
// change cannot be told any more.
func (t *tally) add(at time.Duration, v Value) {
	first, late := !t.begun, t.begun && at < t.newest
	t.begin(at)
	if !late {
		t.newest = at
	}
	switch t.what {
	case tallyReadings:
		t.addAmount(amount{at, 1})
	case tallyValues:
		t.addAmount(amount{at, v.Num})
	case tallyChanges:
		if late {
			return
		}
		if !first && v != t.previous {
			t.addAmount(amount{at, 1})
		}
		t.previous = v
	}
}

func (t *tally) rebase(at time.Duration, v Value) {
	if t.what != tallyChanges {
		return
	}
	if !t.begun {
		t.begin(at)
		t.newest = at
	}
	t.previous = v
}

// addAmount puts an amount in its place, or adds it to the newest one where
// they are crowded.
func (t *tally) addAmount(a amount) {
	t.advance(t.newest)
	n := t.len()
	if n > crowded && a.at >= t.last().at && t.sameGrain(t.last().at, a.at) {
		// Taken off and added again, so that what leaves is what came.
		exact := t.total.take(t.last().sum)
		t.last().at = a.at
		t.last().sum += a.sum
		if t.total.add(t.last().sum); !exact {
			t.recount()
		}
		return
	}
	if t.full() {
		t.compact(t.merge)
		t.recount()
	}
	i := t.len()
	for i > 0 && t.cell(i-1).at > a.at {
		i--
	}
	t.insert(i, a)
	t.total.add(a.sum)
}

// merge lets both leave with the newer of them.
func (t *tally) merge(elder, cell *amount) bool {
	if !t.sameGrain(elder.at, cell.at) {
		return false
	}
	elder.at = cell.at
	elder.sum += cell.sum
	return true
}

// recount works the total out anew.
func (t *tally) recount() {
	t.total, t.taken = total{}, 0
	for i := range t.len() {
		t.total.add(t.cell(i).sum)
	}
}

// advance lets the samples go that came before the window begins.
func (t *tally) advance(now time.Duration) {
	for t.len() > 0 && t.first().at <= now-t.length {
		gone := t.first().sum
		t.shift()
		exact := t.total.take(gone)
		if t.taken++; !exact || t.taken >= cellsMax {
			t.recount()
		}
	}
}

// value is what the samples of the window amount to.
func (t *tally) value(now time.Duration) (float64, Reason) {
	t.advance(now)
	if !t.observed(now) {
		return 0, Unobserved
	}
	return finiteOr(t.total.sum, Known)
}

// turn is when value is next another although no sample came.
func (t *tally) turn(now time.Duration) time.Duration {
	t.advance(now)
	switch {
	case !t.observed(now):
		return t.dawn()
	case t.len() == 0:
		return never
	}
	return t.first().at + t.length
}
