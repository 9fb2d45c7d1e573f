package rules

import (
	"math"
	"time"
)

// A level is what a sensor said from a moment on until the next cell begins.
// Of merged cells it is the mean and the variance over their time.
type level struct {
	at       time.Duration
	mean     float64
	variance float64
}

// joined is the level that lasted for d, followed by next, which lasted for e.
func (l level) joined(d time.Duration, next level, e time.Duration) level {
	share := seconds(e) / seconds(d+e)
	apart := next.mean - l.mean
	return level{
		at:       l.at,
		mean:     l.mean + apart*share,
		variance: l.variance + (next.variance-l.variance)*share + apart*apart*share*(1-share),
	}
}

// levels is the window behind avg_over, stddev_over, rms_over and change_over:
// what the sensor said, each value lasting until the next one.
//
// Only when there are more than 64 samples are neighbours merged, and only
// those that together last no longer than a 62nd of the window. What is told
// stays exact but for the oldest such cell, which leaves the window evenly; an
// average is off by at most a 248th of the range of the values in that cell.
type levels struct {
	span
	ring[level]

	// The integrals over the inner cells, all but the oldest and the newest, of
	// which only a part may count: of the value above the pivot, and its square.
	pivot          float64
	above, squared total
	taken          int // cells taken off them since they were last worked out

	newest time.Duration // when the newest sample came, even if it said the same
}

func seconds(d time.Duration) float64 { return float64(d) / float64(time.Second) }

// lasted is how long the i-th cell lasts; the newest has no end.
func (l *levels) lasted(i int) time.Duration { return l.cell(i+1).at - l.cell(i).at }

// terms are the integrals over d of the value above the pivot and its square.
// The conversions keep the products from being fused into a sum: what is
// subtracted later has to be exactly what was added.
func (l *levels) terms(c *level, d time.Duration) (above, squared float64) {
	x := c.mean - l.pivot
	return float64(x * seconds(d)), float64((float64(x*x) + c.variance) * seconds(d))
}

func (l *levels) count(c *level, d time.Duration) {
	above, squared := l.terms(c, d)
	l.above.add(above)
	l.squared.add(squared)
}

// discount takes a cell off the integrals, and tells whether they can still be
// relied on.
func (l *levels) discount(c *level, d time.Duration) bool {
	above, squared := l.terms(c, d)
	exact := l.above.take(above)
	exact = l.squared.take(squared) && exact
	l.taken++
	return exact && l.taken < cellsMax
}

// recount works the integrals out anew, about another pivot.
func (l *levels) recount(pivot float64) {
	l.pivot, l.above, l.squared, l.taken = pivot, total{}, total{}, 0
	for i := 1; i < l.len()-1; i++ {
		l.count(l.cell(i), l.lasted(i))
	}
}

// add takes a sample in. One that is older than the newest lasts from its own
// time until the next one that said something else.
func (l *levels) add(at time.Duration, v Value) {
	first := !l.begun
	l.begin(at)
	switch {
	case first:
		l.pivot = v.Num
		l.push(level{at: at, mean: v.Num})
	case at < l.newest:
		l.addLate(at, v.Num)
		return
	case at == l.last().at:
		l.last().mean = v.Num
	case v.Num != l.last().mean:
		l.next(level{at: at, mean: v.Num})
	}
	l.newest = at
}

// next ends the newest cell with another.
func (l *levels) next(c level) {
	l.advance(c.at)
	l.makeRoom()
	l.push(c)
	l.complete()
}

// complete counts the last cell but one, which now has an end, and merges it
// with the one before it where they are crowded.
func (l *levels) complete() {
	i := l.len() - 2
	if i < 1 {
		return
	}
	l.count(l.cell(i), l.lasted(i))
	if i <= crowded || l.lasted(i-1)+l.lasted(i) > 2*l.grain() {
		return
	}
	elder, d, next, e := *l.cell(i - 1), l.lasted(i-1), *l.cell(i), l.lasted(i)
	merged := elder.joined(d, next, e)
	l.remove(i)
	*l.cell(i - 1) = merged
	exact := l.discount(&elder, d)
	exact = l.discount(&next, e) && exact
	if l.count(&merged, d+e); !exact {
		l.recount(l.pivot)
	}
}

// makeRoom merges all inner neighbours that are short enough, if it has to. Two
// neighbours that remain last longer than a 62nd of the window, so that there
// is room for the oldest cell and the newest.
func (l *levels) makeRoom() {
	if !l.full() {
		return
	}
	kept := 1
	for i := 2; i < l.len()-1; i++ {
		elder, next, end := l.cell(kept), l.cell(i), l.cell(i+1).at
		if end-elder.at <= 2*l.grain() {
			*elder = elder.joined(next.at-elder.at, *next, end-next.at)
			continue
		}
		kept++
		*l.cell(kept) = *next
	}
	*l.cell(kept + 1) = *l.last()
	l.n = int32(kept + 2)
	l.recount(l.pivot)
}

// addLate puts a sample in its place. Of two with the same time the one that
// came first stays.
func (l *levels) addLate(at time.Duration, v float64) {
	if still := l.last().mean; at > l.last().at {
		l.next(level{at: at, mean: v})
		l.next(level{at: l.newest, mean: still})
		return
	}
	l.advance(l.newest)
	l.makeRoom()
	i := l.len() - 1
	for i >= 0 && l.cell(i).at > at {
		i--
	}
	if i < 0 || l.cell(i).at < at {
		l.insert(i+1, level{at: at, mean: v})
		l.recount(l.pivot)
	}
}

// advance lets the cells go that ended before the window begins.
func (l *levels) advance(now time.Duration) {
	for l.len() > 1 && l.cell(1).at <= now-l.length {
		l.shift()
		// The cell that is the oldest now may count only in part.
		if l.len() > 1 && !l.discount(l.first(), l.lasted(0)) {
			l.recount(l.pivot)
		}
	}
}

// integrals are those over the part of the window that was observed, by its
// length. There are two cells at least.
func (l *levels) integrals(now time.Duration) (above, squared float64) {
	start := max(now-l.length, l.first().at)
	a, s := l.terms(l.first(), l.cell(1).at-start)
	b, t := l.terms(l.last(), max(now-l.last().at, 0))
	length := seconds(now - start)
	return (l.above.sum + a + b) / length, (l.squared.sum + s + t) / length
}

// A pivot too far from the mean costs digits: of 53 bits these leave some 30.
const (
	pivotFar      = 1 << 20 // times the mean
	pivotFarApart = 1 << 24 // times the variance, squared
)

// average is the mean over time.
func (l *levels) average(now time.Duration) (float64, Reason) {
	l.advance(now)
	switch {
	case !l.observed(now):
		return 0, Unobserved
	case l.len() == 1:
		return l.last().mean, Known
	}
	above, _ := l.integrals(now)
	if math.Abs(above) > pivotFar*math.Abs(l.pivot+above) {
		l.recount(l.pivot + above)
		above, _ = l.integrals(now)
	}
	return finiteOr(l.pivot+above, Known)
}

// variance is that over time.
func (l *levels) variance(now time.Duration) (float64, Reason) {
	l.advance(now)
	switch {
	case !l.observed(now):
		return 0, Unobserved
	case l.len() == 1:
		return 0, Known
	}
	above, squared := l.integrals(now)
	if above*above > pivotFarApart*(squared-above*above) && finite(above) {
		l.recount(l.pivot + above)
		above, squared = l.integrals(now)
	}
	return finiteOr(max(squared-above*above, 0), Known)
}

// deviation is the standard deviation over time.
func (l *levels) deviation(now time.Duration) (float64, Reason) {
	v, why := l.variance(now)
	return math.Sqrt(v), why
}

// effective is the root of the mean square over time.
func (l *levels) effective(now time.Duration) (float64, Reason) {
	mean, why := l.average(now)
	if why != Known {
		return 0, why
	}
	deviation, why := l.deviation(now)
	return finiteOr(math.Hypot(mean, deviation), why)
}

// change is how much higher the newest sample is than what the sensor said
// when the window began, or first said.
func (l *levels) change(now time.Duration) (float64, Reason) {
	l.advance(now)
	if !l.observed(now) {
		return 0, Unobserved
	}
	return finiteOr(l.last().mean-l.first().mean, Known)
}

// drift is when an average may next have changed although no sample came.
func (l *levels) drift(now time.Duration) time.Duration {
	l.advance(now)
	switch {
	case !l.observed(now):
		return l.dawn()
	case l.len() == 1:
		return never
	}
	return min(l.pulse(now), l.last().at+l.length)
}

// turn is when change is next another although no sample came.
func (l *levels) turn(now time.Duration) time.Duration {
	l.advance(now)
	switch {
	case !l.observed(now):
		return l.dawn()
	case l.len() == 1:
		return never
	}
	return l.cell(1).at + l.length
}
