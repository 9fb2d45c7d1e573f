package agent

import (
	"testing"
	"time"
)

// epoch is where a clock without a battery begins.
var epoch = time.Date(1970, time.January, 1, 0, 0, 10, 0, time.UTC)

// noon is the true time when the tests begin.
var noon = time.Date(2026, time.December, 1, 12, 0, 0, 0, time.UTC)

// A gateway is a machine with a clock on the wall beside it.
type gateway struct {
	t *testing.T
	kernel
	boots  int
	truth  time.Time
	shows  time.Time // the machine's clock
	synced bool
	kept   bool

	line   timeline
	clock  *wallClock
	record []byte
}

// newGateway is one whose clock is right from the start, and whether a battery
// keeps it.
func newGateway(t *testing.T, kept bool) *gateway {
	g := &gateway{t: t, kernel: kernel{"boot", time.Hour}, truth: noon, shows: noon, synced: true, kept: kept}
	g.run()
	return g
}

// pass lets time pass, awake or suspended.
func (g *gateway) pass(d time.Duration) {
	g.uptime += d
	g.truth, g.shows = g.truth.Add(d), g.shows.Add(d)
}

// run starts the program, as the watch does, and returns the downtime it knows
// of.
func (g *gateway) run() time.Duration {
	g.line = resumed(g.t, &g.kernel, g.record)
	g.clock = newWallClock(Clock{
		Now: func() time.Time { return g.shows }, Synced: func() bool { return g.synced }, Kept: g.kept, Built: noon.AddDate(0, -1, 0),
	}, g.line)
	d := g.clock.missed(g.line.now())
	g.write()
	return d
}

func (g *gateway) write() { g.record = g.line.record(g.clock).Value }

// reboot ends the program and starts it after down. Then the clock is as it was
// kept, or begins anew.
func (g *gateway) reboot(down time.Duration) time.Duration {
	g.write()
	g.boots++
	g.truth = g.truth.Add(down)
	g.kernel = kernel{g.id + "'", 20 * time.Second}
	g.synced = false
	if g.shows = epoch; g.kept {
		g.shows = g.truth
	}
	return g.run()
}

// sync lets a time server set the clock.
func (g *gateway) sync() { g.synced, g.shows = true, g.truth }

func (g *gateway) missed() time.Duration { return g.clock.missed(g.line.now()) }

func (g *gateway) want(what string, got, want time.Duration) {
	g.t.Helper()
	if got != want {
		g.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestTheWallTimeIsUntrustedUntilSomethingVouchesForIt(t *testing.T) {
	built, last := noon.AddDate(0, -1, 0), noon.Add(-time.Hour)
	for _, tt := range []struct {
		name         string
		shows        time.Time
		synced, kept bool
		want         bool
	}{
		{"NTP keeps it", noon, true, false, true},
		{"NTP keeps what was wrongly trusted before", last.AddDate(0, 0, -1), true, false, true},
		{"nothing keeps it", noon, false, false, false},
		{"a battery kept it", noon, false, true, true},
		{"its battery is empty", epoch, false, true, false},
		{"it is before the program was built", built.Add(-time.Second), false, true, false},
		{"it is before the last trusted time", last.Add(-time.Second), false, true, false},
		{"it is at the last trusted time", last, false, true, true},
		{"its battery says anything", noon.AddDate(50, 0, 0), false, true, false},
	} {
		c := newWallClock(Clock{
			Now: func() time.Time { return tt.shows }, Synced: func() bool { return tt.synced }, Kept: tt.kept, Built: built,
		}, timeline{last: instant{Time: last}})
		if got := c.now(); got.IsZero() == tt.want || !got.IsZero() && !got.Equal(tt.shows) {
			t.Errorf("%s: got %v, trusted should be %v", tt.name, got, tt.want)
		}
	}
	if now := new(wallClock).now(); !now.IsZero() {
		t.Errorf("the zero Clock says %v", now)
	}
}

func TestWithTheWallTimeTrustedAtBothEndsTheDowntimeIsKnown(t *testing.T) {
	g := newGateway(t, true)
	g.pass(time.Hour)
	g.want("at the start", g.reboot(5*time.Hour), 5*time.Hour)
	g.pass(time.Hour)
	g.want("told once", g.missed(), 0)
	g.want("at the next", g.reboot(time.Minute), time.Minute)
}

// Power was lost long after the last record: what passed before that is
// not on the timeline either.
func TestTheDowntimeBeginsWhenTheGatewayWasLastSeen(t *testing.T) {
	g := newGateway(t, true)
	g.pass(time.Hour)
	g.write()
	seen := g.record
	g.pass(10 * time.Minute)
	g.clock.last = instant{}
	g.truth = g.truth.Add(time.Hour)
	g.kernel, g.shows, g.synced, g.record = kernel{"second", 0}, g.truth, false, seen
	g.want("downtime", g.run(), time.Hour+10*time.Minute)
}

func TestARebootInto1970TakesNoTimeUntilATimeServerSaysHowLong(t *testing.T) {
	g := newGateway(t, false)
	g.pass(time.Hour)
	g.want("at the start", g.reboot(5*time.Hour), 0)
	g.pass(time.Minute)
	g.want("a minute later", g.missed(), 0)
	g.run() // the program restarts
	g.pass(time.Minute)
	g.sync()
	g.want("once it is known", g.missed(), 5*time.Hour)
	g.want("told once", g.missed(), 0)
	g.write()
	g.want("restarted", g.run(), 0)
}

func TestABootThatNeverKnewTheTimeLeavesTheNextWithoutOne(t *testing.T) {
	g := newGateway(t, false)
	g.pass(time.Hour)
	g.reboot(5 * time.Hour)
	g.pass(time.Hour)
	g.reboot(time.Minute)
	g.sync()
	g.want("the one before or both, nobody knows", g.missed(), 0)
}

func TestAWallStepMovesNoDuration(t *testing.T) {
	g := newGateway(t, true)
	for _, by := range []time.Duration{time.Hour, -time.Hour, 50 * 365 * 24 * time.Hour, -100 * 365 * 24 * time.Hour} {
		before := g.line.now()
		g.shows = g.shows.Add(by)
		g.want("the timeline", g.line.now(), before)
		g.want("downtime", g.missed(), 0)
		g.write()
		g.want("downtime after a restart", g.run(), 0)
		g.want("the timeline after a restart", g.line.now(), before)
	}
}

func TestSuspendedTimeIsOnTheTimelineAndNoDowntime(t *testing.T) {
	g := newGateway(t, true)
	before := g.line.now()
	g.pass(8 * time.Hour) // CLOCK_BOOTTIME goes on while the machine sleeps
	g.want("the timeline", g.line.now()-before, 8*time.Hour)
	g.want("downtime", g.missed(), 0)
}

func TestADowntimeThatCannotBeIsNone(t *testing.T) {
	g := newGateway(t, true)
	g.want("longer than is believed", g.reboot(downtimeMax+time.Hour), 0)
	g.sync()
	g.write()
	g.kept = false
	g.reboot(time.Hour)
	g.synced, g.shows = true, noon.AddDate(0, 0, -3)
	g.want("less than none", g.missed(), 0)
}

func TestTheKernelSaysWhatTimeItIs(t *testing.T) {
	c := KernelClock()
	if c.Built.Before(firstBuilt) || time.Since(c.Now()) > time.Minute {
		t.Errorf("built %v, now %v", c.Built, c.Now())
	}
	c.Synced() // whether it is depends on the machine
}

func TestTheCellNetworkVouchesForTheWallTime(t *testing.T) {
	built := noon.AddDate(0, -1, 0)
	for _, tt := range []struct {
		name           string
		shows, network time.Time
		want           time.Time
	}{
		{"the machine has no clock", epoch, noon, noon},
		{"its clock is wrong", noon.AddDate(0, 0, -3), noon, noon},
		{"its clock agrees", noon.Add(20 * time.Second), noon, noon.Add(20 * time.Second)},
		{"the network tells none", epoch, time.Time{}, time.Time{}},
		{"the network tells nonsense", epoch, built.Add(-time.Second), time.Time{}},
	} {
		c := newWallClock(Clock{
			Now: func() time.Time { return tt.shows }, Synced: func() bool { return false }, Built: built,
			Network: func() time.Time { return tt.network },
		}, timeline{})
		if got := c.now(); !got.Equal(tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestATimeServerIsBelievedBeforeTheNetwork(t *testing.T) {
	c := newWallClock(Clock{
		Now: func() time.Time { return noon }, Synced: func() bool { return true },
		Network: func() time.Time { return noon.Add(time.Hour) },
	}, timeline{})
	if got := c.now(); !got.Equal(noon) {
		t.Errorf("got %v, want %v", got, noon)
	}
}
