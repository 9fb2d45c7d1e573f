package modem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"sync/atomic"
	"syscall"
	"time"
)

// Options are what a modem needs to know.
type Options struct {
	Name string // for logs
	// Port is the path of the serial port, or [PortAuto]; with USB it is "".
	Port    string
	USB     *USB     // the modem to look for; nil when Port says it
	Exclude []string // paths of ports that are never opened while searching
	Baud    int      // 0: found out on a UART, and without meaning on USB
	// FlowControl says that RTS and CTS of a UART are wired, and has them used.
	FlowControl bool

	Profile string  // the name of a family; "" is recognised
	Tune    Profile // what is set in it overrides the family's
	Reset   Reset   // what may be done about a modem that no command brings back

	// IMS allows to change the modem's policy on IMS where the network refuses
	// texts over LTE. It is for all SIMs and outlives the agent.
	IMS bool

	NoVoice   bool // the modem or its SIM cannot ring a telephone
	NoReports bool // no status reports are asked for

	// PIN returns the SIM's PIN; nil when none is configured.
	PIN func() (string, error)
	// PINs remembers which PIN was tried on which SIM; without it no PIN is entered.
	PINs PINLedger
	// SMSC is the number of the service centre; "" leaves that of the SIM.
	SMSC string

	// Notes remember small facts about modem and SIM across restarts; without
	// them what was found out is found out again, and no host is restarted.
	Notes Notes

	// Inbox takes custody of what the network sends; nil leaves it in the modem.
	Inbox Inbox

	// Open opens the line; nil finds and opens the serial port. A line is read by
	// one goroutine and written by another; Close unblocks both.
	Open func(ctx context.Context) (io.ReadWriteCloser, error)
	Log  *slog.Logger // nil discards

	Transcript *Transcript // of what is said on the line; nil keeps none

	host *host // nil: the machine that this program runs on
}

// PortAuto as a Port takes the first modem found on USB that nobody else holds.
const PortAuto = "auto"

// USB says which of the modems plugged in is meant. What is zero matches any.
type USB struct {
	VID, PID  uint16
	Interface *uint8 // of the AT port; nil: as the table of families has it
	Serial    string // of the USB device
	IMEI      string
}

// Reset is what the owner of the host allows against a modem that hangs.
type Reset struct {
	Command []string // program and arguments that take the modem's power away and give it back; nil: none
	Reboot  bool     // the host may be restarted, at most once a day
}

// Limits of opening a line.
const (
	openTimeout = 15 * time.Second // some ports hang the open of their driver
	reopenMin   = time.Second      // doubled with each line that brings no answer
	reopenMax   = 15 * time.Second
	hungMax     = 8 // calls that hang in a driver; beyond these no line is opened
)

// A Modem sends texts. There are two kinds: a [Serial] one that is spoken to in
// AT commands, and one that ModemManager owns. Its methods are safe from any
// goroutine.
type Modem interface {
	// Run owns the modem until ctx is done, and returns nil then. What it sends
	// when ctx is done is Unknown, so whoever ends Run gives it time to settle.
	// Run must not be called twice at a time.
	Run(ctx context.Context) error
	// Ready blocks until a text can be sent, and costs nothing. Its error is that
	// of ctx.
	Ready(ctx context.Context) error
	// Send submits a part and waits until the network has accepted or refused it.
	// The error is always a *SendError.
	Send(ctx context.Context, p Part) (Receipt, error)
	// Call rings a telephone for 25 seconds, less when it is answered or declined,
	// and hangs up. The error is nil when it rang; [ErrNoVoice], [ErrBusy] and
	// [ErrNotReached] are told apart. That of ctx ends the call.
	Call(ctx context.Context, to Number) error
	// State is what is known of the modem now.
	State() State
}

// Serial is one modem on one serial port.
type Serial struct {
	o           Options
	requests    chan request // rendezvous of Send with the owner of the line
	calls       chan call    // the same of Call
	hung        atomic.Int32 // calls into the driver in progress; those that hang add up
	lines       uint64       // opened so far; only the owner's
	profile     Profile      // of the modem as far as known, complete; only the owner's
	usb         usbIDs       // of the modem on the line; only the owner's
	host        *host
	whereabouts whereabouts // only the owner's
	recovery    recovery    // only the owner's
	bearer      bearer      // only the owner's
	weak        weakAccess  // only the owner's
	noted       time.Time   // the last acceptance that is remembered; only the owner's
	reports     reports     // only the owner's
	inbox       inboxState  // only the owner's
	arrivals    *arrivals
	outcomes    outcomes    // only the owner's
	late        lateAnswers // only the owner's

	*board
}

// State is what is known of a modem at one moment.
type State struct {
	Name   string `json:"name"`  // of the modem block
	Phase  string `json:"phase"` // one of the Phase constants
	Cause  string `json:"cause"` // in plain words; "" while ready
	Remedy string `json:"remedy"`

	// NotReadySince is when the modem could last take a part, or when it was made;
	// zero while it can.
	NotReadySince time.Time `json:"not_ready_since,omitzero"`

	Port         string `json:"port"`
	Profile      string `json:"profile"` // the family's name, "generic" before it is known
	Maker        string `json:"maker"`
	Model        string `json:"model"`
	Firmware     string `json:"firmware"`
	IMEI         string `json:"imei"`
	Operator     string `json:"operator"`
	SMSC         string `json:"smsc"`
	PINLock      string `json:"pin_lock,omitempty"` // one of the PINLock constants, "" when unknown
	PINTries     int    `json:"pin_tries"`          // PINs that may still be wrong; negative when unknown
	Registration int    `json:"registration"`       // <stat> of +CREG or +CEREG, 3GPP 27.007 clause 7.2; negative when unknown
	Domains      [3]int `json:"domains"`            // <stat> of +CREG, +CGREG and +CEREG: -1 unknown, -2 the modem has no such command
	Technology   string `json:"technology"`         // one of the Technology constants, "" when unknown
	SignalDBm    int    `json:"signal_dbm"`         // received strength, 0 when unknown
	RSRPDBm      int    `json:"rsrp_dbm"`           // of LTE's reference signal, 0 when unknown
	Signal       string `json:"signal"`             // in a word, one of the Signal constants; "" when unknown

	// NetworkTime is what the network told when it was last asked, at
	// NetworkTimeRead by this machine's clock; zero when it tells none.
	NetworkTime     time.Time `json:"network_time,omitzero"`
	NetworkTimeRead time.Time `json:"network_time_read,omitzero"`

	// CanSend says whether a text would be accepted: one of the CanSend constants.
	CanSend string `json:"can_send"`
	// Cautions are what a person should know though the modem works.
	Cautions []Caution `json:"cautions,omitempty"`
	// Recoveries are counted by rung, since New.
	Recoveries map[string]uint64 `json:"recoveries,omitempty"`

	Accepted     uint64    `json:"accepted"` // parts, since New
	Refused      uint64    `json:"refused"`
	Unknown      uint64    `json:"unknown"`
	Reopened     uint64    `json:"reopened"` // lines after the first
	LastAccepted time.Time `json:"last_accepted,omitzero"`

	Reports string   `json:"reports"` // whether status reports come; one of the Reports constants
	Stores  []Stored `json:"stores"`  // for received texts, as last told; not to be changed
	Lost    uint64   `json:"lost"`    // received messages that nobody could take in time

	unaccepted int // parts in a row that were not accepted
}

// New makes a modem. It starts nothing; see Run.
func New(o Options) *Serial {
	m := &Serial{o: o, requests: make(chan request), calls: make(chan call), arrivals: newArrivals(), board: newBoard(o)}
	m.inbox.taken = make(map[place][]byte)
	m.reports.off = o.NoReports || o.Inbox == nil
	m.state.Reports = m.reports.state()
	m.profile = profileOf(o.Profile, "", "", 0, 0).tuned(o.Tune)
	m.state.Profile = m.profile.Name
	if m.host = o.host; m.host == nil {
		m.host = newHost()
	}
	return m
}

// Run owns the line until ctx is done, and returns nil then. It opens the line,
// brings the modem up, watches SIM and registration, and sends; it opens the
// line anew whenever it ends or falls silent. A part that is on the wire when ctx
// is done is Unknown, so whoever ends Run gives it time to settle first. Run must
// not be called twice at a time.
func (m *Serial) Run(ctx context.Context) error {
	defer m.enter(stopped)
	m.rememberReboot(time.Now())
	pause, came := reopenMin, closedLine
	for ctx.Err() == nil {
		var err error
		came, err = m.attempt(ctx, came)
		if ctx.Err() != nil {
			return nil
		}
		if came == answeredLine {
			pause = reopenMin
		}
		m.recover(ctx, came, err)
		rest(ctx, pause)
		pause = min(2*pause, reopenMax)
	}
	return nil
}

// progress is how far an attempt to bring up a modem came.
type progress int

const (
	closedLine   progress = iota // the line did not open
	silentLine                   // nothing answered on it
	answeredLine                 // the modem answered
)

// attempt opens the line and lives its life. It returns how far it came and why
// it ended; before is how far the last one came.
func (m *Serial) attempt(ctx context.Context, before progress) (progress, error) {
	line, err := m.connect(ctx)
	if err != nil {
		return closedLine, err
	}
	if m.o.Transcript != nil {
		line = m.o.Transcript.Of(line)
	}
	m.lines++
	m.recovery.device = m.host.usbDevice(m.State().Port)
	m.update(func(st *State) { st.Reopened = m.lines - 1 })
	if before != silentLine {
		// Else it is still silent for all we know, and that stays on show.
		m.enter(condition{PhaseStarting, "the modem is being set up", "wait"})
	}
	s := newSession(m, line)
	defer s.close()
	// A command in progress may take half a minute.
	defer context.AfterFunc(ctx, func() { s.guard.close(errClosed) })()
	if err := s.start(); err != nil {
		return silentLine, err
	}
	m.recovery.answering = time.Now()
	if err := s.perform(); err != nil {
		return answeredLine, err
	}
	return answeredLine, s.serve(ctx)
}

// open opens a line in a goroutine that is left to itself when the driver hangs.
func (m *Serial) open(ctx context.Context, open func(context.Context) (io.ReadWriteCloser, error)) (io.ReadWriteCloser, error) {
	if n := m.hung.Load(); n >= hungMax {
		return nil, fmt.Errorf("%w: %d calls into it do not return", errDriverHangs, n)
	}
	type result struct {
		line io.ReadWriteCloser
		err  error
	}
	done := make(chan result)
	abandoned := make(chan struct{})
	m.hung.Add(1)
	go func() {
		defer m.hung.Add(-1)
		line, err := open(ctx)
		select {
		case done <- result{line, err}:
		case <-abandoned:
			if err == nil {
				line.Close()
			}
		}
	}()
	limit := time.NewTimer(openTimeout)
	defer limit.Stop()
	select {
	case r := <-done:
		return r.line, r.err
	case <-ctx.Done():
		close(abandoned)
		return nil, ctx.Err()
	case <-limit.C:
		close(abandoned)
		return nil, fmt.Errorf("%w: the port does not open within %v", errDriverHangs, openTimeout)
	}
}

var (
	errDriverHangs = errors.New("the port's driver hangs")
	errInUse       = errors.New("the port is in use by another program")
	errNotSerial   = errors.New("the path is not a serial port")
	errManyFiles   = errors.New("the process has more than 1000 files open, too many to read a serial port")
)

// trouble says in plain words why there is no line to the modem.
func trouble(port string, err error) condition {
	if t := (*portTrouble)(nil); errors.As(err, &t) {
		return condition{PhaseOpening, t.cause, t.remedy}
	}
	c := condition{Phase: PhaseOpening, Cause: fmt.Sprint(err), Remedy: "wait; the port is opened again"}
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.ENXIO):
		c.Cause = "no modem at " + port
		c.Remedy = "plug the modem in, or set port in the modem block to where it is; ls /dev/serial/by-id lists what is there"
	case errors.Is(err, fs.ErrPermission):
		c.Cause = "no permission to open " + port
		c.Remedy = "add the user that runs tocsin to the group that owns the port, mostly dialout"
	case errors.Is(err, errInUse), errors.Is(err, syscall.EBUSY):
		c.Cause = port + " is in use by another program"
		c.Remedy = "stop the other program (often ModemManager, pppd or gpsd) or forbid it this port"
	case errors.Is(err, errNotSerial):
		c.Cause = port + " is not a serial port"
		c.Remedy = "set port in the modem block to the modem's AT port"
	case errors.Is(err, errNoAnswer):
		c.Cause = port + " opens but nothing answers AT"
		c.Remedy = "check that this is the modem's AT port and not its diagnostic or GPS port, the baud rate, and the modem's power"
	case errors.Is(err, errDriverHangs), errors.Is(err, errStalled):
		c.Remedy = "take the modem's power away and give it back; if that does not help, restart the gateway"
	case errors.Is(err, io.EOF), errors.Is(err, syscall.EIO):
		c.Cause = "the modem was unplugged or restarted"
		c.Remedy = "wait; if it lasts, check plug, cable and power"
	}
	return c
}

// rest waits for d or until ctx is done.
func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
