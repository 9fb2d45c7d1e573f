package buffer

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
)

// Options are the store's bounds and helpers. The zero value is usable.
type Options struct {
	// TextsMax bounds the texts that wait: 10,000 when 0. The most urgent may
	// exceed it by a tenth.
	TextsMax int

	// Probe opens the database in dir in another process and reports why that
	// failed, so that a panic in one of Badger's goroutines costs a child and
	// not the agent. [Child] makes one. Nil: no probe.
	Probe func(ctx context.Context, dir string) error

	Log *slog.Logger // nil: discard

	statfs func(dir string) (space, error) // tests only; nil: the system call
}

const textsMaxDefault = 10_000

var discardLog = slog.New(slog.DiscardHandler)

func (o Options) withDefaults() Options {
	if o.TextsMax <= 0 {
		o.TextsMax = textsMaxDefault
	}
	if o.Log == nil {
		o.Log = discardLog
	}
	if o.statfs == nil {
		o.statfs = statfs
	}
	return o
}

// memTableSize must never become smaller in a later release: a log written
// under a larger one would no longer fit into the memory table on replay.
const memTableSize = 512 << 10

// badgerOptions are the same on every architecture. Measured with v4.9.6.
func badgerOptions(dir string, log *slog.Logger) badger.Options {
	o := badger.DefaultOptions(dir)
	o.Logger = &badgerLog{log: log}

	// A commit that has returned must survive a power cut.
	o.SyncWrites = true

	// Small files: with the default sizes a 32-bit process cannot map them
	// again after a kill (ENOMEM), and a gateway has neither memory nor flash
	// to spare.
	o.MemTableSize = memTableSize
	o.NumMemtables = 1
	o.ValueLogFileSize = 1 << 20

	// On 32-bit machines ristretto's allocator computes uint64((bufIdx+1)<<32)
	// with a 32-bit int once a table builder outgrows its first buffer: every
	// record of that table is lost without an error, and a power of two panics.
	// A base size well above a memory table's keeps builders in the first buffer.
	o.BaseTableSize = 1<<20 + 4096
	o.TableSizeMultiplier = 1

	// Compactor tickers wake an idle gateway 20 times a second; tend flattens
	// instead. The stall is far above what accumulates between two rounds.
	o.NumCompactors = 0
	o.NumLevelZeroTables = 2
	o.NumLevelZeroTablesStall = 64

	// Every value stays in the tree. Garbage collection of the value log brings
	// deleted keys back, and a failed sync of it is only logged.
	o.ValueThreshold = 64 << 10
	o.VLogPercentile = 0

	// No caches and no compression: tables are mapped, small, and read once.
	o.Compression = options.None
	o.BlockCacheSize = 0
	o.IndexCacheSize = 0

	// One writer at a time: nothing to conflict with, nothing to parallelise.
	o.DetectConflicts = false
	o.NumGoroutines = 1
	o.MetricsEnabled = false

	// Each block is verified when a table is opened, so that rot shows at the
	// start and not under a commit.
	o.ChecksumVerificationMode = options.OnTableRead

	// The agent holds its own lock on the directory above, and a closed
	// database that hangs on a dead disk must not block the next one.
	o.BypassLockGuard = true
	return o
}

// badgerLog passes Badger's errors on as warnings, each once until another
// comes: the flush of a memory table is retried every second for ever.
type badgerLog struct {
	log  *slog.Logger
	mu   sync.Mutex
	last string
}

func (b *badgerLog) Errorf(format string, args ...any) {
	text := strings.TrimSpace(fmt.Sprintf(format, args...))
	b.mu.Lock()
	repeated := text == b.last
	b.last = text
	b.mu.Unlock()
	if !repeated {
		b.log.Warn("database", "error", text)
	}
}

func (b *badgerLog) Warningf(format string, args ...any) { b.Errorf(format, args...) }
func (b *badgerLog) Infof(string, ...any)                {}
func (b *badgerLog) Debugf(string, ...any)               {}
