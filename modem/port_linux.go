package modem

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"

	"go.bug.st/serial"
	"golang.org/x/sys/unix"
)

const baudDefault = 115200

// openPort opens the serial port at path, which may be a symbolic link and is
// followed anew each time, for nobody but us: with a lock on the device beside
// TIOCEXCL, which root ignores. DTR stays up when the port is closed, since
// modems hang up or reset when it falls.
//
// The error wraps fs.ErrNotExist, fs.ErrPermission, errInUse or errNotSerial
// where one of these is the cause.
func openPort(path string, baud int) (io.ReadWriteCloser, error) {
	if baud == 0 {
		baud = baudDefault
	}
	lock, err := lockDevice(path)
	if err != nil {
		return nil, err
	}
	line, err := serial.Open(path, &serial.Mode{BaudRate: baud})
	if err != nil {
		unix.Close(lock)
		return nil, fmt.Errorf("open %s at %d baud: %w", path, baud, err)
	}
	p := &port{line: line, lock: lock}
	if err := p.settle(); err != nil {
		p.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return p, nil
}

// lockDevice opens the device for its lock and its settings, and returns the
// descriptor. It does not wait for a carrier.
func lockDevice(path string) (int, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.EBUSY) {
		err = errInUse
	}
	if err != nil {
		return -1, fmt.Errorf("open %s: %w", path, err)
	}
	if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("open %s: %w", path, errNotSerial)
	}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("lock %s: %w", path, errInUse)
	}
	return fd, nil
}

// port is an opened serial port.
//
// The library's own Write, called after Close, writes into whatever file has
// got the descriptor since; so mu keeps the descriptor open while a write is in
// progress. A write that hangs in the driver therefore holds up Close too, but
// no longer the lock, so that the device can be opened anew.
type port struct {
	line serial.Port
	lock int // a descriptor of the same device

	mu     sync.RWMutex // held for reading by writers
	closed bool
	once   sync.Once
}

// settle does what the library leaves undone: the port is not inherited by
// child processes, does not drop DTR, and has nothing to read that was meant
// for an earlier reader.
func (p *port) settle() error {
	if err := p.closeOnExec(); err != nil {
		return err
	}
	settings, err := unix.IoctlGetTermios(p.lock, unix.TCGETS)
	if err != nil {
		return err
	}
	settings.Cflag &^= unix.HUPCL
	if err := unix.IoctlSetTermios(p.lock, unix.TCSETS, settings); err != nil {
		return err
	}
	return p.line.ResetInputBuffer()
}

// closeOnExec finds the library's descriptor among those of the process, by
// the device it is open on.
func (p *port) closeOnExec() error {
	var device unix.Stat_t
	if err := unix.Fstat(p.lock, &device); err != nil {
		return err
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, entry := range entries {
		fd, err := strconv.Atoi(entry.Name())
		var st unix.Stat_t
		if err != nil || unix.Fstat(fd, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFCHR {
			continue
		}
		if st.Rdev == device.Rdev && st.Ino == device.Ino {
			unix.CloseOnExec(fd)
		}
	}
	return nil
}

// Read waits for at least one byte. The library waits with select, which knows
// no descriptor above 1023 and panics on one.
func (p *port) Read(b []byte) (n int, err error) {
	defer func() {
		if recover() != nil {
			n, err = 0, errManyFiles
		}
	}()
	return p.line.Read(b)
}

var errManyFiles = errors.New("the process has more than 1000 files open, too many to read a serial port")

// Write writes all of b.
func (p *port) Write(b []byte) (n int, err error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for n < len(b) {
		if p.closed {
			return n, os.ErrClosed
		}
		written, err := p.line.Write(b[n:])
		n += written
		if err != nil && !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
	return n, nil
}

// Close gives the device back and ends Read. Output that has not left is
// dropped: the driver would wait for it.
func (p *port) Close() (err error) {
	p.once.Do(func() {
		unix.IoctlSetInt(p.lock, unix.TCFLSH, unix.TCIOFLUSH)
		unix.IoctlSetInt(p.lock, unix.TIOCNXCL, 0)
		unix.Flock(p.lock, unix.LOCK_UN)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.closed = true
		err = p.line.Close()
		unix.Close(p.lock)
	})
	return err
}
