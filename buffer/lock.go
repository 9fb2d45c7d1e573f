package buffer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	lockName = "lock"

	// orphanLimit bounds the wait for a probe that outlived its agent.
	orphanLimit = 10 * time.Second
	orphanPoll  = 50 * time.Millisecond
)

// LockedError says that another agent holds the directory.
type LockedError struct {
	Dir string
	PID int // 0: it did not say
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("%s: in use by another agent", e.Dir)
	}
	return fmt.Sprintf("%s: in use by another agent, process %d", e.Dir, e.PID)
}

// lockDir takes the directory for this process until the file is closed. The
// lock is on the directory itself, which works on a read-only file system too.
func lockDir(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, &LockedError{Dir: dir, PID: holder(dir)}
		}
		return nil, fmt.Errorf("%s: lock: %w", dir, err)
	}
	return f, nil
}

// sign leaves the process id for whoever finds the directory locked. It is only
// a courtesy, so a disk that refuses it does not matter.
func sign(dir string) {
	if pid := os.Getpid(); holder(dir) != pid {
		os.WriteFile(filepath.Join(dir, lockName), []byte(strconv.Itoa(pid)+"\n"), 0o644)
	}
}

func holder(dir string) int {
	b, err := os.ReadFile(filepath.Join(dir, lockName))
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(b)))
	return pid
}

// waitFree waits until no probe has the database open. One can outlive an agent
// that was killed while it waited for the answer.
func waitFree(dir string) error {
	for deadline := time.Now().Add(orphanLimit); ; time.Sleep(orphanPoll) {
		f, err := lockDir(dir)
		if err == nil {
			return f.Close()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: still open in another process after %s", dir, orphanLimit)
		}
	}
}
