package backtest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/tocsin-edge/tocsin/agent/rehearsal"
	"github.com/tocsin-edge/tocsin/rules"
)

const (
	// lineMaxBytes bounds a line. A payload is at most 256 KiB, and as a text in
	// JSON each of its bytes may take two.
	lineMaxBytes = 1 << 20
	// maxTime is later than every reading.
	maxTime = math.MaxInt64
)

// A source is one file, a row at a time.
type source struct {
	lines  lines
	read   func(line []byte) error // takes at and messages out of a line
	played Played
	err    error // why the file could not be read to its end

	at       int64               // of the row, in nanoseconds since 1970
	messages []rehearsal.Message // of the row
	retained bool                // they were kept by the broker from before, as a recording may say
}

// open finds out what each file is and how to read it.
func open(o Options, files []File) ([]*source, error) {
	var sources []*source
	for _, f := range files {
		s := newSource(f)
		if err := s.open(o); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		sources = append(sources, s)
	}
	return sources, nil
}

func newSource(f File) *source {
	return &source{lines: lines{buffer: bufio.NewReaderSize(f.Reader, lineMaxBytes)}, played: Played{Name: f.Name}}
}

// byteOrderMark is what some programs begin a file with.
var byteOrderMark = []byte("\ufeff")

func (s *source) open(o Options) error {
	first, err := s.first()
	if err != nil {
		return err
	}
	stamps := newStamps(o.Zone)
	if first == '{' {
		s.read = newRecording(o.Time, stamps, s).read
		return nil
	}
	table, err := newTable(o, stamps, s)
	if err != nil {
		return err
	}
	s.read = table.read
	return nil
}

// first returns the first byte, behind a byte order mark, and leaves it there.
func (s *source) first() (byte, error) {
	if start, _ := s.lines.buffer.Peek(len(byteOrderMark)); bytes.Equal(start, byteOrderMark) {
		_, _ = s.lines.buffer.Discard(len(byteOrderMark)) // they were peeked at
	}
	first, err := s.lines.buffer.Peek(1)
	if errors.Is(err, io.EOF) {
		return 0, errors.New("it is empty")
	}
	if err != nil {
		return 0, err
	}
	return first[0], nil
}

// advance goes on to the next row that can be understood; false at the end.
func (s *source) advance() bool {
	for {
		line, ok := s.lines.next()
		if !ok {
			s.err = s.lines.err
			return false
		}
		if len(bytes.TrimSpace(line)) == 0 && !s.lines.cut {
			continue
		}
		s.played.Rows++
		s.messages = s.messages[:0]
		err := errTooLong
		if !s.lines.cut {
			err = s.read(line)
		}
		if err == nil {
			return true
		}
		s.bad(err)
	}
}

var errTooLong = fmt.Errorf("the line is longer than %d bytes", lineMaxBytes)

func (s *source) bad(err error) {
	if s.played.Bad == 0 {
		s.played.FirstBad = fmt.Sprintf("line %d: %v", s.lines.number, err)
	}
	s.played.Bad++
}

// backward counts a row that is left out because it goes back in time.
func (s *source) backward(now int64) {
	if s.played.OutOfOrder == 0 {
		s.played.FirstOutOfOrder = fmt.Sprintf("line %d is %s before what was played by then", s.lines.number, time.Duration(now-s.at).Round(time.Second))
	}
	s.played.OutOfOrder++
}

// lines reads a file by lines.
type lines struct {
	buffer *bufio.Reader
	number int  // of the last line
	cut    bool // the last line is longer than the buffer, and not whole
	err    error
}

// next returns the next line without its end, valid until the next call.
func (l *lines) next() ([]byte, bool) {
	line, err := l.buffer.ReadSlice('\n')
	l.cut = errors.Is(err, bufio.ErrBufferFull)
	for errors.Is(err, bufio.ErrBufferFull) {
		_, err = l.buffer.ReadSlice('\n')
	}
	if err != nil && !errors.Is(err, io.EOF) {
		l.err = err
		return nil, false
	}
	if len(line) == 0 {
		return nil, false
	}
	l.number++
	return bytes.TrimRight(line, "\r\n"), true
}

// unknowns are the values that were unknown, by reason.
func unknowns(s rules.Stats) map[string]int {
	all := map[string]int{}
	for why, n := range s.Unknown {
		if n > 0 && rules.Reason(why) != rules.Known {
			all[rules.Reason(why).String()] = int(n)
		}
	}
	return all
}
