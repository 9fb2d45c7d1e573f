package rules

import (
	"math"
	"time"
)

// cellsMax bounds what a window keeps, however long it is and however fast
// samples come.
const cellsMax = 128

// crowded is how many cells a window has before neighbours are merged as they
// arrive. Up to it nothing is ever merged.
const crowded = cellsMax / 2

// A ring is a queue of cells, the oldest first.
type ring[T any] struct {
	cells [cellsMax]T
	head  uint32
	n     int32
}

func (r *ring[T]) len() int { return int(r.n) }

// cell is the i-th cell from the oldest.
func (r *ring[T]) cell(i int) *T { return &r.cells[(r.head+uint32(i))%cellsMax] }

func (r *ring[T]) first() *T { return r.cell(0) }
func (r *ring[T]) last() *T  { return r.cell(r.len() - 1) }

func (r *ring[T]) full() bool { return r.n == cellsMax }

// push adds a cell behind the newest. There must be room.
func (r *ring[T]) push(c T) {
	r.n++
	*r.last() = c
}

// pop drops the newest cell.
func (r *ring[T]) pop() { r.n-- }

// shift drops the oldest cell.
func (r *ring[T]) shift() {
	r.head = (r.head + 1) % cellsMax
	r.n--
}

// insert puts c before the i-th cell. There must be room.
func (r *ring[T]) insert(i int, c T) {
	r.n++
	for j := r.len() - 1; j > i; j-- {
		*r.cell(j) = *r.cell(j - 1)
	}
	*r.cell(i) = c
}

// remove drops the i-th cell.
func (r *ring[T]) remove(i int) {
	for j := i; j < r.len()-1; j++ {
		*r.cell(j) = *r.cell(j + 1)
	}
	r.n--
}

// compact offers each cell but the newest to its elder neighbour, and drops it
// where join says that the neighbour took it in.
func (r *ring[T]) compact(join func(elder, cell *T) bool) {
	kept, newest := 0, r.len()-1
	for i := 1; i <= newest; i++ {
		if i == newest || !join(r.cell(kept), r.cell(i)) {
			kept++
			*r.cell(kept) = *r.cell(i)
		}
	}
	r.n = int32(kept + 1)
}

// A span is what all windows have in common: (now-length, now], and since when
// it has been observed.
type span struct {
	length time.Duration
	since  time.Duration
	begun  bool // a sample was taken in
}

// begin notes that a sample of that time was taken in.
func (s *span) begin(at time.Duration) {
	if !s.begun || at < s.since {
		s.begun, s.since = true, at
	}
}

// observed says whether half the window was observed. Before that it tells
// nothing.
func (s *span) observed(now time.Duration) bool { return s.begun && now >= s.since+s.length/2 }

// dawn is when half the window will have been observed; never without a sample.
func (s *span) dawn() time.Duration {
	if !s.begun {
		return never
	}
	return s.since + s.length/2
}

// The pulse of windows whose outcome changes all the time, as the samples in it
// age, is a sixtieth of their length within these bounds.
const (
	pulseMin = time.Second
	pulseMax = time.Minute
)

// pulse is when a window is next looked at although no sample came. The
// pulses of all windows of one length coincide, so that the gateway can sleep
// in between.
func (s *span) pulse(now time.Duration) time.Duration {
	every := min(max(s.length/60, pulseMin), pulseMax)
	return (floorDiv(now, every) + 1) * every
}

// grain is the length of time within which samples may be merged: 128 cells
// hold a whole window of such grains, the sample before it and the newest one.
func (s *span) grain() time.Duration { return s.length / (cellsMax - 4) }

// sameGrain tells whether two moments fall into one grain.
func (s *span) sameGrain(a, b time.Duration) bool {
	return floorDiv(a, s.grain()) == floorDiv(b, s.grain())
}

func floorDiv(a, b time.Duration) time.Duration {
	if a < 0 && a%b != 0 {
		return a/b - 1
	}
	return a / b
}

// A total is a sum in two parts, the second of which holds what the first has
// no digits for, some 106 bits together: what was added and is subtracted again
// later leaves nothing behind, even after days (Dekker 1971, Knuth's TwoSum).
type total struct{ sum, rest float64 }

func (t *total) add(x float64) {
	sum := t.sum + x
	part := sum - t.sum
	rest := t.rest + ((t.sum - (sum - part)) + (x - part))
	t.sum = sum + rest
	t.rest = rest - (t.sum - sum)
}

// digitsLost is the factor, 2^48, by which a term may exceed the sum it was
// subtracted from before the digits that are left say too little.
const digitsLost = 1 << 48

// take subtracts x again. It reports false when the sum has to be worked out
// anew: x was so large, or no finite number at all, that nothing reliable is left.
func (t *total) take(x float64) bool {
	t.add(-x)
	return math.Abs(x) <= digitsLost*math.Abs(t.sum)
}
