package buffer

import (
	"errors"
	"fmt"
	"time"
)

// Outcome is why a part that was begun was not accepted.
type Outcome uint8

const (
	// NotSent: it never left the gateway. Costs no attempt.
	NotSent Outcome = iota
	// Refused: the modem or the network said no.
	Refused
	// Silent: the modem took it and never answered. It may be on its way.
	Silent
)

// An unrecordedError says that a text's step is in the queue but not on disk.
type unrecordedError struct {
	id  uint64
	err error
}

func (e *unrecordedError) Error() string { return fmt.Sprintf("text %d: not on disk: %v", e.id, e.err) }
func (e *unrecordedError) Unwrap() error { return e.err }

// Remembered reports whether err, from Begin, Settle, Defer, Drop or Expire,
// says that the step was taken in memory but is not on disk. The step need not
// be repeated: the store writes it by itself before anything else it writes. If
// the agent is killed before, the text will be in its earlier state, and may go
// out once more.
func Remembered(err error) bool { return errors.As(err, new(*unrecordedError)) }

// Next yields the most urgent text that is due. For each recipient texts go out
// strictly by urgency, then in the order they came: one that is deferred or at
// the modem holds back those of the same recipient that are not more urgent, and
// delays nobody else. Texts past their time are passed over; see Expire.
func (s *Store) Next(now time.Duration) (Text, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.queue.next(now)
	if t == nil {
		return Text{}, false
	}
	return t.clone(), true
}

// NextDue is the earliest instant, not before now, at which Next may yield a
// text or Expire has one to strike off. It reports false when neither will
// happen without a signal on Wake.
func (s *Store) NextDue(now time.Duration) (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.nextDue(now)
}

// Hasten lets every text that was deferred beyond at be due then. On disk they
// stay as they are.
func (s *Store) Hasten(at time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.queue.all() {
		if t.NotBefore > at {
			hasty := t.clone()
			hasty.NotBefore = at
			s.queue.add(&hasty)
		}
	}
	signal(s.wake)
}

// Texts returns everything that waits, in the order it came.
func (s *Store) Texts() []Text {
	s.mu.Lock()
	defer s.mu.Unlock()
	texts := make([]Text, 0, s.queue.len())
	for _, t := range s.queue.all() {
		texts = append(texts, t.clone())
	}
	return texts
}

// Begin notes that a part is about to go to the modem and returns when that is
// on disk: only then may it. Parts count from 1; the first Begin of a text fixes
// how many there are. Beginning a part again that was begun is no harm.
func (s *Store) Begin(id uint64, part, parts int) error {
	return s.step(id, func(t *Text) error {
		if len(t.Parts) == 0 && parts > 0 {
			t.Parts = make([]Part, parts)
		}
		if len(t.Parts) != parts {
			return fmt.Errorf("begun with %d parts, now %d", len(t.Parts), parts)
		}
		p, err := t.part(part)
		if err != nil {
			return err
		}
		if p.State == Accepted {
			return fmt.Errorf("part %d of %d: already accepted", part, parts)
		}
		p.State = Submitted
		return nil
	})
}

// Settle notes that the network has accepted a part under the message reference
// mr (TP-MR). With its last part the text is struck off.
func (s *Store) Settle(id uint64, part int, mr uint8) error {
	return s.step(id, func(t *Text) error {
		p, err := t.part(part)
		if err != nil {
			return err
		}
		p.State, p.Reference = Accepted, mr
		return nil
	})
}

// Defer notes that a part was not accepted, why, and when to try the text again.
func (s *Store) Defer(id uint64, part int, why Outcome, notBefore time.Duration, cause string) error {
	return s.step(id, func(t *Text) error {
		t.NotBefore = notBefore
		t.LastError = cause[:min(len(cause), errorMaxBytes)]
		if why != NotSent {
			t.Attempts++
		}
		if len(t.Parts) == 0 && why == NotSent {
			return nil // it could not even be begun
		}
		p, err := t.part(part)
		if err != nil {
			return err
		}
		p.State = Waiting
		if why == Silent {
			p.Silent++
		}
		return nil
	})
}

// Drop strikes a text off that will not be sent.
func (s *Store) Drop(id uint64, cause string) error {
	s.write.Lock()
	defer s.write.Unlock()
	t, err := s.text(id)
	if err != nil {
		return err
	}
	s.log.Warn("text dropped", "id", id, "contact", t.Contact, "cause", cause)
	return s.strike([]*Text{&t}, func(st *State) { st.Dropped++ })
}

// Expire strikes off every text whose time has passed and returns them, so that
// somebody can say so. Texts with a part at the modem wait for its answer.
func (s *Store) Expire(now time.Duration) ([]Text, error) {
	s.write.Lock()
	defer s.write.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	s.mu.Lock()
	gone := s.queue.expired(now)
	s.mu.Unlock()
	if len(gone) == 0 {
		return nil, nil
	}
	err := s.strike(gone, func(st *State) { st.Expired += uint64(len(gone)) })
	texts := make([]Text, len(gone))
	for i, t := range gone {
		texts[i] = *t
	}
	return texts, err
}

func (t *Text) part(n int) (*Part, error) {
	if n < 1 || n > len(t.Parts) {
		return nil, fmt.Errorf("part %d: there are %d", n, len(t.Parts))
	}
	return &t.Parts[n-1], nil
}

func (t *Text) complete() bool {
	for _, p := range t.Parts {
		if p.State != Accepted {
			return false
		}
	}
	return len(t.Parts) > 0
}

// step changes one text, on disk and then in the queue. When the disk will not
// have it the queue moves on all the same: a text that has left must not be
// yielded again because nobody could write that down.
func (s *Store) step(id uint64, change func(*Text) error) error {
	s.write.Lock()
	defer s.write.Unlock()
	t, err := s.text(id)
	if err != nil {
		return err
	}
	if err := change(&t); err != nil {
		return fmt.Errorf("text %d: %w", id, err)
	}
	if t.complete() {
		return s.strike([]*Text{&t}, func(st *State) { st.Accepted++ })
	}
	err = s.record(id, putTexts([]*Text{&t}))
	s.mu.Lock()
	s.queue.add(&t)
	s.mu.Unlock()
	signal(s.wake)
	return err
}

// strike deletes texts, on disk and then in the queue.
func (s *Store) strike(texts []*Text, count func(*State)) error {
	ops := make([]op, len(texts))
	for i, t := range texts {
		ops[i] = op{key: textKey(t.ID)}
	}
	err := s.record(texts[0].ID, ops)
	s.mu.Lock()
	for _, t := range texts {
		s.queue.remove(t.ID)
	}
	count(&s.state)
	s.mu.Unlock()
	signal(s.wake)
	return err
}

func (s *Store) record(id uint64, ops []op) error {
	err := s.put(ops, false)
	if err == nil {
		return nil
	}
	s.debt.owe(ops)
	s.mu.Lock()
	s.state.Unrecorded++
	s.mu.Unlock()
	return &unrecordedError{id, err}
}

func (s *Store) text(id uint64) (Text, error) {
	if s.closed {
		return Text{}, ErrClosed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.queue.byID[id]
	if t == nil {
		return Text{}, fmt.Errorf("text %d: %w", id, ErrNoText)
	}
	return t.clone(), nil
}
