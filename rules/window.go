package rules

import (
	"fmt"
	"slices"
	"time"
	"unsafe"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// The bounds of a window, and of the other durations in expressions.
const (
	windowMin = time.Second
	windowMax = 7 * 24 * time.Hour
)

// windowMemoryMax bounds the memory of the windows of a Set that says nothing
// else, in bytes.
const windowMemoryMax = 16 << 20

// A window is what a series remembers of one field for one kind of function.
// A sample is a value that is known; a bool counts as 1 or 0.
type window interface {
	add(at time.Duration, v Value)
	save(p *packer)
	load(u *unpacker)
}

// windowKind is what is remembered. Functions that remember the same share it.
type windowKind uint8

const (
	levelWindow windowKind = iota
	maxWindow
	minWindow
	countWindow
	sumWindow
	changesWindow
	trendWindow
	previousWindow
)

var windowKinds = [...]struct {
	name string
	make func(length time.Duration) window
	size uintptr
}{
	levelWindow:    {"level", func(w time.Duration) window { return &levels{span: span{length: w}} }, unsafe.Sizeof(levels{})},
	maxWindow:      {"max", func(w time.Duration) window { return &extremes{span: span{length: w}} }, unsafe.Sizeof(extremes{})},
	minWindow:      {"min", func(w time.Duration) window { return &extremes{span: span{length: w}, least: true} }, unsafe.Sizeof(extremes{})},
	countWindow:    {"count", func(w time.Duration) window { return &tally{span: span{length: w}, what: tallyReadings} }, unsafe.Sizeof(tally{})},
	sumWindow:      {"sum", func(w time.Duration) window { return &tally{span: span{length: w}, what: tallyValues} }, unsafe.Sizeof(tally{})},
	changesWindow:  {"changes", func(w time.Duration) window { return &tally{span: span{length: w}, what: tallyChanges} }, unsafe.Sizeof(tally{})},
	trendWindow:    {"trend", func(w time.Duration) window { return &trend{span: span{length: w}} }, unsafe.Sizeof(trend{})},
	previousWindow: {"previous", func(time.Duration) window { return &previous{} }, unsafe.Sizeof(previous{})},
}

// A need is a window that each series of a sensor has to keep.
type need struct {
	field  int
	kind   windowKind
	length time.Duration // 0: it has none
}

// need makes sure that the sensor's series keep a window, and returns which of
// theirs it is. Equal needs share one.
func (s *Sensor) need(n need) int {
	for i, other := range s.needs {
		if other == n {
			return i
		}
	}
	s.needs = append(s.needs, n)
	return len(s.needs) - 1
}

// windowKey names a window in the store: by what it keeps of what and for how
// long, so that it is found again however the file is edited.
func (s *Sensor) windowKey(n need) string {
	f := s.Fields[n.field]
	return fmt.Sprintf("%s:%s:%v:%s", windowKinds[n.kind].name, f.Name, f.Kind, block.FormatDuration(n.length))
}

// keptOverhead is what a window costs beside itself.
const keptOverhead = unsafe.Sizeof(kept{})

// bytes is the memory of one window.
func (n need) bytes() int { return int(windowKinds[n.kind].size + keptOverhead) }

// WindowMemory is the memory, in bytes, of the windows of one of the sensor's
// series.
func (s *Sensor) WindowMemory() int {
	sum := 0
	for _, n := range s.needs {
		sum += n.bytes()
	}
	return sum
}

// WindowUse is a window that an alert looks at. Another alert that looks at
// the same window shares it.
type WindowUse struct {
	Sensor *Sensor
	Field  string        // "" of a sensor that is one value
	What   string        // what is kept: level max min count sum changes trend previous
	Length time.Duration // 0 of previous, which has none
	Bytes  int           // for each of the sensor's series
}

// AlertWindows are the windows of one alert.
type AlertWindows struct {
	Alert   *Alert
	Windows []WindowUse
}

// WindowMemory lists the alerts that look at windows, with what each window
// costs.
func (s *Set) WindowMemory() []AlertWindows {
	var out []AlertWindows
	for _, a := range s.Alerts {
		if len(a.windows) > 0 {
			out = append(out, AlertWindows{a, a.windows})
		}
	}
	return out
}

// kept is a window of a series, and when it was last written down.
type kept struct {
	window
	saved   time.Duration
	unsaved bool // a sample was added since
}

// keepWindows makes the windows that the sensor's alerts need.
func (s *series) keepWindows() {
	s.windows = make([]kept, len(s.sensor.needs))
	for i, n := range s.sensor.needs {
		s.windows[i].window = windowKinds[n.kind].make(n.length)
	}
}

// remember takes what a message says into the windows, as samples of the moment
// it speaks of. A field that it does not name was not said again.
func (s *series) remember(h *hearing) {
	for i := range s.windows {
		n := s.sensor.needs[i]
		v := h.said[n.field]
		if v.Why != Known || h.kept&(1<<n.field) != 0 {
			continue
		}
		if s.sensor.Fields[n.field].Kind == Bool && v.Bool {
			v.Num = 1
		}
		s.windows[i].take(h, v)
	}
}

// take takes a value in as what it is a sample of.
func (k *kept) take(h *hearing, v Value) {
	k.unsaved = true
	counting, counts := k.window.(counting)
	switch _, compares := k.window.(*previous); {
	case counts && h.retained && !h.tooOld:
		counting.rebase(h.at, v)
	case counts && (h.retained || h.again), compares && (h.late || h.tooOld):
	default:
		k.add(h.at, v)
	}
}

// A counting window counts a sample each time it comes, or compares it with the
// one before: a duplicate and a retained message are none.
type counting interface {
	// rebase takes a value in that later samples are compared with.
	rebase(at time.Duration, v Value)
}

// countsEach tells whether the sensor's series keep a counting window.
func (s *Sensor) countsEach() bool {
	return slices.ContainsFunc(s.needs, func(n need) bool {
		switch n.kind {
		case countWindow, sumWindow, changesWindow, previousWindow:
			return true
		}
		return false
	})
}

// windowOf is a window of the series in a slot; false while it has none, and
// while it stands still.
func windowOf[W window](f *Frame, slot, at int) (w W, ok bool) {
	if f.still != nil && f.still[slot] {
		return w, false
	}
	if s := f.Series[slot]; s != nil && at < len(s.windows) {
		w, ok = s.windows[at].window.(W)
	}
	return w, ok
}
