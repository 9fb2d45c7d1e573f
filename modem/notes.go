package modem

import "log/slog"

// Notes remember small facts about modem and SIM across restarts.
type Notes interface {
	// Get returns what was put last under key, "" when nothing was.
	Get(key string) (string, error)
	// Put returns once value is on disk.
	Put(key, value string) error
}

// notes are Notes whose failures are logged and otherwise the same as no
// memory. What is remembered there spares work; nothing depends on it.
type notes struct {
	ledger Notes // nil remembers nothing
	log    *slog.Logger
}

func (n notes) get(key string) string {
	if n.ledger == nil {
		return ""
	}
	value, err := n.ledger.Get(key)
	if err != nil {
		n.log.Warn("a note on the modem cannot be read", "key", key, "cause", err)
	}
	return value
}

// put reports whether value is on disk.
func (n notes) put(key, value string) bool {
	if n.ledger == nil {
		return false
	}
	if err := n.ledger.Put(key, value); err != nil {
		n.log.Warn("a note on the modem cannot be written", "key", key, "cause", err)
		return false
	}
	return true
}

func (m *Serial) notes() notes { return notes{m.o.Notes, m.log} }

// recall returns what is noted under the prefix of the SIM, which is known.
func (s *session) recall(prefix string) string { return s.m.notes().get(prefix + s.sim) }

func (s *session) remember(prefix, value string) { s.m.notes().put(prefix+s.sim, value) }
