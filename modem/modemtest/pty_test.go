package modemtest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// patience bounds what a client of flesh and real time may take.
const patience = 90 * time.Second

// serve offers m on a pseudo-terminal for as long as the test runs.
func serve(t *testing.T, m *Modem) (link string) {
	t.Helper()
	link = filepath.Join(t.TempDir(), "modem")
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- m.ServePTY(ctx, link) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(link); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the link is left behind: %v", err)
		}
	})
	linked(t, m, link, 1)
	return link
}

// linked waits for the n-th pseudo-terminal and returns its name.
func linked(t *testing.T, m *Modem, link string, n int) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := m.WaitFor(ctx, func(s Stats) bool { return s.Linked >= n }); err != nil {
		t.Fatal(err)
	}
	target, err := os.Readlink(link)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

func TestAnUnpluggedTerminalIsGoneAndComesBackUnderAnotherName(t *testing.T) {
	m := New()
	link := serve(t, m)
	first := linked(t, m, link, 1)
	held, err := os.OpenFile(link, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	m.Unplug()
	if _, err := held.Read(make([]byte, 1)); err == nil {
		t.Error("the held descriptor still reads")
	}
	if _, err := held.WriteString("AT\r"); !errors.Is(err, unix.EIO) {
		t.Errorf("the held descriptor writes: %v, want EIO", err)
	}
	if _, err := os.Stat(link); err == nil {
		t.Error("the link still leads somewhere")
	}
	held.Close() // or else the kernel would not give its number out again
	m.Plug()
	second := linked(t, m, link, 2)
	if first == second {
		t.Errorf("it came back as %s", second)
	}
}

func TestAFileThatIsNoLinkIsLeftAlone(t *testing.T) {
	precious := filepath.Join(t.TempDir(), "precious")
	if err := os.WriteFile(precious, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := New().ServePTY(t.Context(), precious)
	if err == nil || !strings.Contains(err.Error(), "is not a symbolic link") {
		t.Errorf("got %v", err)
	}
	if text, err := os.ReadFile(precious); string(text) != "mine" {
		t.Errorf("the file now holds %q, %v", text, err)
	}
}
