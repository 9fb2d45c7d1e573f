package modem

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// lineMaxBytes bounds a line from the modem. The longest that means
	// anything is a PDU in hex, some 360 characters.
	lineMaxBytes = 1024
	// writeTimeout bounds one write. A part takes 40 ms at 115200 baud; a write
	// that takes longer than this has met a modem or a driver that hangs.
	writeTimeout = 10 * time.Second
	// closeTimeout bounds the closing of a line, which a driver may hold up.
	closeTimeout = 5 * time.Second
	// emptyReadPause keeps a line whose reads return nothing from spinning.
	emptyReadPause = 10 * time.Millisecond
)

const (
	ctrlZ = "\x1a" // ends a PDU and submits it
	esc   = "\x1b" // leaves the PDU editor
)

var (
	errStalled   = fmt.Errorf("the modem took no byte within %v", writeTimeout)
	errWithdrawn = errors.New("the part was withdrawn before it was submitted")
	errClosed    = errors.New("the line was closed")
)

// guard stands between the line and the AT engine, so that the engine never
// meets what it cannot bear and never decides what it cannot know.
//
// From the modem it passes on whole lines without CR and blanks around them,
// and of these only the ones between a command and its final result that can
// belong to the answer. Echoes are dropped, vendors' finals become "ERROR", a
// prompt passes once for each +CMGS and only while one is due. All else goes to
// hear: what the modem says unasked never becomes part of an answer. A line that
// brings a PDU goes there together with the line of the PDU, an LF between them.
//
// To the modem it writes with a time limit, and keeps the one fact that decides
// the outcome of a part: whether the Ctrl-Z that submits it can have left.
//
// Read is for one goroutine, the engine's reader. All else is safe from any.
type guard struct {
	line io.ReadWriteCloser
	hear func(line string) // called by the reader; must not block
	hung *atomic.Int32     // calls into the line in progress; those that hang add up

	mu      sync.Mutex
	asked   string    // the command whose final result is due, with its AT; "" when none is
	ex      *exchange // the +CMGS in progress, nil when none is
	heardAt time.Time
	finals  int   // final results heard, due or not
	ended   error // why the line ended, nil while it lives

	closing sync.Once
	closed  chan struct{} // closed when the line's Close has returned

	// Only the reader's.
	buf      [512]byte
	partial  []byte // of the line that is not complete
	overlong bool   // the rest of this line is dropped
	header   string // a line that brings a PDU, while the PDU is due; else ""
	out      []byte // normalised, not yet read by the engine
}

// exchange is one +CMGS from its command line to its final result.
type exchange struct {
	typed     string        // the PDU in hex
	prompted  bool          // the modem asked for the PDU
	withdrawn bool          // nothing may be submitted any more
	submits   bool          // Ctrl-Z may have left
	submitted chan struct{} // closed when Ctrl-Z has left for all we know
	accepted  chan struct{} // closed when +CMGS has come
	mr        uint8         // its reference, to be read once accepted is closed
}

func newGuard(line io.ReadWriteCloser, hung *atomic.Int32, hear func(line string)) *guard {
	return &guard{line: line, hear: hear, hung: hung, closed: make(chan struct{})}
}

// begin announces a +CMGS. Until finish, one prompt and one submission pass.
func (g *guard) begin() *exchange {
	ex := &exchange{submitted: make(chan struct{}), accepted: make(chan struct{})}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ex = ex
	return ex
}

// withdraw forbids the submission of ex and reports whether that was in time:
// when it was, Ctrl-Z has not left and never will.
func (g *guard) withdraw(ex *exchange) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	ex.withdrawn = true
	return !ex.submits
}

func (g *guard) finish() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.ex = nil
}

// Read gives the engine the lines of answers. It never returns 0 bytes without
// an error. Any error of the line is remembered as the reason of its end.
func (g *guard) Read(p []byte) (int, error) {
	for len(g.out) == 0 {
		n, err := g.line.Read(g.buf[:])
		g.take(g.buf[:n])
		switch {
		case err != nil && len(g.out) == 0:
			g.endedBy(err)
			return 0, io.EOF
		case n == 0:
			time.Sleep(emptyReadPause)
		}
	}
	n := copy(p, g.out)
	g.out = g.out[n:]
	return n, nil
}

// take divides what the modem said into lines. CR and LF both end a line, so
// CR CR LF ends one as well as CR LF does; other control characters are noise.
func (g *guard) take(said []byte) {
	for _, c := range said {
		switch {
		case c == '\r' || c == '\n':
			g.takeLine()
		case c < ' ' || c == 0x7f:
		case c == '>' && len(g.partial) == 0 && g.takePrompt():
			g.out = append(g.out, ">\n"...)
		case len(g.partial) == lineMaxBytes:
			g.overlong = true
		default:
			g.partial = append(g.partial, c)
		}
	}
}

// takePrompt reports whether a > that starts a line is the prompt for the PDU.
func (g *guard) takePrompt() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ex == nil || g.ex.prompted || !strings.HasPrefix(g.asked, sendCommand) {
		return false
	}
	g.ex.prompted = true
	g.heardAt = time.Now()
	return true
}

func (g *guard) takeLine() {
	line := strings.TrimSpace(string(g.partial))
	overlong := g.overlong
	g.partial, g.overlong = g.partial[:0], false
	if line == "" || overlong {
		return
	}
	if line = g.join(line); line == "" {
		return
	}
	if final, answers := g.sort(line); answers {
		g.header = "" // its PDU got lost; this answer may have PDUs of its own
		g.out = append(append(g.out, final...), '\n')
	} else if final != "" {
		g.hear(final)
	}
}

// join keeps back a line that brings a PDU, and returns it with the PDU once
// that comes. Other news may come in between. All other lines it returns as they
// are.
func (g *guard) join(line string) string {
	switch {
	case bringsPDU(line):
		g.header = line
		return ""
	case g.header != "" && isHex(line):
		line, g.header = g.header+"\n"+line, ""
	}
	return line
}

// sort decides where a line goes: to the engine when answers, else to hear,
// and nowhere when it comes back empty.
func (g *guard) sort(line string) (sorted string, answers bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.heardAt = time.Now()
	if g.isEcho(line) || strings.HasPrefix(line, ">") {
		return "", false
	}
	if final, ok := finalResult(line, g.asked); ok {
		g.finals++
		due := g.asked != ""
		g.asked = ""
		return final, due
	}
	if reference, ok := strings.CutPrefix(line, "+CMGS:"); ok {
		return g.receipt(line, reference)
	}
	return line, g.asked != "" && !unsolicited(line, g.asked)
}

// receipt takes a +CMGS line. One that comes before Ctrl-Z has left is of an
// earlier part and must not be taken for this one's; one that comes after it is
// this part's, and must not be heard as news of another.
func (g *guard) receipt(line, reference string) (sorted string, answers bool) {
	if g.ex == nil || !g.ex.submits {
		return line, false
	}
	if !isClosed(g.ex.accepted) {
		g.ex.mr = messageReference(reference)
		close(g.ex.accepted)
	}
	if g.asked == "" {
		return "", false // OK came first
	}
	return line, true
}

func (g *guard) isEcho(line string) bool {
	return line == g.asked || g.ex != nil && g.ex.typed != "" && strings.EqualFold(line, g.ex.typed)
}

// Write takes one command line or, ended by Ctrl-Z, one PDU from the engine.
func (g *guard) Write(p []byte) (int, error) {
	if pdu, submits := bytes.CutSuffix(p, []byte(ctrlZ)); submits {
		return len(p), g.submit(string(pdu))
	}
	command := strings.TrimRight(string(p), "\r\n")
	g.mu.Lock()
	g.asked = command
	g.mu.Unlock()
	// ITU-T V.250 clause 5.2.1 ends a command line with CR alone, and lets
	// any character after it abort the command.
	_, err := g.transmit(command + "\r")
	return len(p), err
}

// submit types the PDU and then, in a write of its own, Ctrl-Z: when the PDU
// meets a line that stalls, it is certain that Ctrl-Z has not left.
func (g *guard) submit(pdu string) error {
	ex := g.submission(func(ex *exchange) { ex.typed = pdu })
	if ex == nil {
		return errWithdrawn
	}
	if _, err := g.transmit(pdu); err != nil {
		return err
	}
	if g.submission(func(ex *exchange) { ex.submits = true }) != ex {
		return errWithdrawn
	}
	n, err := g.transmit(ctrlZ)
	if n == 0 && err != nil && !errors.Is(err, errStalled) {
		g.mu.Lock()
		ex.submits = false
		g.mu.Unlock()
		return err
	}
	close(ex.submitted)
	return err
}

// submission applies step to the exchange in progress and returns it, or does
// nothing and returns nil when nothing may be submitted.
func (g *guard) submission(step func(*exchange)) *exchange {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ex == nil || g.ex.withdrawn || g.ended != nil {
		return nil
	}
	step(g.ex)
	return g.ex
}

// transmit writes s whole, within writeTimeout. A write that hangs is left to
// itself and the line is closed. The error of anything but a stall means that
// exactly the first n bytes have left.
func (g *guard) transmit(s string) (n int, err error) {
	type result struct {
		n   int
		err error
	}
	if reason := g.reason(); reason != nil {
		return 0, reason
	}
	done := make(chan result, 1)
	g.hung.Add(1)
	go func() {
		defer g.hung.Add(-1)
		n, err := io.WriteString(g.line, s)
		done <- result{n, err}
	}()
	limit := time.NewTimer(writeTimeout)
	defer limit.Stop()
	select {
	case r := <-done:
		if r.err == nil && r.n < len(s) {
			r.err = io.ErrShortWrite
		}
		if r.err != nil {
			g.endedBy(r.err)
		}
		return r.n, r.err
	case <-limit.C:
		g.close(errStalled)
		return 0, errStalled
	}
}

// endedBy remembers the first reason of the line's end.
func (g *guard) endedBy(reason error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended == nil {
		g.ended = reason
	}
}

// close ends the line for reason and waits for that, at most closeTimeout. The
// engine's reader then meets the end of the line.
func (g *guard) close(reason error) {
	g.endedBy(reason)
	g.closing.Do(func() {
		g.hung.Add(1)
		go func() {
			defer g.hung.Add(-1)
			defer close(g.closed)
			g.line.Close()
		}()
	})
	limit := time.NewTimer(closeTimeout)
	defer limit.Stop()
	select {
	case <-g.closed:
	case <-limit.C:
	}
}

// reason is why the line ended, nil while it lives.
func (g *guard) reason() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ended
}

// heard returns how many final results the modem gave and when it last said
// anything.
func (g *guard) heard() (finals int, at time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.finals, g.heardAt
}
