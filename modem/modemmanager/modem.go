package modemmanager

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/tocsin-edge/tocsin/modem"
)

// Options are what a modem of ModemManager needs to know. Of modem.Options, those
// that tell how to reach a serial port have no meaning here.
type Options struct {
	modem.Options
	// Device says which modem is meant: an IMEI, the path of the object or of the
	// device as ModemManager gives them, or that of one of its ports; "" is the only
	// one there is.
	Device string
	// Address is that of the bus; "" is the system's.
	Address string
}

// Modem is one modem of ModemManager.
type Modem struct {
	*modem.Board
	o        Options
	log      *slog.Logger
	limits   limits
	requests chan request // rendezvous of Send with the owner of the connection
	calls    chan call    // and of Call
}

// limits are the pauses and time limits that matter to people who wait.
type limits struct {
	reconnect time.Duration // before the bus is tried again
	look      time.Duration // between two looks, however much changes
	poll      time.Duration // a ModemManager that hangs is noticed within this and a call's limit
	retry     time.Duration // of what ModemManager refused to do for us
	send      time.Duration // of one text; ModemManager's own limits are up to 5 minutes
	ring      time.Duration // of a telephone
}

var defaultLimits = limits{
	reconnect: 5 * time.Second, look: time.Second, poll: 30 * time.Second, retry: 30 * time.Second, send: 330 * time.Second,
	ring: 25 * time.Second,
}

var _ modem.Modem = (*Modem)(nil)

// New makes a modem. It starts nothing; see Run.
func New(o Options) *Modem {
	m := &Modem{Board: modem.NewBoard(o.Options), o: o, log: o.Log, limits: defaultLimits, requests: make(chan request), calls: make(chan call)}
	if m.log == nil {
		m.log = slog.New(slog.DiscardHandler)
	}
	m.log = m.log.With("modem", o.Name)
	return m
}

// Run owns the connection to the bus until ctx is done, and returns nil then. It
// finds the modem, has it unlocked and turned on, sends, and takes in what the
// network sends; it connects anew whenever the bus goes away. A part that is
// being sent when ctx is done is Unknown, so whoever ends Run gives it time to
// settle first. Run must not be called twice at a time.
func (m *Modem) Run(ctx context.Context) error {
	defer m.Enter(modem.Stopped())
	for ctx.Err() == nil {
		err := m.attempt(ctx)
		if ctx.Err() != nil {
			return nil
		}
		m.Enter(modem.Condition{
			Phase: modem.PhaseOpening, Cause: "no connection to the system bus: " + err.Error(),
			Remedy: "start the D-Bus system bus, or set port in place of backend in the modem block",
		})
		rest(ctx, m.limits.reconnect)
	}
	return nil
}

// attempt lives the life of one connection and returns why it ended.
func (m *Modem) attempt(ctx context.Context) error {
	b, err := connect(ctx, m.o.Address)
	if err != nil {
		return err
	}
	defer b.Close()
	m.Enter(modem.Condition{Phase: modem.PhaseStarting, Cause: "ModemManager is asked for the modem", Remedy: "wait"})
	s := &session{m: m, bus: b, log: m.log}
	for ctx.Err() == nil && b.Connected() {
		now := s.look(ctx)
		s.lastLook = time.Now()
		if ctx.Err() != nil || !b.Connected() {
			break
		}
		m.Enter(now)
		s.attend(ctx, now.Phase == modem.PhaseReady)
	}
	return errBusGone
}

var errBusGone = errors.New("the bus closed the connection")

// session is one connection and what is known of the modem on it. It is the
// owner's alone.
type session struct {
	m   *Modem
	bus *bus
	log *slog.Logger

	owner    string          // of ModemManager's name on the bus
	path     dbus.ObjectPath // of the modem, "" without one
	memory                   // of this modem at this path
	lastLook time.Time
}

// memory is what has to be remembered of a modem between two looks. It is lost
// when ModemManager restarts or the modem goes.
type memory struct {
	confirmed   bool            // the PIN is known to be right
	left        leftAlone       // messages that are not for us
	held        modem.Condition // until heldUntil
	heldUntil   time.Time
	lookAgainAt time.Time // earlier than the poll
}

// attend waits for the next occasion to look, and meanwhile sends.
func (s *session) attend(ctx context.Context, ready bool) {
	var requests chan request
	var calls chan call
	if ready {
		requests, calls = s.m.requests, s.m.calls
	}
	next := time.NewTimer(s.untilNextLook())
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.bus.Context().Done():
			return
		case <-next.C:
			return
		case <-s.bus.news:
			next.Reset(max(0, s.m.limits.look-time.Since(s.lastLook)))
		case r := <-requests:
			if s.carryOut(ctx, r) {
				return
			}
		case c := <-calls:
			c.reply <- s.dial(ctx, c.ctx, c.to)
			return
		}
	}
}

func (s *session) untilNextLook() time.Duration {
	if s.lookAgainAt.IsZero() {
		return s.m.limits.poll
	}
	return min(max(time.Until(s.lookAgainAt), s.m.limits.look), s.m.limits.poll)
}

// again has the modem looked at no later than at.
func (s *session) again(at time.Time) {
	if s.lookAgainAt.IsZero() || at.Before(s.lookAgainAt) {
		s.lookAgainAt = at
	}
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
