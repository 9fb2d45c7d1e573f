package agent

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/tocsin-edge/tocsin/buffer"
)

// Boot is what the kernel tells of the time since it started. A Boot is the
// same for as long as its ID is.
type Boot struct {
	ID     string               // empty: not known, so every start counts as a boot
	Uptime func() time.Duration // suspended time included
}

// KernelBoot is the running kernel's.
func KernelBoot() Boot {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		id = nil
	}
	return Boot{ID: strings.TrimSpace(string(id)), Uptime: boottime}
}

// boottime reads CLOCK_BOOTTIME: unlike Go's monotonic clock it counts the time
// a machine was suspended.
func boottime() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		panic("agent: clock_gettime(CLOCK_BOOTTIME): " + err.Error())
	}
	return time.Duration(ts.Nano())
}

// A timeline is the gateway's own: it goes on from where the last run left it,
// exactly within one boot, and with the downtime left out after another, however
// long a clock says that was. Wall clock steps do not touch it.
type timeline struct {
	boot     Boot
	offset   time.Duration // of the timeline before the uptime
	rebooted bool          // since the last run
	began    time.Duration // when the boot's first run began, where the boot before was last seen
	last     instant       // the last trusted time of day there is on record; the zero instant for none
}

// timelineRecord is how the timeline outlives the process; it goes with every
// decision that is written.
type timelineRecord struct {
	Version int
	Boot    string
	Offset  time.Duration
	Seen    time.Duration // the time when it was written
	Began   time.Duration `json:",omitempty"`
	Last    *instant      `json:",omitempty"`
}

const (
	timelineKey           = "clock/timeline"
	timelineRecordVersion = 1
)

// resume continues the timeline that the record tells of; no record begins one.
func resume(boot Boot, record []byte) (timeline, error) {
	t := timeline{boot: boot, offset: -boot.Uptime()}
	if record == nil {
		return t, nil
	}
	t.rebooted = true
	var r timelineRecord
	if err := json.Unmarshal(record, &r); err != nil {
		return t, fmt.Errorf("record %q: %w", timelineKey, err)
	}
	if r.Version != timelineRecordVersion {
		return t, fmt.Errorf("record %q: version %d, this program reads %d", timelineKey, r.Version, timelineRecordVersion)
	}
	if r.Last != nil {
		t.last = *r.Last
	}
	if r.Boot == boot.ID && boot.ID != "" {
		t.offset, t.began, t.rebooted = r.Offset, r.Began, false
		return t, nil
	}
	t.offset, t.began = t.offset+r.Seen, r.Seen
	return t, nil
}

func (t timeline) now() time.Duration { return t.offset + t.boot.Uptime() }

// record is how the timeline and the time of day on it outlive the process.
func (t timeline) record(c *wallClock) buffer.Record {
	r := timelineRecord{Version: timelineRecordVersion, Boot: t.boot.ID, Offset: t.offset, Seen: t.now(), Began: t.began}
	c.note(r.Seen)
	if !c.last.Time.IsZero() {
		r.Last = &c.last
	}
	value, err := json.Marshal(r)
	if err != nil {
		panic("agent: a timeline that JSON cannot hold: " + err.Error())
	}
	return buffer.Record{Key: timelineKey, Value: value}
}
