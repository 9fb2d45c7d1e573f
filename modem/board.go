package modem

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// board shows what a modem is doing: its State, and in two gates whether a part
// can be taken.
type board struct {
	log *slog.Logger

	mu    sync.Mutex
	state State
	up    chan struct{} // closed while ready
	down  chan struct{} // closed while not ready
}

// stopped is the condition of a modem before Run and after it.
var stopped = condition{PhaseStopped, "the modem is not being run", ""}

func newBoard(o Options) *board {
	b := &board{log: o.Log, up: make(chan struct{}), down: make(chan struct{})}
	b.state = State{
		Name: o.Name, Phase: stopped.Phase, Cause: stopped.Cause, NotReadySince: time.Now(),
		Port: o.Port, PINTries: -1, Registration: statUnknown, Domains: unknownRegistration,
	}
	close(b.down)
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	b.log = b.log.With("modem", o.Name)
	return b
}

// Ready blocks until a text can be sent, and costs nothing. Its error is that
// of ctx.
func (b *board) Ready(ctx context.Context) error {
	b.mu.Lock()
	up := b.up
	b.mu.Unlock()
	select {
	case <-up:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// State returns what is known of the modem now.
func (b *board) State() State {
	b.mu.Lock()
	defer b.mu.Unlock()
	st := b.state
	st.CanSend = st.canSend()
	return st
}

func (b *board) update(change func(*State)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.state)
}

// enter notes what the modem is doing or waiting for, and logs it when it is
// something else than before.
func (b *board) enter(c condition) {
	b.mu.Lock()
	defer b.mu.Unlock()
	was := condition{b.state.Phase, b.state.Cause, b.state.Remedy}
	if c == was {
		return
	}
	b.state.Phase, b.state.Cause, b.state.Remedy = c.Phase, c.Cause, c.Remedy
	switch c.Phase {
	case PhaseReady:
		b.log.Info("modem is ready", "operator", b.state.Operator, "signal_dbm", b.state.SignalDBm)
	case PhaseStarting, PhaseStopped:
		b.log.Info("modem is not ready", "phase", c.Phase, "cause", c.Cause)
	default:
		b.log.Warn("modem is not ready", "phase", c.Phase, "cause", c.Cause, "remedy", c.Remedy)
	}
	b.swing(c.ready())
}

// swing opens one of the gates up and down and shuts the other. It needs mu.
func (b *board) swing(isReady bool) {
	open, shut := &b.down, &b.up
	if isReady {
		open, shut = &b.up, &b.down
	}
	if isClosed(*open) {
		return
	}
	b.state.NotReadySince = time.Time{}
	if !isReady {
		b.state.NotReadySince = time.Now()
	}
	close(*open)
	*shut = make(chan struct{})
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// notReady is closed while no part can be taken.
func (b *board) notReady() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.down
}

func (b *board) whyNotReady() error {
	st := b.State()
	if st.Cause == "" {
		return fmt.Errorf("the modem is not ready: %s", st.Phase)
	}
	return fmt.Errorf("the modem is not ready: %s: %s", st.Phase, st.Cause)
}

// sending shows in the state that a part is on the wire.
func (b *board) sending(on bool) {
	phase := PhaseReady
	if on {
		phase = PhaseSending
	}
	b.busy(phase)
}

// busy shows what a modem that is ready does.
func (b *board) busy(phase string) { b.update(func(st *State) { st.Phase = phase }) }

// count notes what became of a part; nil means that it was accepted.
func (b *board) count(e *SendError) {
	b.update(func(st *State) {
		switch {
		case e == nil:
			st.Accepted++
			st.LastAccepted = time.Now()
			st.unaccepted = 0
			return
		case e.Outcome == Refused:
			st.Refused++
		case e.Outcome == Unknown:
			st.Unknown++
		default:
			return
		}
		st.unaccepted++
	})
}
