package modem

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

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
// got the descriptor since, and a write that waits for the modem survives even
// Close. So the descriptor does not block, and mu keeps it open for one attempt
// to write at a time.
type port struct {
	line serial.Port
	lock int // a descriptor of the same device

	mu     sync.RWMutex // held for reading during an attempt to write
	closed bool
}

// writePause is the longest that Close waits for a writer whom the modem keeps
// waiting.
const writePause = 100 * time.Millisecond

// settle does what the library leaves undone: the port is not inherited by
// child processes, never blocks a writer, does not drop DTR, and has nothing to
// read that was meant for an earlier reader.
func (p *port) settle() error {
	if err := p.settleDescriptor(); err != nil {
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

// shakeHands has the UARTs at both ends stop each other by RTS and CTS before
// octets are lost. Where the two wires are missing, writing waits for ever.
func (p *port) shakeHands() error {
	settings, err := unix.IoctlGetTermios(p.lock, unix.TCGETS)
	if err != nil {
		return err
	}
	settings.Cflag |= unix.CRTSCTS
	return unix.IoctlSetTermios(p.lock, unix.TCSETS, settings)
}

// settleDescriptor finds the library's descriptor, which it does not give
// away, among those of the process by the device that it is open on.
func (p *port) settleDescriptor() error {
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
		if err != nil || fd == p.lock || unix.Fstat(fd, &st) != nil || st.Dev != device.Dev || st.Ino != device.Ino {
			continue
		}
		unix.CloseOnExec(fd)
		if err := unix.SetNonblock(fd, true); err != nil {
			return err
		}
	}
	return nil
}

// Read waits for at least one byte; io.EOF is the end of the device or of the
// port. The library waits with select, which knows no descriptor above 1023 and
// panics on one.
func (p *port) Read(b []byte) (n int, err error) {
	defer func() {
		if recover() != nil {
			n, err = 0, errManyFiles
		}
	}()
	for {
		n, err = p.line.Read(b)
		var closed *serial.PortError
		switch {
		case errors.As(err, &closed) && closed.Code() == serial.PortClosed:
			return n, io.EOF
		case !errors.Is(err, unix.EAGAIN):
			return n, err
		}
	}
}

// Write writes all of b, waiting for the modem as long as it takes.
func (p *port) Write(b []byte) (n int, err error) {
	for n < len(b) {
		written, err := p.writeSome(b[n:])
		n += written
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// writeSome writes what the port takes within writePause, maybe nothing.
func (p *port) writeSome(b []byte) (int, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return 0, os.ErrClosed
	}
	n, err := p.line.Write(b)
	switch {
	case errors.Is(err, unix.EAGAIN):
		room := []unix.PollFd{{Fd: int32(p.lock), Events: unix.POLLOUT}}
		unix.Poll(room, int(writePause.Milliseconds()))
		return n, nil
	case errors.Is(err, unix.EINTR):
		return n, nil
	}
	return n, err
}

// Close gives the device back and ends Read. Output that has not left is
// dropped: the driver would wait for it.
func (p *port) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil
	}
	p.closed = true
	unix.IoctlSetInt(p.lock, unix.TCFLSH, unix.TCIOFLUSH)
	err := p.line.Close()
	unix.Close(p.lock) // and with it the lock on the device
	return err
}
