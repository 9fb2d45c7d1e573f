package main

import (
	"log/slog"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

const mib = 1 << 20

// limitMemory fits the garbage collector to the machine, unless the
// environment already says how (GOMEMLIMIT, GOGC).
func limitMemory(log *slog.Logger) {
	var info unix.Sysinfo_t
	if os.Getenv("GOMEMLIMIT") != "" || unix.Sysinfo(&info) != nil {
		return
	}
	limit, percent := memoryFor(uint64(info.Totalram) * uint64(info.Unit))
	debug.SetMemoryLimit(limit)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	log.Debug("memory", "limit_bytes", limit, "gc_percent", percent)
}

// memoryFor is the Go heap's soft limit in bytes and the GOGC for a machine
// with so many bytes of RAM.
func memoryFor(ram uint64) (limit int64, percent int) {
	switch {
	case ram < 120*mib: // sold as 64 MB; the kernel keeps some
		return 24 * mib, 50
	case ram < 240*mib:
		return 40 * mib, 100
	}
	return 64 * mib, 100
}
