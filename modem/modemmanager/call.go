package modemmanager

import (
	"context"
	"fmt"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/tocsin-edge/tocsin/modem"
)

// MMCallState and MMCallStateReason.
const (
	callActive     = 4
	callTerminated = 7

	ended             = 4 // by either side
	declinedOrEngaged = 5
)

const startTimeout = time.Minute // of a call, until the modem has dialled

// call is a telephone on its way from Call to the owner of the connection.
type call struct {
	ctx   context.Context // of the caller of Call
	to    modem.Number
	reply chan error // capacity 1
}

// Call rings a telephone for 25 seconds, less when it is answered or declined, and
// hangs up. Meanwhile nothing is sent. The error says why it did not ring; that of
// ctx, which ends the call.
func (m *Modem) Call(ctx context.Context, to modem.Number) error {
	if m.o.NoVoice {
		return modem.ErrNoVoice
	}
	c := call{ctx: ctx, to: to, reply: make(chan error, 1)}
	select {
	case <-m.NotReady():
		return m.WhyNotReady()
	default:
	}
	select {
	case m.calls <- c:
		return <-c.reply
	case <-m.NotReady():
		return m.WhyNotReady()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// dial makes a call, and leaves nothing of it behind.
func (s *session) dial(ctx, caller context.Context, to modem.Number) error {
	var path dbus.ObjectPath
	err := s.bus.call(ctx, callTimeout, s.path, voiceInterface+".CreateCall", map[string]any{"number": string(to)}).Store(&path)
	switch name := errorName(err); {
	case name == busError+"UnknownMethod", name == busError+"UnknownInterface", name == coreError+"Unsupported":
		return modem.ErrNoVoice
	case err != nil:
		return fmt.Errorf("ModemManager answered: %w", err)
	}
	defer s.bus.tidy(s.path, voiceInterface+".DeleteCall", path)
	if err := s.bus.call(ctx, startTimeout, path, callInterface+".Start").Err; err != nil {
		return fmt.Errorf("ModemManager answered: %w", err)
	}
	state, err := s.ring(ctx, caller, path)
	if state != callTerminated {
		s.bus.tidy(path, callInterface+".Hangup")
	}
	return err
}

// ring waits until the call has rung long enough, was answered, or is over, and
// returns its last state.
func (s *session) ring(ctx, caller context.Context, path dbus.ObjectPath) (state int32, err error) {
	limit := time.NewTimer(s.m.limits.ring)
	defer limit.Stop()
	for {
		p, err := s.bus.properties(ctx, path, callInterface)
		if err != nil {
			return 0, err
		}
		state = property[int32](p, "State")
		reason := property[int32](p, "StateReason")
		switch {
		case state == callTerminated && reason != ended && reason != declinedOrEngaged:
			return state, fmt.Errorf("%w (reason %d)", modem.ErrNotReached, reason)
		case state == callTerminated, state == callActive:
			return state, nil
		}
		select {
		case <-s.bus.news:
		case <-limit.C:
			return state, nil
		case <-caller.Done():
			return state, context.Cause(caller)
		case <-ctx.Done():
			return state, context.Cause(ctx)
		case <-s.bus.Context().Done():
			return callTerminated, errBusGone
		}
	}
}
