package rules

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"testing"
	"time"
)

// functionsOfTime are conditions with each function that remembers.
var functionsOfTime = []string{
	`avg_over(sensor.x.v, "10m") > 1e9`,
	`stddev_over(sensor.x.v, "10m") > 1e9`,
	`rms_over(sensor.x.v, "10m") > 1e9`,
	`change_over(sensor.x.v, "10m") > 1e9`,
	`min_over(sensor.x.v, "10m") > 1e9`,
	`max_over(sensor.x.v, "10m") > 1e9`,
	`count_over(sensor.x.v, "10m") > 1e9`,
	`sum_over(sensor.x.v, "10m") > 1e9`,
	`changes_over(sensor.x.v, "10m") > 1e9`,
	`slope(sensor.x.v, "10m", "1h") > 1e9`,
	`forecast(sensor.x.v, "10m", "5m") > 1e9`,
	`eta(sensor.x.v, 1e9, "10m") < "1s"`,
	`previous(sensor.x.v) > 1e9`,
	`changed(sensor.x.v) && sensor.x.v > 1e9`,
	`held(sensor.x.v > 1e9, "10m")`,
	`happened(sensor.x.v > 1e9, "10m")`,
	`age(sensor.x) > "1h"`,
	`offline(sensor.x)`,
}

// functionsOfNow are conditions with each function of what is so now.
var functionsOfNow = []string{
	`known(sensor.x.v) && sensor.x.v > 1e9`,
	`default(sensor.x.v, 0) > 1e9`,
	`between(sensor.x.v, 1e8, 1e9)`,
	`abs(sensor.x.v) > 1e9`,
	`min(sensor.x.v, 1, 2) > 1e9`,
	`max(sensor.x.v, 1, 2) > 1e9`,
	`round(sensor.x.v) > 1e9`,
	`floor(sensor.x.v) > 1e9`,
	`ceil(sensor.x.v) > 1e9`,
	`contains([1e8, 1e9], sensor.x.v)`,
}

// functionsOfTexts are those that make a text, which allocates.
var functionsOfTexts = []string{
	`sensor.x.v > 1e9 || upper(n) == "X"`,
	`sensor.x.v > 1e9 || lower(n) == "x"`,
	`format("%.1f", sensor.x.v) == "x"`,
	`sensor.x.v > 1e9 || join(", ", n, "a") == "x"`,
	`sensor.x.v > 1e9 || contains(n, "x")`,
}

// engineWith has one alert, whose windows have forgotten much already.
func engineWith(tb testing.TB, when string) (*Engine, *walk) {
	e := NewEngine(loadText(tb, fmt.Sprintf(`
sensor "x" {
  topic         = "x/{n}"
  fields        = { v = number }
  offline_after = "1h"
}
alert "a" {
  when = %s
}
`, when)))
	w := &walk{engine: e}
	for range 2000 {
		w.step()
	}
	return e, w
}

// A walk is a sensor that says something else every second.
type walk struct {
	engine  *Engine
	n       int
	payload [32]byte
}

func (w *walk) step() Decision {
	w.n++
	p := append(w.payload[:0], `{"v": `...)
	p = appendNumber(p, math.Round(50*math.Sin(float64(w.n)/100)+float64(w.n*7919%13)))
	p = append(p, '}')
	return w.engine.Observe(Reading{Topic: "x/1", Payload: p, At: time.Duration(w.n) * time.Second})
}

// BenchmarkFunctions is one reading a second through decoder, window and
// condition: ten minutes of it, 600 samples, are in each window.
func BenchmarkFunctions(b *testing.B) {
	for _, when := range slices.Concat([]string{"sensor.x.v > 1e9"}, functionsOfTime, functionsOfNow, functionsOfTexts) {
		b.Run(when, func(b *testing.B) {
			_, w := engineWith(b, when)
			b.ReportAllocs()
			for b.Loop() {
				w.step()
			}
		})
	}
}

func TestAReadingAllocatesNothingInAnyFunction(t *testing.T) {
	for _, when := range slices.Concat(functionsOfTime, functionsOfNow) {
		e, w := engineWith(t, when)
		if got := testing.AllocsPerRun(1000, func() { w.step() }); got != 0 {
			t.Errorf("%s: %v allocations per reading, want 0", when, got)
		}
		at := e.now
		if got := testing.AllocsPerRun(1000, func() { at += time.Second; e.Tick(at) }); got != 0 {
			t.Errorf("%s: %v allocations per tick, want 0", when, got)
		}
	}
}

const fiveWindows = `
sensor "x" {
  topic = "x/{n}"
  value = number
}
alert "a" {
  when = avg_over(sensor.x, "10m") > 1e9 || max_over(sensor.x, "1h") > 1e9 || slope(sensor.x, "1h", "1h") > 1e9 || sum_over(sensor.x, "1d") > 1e9 || stddev_over(sensor.x, "7d") > 1e9
}
`

func TestWindowsTakeTheMemoryThatWasAnnounced(t *testing.T) {
	set := loadText(t, fiveWindows)
	announced := 0
	for _, w := range set.WindowMemory()[0].Windows {
		announced += w.Bytes
	}
	const series = 10_000
	set.WindowMemoryMax = announced * series
	bare := loadText(t, `
sensor "x" {
  topic  = "x/{n}"
  value  = number
}
alert "a" {
  when = sensor.x > 1e9
}
`)
	used := memoryOf(series, set) - memoryOf(series, bare)
	want := float64(announced * series)
	t.Logf("%d series with 5 windows: %.1f MB, announced %.1f MB", series, used/1e6, want/1e6)
	if used < 0.8*want || used > 1.2*want {
		t.Errorf("the windows take %.1f MB, announced are %.1f MB", used/1e6, want/1e6)
	}
}

// BenchmarkMemoryOfWindows is what a series takes with the five windows of the
// test above, and how much of it was announced.
func BenchmarkMemoryOfWindows(b *testing.B) {
	const series = 10_000
	for b.Loop() {
		set := loadText(b, fiveWindows)
		announced := set.Sensors[0].WindowMemory()
		set.WindowMemoryMax = announced * series
		b.ReportMetric(memoryOf(series, set)/series, "B/series")
		b.ReportMetric(float64(announced), "announced-B/series")
	}
}

// memoryOf is what an engine takes that heard n series a few hundred times.
func memoryOf(n int, set *Set) float64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	e := NewEngine(set)
	for round := range 3 {
		for i := range n {
			e.Observe(Reading{Topic: fmt.Sprintf("x/%d", i), Payload: []byte{'0' + byte(i%10)}, At: time.Duration(round) * time.Minute})
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(e)
	return float64(after.HeapAlloc) - float64(before.HeapAlloc)
}

func TestASeriesBeyondTheMemoryOfWindowsStillWorksOtherwise(t *testing.T) {
	set := loadText(t, `
sensor "x" {
  topic = "x/{n}"
  value = number
}
alert "a" {
  when = avg_over(sensor.x, "1s") > 5 || sensor.x > 9
}
`)
	set.WindowMemoryMax = 2 * set.Sensors[0].WindowMemory()
	e := NewEngine(set)
	for i := range 3 {
		e.Observe(Reading{Topic: fmt.Sprintf("x/%d", i), Payload: []byte("6"), At: 0})
	}
	var fired []string
	for _, tr := range e.Tick(time.Minute).Transitions {
		fired = append(fired, tr.Instance)
	}
	fired = append(fired, e.Observe(Reading{Topic: "x/2", Payload: []byte("10"), At: time.Minute}).Transitions[0].Instance)
	if got, want := fmt.Sprint(fired), `[a{n="0"} a{n="1"} a{n="2"}]`; got != want {
		t.Errorf("fired: %s, want %s", got, want)
	}
	if got := e.Stats(); got.Windowless != 1 || got.WindowMemory != set.WindowMemoryMax {
		t.Errorf("%d series without windows, %d bytes, want 1 and %d", got.Windowless, got.WindowMemory, set.WindowMemoryMax)
	}
}
