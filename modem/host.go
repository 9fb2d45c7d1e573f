package modem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Bounds of what recovery does on the host.
const (
	commandTime      = 60 * time.Second // of the reset command
	commandGrace     = 5 * time.Second  // for its children to let go of its output
	commandOutputMax = 1024             // bytes of its output that are logged
	usbPause         = 3 * time.Second  // between taking a USB device off and putting it back
	rebootTime       = 30 * time.Second // for the host to begin to restart
)

// host is the machine that the modem is plugged into: what it shows of its ports,
// and what recovery can do to it.
type host struct {
	root    fs.FS // shows /sys, /proc and /dev
	open    func(path string, baud int) (io.ReadWriteCloser, error)
	sys     string // where sysfs is mounted
	run     func(ctx context.Context, command []string) error
	restart func(ctx context.Context) error
}

// newHost is the machine that this program runs on.
func newHost() *host {
	return &host{root: os.DirFS("/"), open: openPort, sys: "/sys", run: runCommand, restart: restartHost}
}

// usbDevice returns the directory in sysfs of the USB device that the port at
// path belongs to, "" when it is on no USB.
func (h *host) usbDevice(path string) string {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ""
	}
	dir, err := filepath.EvalSymlinks(filepath.Join(h.sys, "class/tty", filepath.Base(real), "device"))
	if err != nil {
		return ""
	}
	// Up from the interface to the device, the one with a vendor.
	for ; len(dir) > len(h.sys); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "idVendor")); err == nil {
			return dir
		}
	}
	return ""
}

// replug takes the USB device in a directory of sysfs off the bus and puts it
// back. Hubs that can switch the power of a port mostly need a command of their
// own.
func (h *host) replug(ctx context.Context, device string) error {
	authorized := filepath.Join(device, "authorized")
	if err := writeAttribute(authorized, "0"); err != nil {
		return fmt.Errorf("the USB device cannot be switched off: %w", err)
	}
	rest(ctx, usbPause)
	if err := writeAttribute(authorized, "1"); err != nil {
		return fmt.Errorf("the USB device cannot be switched on again: %w", err)
	}
	return nil
}

// writeAttribute writes to a file of sysfs, which is never created.
func writeAttribute(path, value string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(value)
	return errors.Join(err, f.Close())
}

// runCommand runs a program within commandTime and waits for its end. The
// error has the end of what it wrote.
func runCommand(ctx context.Context, command []string) error {
	return runWithin(ctx, commandTime, command)
}

func runWithin(ctx context.Context, limit time.Duration, command []string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.WaitDelay = commandGrace
	var said tail
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		err = fmt.Errorf("no end within %v", limit)
	}
	if words := strings.TrimSpace(string(said.kept)); words != "" {
		return fmt.Errorf("%s: %w: %s", command[0], err, words)
	}
	return fmt.Errorf("%s: %w", command[0], err)
}

// tail keeps the last commandOutputMax bytes written to it.
type tail struct{ kept []byte }

func (t *tail) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	t.kept = t.kept[max(0, len(t.kept)-commandOutputMax):]
	return len(p), nil
}

// restartHost asks systemd, or else the init there is, to restart the machine.
func restartHost(ctx context.Context) error {
	bySystemd := runWithin(ctx, rebootTime, []string{"systemctl", "reboot"})
	if bySystemd == nil {
		return nil
	}
	if err := runWithin(ctx, rebootTime, []string{"reboot"}); err != nil {
		return errors.Join(bySystemd, err)
	}
	return nil
}

// rebootNote is the key of when the host was last restarted for this modem.
const rebootNote = "reboot/"

// rebootHost restarts the host, and remembers it before that: a modem that is
// broken must not keep the gateway restarting.
func (m *Serial) rebootHost(ctx context.Context) error {
	if !m.notes().put(rebootNote+m.o.Name, time.Now().UTC().Format(time.RFC3339)) {
		return errors.New("the host is not restarted: it cannot be remembered that it was")
	}
	return m.host.restart(ctx)
}

// rememberReboot tells the ladder of a restart of the host that an earlier run
// asked for. A clock that was set back since does not shorten the wait: then it
// begins now.
func (m *Serial) rememberReboot(now time.Time) {
	noted := m.notes().get(rebootNote + m.o.Name)
	if noted == "" {
		return
	}
	at, err := time.Parse(time.RFC3339, noted)
	if err != nil || at.After(now) {
		at = now
	}
	m.recovery.ladder.taken[rungReboot] = []time.Time{at}
}
