package modemtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// ServePTY offers the modem on a pseudo-terminal, to which link becomes a
// symbolic link. When the modem is unplugged the terminal is really gone, and
// so is the link; plugged in again it has another name. ServePTY returns nil
// once ctx is done, and with an error when a terminal or the link cannot be
// made, or when somebody holds the modem's in-memory line.
//
// link may name an old link, which is replaced, but nothing else.
func (m *Modem) ServePTY(ctx context.Context, link string) error {
	stop := context.AfterFunc(ctx, func() { m.with(func() {}) })
	defer stop()
	last := ""
	for {
		m.wait(func() bool { return m.plugged || ctx.Err() != nil })
		if ctx.Err() != nil {
			return nil
		}
		name, err := m.servePort(ctx, link, last)
		if err != nil {
			return err
		}
		last = name
	}
}

// servePort serves one terminal until the modem is unplugged or ctx is done.
func (m *Modem) servePort(ctx context.Context, link, last string) (name string, err error) {
	l, err := m.open()
	if errors.Is(err, fs.ErrNotExist) {
		return last, nil // unplugged again already
	}
	if err != nil {
		return "", err
	}
	defer l.Close()
	port, err := openPort(last)
	if err != nil {
		return "", err
	}
	name = port.name()
	if err := replaceLink(name, link); err != nil {
		port.close()
		return "", err
	}
	m.log.Debug("serving", "terminal", name, "link", link)
	m.with(func() { m.stats.Linked++ })

	var copies sync.WaitGroup
	copies.Go(func() { io.Copy(l, port.modem) })
	copies.Go(func() { io.Copy(port.modem, l) })
	m.wait(func() bool { return l.readEnd != nil || ctx.Err() != nil })
	removeLink(name, link)
	l.Close()
	port.close()
	copies.Wait()
	return name, nil
}

// port is a pseudo-terminal. The host's end is held open too, so that the
// terminal stays while no client has it.
type port struct{ modem, host *os.File }

func (p port) name() string { return p.host.Name() }

func (p port) close() {
	p.modem.Close()
	p.host.Close()
}

// openPort makes a terminal in raw mode whose name is not last: the kernel
// hands out the lowest free number, which may be the one just given up.
func openPort(last string) (port, error) {
	p, err := openAnyPort()
	if err != nil || p.name() != last {
		return p, err
	}
	defer p.close()
	return openAnyPort()
}

func openAnyPort() (port, error) {
	blocking, host, err := pty.Open()
	if err != nil {
		return port{}, fmt.Errorf("no pseudo-terminal: %w", err)
	}
	defer blocking.Close()
	modem, err := unblocked(blocking)
	if err == nil {
		_, err = term.MakeRaw(int(host.Fd()))
	}
	if err != nil {
		host.Close()
		return port{}, fmt.Errorf("pseudo-terminal %s: %w", host.Name(), err)
	}
	return port{modem, host}, nil
}

// unblocked returns f as a file whose Close ends a Read or Write that waits.
func unblocked(f *os.File) (*os.File, error) {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

// replaceLink makes link point to name, in one step for whoever opens it.
func replaceLink(name, link string) error {
	if info, err := os.Lstat(link); err == nil && info.Mode()&fs.ModeSymlink == 0 {
		return fmt.Errorf("%s is not a symbolic link, so it is left alone", link)
	}
	fresh := fmt.Sprintf("%s.%d", link, os.Getpid())
	if err := os.Symlink(name, fresh); err != nil {
		return err
	}
	if err := os.Rename(fresh, link); err != nil {
		os.Remove(fresh)
		return err
	}
	return nil
}

// removeLink removes link unless by now it points elsewhere.
func removeLink(name, link string) {
	if target, err := os.Readlink(link); err == nil && target == name {
		os.Remove(link)
	}
}
