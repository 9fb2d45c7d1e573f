package mqtt

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// pipeMaxBytes is how much one direction of an in-process connection holds
// before its writer waits, or before it counts as full.
const pipeMaxBytes = 64 << 10

// stream is one direction of an in-process connection.
type stream struct {
	boundless bool // its writer never waits

	mu     sync.Mutex
	moved  sync.Cond // something changed
	data   bytes.Buffer
	closed bool

	readBy, writeBy deadline

	drained func() // called, without mu, when a full stream is no longer full
}

func newStream() *stream {
	s := &stream{drained: func() {}}
	s.moved.L = &s.mu
	return s
}

// deadline is a point in time that wakes whoever waits on a stream.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }

func (s *stream) setDeadline(d *deadline, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.at = at
	switch {
	case at.IsZero() && d.timer != nil:
		d.timer.Stop()
	case at.IsZero():
	case d.timer != nil:
		d.timer.Reset(time.Until(at))
	default:
		d.timer = time.AfterFunc(time.Until(at), s.wake)
	}
	s.moved.Broadcast()
}

func (s *stream) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moved.Broadcast()
}

func (s *stream) read(p []byte) (int, error) {
	n, drained, err := s.take(p)
	if drained {
		s.drained()
	}
	return n, err
}

func (s *stream) take(p []byte) (n int, drained bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.data.Len() == 0 && len(p) > 0 {
		switch {
		case s.closed:
			return 0, false, io.EOF
		case s.readBy.passed():
			return 0, false, os.ErrDeadlineExceeded
		}
		s.moved.Wait()
	}
	before := s.data.Len()
	n, _ = s.data.Read(p)
	s.moved.Broadcast()
	return n, before >= pipeMaxBytes && before-n < pipeMaxBytes, nil
}

func (s *stream) write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	written := 0
	for written < len(p) {
		room := pipeMaxBytes - s.data.Len()
		if s.boundless {
			room = len(p)
		}
		switch {
		case s.closed:
			return written, io.ErrClosedPipe
		case s.writeBy.passed():
			return written, os.ErrDeadlineExceeded
		case room <= 0:
			s.moved.Wait()
		default:
			n, _ := s.data.Write(p[written:min(len(p), written+room)])
			written += n
			s.moved.Broadcast()
		}
	}
	return written, nil
}

func (s *stream) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data.Len() >= pipeMaxBytes
}

func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.moved.Broadcast()
}

// pipeEnd is one end of an in-process connection.
type pipeEnd struct{ in, out *stream }

// pipe returns the two ends of an in-process connection.
func pipe() (a, b pipeEnd) {
	there, back := newStream(), newStream()
	return pipeEnd{in: back, out: there}, pipeEnd{in: there, out: back}
}

func (e pipeEnd) Read(p []byte) (int, error)  { return e.in.read(p) }
func (e pipeEnd) Write(p []byte) (int, error) { return e.out.write(p) }

func (e pipeEnd) Close() error {
	e.in.close()
	e.out.close()
	return nil
}

func (e pipeEnd) LocalAddr() net.Addr  { return inProcess{} }
func (e pipeEnd) RemoteAddr() net.Addr { return inProcess{} }

func (e pipeEnd) SetDeadline(t time.Time) error {
	return errors.Join(e.SetReadDeadline(t), e.SetWriteDeadline(t))
}

func (e pipeEnd) SetReadDeadline(t time.Time) error {
	e.in.setDeadline(&e.in.readBy, t)
	return nil
}

func (e pipeEnd) SetWriteDeadline(t time.Time) error {
	e.out.setDeadline(&e.out.writeBy, t)
	return nil
}

// inProcess is the address of both ends.
type inProcess struct{}

func (inProcess) Network() string { return "pipe" }
func (inProcess) String() string  { return "in process" }
