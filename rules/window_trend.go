package rules

import (
	"math"
	"time"
)

// trendSamplesMin is how many samples make a trend.
const trendSamplesMin = 5

// A point is one sample or, of merged ones, their centre and number.
type point struct {
	at     time.Duration
	value  float64
	weight float64
}

// trend is the window behind slope, forecast and eta: the straight line that
// lies closest to its samples (least squares; each counts the same), with the
// newest one carried forward.
//
// Only when there are more than 64 of them are those merged, into their
// centre, that came within the same 124th of the window: they leave it together.
// For a steady rhythm that moves the line by less than a hundredth of the
// values' range, where a burst is at its edge by up to a tenth.
type trend struct {
	span
	ring[point]
	newest point // the newest sample, in the window or before it

	// Sums over the points, of time and value relative to an origin.
	origin          point
	n, t, v, tt, tv total
	taken           int // points taken off the sums since they were last worked out
}

// terms are what a point adds to the sums but for its weight, n.
func (r *trend) terms(p *point) (t, v, tt, tv float64) {
	x, y := seconds(p.at-r.origin.at), p.value-r.origin.value
	return float64(p.weight * x), float64(p.weight * y), float64(p.weight * float64(x*x)), float64(p.weight * float64(x*y))
}

func (r *trend) count(p *point) {
	t, v, tt, tv := r.terms(p)
	r.n.add(p.weight)
	r.t.add(t)
	r.v.add(v)
	r.tt.add(tt)
	r.tv.add(tv)
}

// discount takes a point off the sums, and tells whether they can still be
// relied on.
func (r *trend) discount(p *point) bool {
	t, v, tt, tv := r.terms(p)
	exact := r.n.take(p.weight)
	exact = r.t.take(t) && exact
	exact = r.v.take(v) && exact
	exact = r.tt.take(tt) && exact
	exact = r.tv.take(tv) && exact
	r.taken++
	return exact && r.taken < cellsMax
}

// recount works the sums out anew, about the newest sample.
func (r *trend) recount() {
	r.origin = r.newest
	r.n, r.t, r.v, r.tt, r.tv, r.taken = total{}, total{}, total{}, total{}, total{}, 0
	for i := range r.len() {
		r.count(r.cell(i))
	}
}

// add takes a sample in, wherever in time.
func (r *trend) add(at time.Duration, v Value) {
	p := point{at, v.Num, 1}
	if !r.begun || at >= r.newest.at {
		r.newest = p
	}
	r.begin(at)
	r.advance(r.newest.at)
	r.makeRoom()
	i := r.len()
	for i > 0 && r.cell(i-1).at > at {
		i--
	}
	r.insert(i, p)
	r.count(&p)
}

// makeRoom merges the newest points where they are crowded, and all of them if
// it has to.
func (r *trend) makeRoom() {
	n := r.len()
	switch {
	case n > crowded && r.sameGrain(r.cell(n-2).at, r.last().at):
		elder, next := *r.cell(n - 2), *r.last()
		r.pop()
		r.merge(r.last(), &next)
		exact := r.discount(&elder)
		exact = r.discount(&next) && exact
		if r.count(r.last()); !exact {
			r.recount()
		}
	case r.full():
		r.compact(r.merge)
		r.recount()
	}
}

// merge moves the elder to the centre of both.
func (r *trend) merge(elder, next *point) bool {
	if !r.sameGrain(elder.at, next.at) {
		return false
	}
	weight := elder.weight + next.weight
	share := next.weight / weight
	elder.at += time.Duration(float64(next.at-elder.at) * share)
	elder.value += (next.value - elder.value) * share
	elder.weight = weight
	return true
}

// advance lets the points go that lie before the window.
func (r *trend) advance(now time.Duration) {
	for r.len() > 0 && r.first().at <= now-r.length {
		gone := *r.first()
		r.shift()
		if !r.discount(&gone) {
			r.recount()
		}
	}
}

// carried is what the newest value adds to the sums for being carried forward
// to now, as if it had been said again at the rate at which samples came: a
// sensor that reports on change is silent because nothing changes. Right after a
// sample that adds nothing; in a silence it bends the line to the value that
// stays.
func (r *trend) carried(now time.Duration) (n, t, v, tt, tv float64) {
	silence := seconds(max(now-r.newest.at, 0))
	n = r.n.sum * silence / seconds(min(now-r.since, r.length))
	middle, above := seconds(r.newest.at-r.origin.at)+silence/2, r.newest.value-r.origin.value
	return n, n * middle, n * above, n * (middle*middle + silence*silence/12), n * middle * above
}

// fit is the line: how much it rises in a second and where it is now. It is
// flat when the whole window passed without a sample.
func (r *trend) fit(now time.Duration) (slope, value float64, why Reason) {
	r.advance(now)
	switch {
	case !r.observed(now):
		return 0, 0, Unobserved
	case r.len() == 0:
		return 0, r.newest.value, Known
	case r.n.sum < trendSamplesMin:
		return 0, 0, Unobserved
	}
	if above := r.v.sum / r.n.sum; math.Abs(above) > pivotFar*math.Abs(r.origin.value+above) {
		r.recount()
	}
	n, t, v, tt, tv := r.carried(now)
	n += r.n.sum
	t, v, tt, tv = (t+r.t.sum)/n, (v+r.v.sum)/n, tt+r.tt.sum, tv+r.tv.sum
	spread := tt - n*t*t
	if spread <= 0 {
		return 0, 0, NotANumber // all at one moment
	}
	slope = (tv - n*t*v) / spread
	value = r.origin.value + v + slope*(seconds(now-r.origin.at)-t)
	if !finite(slope) || !finite(value) {
		return 0, 0, NotANumber
	}
	return slope, value, Known
}

// slope is how much the line rises in per.
func (r *trend) slope(now, per time.Duration) (float64, Reason) {
	slope, _, why := r.fit(now)
	return finiteOr(slope*seconds(per), why)
}

// forecast is where the line will be after ahead.
func (r *trend) forecast(now, ahead time.Duration) (float64, Reason) {
	slope, value, why := r.fit(now)
	return finiteOr(value+slope*seconds(ahead), why)
}

// eternity stands for a time that never comes, in seconds: what is further
// away than etaMax is not foretold.
const (
	eternity = float64(never) / float64(time.Second)
	etaMax   = 10 * 365 * 24 * 3600
)

// eta is how many seconds it takes the line to reach the limit: none when it
// passed the limit within the window, eternity when it leads away from it.
func (r *trend) eta(now time.Duration, limit float64) (float64, Reason) {
	slope, value, why := r.fit(now)
	if why != Known || value == limit {
		return 0, why
	}
	away := (limit - value) / slope
	switch seen := seconds(min(now-r.since, r.length)); {
	case away > etaMax || away < -seen || !finite(away):
		return eternity, Known
	}
	return max(away, 0), Known
}

// drift is when the line may next have changed although no sample came.
func (r *trend) drift(now time.Duration) time.Duration {
	r.advance(now)
	switch {
	case !r.observed(now):
		return r.dawn()
	case r.len() == 0:
		return never
	}
	left := r.first().at + r.length
	if r.n.sum < trendSamplesMin {
		return left
	}
	return min(left, r.pulse(now))
}
