package backtest

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const benchRows = 1_000_000

// machine is a history of a reading every five minutes.
func machine(rows int) []byte {
	var b bytes.Buffer
	b.WriteString("timestamp,value\n")
	at := time.Date(2013, 12, 2, 21, 15, 0, 0, time.UTC)
	for i := range rows {
		fmt.Fprintf(&b, "%s,%.8f\n", at.Format(time.DateTime), 73+float64(i%97)/10)
		at = at.Add(5 * time.Minute)
	}
	return b.Bytes()
}

// BenchmarkThreshold is what one reading of a CSV file costs against a threshold.
func BenchmarkThreshold(b *testing.B) {
	benchmark(b, machine(benchRows), Options{Maps: []Map{{Column: "value", Topic: "machine/temp"}}})
}

// BenchmarkRecording is the same for a line of a recording.
func BenchmarkRecording(b *testing.B) {
	var lines bytes.Buffer
	at := time.Date(2013, 12, 2, 21, 15, 0, 0, time.UTC)
	for i := range benchRows {
		fmt.Fprintf(&lines, `{"time": %q, "topic": "machine/temp", "payload": "%.8f"}`+"\n", at.Format(time.RFC3339), 73+float64(i%97)/10)
		at = at.Add(5 * time.Minute)
	}
	benchmark(b, lines.Bytes(), Options{})
}

// BenchmarkReading is reading a CSV file alone.
func BenchmarkReading(b *testing.B) {
	history := machine(benchRows)
	o := Options{Config: plant(b), Zone: time.UTC, Maps: []Map{{Column: "value", Topic: "machine/temp"}}}
	began := processorTime(b)
	for b.Loop() {
		sources, err := open(o, []File{{"bench.csv", bytes.NewReader(history)}})
		if err != nil {
			b.Fatal(err)
		}
		for sources[0].advance() {
		}
	}
	perReading(b, began)
}

func benchmark(b *testing.B, history []byte, o Options) {
	o.Config = plant(b)
	o.Zone = time.UTC
	b.ReportAllocs()
	began := processorTime(b)
	for b.Loop() {
		r, err := Play(o, []File{{"bench", bytes.NewReader(history)}})
		if err != nil {
			b.Fatal(err)
		}
		if r.Readings != benchRows {
			b.Fatalf("%d readings, want %d", r.Readings, benchRows)
		}
	}
	perReading(b, began)
}

// perReading reports what a reading cost of the processor, whoever else used it.
func perReading(b *testing.B, began time.Duration) {
	b.ReportMetric(float64(processorTime(b)-began)/float64(b.N*benchRows), "cpu-ns/reading")
}

func processorTime(b *testing.B) time.Duration {
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
