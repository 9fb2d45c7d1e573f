package modem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"syscall"
	"time"

	"github.com/warthog618/modem/at"
)

// Time limits of recovery by command.
const (
	radioTimeout = 30 * time.Second // of +CFUN; some modems detach from the network first
	radioPause   = 3 * time.Second  // with the radio off, for a SIM without power to notice
	resetTimeout = 10 * time.Second
)

// errReset ends a session in which the modem was told to restart.
var errReset = errors.New("the modem was told to restart")

// recovery is what outlives the sessions of a modem that fails. It belongs to
// the goroutine that owns the modem.
type recovery struct {
	ladder    ladder
	next      rung      // to be carried out once the modem answers AT again
	answering time.Time // since when the modem has answered everything; zero: it does not
	device    string    // its directory in sysfs, "" when it is not on USB or not known
	obstacle  condition // what stands in the way of a rung, without a phase; empty: nothing
	card      cardRevival
}

// equip tells the ladder what can be done about the modem as it is known now.
func (m *Serial) equip() {
	has := &m.recovery.ladder.equipped
	has[rungDrain], has[rungReopen], has[rungReinit] = true, true, true
	has[rungRadio] = m.profile.RadioOff >= 0
	has[rungReset] = m.profile.Reset != ""
	has[rungUSB] = m.recovery.device != ""
	has[rungCommand] = len(m.o.Reset.Command) > 0
	has[rungReboot] = m.o.Reset.Reboot
	m.recovery.ladder.boot = m.profile.BootTime
}

// recover answers the end of an attempt that came so far and ended for err, and
// shows what is the matter meanwhile.
func (m *Serial) recover(ctx context.Context, came progress, err error) {
	m.equip()
	f := failureOf(came, err)
	r := m.recovery.ladder.fail(f, m.recovery.answering, time.Now())
	m.recovery.answering = time.Time{}
	m.forgetNetwork()
	m.enter(m.trouble(f, err))
	if r == rungNone {
		return
	}
	m.noteRung(r, err)
	m.carryOutRung(ctx, r)
	m.enter(m.trouble(f, err))
}

// forgetNetwork takes back what the modem told of its network.
func (m *Serial) forgetNetwork() {
	m.update(func(st *State) {
		st.Registration, st.Domains, st.Operator, st.Technology = statUnknown, unknownRegistration, "", ""
		st.SignalDBm, st.RSRPDBm, st.Signal, st.Cautions = 0, 0, "", nil
	})
}

// trouble says in plain words why there is no line to the modem, and what to do
// when recovery has not helped.
func (m *Serial) trouble(f failure, err error) condition {
	c := trouble(m.State().Port, err)
	if f == failedElsewhere || !m.recovery.ladder.stuck() {
		return c
	}
	c.Cause += fmt.Sprintf("; %d recoveries did not help, the next are %v apart", quickFailures, slowPace)
	c.Remedy = "take the modem's power away and give it back; if that does not last, replace its power supply, cable or the modem"
	if o := m.recovery.obstacle; o != (condition{}) {
		c.Cause += "; " + o.Cause
		c.Remedy += "; " + o.Remedy
	}
	return c
}

// noteRung logs and counts a rung that is about to be carried out.
func (m *Serial) noteRung(r rung, cause error) {
	m.log.Warn("recovering the modem", "rung", r.String(), "cause", cause)
	m.update(func(st *State) { st.Recoveries = counted(st.Recoveries, r.String()) })
}

// counted is counts with one more of name. It leaves counts as it is, since
// whoever asked for the State still reads it.
func counted(counts map[string]uint64, name string) map[string]uint64 {
	more := map[string]uint64{name: 1}
	for k, n := range counts {
		more[k] += n
	}
	return more
}

// carryOutRung does what can be done without the modem's help; the rest is left
// to the next session.
func (m *Serial) carryOutRung(ctx context.Context, r rung) {
	var err error
	switch r {
	case rungReinit, rungRadio, rungReset:
		m.recovery.next = r
		return
	case rungUSB:
		err = m.host.replug(ctx, m.recovery.device)
	case rungCommand:
		err = m.host.run(ctx, m.o.Reset.Command)
	case rungReboot:
		err = m.rebootHost(ctx)
	default:
		return
	}
	m.recovery.obstacle = condition{}
	if err == nil {
		return
	}
	m.log.Warn("a recovery did not succeed", "rung", r.String(), "cause", err)
	m.recovery.obstacle = obstacle(r, err)
}

// obstacle says why a rung outside the modem was not carried out.
func obstacle(r rung, err error) condition {
	c := condition{Cause: err.Error()}
	switch {
	case r == rungUSB && errors.Is(err, fs.ErrPermission):
		c.Remedy = "let the user that runs tocsin write to the USB device's authorized file (a udev rule), or set reset { command } in the modem block"
	case r == rungUSB:
		c.Remedy = "set reset { command } in the modem block to a command that switches its power"
	case r == rungCommand:
		c.Remedy = "correct command in the reset block, and try it by hand as the user that runs tocsin"
	case r == rungReboot:
		c.Remedy = "let the user that runs tocsin restart the host, or set reboot = false"
	}
	return c
}

// failureOf divides the ways in which an attempt can end by what helps.
func failureOf(came progress, err error) failure {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO),
		errors.Is(err, fs.ErrPermission), errors.Is(err, errInUse), errors.Is(err, syscall.EBUSY),
		errors.Is(err, errNotSerial), errors.Is(err, errManyFiles), errors.Is(err, errReset):
		return failedElsewhere
	case came == answeredLine && (errors.Is(err, io.EOF) || errors.Is(err, syscall.EIO)):
		return failedElsewhere // it was unplugged for all we know
	case errors.Is(err, errDriverHangs), errors.Is(err, errStalled), errors.Is(err, errNoAnswer), came == closedLine:
		return failedDeaf
	}
	return failedMidway
}

// drain brings a line on which one command got no answer into step again, as
// far as the ladder has that for this failure. Its error is that of the silence
// when the line is to be closed.
func (s *session) drain(silence error) error {
	r := &s.m.recovery
	s.m.equip()
	if !s.isSilence(silence) || !r.ladder.drains(r.answering, time.Now()) {
		return silence
	}
	s.m.noteRung(rungDrain, silence)
	s.m.enter(condition{PhaseHold, "the modem left a command unanswered and is checked", "wait"})
	if err := s.sync(syncAttempts); err != nil {
		return fmt.Errorf("%w; then %w", silence, err)
	}
	r.answering = time.Now()
	return nil
}

// isSilence reports whether err is one command's want of an answer, on a line
// that lives.
func (s *session) isSilence(err error) bool {
	return errors.Is(err, at.ErrDeadlineExceeded) && s.guard.reason() == nil
}

// perform carries out the rung that waits for a modem that answers.
func (s *session) perform() error {
	r := s.m.recovery.next
	s.m.recovery.next = rungNone
	switch r {
	case rungReinit:
		if err := s.try("&F", commandTimeout); err != nil {
			return err
		}
		return s.setLine()
	case rungRadio:
		return s.cycleRadio(s.profile().RadioOff)
	case rungReset:
		return s.restart()
	}
	return nil
}

// restart restarts the modem, which ends the session.
func (s *session) restart() error {
	// It may do so before it says OK.
	if _, err := s.ask(s.profile().Reset, resetTimeout); isRefusal(err) {
		return fmt.Errorf("the modem refuses to restart: %w", err)
	}
	return errReset
}

// fullFunction and minimumFunction are values of <fun> (3GPP 27.007 clause
// 8.2). With the latter the SIM has no power either.
const (
	minimumFunction = 0
	fullFunction    = 1
)

// cycleRadio switches the radio off, by the <fun> given, and on. All that was
// known of SIM and network is found out again.
func (s *session) cycleRadio(off int) error {
	s.forgetSIM()
	s.configured, s.pinSent = false, time.Time{}
	if err := s.try("+CFUN="+strconv.Itoa(off), radioTimeout); err != nil {
		return err
	}
	time.Sleep(radioPause)
	return s.try("+CFUN="+strconv.Itoa(fullFunction), radioTimeout)
}

// powerRadio is cycleRadio, or a restart of a modem that does not bear its radio
// being off.
func (s *session) powerRadio(off int) error {
	if s.profile().RadioOff < 0 {
		return s.restart()
	}
	return s.cycleRadio(off)
}

// wakeRadio switches the radio on where somebody switched it off: a power cut
// or a silence in the middle of a radio cycle leaves it off.
func (s *session) wakeRadio() error {
	f, err := s.value("+CFUN?", "+CFUN", commandTimeout)
	if err != nil || f == nil || f[0] != "0" && f[0] != "4" {
		return err
	}
	s.log.Warn("the modem's radio is off and is switched on", "cfun", f[0])
	return s.try("+CFUN="+strconv.Itoa(fullFunction), radioTimeout)
}
