package modemtest

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// host is a careful client: it types, and reads until it has seen an answer.
type host struct {
	t    *testing.T
	line io.ReadWriteCloser
	seen chan string
	rest string
}

func dial(t *testing.T, m *Modem) *host {
	t.Helper()
	line, err := m.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h := &host{t: t, line: line, seen: make(chan string, 1024)}
	go h.read()
	t.Cleanup(func() { line.Close() })
	return h
}

func (h *host) read() {
	defer close(h.seen)
	buf := make([]byte, 256)
	for {
		n, err := h.line.Read(buf)
		if err != nil {
			return
		}
		h.seen <- string(buf[:n])
	}
}

func (h *host) write(text string) {
	h.t.Helper()
	if _, err := io.WriteString(h.line, text); err != nil {
		h.t.Errorf("typing %q: %v", text, err)
	}
}

// until reads up to and including want, for at most a minute.
func (h *host) until(want string) string {
	h.t.Helper()
	deadline := time.After(time.Minute)
	for {
		if i := strings.Index(h.rest, want); i >= 0 {
			got := h.rest[:i+len(want)]
			h.rest = h.rest[i+len(want):]
			return got
		}
		select {
		case text, open := <-h.seen:
			if !open {
				h.t.Fatalf("the line ended at %q, want %q", h.rest, want)
			}
			h.rest += text
		case <-deadline:
			h.t.Fatalf("got %q, want %q", h.rest, want)
		}
	}
}

// ask types a command line and returns everything up to its final.
func (h *host) ask(command, final string) string {
	h.t.Helper()
	h.write(command + "\r")
	return h.until(final + "\r\n")
}

func TestATextTypedByHandIsAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := New(SendDelay(3 * time.Second))
		h := dial(t, m)
		h.ask("ATE0", "OK")
		h.ask("AT+CMEE=1;+CMGF=0", "OK")
		h.write("AT+CMGS=18\r")
		h.until("\r\n> ")
		h.write("0001000C9144770009214300" + "00" + "05" + "E8329BFD06" + "\x1a")
		h.until("\r\n+CMGS: 1\r\n\r\nOK\r\n")
		got := m.Accepted()
		if len(got) != 1 || got[0].To != "+447700901234" || got[0].Body != "hello" {
			t.Errorf("accepted %+v", got)
		}
		h.line.Close()
	})
}
