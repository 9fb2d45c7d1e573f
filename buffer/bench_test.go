package buffer

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// written is what this process has had written to disks so far, in bytes, as the
// kernel accounts for it when pages become dirty.
func written(b *testing.B) int64 {
	b.Helper()
	io, err := os.ReadFile("/proc/self/io")
	if err != nil {
		b.Skip("the kernel does not say what was written")
	}
	for line := range strings.Lines(string(io)) {
		if n, ok := strings.CutPrefix(line, "write_bytes: "); ok {
			v, _ := strconv.ParseInt(strings.TrimSpace(n), 10, 64)
			return v
		}
	}
	return 0
}

// BenchmarkCommit is one decision: a series, an incident, the ledger, one text.
func BenchmarkCommit(b *testing.B) {
	s, _, err := Open(b.TempDir(), Options{TextsMax: 1 << 30})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	took := make([]time.Duration, 0, 1<<16)
	before := written(b)
	for i := 0; b.Loop(); i++ {
		n := strconv.Itoa(i % 200)
		started := time.Now()
		ids, err := s.Commit(Batch{
			Records: []Record{
				{"series/" + n, []byte(strings.Repeat("s", 100))},
				{"alert/" + n, []byte(fmt.Sprint("firing since ", i))},
				{"told/" + n, []byte(fmt.Sprint("alice ", i))},
			},
			Texts: []Text{{To: "+353871234567", Contact: "alice", Body: "freezer 3 is at -9 C. Reply OK or 17", Subject: "alert/" + n}},
		})
		if err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(started))
		b.StopTimer()
		if len(ids) > 0 && i%2 == 0 {
			s.Drop(ids[0], 0, "bench")
		}
		b.StartTimer()
	}
	commits := float64(s.State().Commits)
	b.ReportMetric(float64(written(b)-before)/commits, "B/commit")
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkText is the life of a text: taken in, begun, accepted and reported.
func BenchmarkText(b *testing.B) {
	s, _, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	before := written(b)
	for i := 0; b.Loop(); i++ {
		at := time.Duration(i) * time.Minute
		ids, err := s.Commit(Batch{Texts: []Text{text("+353871234567", "Rosewood: SMOKE in the kitchen. Reply OK or 17")}})
		if err != nil {
			b.Fatal(err)
		}
		r := Receipt{Modem: "stick", Reference: uint8(i), At: at}
		if err := errors.Join(s.Begin(ids[0], 1, 1, "stick"), s.Settle(ids[0], 1, r)); err != nil {
			b.Fatal(err)
		}
		report := Report{Fate: Delivered, Modem: "stick", Reference: uint8(i), At: at, Submitted: time.Unix(1e9, 0), Discharged: time.Unix(1e9, 0)}
		if _, err := s.Report(report, func(to string) bool { return to == "+353871234567" }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(written(b)-before)/float64(b.N), "B/text")
	b.ReportMetric(float64(s.State().Commits)/float64(b.N), "commits/text")
}

// BenchmarkOpen opens a store that was killed with a full queue.
func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{0, 1000, 10_000} {
		b.Run(fmt.Sprint(n, " texts"), func(b *testing.B) {
			dir := b.TempDir()
			s, _, err := Open(dir, Options{})
			if err != nil {
				b.Fatal(err)
			}
			for range n / 100 {
				texts := slices.Repeat([]Text{text("+353871234567", strings.Repeat("x", 150))}, 100)
				if _, err := s.Commit(Batch{Texts: texts}); err != nil {
					b.Fatal(err)
				}
			}
			s.Close()
			for b.Loop() {
				s, r, err := Open(dir, Options{})
				if err != nil || !r.empty() {
					b.Fatal(err, r)
				}
				b.StopTimer()
				s.Close()
				b.StartTimer()
			}
		})
	}
}

// BenchmarkThroughput takes texts in and settles them, and reports what is left
// on disk: run with -benchtime 1000000x for the figure.
func BenchmarkThroughput(b *testing.B) {
	s, _, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	var peak uint64
	for i := 0; b.Loop(); i++ {
		ids, err := s.Commit(Batch{Texts: []Text{text("+353871234567", "freezer 3 is at -9 C")}})
		if err != nil {
			b.Fatal(err)
		}
		if err := s.Begin(ids[0], 1, 1, "stick"); err != nil {
			b.Fatal(err)
		}
		if err := s.Settle(ids[0], 1, receipt(1)); err != nil {
			b.Fatal(err)
		}
		if i%1000 == 0 {
			peak = max(peak, occupied(s.database()))
		}
	}
	b.ReportMetric(float64(max(peak, occupied(s.database())))/(1<<20), "MiB-peak")
}
