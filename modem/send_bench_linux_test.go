package modem

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// BenchmarkTextOverATerminal is a text of one part to a modem and a network that
// take no time, over a real pseudo-terminal: what it costs beyond the modem's own
// delay.
func BenchmarkTextOverATerminal(b *testing.B) {
	sim := modemtest.New()
	link := filepath.Join(b.TempDir(), "ttyModem")
	ctx, stop := context.WithCancel(b.Context())
	served, ran := make(chan error, 1), make(chan error, 1)
	go func() { served <- sim.ServePTY(ctx, link) }()
	m := New(Options{Port: link})
	go func() { ran <- m.Run(ctx) }()
	defer func() {
		stop()
		<-served
		<-ran
	}()
	ready, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if err := m.Ready(ready); err != nil {
		b.Fatal(err)
	}
	parts, err := Split("+353871234567", "freezer 3 is warm", 1, SplitOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for range b.N {
		if _, err := m.Send(ctx, parts[0]); err != nil {
			b.Fatal(err)
		}
	}
}

func TestAThousandUnplugsLeaveNoDescriptorAndNoGoroutine(t *testing.T) {
	unplug := func() {
		far, near, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		line, err := openPort(near.Name(), 0)
		if err != nil {
			t.Fatal(err)
		}
		s := newSession(New(Options{Port: near.Name()}), line)
		near.Close()
		far.Close() // the modem is gone
		if _, err := s.at.Command("+CSQ"); err == nil {
			t.Error("a modem that is gone answered")
		}
		s.close()
	}
	unplug()
	descriptors, goroutines := openDescriptors(t), runtime.NumGoroutine()
	for range 1000 {
		unplug()
	}
	if got := openDescriptors(t); got != descriptors {
		t.Errorf("%d descriptors are open, want %d", got, descriptors)
	}
	for range 100 { // what was left to itself ends at its own pace
		if runtime.NumGoroutine() <= goroutines {
			return
		}
		unix.Poll(nil, 10)
	}
	t.Errorf("%d goroutines run, want %d", runtime.NumGoroutine(), goroutines)
}

func openDescriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
