package agent

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A kernel is a machine's clock since it was switched on.
type kernel struct {
	id     string
	uptime time.Duration
}

func (k *kernel) boot() Boot {
	return Boot{ID: k.id, Uptime: func() time.Duration { return k.uptime }}
}

// resumed is the timeline that goes on from the record of another.
func resumed(t *testing.T, k *kernel, record []byte) timeline {
	t.Helper()
	after, err := resume(k.boot(), record)
	if err != nil {
		t.Fatal(err)
	}
	return after
}

func TestATimelineBeginsAtZero(t *testing.T) {
	k := &kernel{"first", 3 * time.Hour}
	line := resumed(t, k, nil)
	if got := line.now(); got != 0 || line.rebooted {
		t.Errorf("began at %v, rebooted %v, want 0 and false", got, line.rebooted)
	}
	k.uptime += time.Minute
	if got := line.now(); got != time.Minute {
		t.Errorf("a minute later it is %v, want 1m", got)
	}
}

func TestWithinOneBootATimelineGoesOnExactlyThroughRestarts(t *testing.T) {
	k := &kernel{"first", 3 * time.Hour}
	line := resumed(t, k, nil)
	k.uptime += 10 * time.Minute
	record := line.record(new(wallClock)).Value // what happens until the process is killed is in no record
	k.uptime += 5*time.Minute + time.Nanosecond
	want := line.now()
	line = resumed(t, k, record)
	if got := line.now(); got != want || line.rebooted {
		t.Errorf("it is %v, rebooted %v, want %v and false", got, line.rebooted, want)
	}
}

func TestAnotherBootLeavesTheDowntimeOut(t *testing.T) {
	k := &kernel{"first", 3 * time.Hour}
	line := resumed(t, k, nil)
	k.uptime += 10 * time.Minute
	record := line.record(new(wallClock)).Value
	*k = kernel{"second", 40 * time.Second}
	line = resumed(t, k, record)
	if got := line.now(); got != 10*time.Minute || !line.rebooted {
		t.Errorf("it is %v, rebooted %v, want 10m and true", got, line.rebooted)
	}
	k.uptime += time.Minute
	if got := line.now(); got != 11*time.Minute {
		t.Errorf("a minute later it is %v, want 11m", got)
	}
}

func TestABootWithoutAnIDIsAnotherBoot(t *testing.T) {
	k := &kernel{"", 3 * time.Hour}
	line := resumed(t, k, nil)
	k.uptime += 10 * time.Minute
	record := line.record(new(wallClock)).Value
	k.uptime += time.Hour // it may have been anything
	line = resumed(t, k, record)
	if got := line.now(); got != 10*time.Minute || !line.rebooted {
		t.Errorf("it is %v, rebooted %v, want 10m and true", got, line.rebooted)
	}
}

func TestARecordThatCannotBeReadBeginsATimelineAnewAndSaysSo(t *testing.T) {
	for record, want := range map[string]string{
		"":              `record "clock/timeline": `,
		"\x00\xff":      `record "clock/timeline": `,
		`{"Version":1`:  `record "clock/timeline": `,
		`{"Version":9}`: `record "clock/timeline": version 9, this program reads 1`,
		`{}`:            `record "clock/timeline": version 0, this program reads 1`,
	} {
		k := &kernel{"first", 3 * time.Hour}
		line, err := resume(k.boot(), []byte(record))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", record, err, want)
		}
		if got := line.now(); got != 0 || !line.rebooted {
			t.Errorf("%q: it is %v, rebooted %v, want 0 and true", record, got, line.rebooted)
		}
	}
}

// Whatever happens to process and machine, and however long before it the last
// record was written: no time that is on disk is ever after now.
func TestATimelineNeverGoesBackBehindWhatIsOnDisk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := &kernel{"boot", time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "uptime"))}
		line, _ := resume(k.boot(), nil)
		var record []byte
		var written time.Duration // when it was
		var during string         // which boot it was
		t.Repeat(map[string]func(*rapid.T){
			"time passes": func(t *rapid.T) {
				k.uptime += time.Duration(rapid.Int64Range(0, int64(100*24*time.Hour)).Draw(t, "time"))
			},
			"a decision is written": func(*rapid.T) {
				record, written, during = line.record(new(wallClock)).Value, line.now(), k.id
			},
			"the process restarts": func(t *rapid.T) {
				before := line.now()
				line, _ = resume(k.boot(), record)
				if during == k.id && line.now() != before {
					t.Fatalf("it was %v and is %v", before, line.now())
				}
			},
			"the machine restarts": func(t *rapid.T) {
				*k = kernel{k.id + "'", time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "uptime"))}
				line, _ = resume(k.boot(), record)
				if line.now() != written {
					t.Fatalf("it is %v, the last record was written at %v", line.now(), written)
				}
			},
			"": func(t *rapid.T) {
				if record != nil && line.now() < written {
					t.Fatalf("it is %v, before the last record at %v", line.now(), written)
				}
			},
		})
	})
}

func TestTheKernelsBootIsOneAndItsUptimeRises(t *testing.T) {
	first, second := KernelBoot(), KernelBoot()
	if first.ID == "" || first.ID != second.ID {
		t.Errorf("boot %q and then %q, want one", first.ID, second.ID)
	}
	if a, b := first.Uptime(), second.Uptime(); a <= 0 || b < a {
		t.Errorf("uptime %v and then %v", a, b)
	}
}
