package buffer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/dgraph-io/badger/v4"
)

const (
	// probeLimit bounds one opening in a child process. A store opens in
	// milliseconds; an old gateway with a full queue takes a second.
	probeLimit = 30 * time.Second
	// probeTries is how often a failing probe is asked: a crash between two
	// steps of Badger's own can fail the first opening after it and no other.
	probeTries = 2

	outputMaxBytes = 64 << 10
)

// ProbeOpen opens the database in dir as the agent would, reads everything in
// it and closes it. It is what the child process calls: when a damaged file
// makes one of Badger's goroutines panic, only the child dies.
func ProbeOpen(dir string) error {
	lock, err := lockDir(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	db, err := badger.Open(badgerOptions(dir, discardLog))
	if err != nil {
		return err
	}
	defer db.Close()
	return forEach(db, "", func(string, []byte) error { return nil })
}

// Child returns a probe that runs argv with the directory appended. The child
// should do nothing but call [ProbeOpen] and exit with status 0 when that
// returned nil; what it writes to standard error becomes the cause.
func Child(argv ...string) func(ctx context.Context, dir string) error {
	return func(ctx context.Context, dir string) error {
		// A child is killed with the thread that started it, so that thread
		// must not end before.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		var out bytes.Buffer
		cmd := exec.CommandContext(ctx, argv[0], append(argv[1:len(argv):len(argv)], dir)...)
		cmd.Stderr = &limitedWriter{to: &out, left: outputMaxBytes}
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		err := cmd.Run()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("opening it did not end within %s", probeLimit)
		case errors.As(err, new(*exec.ExitError)):
			return errors.New(firstCause(out.Bytes()))
		}
		return &noProbeError{err}
	}
}

// noProbeError says that the child could not be started. That is no reason to
// think ill of the database.
type noProbeError struct{ err error }

func (e *noProbeError) Error() string { return "probe: " + e.err.Error() }
func (e *noProbeError) Unwrap() error { return e.err }

// firstCause is the first line of what a dying child wrote.
func firstCause(output []byte) string {
	const causeMaxBytes = 300
	line, _, _ := bytes.Cut(bytes.TrimSpace(output), []byte("\n"))
	if len(line) == 0 {
		return "opening it killed the process"
	}
	return string(line[:min(len(line), causeMaxBytes)])
}

type limitedWriter struct {
	to   *bytes.Buffer
	left int
}

func (w *limitedWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.left)
	w.left -= n
	w.to.Write(p[:n])
	return len(p), nil
}
