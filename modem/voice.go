package modem

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/warthog618/modem/at"
)

// Time limits of ringing a telephone.
const (
	ringTime   = 25 * time.Second // from the first ring, where the modem tells of it
	alertMax   = 20 * time.Second // from dialling to the first ring
	callPoll   = time.Second
	hangUpWait = 3 * time.Second // for a call that was hung up to be gone
)

// Why [Modem.Call] did not ring a telephone.
var (
	ErrNoVoice    = errors.New("neither the modem nor its SIM can ring a telephone")
	ErrBusy       = errors.New("the telephone is busy")
	ErrNotReached = errors.New("the call ended without reaching the telephone")
)

// call is a telephone on its way from Call to the owner of the line.
type call struct {
	ctx   context.Context // of the caller of Call
	to    Number
	reply chan error // capacity 1
}

// Call rings a telephone for 25 seconds, less when it is answered or declined, and
// hangs up. Meanwhile nothing is sent, and while something is sent nothing rings.
// It returns within a minute of its turn. The error is nil when the telephone
// rang; else it is [ErrNoVoice], [ErrBusy], [ErrNotReached], says that the modem
// is not ready or refuses, or is that of ctx, which ends the call.
func (m *Serial) Call(ctx context.Context, to Number) error {
	if m.o.NoVoice {
		return ErrNoVoice
	}
	if err := to.check(); err != nil {
		return err
	}
	c := call{ctx: ctx, to: to, reply: make(chan error, 1)}
	select {
	case <-m.notReady():
		return m.whyNotReady()
	default:
	}
	select {
	case m.calls <- c:
		return <-c.reply
	case <-m.notReady():
		return m.whyNotReady()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// carryOutCall rings the telephone of c and replies. err says that the line is no
// longer to be trusted.
func (s *session) carryOutCall(c call) (err error) {
	s.m.busy(PhaseCalling)
	start := time.Now()
	outcome, err := s.ring(c)
	if err != nil {
		s.m.enter(condition{PhaseHold, "the modem is checked after a call", "wait"})
	} else {
		s.m.busy(PhaseReady)
	}
	s.log.Info("telephone rung", "to", c.to.Redacted(), "after", time.Since(start), "answered", outcome.answered, "error", outcome.err)
	c.reply <- outcome.err
	return err
}

// ringing is how far a call came.
type ringing struct {
	answered bool
	err      error // why it did not ring; nil: it did
}

// ring makes a call and leaves nothing of it behind. Its error means that the line
// is no longer to be trusted.
func (s *session) ring(c call) (ringing, error) {
	if c.ctx.Err() != nil {
		return ringing{err: context.Cause(c.ctx)}, nil
	}
	s.callWord("")
	answer, err := s.dial(c)
	var ended at.ConnectError
	var outcome ringing
	switch r := refusalOf("ATD", err); {
	case r != nil:
		return ringing{err: r}, nil
	case errors.As(err, &ended):
		outcome = ringing{err: reasonOf(string(ended))}
	case err != nil:
		return ringing{err: err}, err
	case answer == waitedThrough:
		outcome = ringing{err: context.Cause(c.ctx)}
	default:
		if outcome, err = s.follow(c.ctx, answer); err != nil {
			return ringing{err: err}, err
		}
	}
	return outcome, s.hangUp()
}

// dialled is what is known of a call once ATD has ended without an error.
type dialled uint8

const (
	underWay      dialled = iota // ATD ended at once
	answeredCall                 // ATD ended after some ringing, which is how some modems tell of the answer
	waitedThrough                // ATD was ended by us, after the phone has rung long enough
)

// dial gives ATD (3GPP 27.007 clause 6.2), whose final result comes at once with
// some modems and with the answer with others. What waits too long is ended by a
// character (ITU-T V.250 clause 5.6.1).
func (s *session) dial(c call) (dialled, error) {
	done := make(chan error, 1)
	go func() {
		_, err := s.at.Command("D"+string(c.to)+";", at.WithTimeout(-1))
		done <- err
	}()
	start := time.Now()
	limit := time.NewTimer(alertMax/2 + ringTime)
	defer limit.Stop()
	select {
	case err := <-done:
		if time.Since(start) > commandTimeout {
			return answeredCall, s.dialError(err)
		}
		return underWay, s.dialError(err)
	case <-s.down():
		s.guard.close(errRestarted)
		return underWay, errRestarted
	case <-limit.C:
	case <-c.ctx.Done():
	}
	if _, err := s.guard.transmit("\r"); err != nil {
		return waitedThrough, err
	}
	limit.Reset(commandTimeout)
	select {
	case err := <-done:
		if errors.As(err, new(at.ConnectError)) || refusalOf("ATD", err) != nil {
			err = nil
		}
		return waitedThrough, s.dialError(err)
	case <-limit.C:
		err := fmt.Errorf("no answer to ATD within %v", time.Since(start))
		s.guard.close(err)
		return waitedThrough, err
	}
}

// dialError is err, or why the line ended when that is the reason of err.
func (s *session) dialError(err error) error {
	if reason := s.guard.reason(); err != nil && reason != nil {
		return reason
	}
	return err
}

// States of a call as +CLCC tells them (3GPP 27.007 clause 7.18).
const (
	callActive   = 0
	callAlerting = 3
	callGone     = -1 // it is over
	callUntold   = -2 // the modem does not tell
)

// follow waits until the telephone has rung for ringTime, was answered, or the
// call is over.
func (s *session) follow(ctx context.Context, answer dialled) (ringing, error) {
	if answer == answeredCall {
		return ringing{answered: true}, nil
	}
	start := time.Now()
	var rings time.Time // since when
	for ctx.Err() == nil {
		state, err := s.callState()
		if err != nil {
			return ringing{}, err
		}
		word := s.callWord("")
		switch over := state == callGone || word != ""; {
		case state == callActive:
			return ringing{answered: true}, nil
		case over && (rings.IsZero() || word == "BUSY"):
			return ringing{err: reasonOf(word)}, nil
		case over:
			return ringing{}, nil
		case rings.IsZero() && (state == callAlerting || state == callUntold):
			rings = time.Now()
		case !rings.IsZero() && time.Since(rings) >= ringTime:
			return ringing{}, nil
		case rings.IsZero() && time.Since(start) >= alertMax:
			return ringing{err: ErrNotReached}, nil
		}
		rest(ctx, callPoll)
	}
	return ringing{err: context.Cause(ctx)}, nil
}

// callState asks for the state of the call there is.
func (s *session) callState() (int, error) {
	lines, err := s.ask("+CLCC", commandTimeout)
	if isRefusal(err) {
		return callUntold, nil
	}
	if err != nil {
		return 0, err
	}
	for _, line := range lines {
		const direction, status, mode = 1, 2, 3 // of +CLCC: <id>,<dir>,<stat>,<mode>…
		f := fields(line)
		if prefix(line) != "+CLCC" || len(f) <= mode || f[direction] != "0" || f[mode] != "0" {
			continue // a call that came in, or one that carries data
		}
		if n, ok := within(f, status, 0, 7); ok {
			return n, nil
		}
	}
	return callGone, nil
}

// hangUp ends the call there is. Some modems refuse ATH and some ignore it for
// voice; +CHUP is for both (3GPP 27.007 clause 6.5).
func (s *session) hangUp() error {
	_, err := s.ask("H", commandTimeout)
	refused := isRefusal(err)
	if err != nil && !refused {
		return err
	}
	for end := time.Now().Add(hangUpWait); ; time.Sleep(callPoll) {
		state, err := s.callState()
		if err != nil {
			return err
		}
		if state == callGone || state == callUntold && !refused {
			return nil
		}
		if err := s.try("+CHUP", commandTimeout); err != nil {
			return err
		}
		if state == callUntold || time.Now().After(end) {
			return nil
		}
	}
}

// callWords end a call: as the final result of ATD, or unasked later.
var callWords = []string{"BUSY", "NO ANSWER", "NO CARRIER", "NO DIALTONE"}

// callWord returns what the modem last said of the end of a call, and puts word
// in its place.
func (s *session) callWord(word string) (was string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was, s.callOver = s.callOver, word
	return was
}

// reasonOf says why a call that ended with word did not ring. A telephone that
// nobody answers has rung.
func reasonOf(word string) error {
	switch {
	case word == "BUSY":
		return ErrBusy
	case word == "NO ANSWER":
		return nil
	case word == "":
		return ErrNotReached
	}
	return fmt.Errorf("%w (%s)", ErrNotReached, strings.ToLower(word))
}
