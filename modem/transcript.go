package modem

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"
)

// transcriptMaxBytes bounds a transcript. A modem that chatters for an hour stays
// below it.
const transcriptMaxBytes = 4 << 20

// A Transcript writes down what a line says and hears, for whoever is to find out
// what is wrong with a modem. It is made to be sent to strangers: PINs, PDUs and
// all but the last three digits of any number are left out. It never fails; what
// cannot be written is lost.
type Transcript struct {
	mu      sync.Mutex
	out     io.Writer
	written int
}

// NewTranscript writes to out, a line for each of the modem's, at most 4 MiB.
func NewTranscript(out io.Writer) *Transcript { return &Transcript{out: out} }

// Of is line, with all that passes over it in the transcript.
func (t *Transcript) Of(line io.ReadWriteCloser) io.ReadWriteCloser {
	t.note("--", "the line is opened")
	return &recordedLine{line: line, t: t, said: passage{mark: "<"}, typed: passage{mark: ">"}}
}

func (t *Transcript) note(mark, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.written > transcriptMaxBytes {
		return
	}
	n, _ := fmt.Fprintf(t.out, "%s %s %s\n", time.Now().Format("15:04:05.000"), mark, text)
	if t.written += n; t.written > transcriptMaxBytes {
		fmt.Fprintf(t.out, "-- the transcript ends here, at its limit of %d MiB\n", transcriptMaxBytes>>20)
	}
}

type recordedLine struct {
	line        io.ReadWriteCloser
	t           *Transcript
	said, typed passage // the reader's and the writer's
}

func (l *recordedLine) Read(p []byte) (int, error) {
	n, err := l.line.Read(p)
	l.said.take(l.t, p[:n])
	if err != nil {
		l.said.end(l.t)
		l.t.note("--", "the line ended: "+err.Error())
	}
	return n, err
}

func (l *recordedLine) Write(p []byte) (int, error) {
	l.typed.take(l.t, p) // before the modem can answer
	n, err := l.line.Write(p)
	if err != nil {
		l.t.note("--", "the line takes nothing: "+err.Error())
	}
	return n, err
}

func (l *recordedLine) Close() error { return l.line.Close() }

// A passage is one direction of a line, divided into lines of text.
type passage struct {
	mark    string
	partial []byte
}

func (p *passage) take(t *Transcript, octets []byte) {
	for _, c := range octets {
		switch {
		case c == '\r' || c == '\n':
			p.end(t)
		case c == ctrlZ[0] || c == esc[0]:
			p.end(t)
			t.note(p.mark, map[byte]string{ctrlZ[0]: "Ctrl-Z", esc[0]: "ESC"}[c])
		case len(p.partial) < lineMaxBytes:
			p.partial = append(p.partial, c)
		}
	}
}

func (p *passage) end(t *Transcript) {
	if line := bytes.TrimSpace(p.partial); len(line) > 0 {
		t.note(p.mark, redactLine(string(line)))
	}
	p.partial = p.partial[:0]
}

var (
	secretCommand = regexp.MustCompile(`(?i)(\+CPIN=|\+CLCK=|\+CPWD=).*`)
	pduLine       = regexp.MustCompile(`^[0-9A-Fa-f]{22,}$`) // no SMS-SUBMIT or SMS-DELIVER is shorter
	longNumber    = regexp.MustCompile(`\d{4,}(\d{3})`)
)

// redactLine is a line without what must not leave the house: PINs and passwords,
// texts, and all but the last three digits of numbers of seven digits and more,
// which are those of telephones, cards and devices.
func redactLine(line string) string {
	if pduLine.MatchString(line) {
		return fmt.Sprintf("PDU of %d octets", len(line)/2)
	}
	line = secretCommand.ReplaceAllString(line, "${1}…")
	line = longNumber.ReplaceAllString(line, "…$1")
	return strings.Map(printable, line)
}

func printable(r rune) rune {
	if r < ' ' || r == 0x7f || r == '\ufffd' {
		return '?'
	}
	return r
}
