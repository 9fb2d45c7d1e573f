package modem

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/tocsin-edge/tocsin/modem/modemtest"
	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal and a symbolic link to it.
func terminal(t *testing.T) (master *os.File, link string) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	link = filepath.Join(t.TempDir(), "modem")
	if err := os.Symlink(slave.Name(), link); err != nil {
		t.Fatal(err)
	}
	// The port opens it by itself; kept open here, it would not hang up.
	slave.Close()
	return master, link
}

func TestAPortCarriesEveryByteBothWays(t *testing.T) {
	master, link := terminal(t)
	line, err := openPort(link, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for _, way := range []struct {
		name     string
		from, to interface {
			Read([]byte) (int, error)
			Write([]byte) (int, error)
		}
	}{{"to the modem", line, master}, {"from the modem", master, line}} {
		if _, err := way.from.Write(all); err != nil {
			t.Fatalf("%s: %v", way.name, err)
		}
		var got []byte
		for len(got) < len(all) {
			b := make([]byte, 512)
			n, err := way.to.Read(b)
			if err != nil {
				t.Fatalf("%s: %v", way.name, err)
			}
			got = append(got, b[:n]...)
		}
		if !bytes.Equal(got, all) {
			t.Errorf("%s: got % x, want every byte once", way.name, got)
		}
	}
}

func TestAPortIsForOneProgramAtATime(t *testing.T) {
	_, link := terminal(t)
	first, err := openPort(link, 0)
	if err != nil {
		t.Fatal(err)
	}
	if second, err := openPort(link, 0); !errors.Is(err, errInUse) {
		if err == nil {
			second.Close()
		}
		t.Errorf("the second open gives %v, want errInUse", err)
	}
	if err := first.Close(); err != nil {
		t.Error(err)
	}
	again, err := openPort(link, 0)
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	again.Close()
}

func TestAPortIsNotInherited(t *testing.T) {
	_, link := terminal(t)
	line, err := openPort(link, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer line.Close()
	device, err := filepath.EvalSymlinks(link)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, e := range entries {
		if name, err := os.Readlink("/proc/self/fd/" + e.Name()); err != nil || name != device {
			continue
		}
		found++
		fd, _ := strconv.Atoi(e.Name())
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
			t.Errorf("descriptor %d of the port is inherited by child processes (flags %x, %v)", fd, flags, err)
		}
	}
	if found != 2 {
		t.Errorf("found %d descriptors of the port, want the library's and the lock's", found)
	}
}

func TestAClosedPortTakesNothing(t *testing.T) {
	_, link := terminal(t)
	line, err := openPort(link, 0)
	if err != nil {
		t.Fatal(err)
	}
	reading := make(chan error, 1)
	go func() {
		_, err := line.Read(make([]byte, 16))
		reading <- err
	}()
	if err := line.Close(); err != nil {
		t.Error(err)
	}
	if err := <-reading; err == nil {
		t.Error("Read goes on after Close")
	}
	// A file that now has the port's descriptor must not get its bytes.
	bystander, err := os.Create(filepath.Join(t.TempDir(), "bystander"))
	if err != nil {
		t.Fatal(err)
	}
	defer bystander.Close()
	if n, err := line.Write([]byte("AT+CMGS=23\r")); n != 0 || !errors.Is(err, os.ErrClosed) {
		t.Errorf("Write after Close: %d, %v, want 0 and os.ErrClosed", n, err)
	}
	if err := line.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	if st, err := bystander.Stat(); err != nil || st.Size() != 0 {
		t.Errorf("an unrelated file has %d bytes, %v", st.Size(), err)
	}
}

func TestAWriteThatHangsIsLetGoByClose(t *testing.T) {
	_, link := terminal(t)
	line, err := openPort(link, 0)
	if err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() {
		// Nobody reads the other end, and this is more than it holds.
		_, err := line.Write(make([]byte, 1<<20))
		written <- err
	}()
	waitUntilStuck(t, line.(*port))
	if err := line.Close(); err != nil {
		t.Error(err)
	}
	select {
	case err := <-written:
		if err == nil {
			t.Error("a write of 1 MB that nobody read is reported as done")
		}
	case <-time.After(30 * time.Second):
		t.Fatal("Write hangs after Close")
	}
}

// waitUntilStuck returns when the terminal takes nothing more.
func waitUntilStuck(t *testing.T, p *port) {
	t.Helper()
	for range 3000 {
		if n, _ := unix.Poll([]unix.PollFd{{Fd: int32(p.lock), Events: unix.POLLOUT}}, 0); n == 0 {
			return
		}
		unix.Poll(nil, 10)
	}
	t.Fatal("the terminal takes any amount of bytes")
}

func TestAPortThatCannotBeOpenedSaysWhy(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{
		filepath.Join(t.TempDir(), "absent"): fs.ErrNotExist,
		file:                                 errNotSerial,
		"/dev/null":                          errNotSerial,
	} {
		if line, err := openPort(path, 0); !errors.Is(err, want) {
			if err == nil {
				line.Close()
			}
			t.Errorf("openPort(%s): %v, want %v", path, err, want)
		}
	}
}

func TestATextGoesOutThroughARealTerminal(t *testing.T) {
	sim := modemtest.New()
	link := filepath.Join(t.TempDir(), "ttyModem")
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- sim.ServePTY(ctx, link) }()
	m := New(Options{Port: link})
	ran := make(chan error, 1)
	go func() { ran <- m.Run(ctx) }()
	defer func() {
		stop()
		if err := errors.Join(<-served, <-ran); err != nil {
			t.Error(err)
		}
	}()

	mustBeReady(t, m, 20*time.Second)
	sendWhole(t, m, "freezer 3 is warm")
	// Back under another name, behind the same link.
	sim.Unplug()
	waitForPhase(t, m, PhaseOpening)
	sim.Plug()
	mustBeReady(t, m, 60*time.Second)
	sendWhole(t, m, "freezer 3 is cold again")
	if got := len(sim.Accepted()); got != 2 {
		t.Errorf("the network took %d texts, want 2", got)
	}
}

// waitForPhase returns once the modem is in phase.
func waitForPhase(t *testing.T, m *Serial, phase string) {
	t.Helper()
	for range 3000 {
		if m.State().Phase == phase {
			return
		}
		unix.Poll(nil, 10)
	}
	t.Fatalf("phase %q did not come: %+v", phase, m.State())
}

func TestASearchEndsAtARealTerminal(t *testing.T) {
	sim := modemtest.New(modemtest.Profile("ec25"))
	link := filepath.Join(t.TempDir(), "ttyModem")
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- sim.ServePTY(ctx, link) }()
	defer func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	b := newBench(t)
	b.Plug("1-1.2", ec25(0))
	m := b.search(t, func(o *Options) {
		o.host.open = func(path string, baud int) (io.ReadWriteCloser, error) {
			if path != "/dev/ttyUSB2" {
				return nil, fmt.Errorf("%s is not the AT port", path)
			}
			return openPort(link, baud)
		}
	})
	mustBeReady(t, m, time.Minute)
	sendWhole(t, m, "found through a terminal")
	if st := m.State(); st.Port != "/dev/ttyUSB2" || st.Profile != "ec25" {
		t.Errorf("state %+v, want /dev/ttyUSB2 and profile ec25", st)
	}
}

func TestFlowControlIsSetWhereItIsWired(t *testing.T) {
	for _, wired := range []bool{false, true} {
		_, link := terminal(t)
		line, err := New(Options{Port: link, FlowControl: wired}).openPort(t.Context(), link, 9600)
		if err != nil {
			t.Fatal(err)
		}
		defer line.Close()
		settings, err := unix.IoctlGetTermios(line.(*port).lock, unix.TCGETS)
		if err != nil {
			t.Fatal(err)
		}
		if got := settings.Cflag&unix.CRTSCTS != 0; got != wired {
			t.Errorf("wired: %v, and RTS and CTS are used: %v", wired, got)
		}
	}
}
