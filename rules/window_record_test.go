package rules

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// heardEvery makes n series of x/{n} say something every second, up to a time.
func heardEvery(e *Engine, n int, from, to time.Duration) {
	for at := from; at <= to; at += time.Second {
		for i := range n {
			e.Observe(Reading{Topic: fmt.Sprintf("x/%d", i), Payload: fmt.Appendf(nil, "%.1f", 20+float64(at/time.Second*7919%97)/10), At: at})
		}
	}
}

func windowsIn(records []Record) (n, bytes int) {
	for _, r := range records {
		if strings.HasPrefix(r.Key, WindowPrefix) {
			n++
			bytes += len(r.Value)
		}
	}
	return n, bytes
}

func TestWindowsAreWrittenAtABoundedRate(t *testing.T) {
	e := NewEngine(loadText(t, `
sensor "x" {
  topic = "x/{n}"
  value = number
}
alert "a" {
  when = avg_over(sensor.x, "10m") > 1e9 || max_over(sensor.x, "1d") > 1e9
}
`))
	heardEvery(e, 1, 0, time.Minute)
	for _, tt := range []struct {
		at   time.Duration
		end  bool
		want int
		why  string
	}{
		{time.Minute, false, 1, "a tenth of ten minutes has passed, of a day at least ten minutes"},
		{90 * time.Second, false, 0, "nothing is due"},
		{10 * time.Minute, false, 2, "both are due"},
		{10*time.Minute + time.Second, true, 2, "it is the end"},
		{10*time.Minute + time.Second, true, 0, "nothing came since"},
	} {
		heardEvery(e, 1, e.now+time.Second, tt.at)
		if got, _ := windowsIn(e.Unsaved(tt.end)); got != tt.want {
			t.Errorf("at %v %d windows are written, want %d: %s", tt.at, got, tt.want, tt.why)
		}
	}
}

func TestManyWindowsTakeTurnsInBeingWritten(t *testing.T) {
	const series = 1000
	set := loadText(t, `
sensor "x" {
  topic = "x/{n}"
  value = number
}
sensor "y" {
  topic = "x/{n}"
  value = number
}
alert "a" {
  when = avg_over(sensor.x, "10m") > 1e9 || avg_over(sensor.y, "10m") > 1e9
}
`)
	e := NewEngine(set)
	heardEvery(e, series, 0, 100*time.Second)
	written := map[string]bool{}
	for i := range 40 {
		e.Tick(time.Duration(2+i) * time.Minute)
		records := e.Unsaved(false)
		for _, r := range records {
			if strings.HasPrefix(r.Key, WindowPrefix) {
				written[r.Key] = true
			}
		}
		if _, bytes := windowsIn(records); bytes > windowSaveBytes+4<<10 {
			t.Fatalf("%d bytes of windows at one time, at most some %d are wanted", bytes, windowSaveBytes)
		}
		heardEvery(e, series, e.now+time.Second, e.now+2*time.Second)
		if len(written) == 2*series {
			return
		}
	}
	t.Errorf("%d windows of %d were ever written", len(written), 2*series)
}

func TestASavedWindowThatIsDamagedIsSetAside(t *testing.T) {
	source := `
sensor "x" {
  topic = "x/{n}"
  value = number
}
alert "a" {
  when = avg_over(sensor.x, "10m") > 1e9
}
`
	e := NewEngine(loadText(t, source))
	heardEvery(e, 1, 0, time.Minute)
	records := e.Unsaved(true)
	for i := range records {
		if strings.HasPrefix(records[i].Key, WindowPrefix) {
			records[i].Value = records[i].Value[:len(records[i].Value)/2]
		}
	}
	e = NewEngine(loadText(t, source))
	_, errs := e.Restore(func(yield func(string, []byte) bool) {
		for _, r := range records {
			if !yield(r.Key, r.Value) {
				return
			}
		}
	}, Restart{At: time.Minute})
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "cut short") {
		t.Errorf("got %v, want that one window is cut short", errs)
	}
	heardEvery(e, 1, time.Minute, 10*time.Minute)
	if got := e.Stats(); got.Series != 1 || got.Windowless != 0 {
		t.Errorf("after that: %+v", got)
	}
}
