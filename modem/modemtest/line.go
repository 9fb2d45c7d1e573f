package modemtest

import (
	"context"
	"io"
	"io/fs"
	"os"
	"syscall"
	"time"
)

const (
	// typedMaxBytes is how much a host may type ahead before its writes wait.
	typedMaxBytes = 4096
	// saidMaxBytes is how much the modem says to a host that does not read;
	// the rest is lost, as on a wire without flow control, and counted.
	saidMaxBytes = 64 << 10
)

// line is one opened port. Everything in it is guarded by the modem's mutex.
// It has no goroutine: the host's writes and the modem's timers drive it.
type line struct {
	m        *Modem
	name     string
	typed    []byte // written by the host, not yet read by the modem
	leaving  []byte // said by the modem, still on a slow wire
	said     []byte // said by the modem, not yet read by the host
	leaves   bool   // a timer moves leaving
	closed   bool   // by the host
	readEnd  error  // what Read gives once the line has ended
	writeEnd error
}

// Open opens the modem's port. While the modem is unplugged it fails as a
// device node that is not there does (fs.ErrNotExist), and while another
// host holds the port as a busy one (syscall.EBUSY).
//
// After Unplug the line reads as io.EOF and writes as syscall.EIO, as a
// serial port does whose device is gone. What the host had not read by then
// is lost.
func (m *Modem) Open(ctx context.Context) (io.ReadWriteCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l, err := m.open()
	if err != nil {
		return nil, err
	}
	return l, nil
}

func (m *Modem) open() (l *line, err error) {
	m.with(func() {
		switch {
		case !m.plugged || m.storage || m.dark && m.profile.usb:
			err = &fs.PathError{Op: "open", Path: m.port, Err: syscall.ENOENT}
		case m.line != nil:
			err = &fs.PathError{Op: "open", Path: m.port, Err: syscall.EBUSY}
		default:
			l = &line{m: m, name: m.port}
			m.hub.hold(l.name, 1)
			m.line = l
			m.stats.Opened++
			m.startScript()
		}
	})
	return l, err
}

// Read waits until the modem has said something.
func (l *line) Read(p []byte) (n int, err error) {
	l.m.wait(func() bool {
		switch {
		case l.readEnd != nil:
			err = l.readEnd
		case len(l.said) == 0 && len(p) > 0:
			return false
		default:
			n = copy(p, l.said)
			l.said = l.said[n:]
		}
		return true
	})
	return n, err
}

// Write returns when the modem's end of the wire has room for all of p, which
// may be never.
func (l *line) Write(p []byte) (n int, err error) {
	for {
		l.m.with(func() {
			room := min(len(p)-n, l.room())
			l.typed = append(l.typed, p[n:n+room]...)
			n += room
			err = l.writeEnd
		})
		if n == len(p) || err != nil {
			return n, err
		}
		l.m.wait(func() bool { return l.room() > 0 || l.writeEnd != nil })
	}
}

func (l *line) room() int {
	if l.writeEnd != nil || l.m.stalled {
		return 0
	}
	return typedMaxBytes - len(l.typed)
}

// Close hangs up. The modem keeps its settings, its prompt and what it is
// busy with: those belong to the modem, not to the line.
func (l *line) Close() error {
	var err error
	l.m.with(func() {
		if l.closed {
			err = os.ErrClosed
			return
		}
		l.closed = true
		l.m.hub.hold(l.name, -1)
		l.end(os.ErrClosed, os.ErrClosed)
	})
	return err
}

// end wakes everybody who waits on the line.
func (l *line) end(reading, writing error) {
	l.readEnd, l.writeEnd = reading, writing
	l.typed, l.leaving, l.said = nil, nil, nil
	if l.m.line == l {
		l.m.line = nil
	}
}

// say puts octets on the wire to the host.
func (l *line) say(octets string) {
	if l.m.byteTime == 0 {
		l.arrive(octets)
		return
	}
	if lost := len(l.leaving) + len(octets) - saidMaxBytes; lost > 0 {
		l.m.stats.LostBytes += lost
		octets = octets[:max(0, len(octets)-lost)]
	}
	l.leaving = append(l.leaving, octets...)
	if !l.leaves {
		l.leaves = true
		l.creep()
	}
}

// creep moves one octet to the host in the time the wire takes for it.
func (l *line) creep() {
	time.AfterFunc(l.m.byteTime, func() {
		l.m.with(func() {
			if len(l.leaving) == 0 {
				l.leaves = false
				return
			}
			l.arrive(string(l.leaving[:1]))
			l.leaving = l.leaving[1:]
			l.creep()
		})
	})
}

func (l *line) arrive(octets string) {
	if room := saidMaxBytes - len(l.said); len(octets) > room {
		l.m.stats.LostBytes += len(octets) - room
		octets = octets[:room]
	}
	l.said = append(l.said, octets...)
}
