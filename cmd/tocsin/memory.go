package main

import (
	"log/slog"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

const mib = 1 << 20

// A footprint is what the agent may take of a machine.
type footprint struct {
	heapBytes int64 // the garbage collector's soft limit
	percent   int   // GOGC
	texts     int   // that wait for the network
}

// machine is the footprint for the machine this runs on.
func machine() footprint {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return footprintFor(0)
	}
	return footprintFor(uint64(info.Totalram) * uint64(info.Unit))
}

// footprintFor is the footprint for so many bytes of RAM. Machines sold as 64 or
// 128 MB show a little less: the kernel keeps some.
func footprintFor(ram uint64) footprint {
	switch {
	case ram < 120*mib:
		return footprint{24 * mib, 50, 2_000}
	case ram < 240*mib:
		return footprint{40 * mib, 100, 10_000}
	}
	return footprint{64 * mib, 100, 10_000}
}

// limitMemory fits the garbage collector to the machine, unless the environment
// already says how (GOMEMLIMIT, GOGC).
func limitMemory(f footprint, log *slog.Logger) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(f.heapBytes)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(f.percent)
	}
	log.Debug("memory", "heap_bytes", f.heapBytes, "gc_percent", f.percent, "texts_max", f.texts)
}
