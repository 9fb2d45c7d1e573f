package rules

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// A reading in a test: what was said, and when.
type said struct {
	at    time.Duration
	value float64
}

// history is what a sensor said, and the plain definition of every function of
// it. The samples are in order of time, of those at one moment the later counts.
type history []said

func (h history) observed(now, w time.Duration) bool { return len(h) > 0 && now-h[0].at >= w/2 }

// steps calls do for each value and the part of the window it was said in.
func (h history) steps(now, w time.Duration, do func(value float64, from, to time.Duration)) {
	for i, s := range h {
		until := now
		if i+1 < len(h) {
			until = h[i+1].at
		}
		if from := max(s.at, now-w); until > from {
			do(s.value, from, until)
		}
	}
}

func (h history) average(now, w time.Duration) float64 {
	sum, length := 0.0, 0.0
	h.steps(now, w, func(v float64, from, to time.Duration) {
		sum += v * seconds(to-from)
		length += seconds(to - from)
	})
	return sum / length
}

func (h history) deviation(now, w time.Duration) float64 {
	mean := h.average(now, w)
	sum, length := 0.0, 0.0
	h.steps(now, w, func(v float64, from, to time.Duration) {
		sum += (v - mean) * (v - mean) * seconds(to-from)
		length += seconds(to - from)
	})
	return math.Sqrt(sum / length)
}

func (h history) effective(now, w time.Duration) float64 {
	sum, length := 0.0, 0.0
	h.steps(now, w, func(v float64, from, to time.Duration) {
		sum += v * v * seconds(to-from)
		length += seconds(to - from)
	})
	return math.Sqrt(sum / length)
}

// at is what the sensor said at a moment, or first.
func (h history) at(moment time.Duration) float64 {
	v := h[0].value
	for _, s := range h {
		if s.at <= max(moment, h[0].at) {
			v = s.value
		}
	}
	return v
}

func (h history) change(now, w time.Duration) float64 { return h.at(now) - h.at(now-w) }

// extreme is the best of what was said for some part of the window, if only a
// moment.
func (h history) extreme(now, w time.Duration, pick func(a, b float64) float64) float64 {
	best := h.at(now)
	for i, s := range h[:len(h)-1] {
		if h[i+1].at > now-w {
			best = pick(best, s.value)
		}
	}
	return best
}

// within are the samples that arrived in the window.
func (h history) within(now, w time.Duration) history {
	for len(h) > 0 && h[0].at <= now-w {
		h = h[1:]
	}
	return h
}

func (h history) sum(now, w time.Duration) float64 {
	sum := 0.0
	for _, s := range h.within(now, w) {
		sum += s.value
	}
	return sum
}

func (h history) changes(now, w time.Duration) float64 {
	n := 0.0
	for i := 1; i < len(h); i++ {
		if h[i].at > now-w && h[i].value != h[i-1].value {
			n++
		}
	}
	return n
}

// line is the least squares line through the samples of the window, the last of
// which is repeated throughout the silence after it, to weigh as much as the
// samples that would have come.
func (h history) line(now, w time.Duration) (slope, value float64, ok bool) {
	in := h.within(now, w)
	if len(in) < trendSamplesMin {
		return 0, h[len(h)-1].value, len(in) == 0
	}
	last := in[len(in)-1]
	silence := seconds(now - last.at)
	repeated := float64(len(in)) * silence / seconds(min(now-h[0].at, w))
	each := func(do func(x, y, weight float64)) {
		for _, s := range in {
			do(seconds(s.at-now), s.value, 1)
		}
		// Two points have the middle and the spread of the whole silence.
		do(-silence/2-silence/math.Sqrt(12), last.value, repeated/2)
		do(-silence/2+silence/math.Sqrt(12), last.value, repeated/2)
	}
	var n, t, v, tt, tv float64
	each(func(x, y, weight float64) { n += weight })
	each(func(x, y, weight float64) { t, v = t+x*weight/n, v+y*weight/n })
	each(func(x, y, weight float64) { tt, tv = tt+(x-t)*(x-t)*weight, tv+(x-t)*(y-v)*weight })
	slope = tv / tt
	return slope, v - slope*t, tt > 0
}

// spread is how far apart the values of the window and a bit before are.
func (h history) spread(now, w time.Duration) float64 {
	return h.extreme(now, w, math.Max) - h.extreme(now, w, math.Min)
}

// all is one window of every kind over the same samples.
type all struct {
	length                time.Duration
	levels                levels
	least, most           extremes
	count, total, changes tally
	trend                 trend
}

func newAll(w time.Duration) *all {
	s := span{length: w}
	return &all{
		length: w, levels: levels{span: s}, least: extremes{span: s, least: true}, most: extremes{span: s},
		count: tally{span: s, what: tallyReadings}, total: tally{span: s, what: tallyValues}, changes: tally{span: s, what: tallyChanges},
		trend: trend{span: s},
	}
}

func (a *all) windows() []window {
	return []window{&a.levels, &a.least, &a.most, &a.count, &a.total, &a.changes, &a.trend}
}

func (a *all) add(s said) {
	for _, w := range a.windows() {
		w.add(s.at, Value{Num: s.value})
	}
}

// compare complains about everything the windows tell that is not as defined.
// A tolerance of 0 is that of float64; others are shares of the values' range.
// Where samples were merged a window may reach back by reach more.
func (a *all) compare(t *testing.T, h history, now time.Duration, tolerance float64, reach time.Duration) {
	t.Helper()
	w := a.length
	if !h.observed(now, w) {
		if _, why := a.levels.average(now); why != Unobserved {
			t.Errorf("at %v: average is %v before half the window was observed", now, why)
		}
		return
	}
	spread := h.spread(now, w+reach)
	size := math.Max(math.Abs(h.extreme(now, w+reach, math.Max)), math.Abs(h.extreme(now, w+reach, math.Min)))
	near := func(what string, got float64, why Reason, want, share float64) {
		t.Helper()
		if slack := share*spread + 1e-11*size; why != Known || math.Abs(got-want) > slack {
			t.Errorf("at %v: %s is %v, %v, want %v ± %v", now, what, got, why, want, slack)
		}
	}
	between := func(what string, got float64, why Reason, low, high float64) {
		t.Helper()
		slack := 1e-11 * math.Max(math.Abs(low), math.Abs(high))
		if why != Known || got < low-slack || got > high+slack {
			t.Errorf("at %v: %s is %v, %v, want %v to %v", now, what, got, why, low, high)
		}
	}
	square := func(what string, got float64, why Reason, want, slack float64) {
		t.Helper()
		slack += 1e-9*want*want + 1e-20*size*size
		if why != Known || math.Abs(got*got-want*want) > slack {
			t.Errorf("at %v: %s is %v, %v, want %v, squares apart by %v", now, what, got, why, want, slack)
		}
	}
	v, why := a.levels.average(now)
	near("average", v, why, h.average(now, w), tolerance/248)
	v, why = a.levels.deviation(now)
	square("deviation", v, why, h.deviation(now, w), tolerance*spread*spread/124)
	v, why = a.levels.effective(now)
	square("rms", v, why, h.effective(now, w), tolerance*size*size/124)
	v, why = a.levels.change(now)
	near("change", v, why, h.change(now, w), tolerance)
	v, why = a.most.value(now)
	between("max", v, why, h.extreme(now, w, math.Max), h.extreme(now, w+reach, math.Max))
	v, why = a.least.value(now)
	between("min", v, why, h.extreme(now, w+reach, math.Min), h.extreme(now, w, math.Min))
	v, why = a.count.value(now)
	between("count", v, why, float64(len(h.within(now, w))), float64(len(h.within(now, w+reach))))
	v, why = a.changes.value(now)
	between("changes", v, why, h.changes(now, w), h.changes(now, w+reach))
	if reach == 0 {
		v, why = a.total.value(now)
		near("sum", v, why, h.sum(now, w), 0)
	}
	slope, value, ok := h.line(now, w)
	gotSlope, gotValue, why := a.trend.fit(now)
	if ok != (why == Known) {
		t.Errorf("at %v: the trend is %v, want known %v", now, why, ok)
	}
	if ok {
		near("slope over the window", gotSlope*seconds(w), why, slope*seconds(w), tolerance/10+1e-6)
		near("value of the trend", gotValue, why, value, tolerance/10+1e-6)
	}
}

// A sensorLife makes up what a sensor says.
type sensorLife struct {
	*rand.Rand
	now   time.Duration
	value float64
	kind  int
}

// next is the next sample, on average after the given time.
func (l *sensorLife) next(every time.Duration) said {
	switch l.kind % 4 {
	case 0: // regular
		l.now += every
	case 1: // at random
		l.now += time.Duration(l.ExpFloat64() * float64(every))
	case 2: // in bursts
		if l.IntN(20) == 0 {
			l.now += 18 * every
		}
		l.now += time.Duration(l.Int64N(int64(every)/5 + 1))
	case 3: // regular but for what shares its moment
		if l.IntN(4) > 0 {
			l.now += every * 4 / 3
		}
	}
	switch l.kind / 4 % 4 {
	case 0:
		l.value += l.NormFloat64()
	case 1: // on or off
		l.value = float64(l.IntN(2))
	case 2: // small noise far from zero
		l.value = 1e6 + l.NormFloat64()*1e-3
	case 3: // now and then a wild value
		l.value = math.Round(l.NormFloat64()*100) / 10
		if l.IntN(300) == 0 {
			l.value = 1e30
		}
	}
	return said{l.now, l.value}
}

// live feeds n samples to windows and compares them now and then.
func live(t *testing.T, seed uint64, n int, w, every time.Duration, check int, tolerance float64, reach time.Duration) {
	t.Helper()
	l := &sensorLife{Rand: rand.New(rand.NewPCG(seed, 1)), kind: int(seed), now: -time.Hour}
	a := newAll(w)
	var h history
	for range n {
		s := l.next(every)
		a.add(s)
		h = append(h, s)
		if l.IntN(check) > 0 {
			continue
		}
		now := s.at
		if l.IntN(2) == 0 {
			now += time.Duration(l.ExpFloat64() * float64(every))
			l.now = now
		}
		for len(h) > 2 && h[1].at < now-2*w { // what no definition looks at
			h = h[1:]
		}
		a.compare(t, h, now, tolerance, reach)
		if t.Failed() {
			t.Fatalf("seed %d, window %v, a sample every %v", seed, w, every)
		}
	}
}

func TestWindowsOfFewSamplesAreExact(t *testing.T) {
	for seed := range uint64(16) {
		live(t, seed, 2000, 10*time.Minute, 2*time.Minute, 4, 0, 0)
	}
}

func TestWindowsOfManySamplesAreAsNearAsStated(t *testing.T) {
	for seed := range uint64(16) {
		w := 10 * time.Minute
		live(t, seed, 8000, w, 700*time.Millisecond, 25, 1, w/(cellsMax-4))
	}
}

// A million samples, of which windows forget nearly all, leave no error behind.
func TestAMillionSamplesLeaveNothingBehind(t *testing.T) {
	live(t, 0, 600_000, time.Hour, time.Second, 20_000, 1, time.Hour/(cellsMax-4))
	live(t, 4+3, 400_000, time.Hour, time.Second, 20_000, 1, time.Hour/(cellsMax-4))
}

func TestWhatLeftAWindowLeavesExactlyNothingInIt(t *testing.T) {
	for _, wild := range []float64{0.1, 1e9, -3.4e38, 1.7e308} {
		a := newAll(time.Hour)
		now := time.Duration(0)
		for i := range 1000 {
			now += time.Second
			a.add(said{now, wild * float64(i%7)})
		}
		for range 10 {
			now += 10 * time.Minute
			a.add(said{now, 0})
			a.add(said{now + time.Minute, 0.3})
			a.add(said{now + 2*time.Minute, 0})
		}
		sum, _ := a.total.value(now + 2*time.Minute)
		if want := 0.3 * 6; math.Abs(sum-want) > 1e-15 {
			t.Errorf("after %v: sum is %v, want %v", wild, sum, want)
		}
		now += 2 * time.Minute
		for range 10 {
			now += 20 * time.Minute
			a.add(said{now, 0})
		}
		for what, tell := range map[string]func(time.Duration) (float64, Reason){
			"average": a.levels.average, "deviation": a.levels.deviation, "rms": a.levels.effective, "change": a.levels.change,
			"sum": a.total.value, "changes": a.changes.value, "max": a.most.value, "min": a.least.value,
		} {
			if got, why := tell(now); got != 0 || why != Known {
				t.Errorf("after %v: %s is %v, %v, want 0", wild, what, got, why)
			}
		}
	}
}

func FuzzWindowsTellWhatTheirDefinitionsSay(f *testing.F) {
	for seed := range uint64(16) {
		f.Add(seed, uint32(600_000), uint32(700))
	}
	f.Fuzz(func(t *testing.T, seed uint64, length, every uint32) {
		w := max(time.Duration(length)*time.Millisecond%windowMax, windowMin)
		live(t, seed, 500, w, time.Duration(every)*time.Millisecond/4+1, 10, 1, w/(cellsMax-4)+1)
	})
}

// A late sample counts as if it had come in time, with two exceptions: between
// which values it would have been a change cannot be told any more, and as a
// maximum it counts from its own time, not from when the next one came.
func TestALateSampleTakesItsPlace(t *testing.T) {
	for seed := range uint64(200) {
		l := &sensorLife{Rand: rand.New(rand.NewPCG(seed, 2)), kind: int(seed % 2)}
		intime, late := newAll(10*time.Minute), newAll(10*time.Minute)
		var delayed []said
		for i := range 120 {
			s := l.next(20 * time.Second)
			intime.add(s)
			if i%6 == 3 {
				delayed = append(delayed, s)
				continue
			}
			late.add(s)
			if i%6 == 5 {
				late.add(delayed[len(delayed)-1])
			}
		}
		for what, tell := range map[string]func(*all) (float64, Reason){
			"average":   func(a *all) (float64, Reason) { return a.levels.average(l.now) },
			"deviation": func(a *all) (float64, Reason) { return a.levels.deviation(l.now) },
			"change":    func(a *all) (float64, Reason) { return a.levels.change(l.now) },
			"count":     func(a *all) (float64, Reason) { return a.count.value(l.now) },
			"sum":       func(a *all) (float64, Reason) { return a.total.value(l.now) },
			"max":       func(a *all) (float64, Reason) { return a.most.value(l.now) },
			"min":       func(a *all) (float64, Reason) { return a.least.value(l.now) },
			"slope":     func(a *all) (float64, Reason) { return a.trend.slope(l.now, time.Minute) },
		} {
			if seed%2 == 1 && (what == "max" || what == "min") {
				continue // a late one may lie right at the window's edge
			}
			want, _ := tell(intime)
			if got, why := tell(late); math.Abs(got-want) > 1e-9*(1+math.Abs(want)) || why != Known {
				t.Errorf("seed %d: %s is %v, %v, want %v", seed, what, got, why, want)
			}
		}
	}
}

func TestALateSampleDoesNotOutlastWhatWasSaidSince(t *testing.T) {
	a := newAll(10 * time.Minute)
	for _, s := range []said{{0, 20}, {4 * time.Minute, 20}, {2 * time.Minute, 30}, {2 * time.Minute, 99}, {3 * time.Minute, 20}} {
		a.add(s)
	}
	if got, why := a.levels.average(10 * time.Minute); got != 21 || why != Known {
		t.Errorf("average is %v, %v, want 20 but for one minute of 30", got, why)
	}
	if got, _ := a.most.value(12 * time.Minute); got != 20 {
		t.Errorf("max is %v, want 20", got)
	}
}

func TestAWindowIsSavedAndTakenUpAsItWas(t *testing.T) {
	for seed := range uint64(32) {
		l := &sensorLife{Rand: rand.New(rand.NewPCG(seed, 3)), kind: int(seed)}
		a, b := newAll(10*time.Minute), newAll(10*time.Minute)
		for range l.IntN(2000) {
			a.add(l.next(time.Second))
		}
		for i, w := range a.windows() {
			var p packer
			w.save(&p)
			u := unpacker{rest: p.bytes, latest: l.now}
			b.windows()[i].load(&u)
			if err := u.end(); err != nil {
				t.Fatalf("seed %d, window %d: %v", seed, i, err)
			}
			if len(p.bytes) > 48<<10 {
				t.Errorf("seed %d, window %d: %d bytes", seed, i, len(p.bytes))
			}
		}
		for range 300 {
			s := l.next(time.Second)
			a.add(s)
			b.add(s)
			for what, tell := range map[string]func(*all) (float64, Reason){
				"average":   func(a *all) (float64, Reason) { return a.levels.average(l.now) },
				"deviation": func(a *all) (float64, Reason) { return a.levels.deviation(l.now) },
				"count":     func(a *all) (float64, Reason) { return a.count.value(l.now) },
				"changes":   func(a *all) (float64, Reason) { return a.changes.value(l.now) },
				"sum":       func(a *all) (float64, Reason) { return a.total.value(l.now) },
				"max":       func(a *all) (float64, Reason) { return a.most.value(l.now) },
				"min":       func(a *all) (float64, Reason) { return a.least.value(l.now) },
				"slope":     func(a *all) (float64, Reason) { return a.trend.slope(l.now, time.Minute) },
			} {
				want, whyWant := tell(a)
				if got, why := tell(b); why != whyWant || math.Abs(got-want) > 1e-9*math.Abs(want)+1e-7 {
					t.Fatalf("seed %d: %s is %v, %v, want %v, %v", seed, what, got, why, want, whyWant)
				}
			}
		}
	}
}

func FuzzASavedWindowIsTakenUpOrRefused(f *testing.F) {
	l := &sensorLife{Rand: rand.New(rand.NewPCG(1, 4)), now: time.Hour}
	a := newAll(10 * time.Minute)
	for range 100 {
		a.add(l.next(10 * time.Second))
	}
	for i, w := range a.windows() {
		var p packer
		w.save(&p)
		f.Add(uint8(i), p.bytes)
	}
	f.Fuzz(func(t *testing.T, kind uint8, b []byte) {
		w := windowKinds[int(kind)%len(windowKinds)].make(10 * time.Minute)
		u := unpacker{rest: b, latest: time.Hour}
		if w.load(&u); u.end() != nil {
			return
		}
		for i := range 300 {
			w.add(time.Hour+time.Duration(i)*time.Second, Value{Num: float64(i % 9)})
		}
		switch w := w.(type) {
		case *levels:
			w.average(2 * time.Hour)
			w.turn(2 * time.Hour)
		case *extremes:
			w.value(2 * time.Hour)
		case *tally:
			w.value(2 * time.Hour)
		case *trend:
			w.eta(2*time.Hour, 3)
			w.drift(2 * time.Hour)
		}
	})
}
