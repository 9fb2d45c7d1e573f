package rules

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"
)

// WindowPrefix is where windows are kept.
const WindowPrefix = "window/"

// windowVersion is the first byte of a saved window. It goes up when the form
// changes.
const windowVersion = 1

// How often a window is written down, as a share of its length within bounds:
// what a crash loses is a small part of it, and flash wears out.
const (
	windowSaveShare = 10
	windowSaveMin   = time.Minute
	windowSaveMax   = 10 * time.Minute
	// windowSaveBytes bounds, give or take a window, what is written at one time;
	// at the end there is no bound.
	windowSaveBytes = 256 << 10
)

func (n need) saveEvery() time.Duration {
	return min(max(n.length/windowSaveShare, windowSaveMin), windowSaveMax)
}

func (s *series) windowRecordKey(i int) string {
	return WindowPrefix + s.sensor.Name + "/" + s.sensor.windowKey(s.sensor.needs[i]) + "/" + s.key
}

// A dueWindow is a window that is worth writing down: the i-th of a series.
type dueWindow struct {
	*series
	i int
}

// dueWindows are the windows that are worth writing down now, or at the end all
// that have news, those first that were written longest ago.
func (e *Engine) dueWindows(end bool) []dueWindow {
	var due []dueWindow
	for k := range e.sensors {
		for _, s := range e.sensors[k].series {
			for i := range s.windows {
				w := &s.windows[i]
				if w.unsaved && (end || e.now-w.saved >= s.sensor.needs[i].saveEvery()) {
					due = append(due, dueWindow{s, i})
				}
			}
		}
	}
	slices.SortFunc(due, func(a, b dueWindow) int { return cmp.Compare(a.windows[a.i].saved, b.windows[b.i].saved) })
	return due
}

// unsavedWindows appends the windows that are due, before the end as many as
// may be written at one time.
func (e *Engine) unsavedWindows(out []Record, end bool) []Record {
	room := windowSaveBytes
	for _, d := range e.dueWindows(end) {
		if room <= 0 && !end {
			break
		}
		w := &d.windows[d.i]
		w.unsaved, w.saved = false, e.now
		p := packer{bytes: []byte{windowVersion}}
		w.save(&p)
		room -= len(p.bytes)
		out = append(out, Record{d.windowRecordKey(d.i), p.bytes})
	}
	return out
}

// loadWindow takes up a saved window. The timeline left shift out; a window
// that is no longer than that holds nothing any more.
func (s *series) loadWindow(i int, value []byte, now, shift time.Duration) error {
	n := s.sensor.needs[i]
	if n.length > 0 && shift >= n.length {
		return nil
	}
	if len(value) == 0 || value[0] != windowVersion {
		return fmt.Errorf("version %d, this program reads %d", append(value, 0)[0], windowVersion)
	}
	u := unpacker{rest: value[1:], latest: now, shift: shift}
	w := windowKinds[n.kind].make(n.length)
	w.load(&u)
	if err := u.end(); err != nil {
		return err
	}
	s.windows[i].window = w
	s.windows[i].unsaved = shift != 0 // lest another restart loses that time again
	return nil
}

// A packer writes a window in few bytes: times as the distance from the one
// before, numbers so that short ones take few bytes.
type packer struct {
	bytes []byte
	time  time.Duration
}

func (p *packer) uint(v uint64) { p.bytes = binary.AppendUvarint(p.bytes, v) }

func (p *packer) at(at time.Duration) {
	p.bytes = binary.AppendVarint(p.bytes, int64(at-p.time))
	p.time = at
}

// number writes the bits with the last ones, which are zero in short numbers,
// in front.
func (p *packer) number(v float64) { p.uint(bits.ReverseBytes64(math.Float64bits(v))) }

func (p *packer) text(s string) {
	p.uint(uint64(len(s)))
	p.bytes = append(p.bytes, s...)
}

func (p *packer) truth(b bool) {
	v := uint64(0)
	if b {
		v = 1
	}
	p.uint(v)
}

func (p *packer) value(v Value) {
	p.number(v.Num)
	p.text(v.Str)
	p.truth(v.Bool)
}

// An unpacker reads what a packer wrote, and remembers what was wrong with it.
type unpacker struct {
	rest   []byte
	time   time.Duration
	latest time.Duration // no time is later
	shift  time.Duration // by which all times are earlier than written
	err    error
}

var errCut = errors.New("the window is cut short")

func (u *unpacker) fail(err error) {
	if u.err == nil {
		u.err = err
	}
	u.rest = nil
}

func (u *unpacker) uint() uint64 {
	v, n := binary.Uvarint(u.rest)
	if n <= 0 {
		u.fail(errCut)
		return 0
	}
	u.rest = u.rest[n:]
	return v
}

func (u *unpacker) at() time.Duration {
	v, n := binary.Varint(u.rest)
	if n <= 0 {
		u.fail(errCut)
		return 0
	}
	u.rest = u.rest[n:]
	u.time += time.Duration(v)
	at := u.time - u.shift
	if at > u.latest || at < u.latest-timelineMax {
		u.fail(fmt.Errorf("a sample at %v, now is %v", at, u.latest))
		return 0
	}
	return at
}

// timelineMax is longer than any gateway lives.
const timelineMax = 200 * 365 * 24 * time.Hour

// sample is a time that is not before the one before, if it is not the first.
func (u *unpacker) sample(i int, before time.Duration) time.Duration {
	at := u.at()
	if i > 0 && at < before {
		u.fail(errors.New("the samples are out of order"))
	}
	return at
}

func (u *unpacker) number() float64 {
	v := math.Float64frombits(bits.ReverseBytes64(u.uint()))
	if !finite(v) {
		u.fail(errors.New("a number that is none"))
		return 0
	}
	return v
}

func (u *unpacker) text() string {
	n := u.uint()
	if n > uint64(len(u.rest)) || n > stringMaxBytes {
		u.fail(errCut)
		return ""
	}
	s := strings.Clone(string(u.rest[:n]))
	u.rest = u.rest[n:]
	return s
}

func (u *unpacker) truth() bool { return u.uint() == 1 }

func (u *unpacker) value() Value { return Value{Num: u.number(), Str: u.text(), Bool: u.truth()} }

// count is a number of cells.
func (u *unpacker) count() int {
	n := u.uint()
	if n > cellsMax {
		u.fail(fmt.Errorf("%d cells, at most %d fit", n, cellsMax))
		return 0
	}
	return int(n)
}

// end tells what was wrong.
func (u *unpacker) end() error {
	if u.err == nil && len(u.rest) > 0 {
		return fmt.Errorf("%d bytes too many", len(u.rest))
	}
	return u.err
}

func (s *span) save(p *packer) {
	p.truth(s.begun)
	if s.begun {
		p.at(s.since)
	}
}

func (s *span) load(u *unpacker) {
	if s.begun = u.truth(); s.begun {
		s.since = u.at()
	}
}

func (l *levels) save(p *packer) {
	l.span.save(p)
	if l.begun {
		p.at(l.newest)
	}
	p.uint(uint64(l.len()))
	for i := range l.len() {
		p.at(l.cell(i).at)
		p.number(l.cell(i).mean)
		p.number(l.cell(i).variance)
	}
}

func (l *levels) load(u *unpacker) {
	if l.span.load(u); l.begun {
		l.newest = u.at()
	}
	var before time.Duration
	for i := range u.count() {
		at := u.sample(i, before)
		l.push(level{at: at, mean: u.number(), variance: max(u.number(), 0)})
		before = at + 1 // two cells never begin at once
	}
	if l.begun != (l.len() > 0) || l.begun && l.newest < l.last().at {
		u.fail(errors.New("the samples do not fit together"))
		return
	}
	if l.begun {
		l.recount(l.last().mean)
	}
}

func (x *extremes) save(p *packer) {
	x.span.save(p)
	p.uint(uint64(x.len()))
	for i := range x.len() {
		until := x.cell(i).until
		if until == never {
			until = x.newest
		}
		p.at(until)
		p.number(x.cell(i).value)
	}
}

func (x *extremes) load(u *unpacker) {
	x.span.load(u)
	for i := range u.count() {
		x.newest = u.sample(i, x.newest)
		e := extreme{x.newest, u.number()}
		if i > 0 && e.value >= x.last().value {
			u.fail(errors.New("the values are out of order"))
		}
		x.push(e)
	}
	if x.begun != (x.len() > 0) {
		u.fail(errors.New("the samples do not fit together"))
		return
	}
	if x.begun {
		x.last().until = never
	}
}

func (t *tally) save(p *packer) {
	t.span.save(p)
	if t.begun {
		p.at(t.newest)
	}
	p.value(t.previous)
	p.uint(uint64(t.len()))
	for i := range t.len() {
		p.at(t.cell(i).at)
		p.number(t.cell(i).sum)
	}
}

func (t *tally) load(u *unpacker) {
	if t.span.load(u); t.begun {
		t.newest = u.at()
	}
	t.previous = u.value()
	var before time.Duration
	for i := range u.count() {
		before = u.sample(i, before)
		t.push(amount{before, u.number()})
	}
	t.recount()
}

func (r *trend) save(p *packer) {
	r.span.save(p)
	if r.begun {
		p.at(r.newest.at)
	}
	p.number(r.newest.value)
	p.uint(uint64(r.len()))
	for i := range r.len() {
		p.at(r.cell(i).at)
		p.number(r.cell(i).value)
		p.number(r.cell(i).weight)
	}
}

func (r *trend) load(u *unpacker) {
	if r.span.load(u); r.begun {
		r.newest.at = u.at()
	}
	r.newest.value, r.newest.weight = u.number(), 1
	var before time.Duration
	for i := range u.count() {
		before = u.sample(i, before)
		r.push(point{before, u.number(), max(u.number(), 1)})
	}
	r.recount()
}

func (p *previous) save(k *packer) {
	k.uint(uint64(p.samples))
	k.value(p.last)
	k.value(p.before)
}

func (p *previous) load(u *unpacker) {
	p.samples = int(min(u.uint(), 2))
	p.last, p.before = u.value(), u.value()
}
