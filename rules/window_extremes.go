package rules

import "time"

// An extreme is a value that no later one of the window exceeds, and until
// when the sensor said it.
type extreme struct {
	until time.Duration // never of the newest, which it says still
	value float64
}

// extremes is the window behind max_over and, of the values negated, min_over:
// a queue in which each value is smaller than the one before it.
//
// Only when there are more than 64 of them are neighbours merged that ended
// within the same 124th of the window: the larger then counts for that much
// longer.
type extremes struct {
	span
	ring[extreme]
	least  bool          // keep the smallest, not the largest
	newest time.Duration // when the newest sample came
}

// add takes a sample in. One that is older than the newest counts as said at
// its own time.
func (x *extremes) add(at time.Duration, v Value) {
	if x.least {
		v.Num = -v.Num
	}
	late := x.begun && at < x.newest
	x.begin(at)
	if late {
		x.addLate(extreme{until: at, value: v.Num})
		return
	}
	x.newest = at
	if x.len() > 0 {
		x.last().until = at
	}
	for x.len() > 0 && x.last().value <= v.Num {
		x.pop()
	}
	x.advance(at)
	x.makeRoom()
	x.push(extreme{until: never, value: v.Num})
}

// makeRoom merges the newest cells where they are crowded, and all of them if
// it has to.
func (x *extremes) makeRoom() {
	if n := x.len(); n > crowded && x.merge(x.cell(n-2), x.last()) {
		x.pop()
	}
	if x.full() {
		x.compact(x.merge)
	}
}

// merge lets the elder, which is larger, count for as long as the cell.
func (x *extremes) merge(elder, cell *extreme) bool {
	if cell.until == never || !x.sameGrain(elder.until, cell.until) {
		return false
	}
	elder.until = cell.until
	return true
}

// addLate puts a value that was said at e.until in its place, unless a later
// one exceeds it.
func (x *extremes) addLate(e extreme) {
	x.advance(x.newest)
	x.makeRoom()
	i := x.len()
	for i > 0 && x.cell(i-1).until > e.until {
		i--
	}
	if x.cell(i).value >= e.value {
		return
	}
	for i > 0 && x.cell(i-1).value <= e.value {
		i--
		x.remove(i)
	}
	x.insert(i, e)
}

// advance lets the values go that ended before the window begins.
func (x *extremes) advance(now time.Duration) {
	for x.len() > 1 && x.first().until <= now-x.length {
		x.shift()
	}
}

// value is the largest value of the window, or the smallest.
func (x *extremes) value(now time.Duration) (float64, Reason) {
	x.advance(now)
	switch {
	case !x.observed(now):
		return 0, Unobserved
	case x.least:
		return -x.first().value + 0, Known // +0: no -0
	}
	return x.first().value, Known
}

// turn is when value is next another although no sample came.
func (x *extremes) turn(now time.Duration) time.Duration {
	x.advance(now)
	switch {
	case !x.observed(now):
		return x.dawn()
	case x.len() == 1:
		return never
	}
	return x.first().until + x.length
}
