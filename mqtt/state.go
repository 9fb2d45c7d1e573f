package mqtt

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// State is a session's account of itself.
type State struct {
	Connected bool      `json:"connected"`
	Since     time.Time `json:"since,omitzero"` // of Connected, by the wall clock; when Run began at first

	// Cause says in plain words what is wrong, Remedy what to do about it. Both
	// are empty when nothing is wrong. A connected session has a cause when
	// subscriptions are missing or the connection does not last. A cause without a
	// remedy is what the session is waiting for.
	Cause  string `json:"cause"`
	Remedy string `json:"remedy"`

	Received   uint64 `json:"received"`   // messages that came in, also those delivered again
	Oversize   uint64 `json:"oversize"`   // of these, the ones whose payload was dropped
	Reconnects uint64 `json:"reconnects"` // connections after the first
	Unsaid     uint64 `json:"unsaid"`     // what Say had to drop

	Refused []string `json:"refused"` // filters the broker refused, until it grants them
}

// status keeps a State and tells the log when it changes.
type status struct {
	log     *slog.Logger
	changed func() // called when Connected changes

	mu          sync.Mutex
	state       State
	connections uint64
	evictions   int // in a row: connections the broker accepted and soon closed
}

const (
	// settled is how old a connection must be to count as a good one.
	settled = time.Minute

	// evictionsMax is after how many short connections in a row we say why.
	evictionsMax = 3
)

func (s *status) snapshot() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.state
	out.Refused = append([]string{}, out.Refused...)
	return out
}

func (s *status) unsaid() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Unsaid++
}

func (s *status) received(oversize bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Received++
	if oversize {
		s.state.Oversize++
	}
}

// set changes Connected and the cause; mu must be held.
func (s *status) set(connected bool, a advice) {
	changed := connected != s.state.Connected || a.cause != s.state.Cause
	if connected != s.state.Connected || s.state.Since.IsZero() {
		s.state.Since = time.Now()
	}
	if connected != s.state.Connected {
		defer s.changed()
	}
	s.state.Connected, s.state.Cause, s.state.Remedy = connected, a.cause, a.remedy
	switch {
	case !changed:
	case a.cause != "" && a.remedy == "":
		s.log.Debug("broker: " + a.cause)
	case a.cause != "":
		s.log.Warn("broker: "+a.cause, "connected", connected, "remedy", a.remedy)
	case connected:
		s.log.Info("broker: connected")
	}
}

// offline is called before the first connection and after the last.
func (s *status) offline(now advice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set(false, now)
}

// connected is called when the broker has accepted us.
func (s *status) connected(now advice) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connections++; s.connections > 1 {
		s.state.Reconnects++
	}
	if s.evictions >= evictionsMax {
		now = advice{s.state.Cause, s.state.Remedy}
	}
	s.set(true, now)
}

// granted is called when the broker has answered our subscriptions.
func (s *status) granted(refused []string, of int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Refused = refused
	switch {
	case len(refused) > 0:
		s.set(true, advice{
			fmt.Sprintf("the broker refused %d of %d subscriptions: %s", len(refused), of, strings.Join(refused, ", ")),
			"let our user read these topics in the broker's access list",
		})
	case s.evictions < evictionsMax:
		s.set(true, advice{})
	}
}

// lasts is called now and then with the age of a connection.
func (s *status) lasts(age time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if age < settled || s.evictions == 0 {
		return
	}
	told := s.evictions >= evictionsMax
	if s.evictions = 0; told && len(s.state.Refused) == 0 {
		s.set(true, advice{})
	}
}

// lost is called when a connection ended after lived, or was never accepted
// (lived 0). evicted says whether the broker ended it.
func (s *status) lost(a advice, lived time.Duration, evicted bool, clientID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case lived >= settled || lived > 0 && !evicted:
		s.evictions = 0
	case lived > 0:
		s.evictions++
	}
	if lived > 0 && s.evictions >= evictionsMax {
		a = advice{
			fmt.Sprintf("the broker accepted us and closed the connection again, %d times in a row: most likely another client uses the client id %q", s.evictions, clientID),
			"give every client of the broker its own client_id",
		}
	}
	s.set(false, a)
}
