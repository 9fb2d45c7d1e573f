package agent

import (
	"path/filepath"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"
)

// Clock is the machine's time of day and what speaks for it. The zero Clock
// knows none.
type Clock struct {
	Now    func() time.Time
	Synced func() bool // a time server keeps it
	Kept   bool        // a battery keeps it while the machine is off

	// Network is the time of day as the cell network tells it, zero while it
	// tells none; nil when there is no network to tell it.
	Network func() time.Time

	Built time.Time // when this program was: no earlier time is right
}

// KernelClock is the running kernel's.
func KernelClock() Clock {
	batteries, _ := filepath.Glob("/sys/class/rtc/rtc*")
	return Clock{Now: time.Now, Synced: kernelSynced, Kept: len(batteries) > 0, Built: built()}
}

// kernelSynced tells whether something such as NTP keeps the kernel's clock, see
// adjtimex(2).
func kernelSynced() bool {
	var t unix.Timex
	state, err := unix.Adjtimex(&t)
	return err == nil && state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0
}

// firstBuilt is before any program with this code was built.
var firstBuilt = time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)

// built is when the program was built, as far as it says: when the last change
// in it was made.
func built() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return firstBuilt
	}
	for _, s := range info.Settings {
		if at, err := time.Parse(time.RFC3339, s.Value); s.Key == "vcs.time" && err == nil && at.After(firstBuilt) {
			return at
		}
	}
	return firstBuilt
}

const (
	// keptMax is how long after the program was built its battery may say it is:
	// an empty one says anything.
	keptMax = 30 * 365 * 24 * time.Hour
	// downtimeMax is the longest downtime that is believed. A longer one is as
	// good as unknown.
	downtimeMax = 31 * 24 * time.Hour
)

// An instant is a trusted time of day on the gateway's timeline.
type instant struct {
	Time time.Time
	At   time.Duration
}

// A wallClock is the time of day as far as it is to be believed, and what it
// tells of the downtime before this boot. It is for one goroutine.
type wallClock struct {
	Clock
	trusted  bool    // since some moment of this run
	last     instant // the last that was trusted; the zero instant for none
	measured bool    // the downtime before this boot, or it never can be
}

// newWallClock returns the clock of a timeline that goes on. The downtime can be
// measured when the boot before knew the time when it was last seen.
func newWallClock(c Clock, t timeline) *wallClock {
	return &wallClock{Clock: c, last: t.last, measured: t.last.Time.IsZero() || t.last.At != t.began}
}

// now is the time of day, zero while nothing vouches for it: that of the
// machine, which is trusted for as long as the program runs once something
// vouched for it, or else that of the cell network.
func (c *wallClock) now() time.Time {
	if c.Now == nil {
		return time.Time{}
	}
	now := c.Now().Round(0) // without a monotonic reading, which stops in suspend
	if !c.trusted && !c.Synced() && !c.keptTrue(now) {
		return c.networkTime(now)
	}
	c.trusted = true
	return now
}

// networkTolerance is how far the machine's clock may be from the network's for
// that to vouch for it. The network tells no more than seconds, and late.
const networkTolerance = time.Minute

// networkTime is the cell network's time of day, zero when it tells none. A
// machine's clock that agrees with it is as good as set.
func (c *wallClock) networkTime(machine time.Time) time.Time {
	if c.Network == nil {
		return time.Time{}
	}
	told := c.Network().Round(0)
	if told.Before(c.Built) { // which none is too
		return time.Time{}
	}
	if machine.Sub(told).Abs() <= networkTolerance {
		c.trusted = true
		return machine
	}
	return told
}

// keptTrue tells whether a battery kept the time: it is not before what it
// cannot be before, as when the battery is empty or somebody set it back.
func (c *wallClock) keptTrue(now time.Time) bool {
	return c.Kept && !now.Before(c.Built) && !now.Before(c.last.Time) && now.Sub(c.Built) < keptMax
}

// missed is the time that the timeline left out when this boot began, at that
// moment of it. It is told once, as soon as the time of day is trusted; 0 before,
// and when it was not known when the boot before ended.
func (c *wallClock) missed(at time.Duration) time.Duration {
	if c.measured {
		return 0
	}
	now := c.now()
	if now.IsZero() {
		return 0
	}
	c.measured = true
	d := now.Sub(c.last.Time) - (at - c.last.At)
	if d < 0 || d > downtimeMax {
		return 0
	}
	return d
}

// note remembers what time it is, if that is known.
func (c *wallClock) note(at time.Duration) {
	if now := c.now(); !now.IsZero() && c.measured {
		c.last = instant{now, at}
	}
}
