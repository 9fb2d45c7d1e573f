package mqtt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// writeTimeout is how long one packet may take to leave.
	writeTimeout = 10 * time.Second

	// answerTimeout is how long the broker may take to answer PINGREQ.
	answerTimeout = 10 * time.Second

	// lastWordTimeout is how long a broker that has closed the connection may take
	// to say why. It is on the line already, or it never comes.
	lastWordTimeout = time.Second
)

// errSilent ends a link whose broker does not answer.
var errSilent = fmt.Errorf("no answer to PINGREQ within %v", answerTimeout)

// pingreq is the whole packet (§3.12).
var pingreq = []byte{12 << 4, 0}

// link is one connection to a broker, from the transport's opening until the
// first thing that goes wrong with it. It is the net.Conn the client library
// works on.
//
// It keeps the connection alive by itself. The library could not: while a
// handler waits for the consumer it reads nothing, so it sees no PINGRESP, sends
// no further PINGREQ and gives up, and a slow consumer would cost the
// connection. Here PINGREQs go out whatever the consumer does, and silence counts
// only while somebody is listening.
type link struct {
	net.Conn
	frames    *frames
	keepAlive time.Duration
	began     time.Time

	writing sync.Mutex // one packet at a time: the library's and our PINGREQ

	// Nanoseconds since began. listening is when the read in progress began, 0
	// when there is none; heard is when bytes last arrived.
	listening, heard atomic.Int64

	// Only used by the goroutine that calls probe.
	pinged time.Duration // when the last PINGREQ went out
	asked  time.Duration // when the first PINGREQ after heard went out; 0 when none has

	dead  chan struct{} // closed by the first failure
	once  sync.Once
	cause error // what it was; read after dead
}

func newLink(conn net.Conn, keepAlive time.Duration, subscriptions int) *link {
	l := &link{Conn: conn, keepAlive: keepAlive, began: time.Now(), dead: make(chan struct{})}
	l.frames = newFrames(listener{l}, subscriptions)
	return l
}

// listener reads from the transport and notes when.
type listener struct{ *link }

func (l listener) Read(p []byte) (int, error) {
	l.listening.Store(int64(l.age()))
	n, err := l.Conn.Read(p)
	if n > 0 {
		l.heard.Store(int64(l.age()))
	}
	l.listening.Store(0)
	return n, err
}

// age is never 0, which stands for "not".
func (l *link) age() time.Duration { return max(1, time.Since(l.began)) }

// Read is called by one goroutine, the library's.
func (l *link) Read(p []byte) (int, error) {
	n, err := l.frames.Read(p)
	if err != nil {
		return n, l.fail(err)
	}
	return n, nil
}

// Write sends one whole packet, which is how the library calls it.
func (l *link) Write(p []byte) (int, error) {
	l.writing.Lock()
	defer l.writing.Unlock()
	if err := l.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, l.fail(err)
	}
	n, err := l.Conn.Write(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = fmt.Errorf("the broker takes nothing from us: %w", err)
	}
	if err != nil {
		return n, l.fail(l.lastWord(err))
	}
	return n, nil
}

// lastWord is what the broker said before it refused to take anything from us,
// which tells more than err, the write it made fail. With TLS 1.3 our part of the
// handshake is over before the broker has looked at our certificate (RFC 8446
// §2), so its alert arrives when the library already writes CONNECT; the library
// reads nothing before that has left.
func (l *link) lastWord(err error) error {
	if l.heard.Load() != 0 || !endedByPeer(err) || l.SetReadDeadline(time.Now().Add(lastWordTimeout)) != nil {
		return err
	}
	if _, said := io.Copy(io.Discard, l.Conn); said != nil && !endedByPeer(said) && !errors.Is(said, os.ErrDeadlineExceeded) {
		return said
	}
	return err
}

// Close ends the link on purpose.
func (l *link) Close() error {
	_ = l.fail(net.ErrClosed)
	return nil
}

// fail ends the link and returns what ended it, which is err only the first time.
func (l *link) fail(err error) error {
	l.once.Do(func() {
		l.cause = err
		close(l.dead)
		_ = l.Conn.Close()
	})
	return l.cause
}

// probeEvery is how often probe wants to be called.
func (l *link) probeEvery() time.Duration { return l.keepAlive / 4 }

// probe sends PINGREQ often enough for the broker [MQTT-3.1.2-23], and ends the
// link when the broker has not answered one although somebody was listening.
func (l *link) probe() {
	now := l.age()
	if time.Duration(l.heard.Load()) >= l.asked {
		l.asked = 0
	}
	listening := time.Duration(l.listening.Load())
	if l.asked != 0 && listening != 0 && now-max(l.asked, listening) >= answerTimeout {
		_ = l.fail(errSilent)
		return
	}
	if now-l.pinged < l.keepAlive*3/4 {
		return
	}
	l.pinged = now
	if l.asked == 0 {
		l.asked = now
	}
	_, _ = l.Write(pingreq) // a failure has ended the link
}

// idle says whether the consumer, not the broker, is what everything waits for.
func (l *link) idle() bool { return l.listening.Load() == 0 }

// endWith ends the link when ctx is done, until stop is called.
func (l *link) endWith(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() { _ = l.fail(context.Cause(ctx)) })
}
