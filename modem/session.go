package modem

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/warthog618/modem/at"
)

// Time limits of the commands.
const (
	syncTimeout    = time.Second      // one AT while the line is brought into step
	commandTimeout = 5 * time.Second  // a command that the modem answers by itself
	cardTimeout    = 30 * time.Second // a command that needs the SIM, which is slow after power-up
	escapePause    = 100 * time.Millisecond
	quietTime      = 300 * time.Millisecond // silence after which nothing late is to be expected
	noiseMax       = 5 * time.Second        // the longest wait for quietTime
)

const syncAttempts = 10 // some UARTs need that many to find the speed

var (
	errNoAnswer  = errors.New("no answer to AT")
	errOutOfStep = errors.New("the modem's answers do not match the commands")
	errRestarted = errors.New("the modem restarted by itself")
)

// session is one opened line from its first byte to the silence that ends it.
// What the engine reports as a refusal leaves the session alive; any other error
// ends it, but for a silence that drain forgives.
type session struct {
	m     *Serial
	log   *slog.Logger
	guard *guard
	at    *at.AT
	news  chan struct{} // signalled, capacity 1, when the modem says something that may matter

	mu          sync.Mutex
	reg         registration // as far as known
	rebooted    chan struct{}
	isDown      bool             // rebooted is closed
	callOver    string           // what the modem said of the end of a call, "" when nothing
	lateLine    string           // may be the answer that is due, "" when there is none
	finalsCount bool             // final results may be it
	acts        [domainCount]int // <AcT> in each domain; negative when the modem does not tell

	// Only the owner's.
	configured   bool
	centre       string // the service centre, "" until it is known
	centreAsked  int
	pinSent      time.Time
	pinConfirmed bool
	held         hold
	lastLook     time.Time
	lastPart     time.Time // when a part was last on the wire
	sim          string    // what identifySIM calls the SIM, "" before it is known
	clockRead    time.Time // when the modem was last asked for the time
	simAsked     int
	lockAsked    bool
	access       string // the technology in use, "" when it is not known
	best         string // the newest that the SIM has had, "" when it is not known
	bearerDue    bool   // the step of the bearer is to be put into use
	receiving
}

func newSession(m *Serial, line io.ReadWriteCloser) *session {
	s := &session{m: m, log: m.log, news: make(chan struct{}, 1), rebooted: make(chan struct{}), reg: unknownRegistration, acts: [domainCount]int{-1, -1, -1}}
	s.guard = newGuard(line, &m.hung, s.hear)
	s.at = at.New(s.guard, at.WithTimeout(commandTimeout))
	return s
}

// close ends the line and waits, within bounds, until the engine has ended.
func (s *session) close() {
	s.guard.close(errClosed)
	limit := time.NewTimer(closeTimeout)
	defer limit.Stop()
	select {
	case <-s.at.Closed():
	case <-limit.C:
		s.m.hung.Add(1)
		go func() {
			<-s.at.Closed()
			s.m.hung.Add(-1)
		}()
	}
}

// hear takes what the modem says unasked. It is called by the line's reader.
func (s *session) hear(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case restarted(line):
		if !s.isDown {
			s.isDown = true
			close(s.rebooted)
		}
	case s.m.hearArrival(line):
		return
	case s.hearLate(line):
	case slices.Contains(callWords, line):
		s.callOver = line
		return
	case saysStoreIsFull(line):
		s.storeFull = true
	case s.reg.hear(line):
	case prefix(line) != "+CPIN" && !strings.HasSuffix(line, "Ready") && !strings.HasSuffix(line, "DONE"):
		return
	}
	s.wake()
}

// wake has the modem looked at soon.
func (s *session) wake() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// start brings the line into step and the modem into the state we depend on.
func (s *session) start() error {
	s.listen()
	if err := s.sync(syncAttempts); err != nil {
		return err
	}
	s.forgetRestarts()
	if err := s.setLine(); err != nil {
		return err
	}
	if err := s.setUART(); err != nil {
		return err
	}
	if err := s.identify(); err != nil {
		return err
	}
	if err := s.hush(); err != nil {
		return err
	}
	return s.wakeRadio()
}

// hush stops what the family is known to chatter.
func (s *session) hush() error {
	for _, command := range s.profile().Quiet {
		if err := s.try(command, commandTimeout); err != nil {
			return err
		}
	}
	return nil
}

// setLine sets how the modem talks. Nothing that a profile stored in the modem
// may say is relied upon, and ATZ is no gate: some modems answer ERROR to it.
func (s *session) setLine() error {
	for _, command := range []string{"E0", "V1", "Q0", "+CMEE=1"} {
		if err := s.try(command, commandTimeout); err != nil {
			return err
		}
	}
	return nil
}

// setUART ends the modem's own search for the speed, which a power cut or a
// disturbance on the line would begin anew (ITU-T V.250 clause 6.2.10), and has RTS
// and CTS used where they are wired (clause 6.2.12).
func (s *session) setUART() error {
	baud := cmp.Or(s.m.o.Baud, s.m.whereabouts.speed)
	if !isUART(s.m.whereabouts.at) || baud == 0 {
		return nil
	}
	if s.m.o.FlowControl {
		if err := s.try("+IFC=2,2", commandTimeout); err != nil {
			return err
		}
	}
	f, err := s.value("+IPR?", "+IPR", commandTimeout)
	const automatic = "0"
	if err != nil || f == nil || f[0] != automatic {
		return err
	}
	return s.try("+IPR="+strconv.Itoa(baud), commandTimeout)
}

// sync leaves a PDU editor that an earlier program left open, wakes the modem,
// and makes sure that the answer we read is the answer to what we wrote.
func (s *session) sync(attempts int) error {
	for _, keys := range []string{esc, "\r"} {
		if _, err := s.guard.transmit(keys); err != nil {
			return err
		}
		time.Sleep(escapePause)
	}
	first, _ := s.guard.heard()
	for range attempts {
		before, _ := s.guard.heard()
		_, err := s.ask("", syncTimeout)
		if !isRefusal(err) && err != nil && !errors.Is(err, at.ErrDeadlineExceeded) {
			return err
		}
		s.waitForQuiet()
		if after, _ := s.guard.heard(); err == nil && after == before+1 {
			return nil
		}
	}
	if finals, _ := s.guard.heard(); finals > first {
		return errOutOfStep
	}
	return errNoAnswer
}

func (s *session) waitForQuiet() {
	end := time.Now().Add(noiseMax)
	for time.Now().Before(end) {
		_, last := s.guard.heard()
		silent := time.Since(last)
		if silent >= quietTime {
			return
		}
		time.Sleep(quietTime - silent)
	}
}

// forgetRestarts drops what a modem said about its start before the line was in
// step: everything it forgot is about to be set.
func (s *session) forgetRestarts() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isDown {
		s.isDown, s.rebooted = false, make(chan struct{})
	}
}

// down is closed when the modem has restarted since start.
func (s *session) down() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rebooted
}

// ask gives one command, without its AT, and returns the lines of the answer
// before the final result. A final result other than OK is a *refusal; any
// other error means that the line is no longer to be trusted.
func (s *session) ask(command string, timeout time.Duration) ([]string, error) {
	lines, err := s.at.Command(command, at.WithTimeout(timeout))
	if err == nil {
		return lines, nil
	}
	shown := "AT" + withoutSecret(command)
	if r := refusalOf(shown, err); r != nil {
		s.log.Debug("modem refused", "command", shown, "error", r)
		return nil, r
	}
	if reason := s.guard.reason(); reason != nil {
		return nil, reason
	}
	if errors.Is(err, at.ErrDeadlineExceeded) {
		return nil, fmt.Errorf("no answer to %s within %v: %w", shown, timeout, at.ErrDeadlineExceeded)
	}
	return nil, err
}

// try gives a command whose refusal does not matter.
func (s *session) try(command string, timeout time.Duration) error {
	_, err := s.ask(command, timeout)
	if isRefusal(err) {
		return nil
	}
	return err
}

// value asks command and returns the fields of the first line of the answer
// that starts with name and a colon, nil when there is none or the modem
// refuses.
func (s *session) value(command, name string, timeout time.Duration) ([]string, error) {
	lines, err := s.ask(command, timeout)
	if err != nil && !isRefusal(err) {
		return nil, err
	}
	for _, line := range lines {
		if prefix(line) == name {
			return fields(line), nil
		}
	}
	return nil, nil
}

// text asks a command whose answer some modems give with its name before it
// and some without.
func (s *session) text(command string, timeout time.Duration) (string, error) {
	lines, err := s.ask(command, timeout)
	if err != nil && !isRefusal(err) {
		return "", err
	}
	for _, line := range lines {
		line = strings.TrimPrefix(line, command+":")
		if line = strings.Trim(line, ` "`); line != "" {
			return line, nil
		}
	}
	return "", nil
}

func (s *session) identify() error {
	answers := make([]string, 4)
	for i, command := range []string{"+CGMI", "+CGMM", "+CGMR", "+CGSN"} {
		answer, err := s.text(command, commandTimeout)
		if err != nil {
			return err
		}
		answers[i] = answer
	}
	s.m.update(func(st *State) {
		st.Maker, st.Model, st.Firmware, st.IMEI = answers[0], answers[1], answers[2], answers[3]
	})
	s.log.Info("modem answers", "maker", answers[0], "model", answers[1], "firmware", answers[2])
	s.recognise(answers[0], answers[1])
	if err := s.m.arrive(answers[3]); err != nil {
		return err
	}
	return nil
}

func isRefusal(err error) bool {
	var r *refusal
	return errors.As(err, &r)
}

// withoutSecret is command as it may be logged.
func withoutSecret(command string) string {
	if strings.HasPrefix(command, "+CPIN=") {
		return "+CPIN=…"
	}
	return command
}

const (
	pollReady   = 30 * time.Second // a modem that died is noticed within this and a command's limit
	pollWaiting = 5 * time.Second
	lookPause   = time.Second // between two looks, however much the modem has to tell
)

// serve keeps the account of the modem up to date and sends parts while it is
// ready, until ctx is done or the line is no longer to be trusted.
func (s *session) serve(ctx context.Context) error {
	for ctx.Err() == nil {
		s.takeLate()
		s.m.offerLate()
		now, err := s.look()
		if err == nil {
			err = s.keepReceiving(now)
		}
		if err != nil {
			if err = s.drain(err); err != nil {
				return err
			}
			continue
		}
		s.lastLook = time.Now()
		s.m.enter(now)
		if err := s.attend(ctx, now.ready()); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// attend waits for the next occasion to look, and meanwhile sends.
func (s *session) attend(ctx context.Context, ready bool) error {
	pause, requests, calls := pollWaiting, chan request(nil), chan call(nil)
	if held := time.Until(s.held.until); held > 0 {
		pause = min(pause, held)
	}
	if ready {
		pause, requests, calls = pollReady, s.m.requests, s.m.calls
	}
	next := time.NewTimer(pause)
	defer next.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-s.at.Closed():
			return s.guard.reason()
		case <-s.down():
			return errRestarted
		case <-next.C:
			return nil
		case <-s.m.arrivals.came:
		case <-s.work():
			if look, err := s.sendOrReceive(requests); err != nil || look {
				return err
			}
		case <-s.news:
			next.Reset(max(0, lookPause-time.Since(s.lastLook)))
		case r := <-requests:
			if look, err := s.carryOut(r); err != nil || look {
				return err
			}
		case c := <-calls:
			if err := s.carryOutCall(c); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// sendOrReceive carries out a request if one waits, else one step of taking
// over what was received. What it returns is as of carryOut.
func (s *session) sendOrReceive(requests <-chan request) (look bool, err error) {
	select {
	case r := <-requests:
		return s.carryOut(r)
	default:
	}
	if err := s.receive(); err != nil {
		s.sweepDue = true // what was being taken over may be left in its store
		return true, s.drain(err)
	}
	return false, nil
}
