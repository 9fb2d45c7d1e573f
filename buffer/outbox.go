package buffer

import (
	"errors"
	"fmt"
	"time"
)

// An unrecordedError says that a text's step is in the queue but not on disk.
type unrecordedError struct {
	id  uint64
	err error
}

func (e *unrecordedError) Error() string { return fmt.Sprintf("text %d: not on disk: %v", e.id, e.err) }
func (e *unrecordedError) Unwrap() error { return e.err }

// Remembered reports whether err, from a step such as Begin or Settle,
// says that the step was taken in memory but is not on disk. The step need not
// be repeated: the store writes it by itself before anything else it writes. If
// the agent is killed before, the text will be in its earlier state, and may go
// out once more.
func Remembered(err error) bool { return errors.As(err, new(*unrecordedError)) }

// Next yields the most urgent text that is due, to none of the numbers in but.
// For each recipient texts go out strictly by urgency, then in the order they
// came: one that is deferred or at the modem holds back those of the same
// recipient that are not more urgent, and delays nobody else. Texts past their
// time are passed over; see Expire.
func (s *Store) Next(now time.Duration, but ...string) (Text, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.queue.next(now, but)
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

// Backlog is how many texts wait for nothing but a modem.
func (s *Store) Backlog(now time.Duration) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.queue.byID {
		if t.NotBefore <= now && !t.inFlight() && !t.expired(now) {
			n++
		}
	}
	return n
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

// Begin notes that a part is about to go to the modem of that name and returns
// when that is on disk: only then may it. Parts count from 1; once
// one of them was accepted there stay as many. Beginning a part again that was
// begun is no harm. One that was accepted meanwhile is [ErrAccepted].
func (s *Store) Begin(id uint64, part, parts int, modem string) error {
	return s.step(id, func(t *Text) error {
		t.shape(parts)
		if len(t.Parts) != parts {
			return fmt.Errorf("begun with %d parts, now %d", len(t.Parts), parts)
		}
		p, err := t.part(part)
		if err != nil {
			return err
		}
		if p.State == Accepted {
			return fmt.Errorf("part %d of %d: %w", part, parts, ErrAccepted)
		}
		p.State, p.Modem = Submitted, modem
		return nil
	})
}

// Settle notes that the network has accepted a part. With its last part the text
// leaves the queue; see [Store.Sent].
func (s *Store) Settle(id uint64, part int, r Receipt) error {
	return s.step(id, func(t *Text) error {
		p, err := t.part(part)
		if err != nil {
			return err
		}
		if p.Report != nil && !p.unanswered() && (p.Report.Modem != r.Modem || p.Report.Reference != r.Reference) {
			p.Report = nil // it came early, and about something else
		}
		p.State, p.Modem, p.Reference, p.At = Accepted, r.Modem, r.Reference, r.At
		t.Refusals = 0
		return nil
	})
}

// Refute notes that a part which went out unanswered was not accepted after all,
// and why. It may be sent again at once.
func (s *Store) Refute(id uint64, part int, now time.Duration, cause string) error {
	return s.step(id, func(t *Text) error {
		p, err := t.part(part)
		switch {
		case err != nil:
			return err
		case p.State == Accepted:
			return fmt.Errorf("part %d: %w", part, ErrAccepted)
		case p.State == Waiting && p.Silent > 0:
			p.Silent--
		case p.State == Waiting:
			p.Interrupted = max(p.Interrupted-1, 0)
		}
		p.State = Waiting
		t.NotBefore = min(t.NotBefore, now)
		t.LastError = cause[:min(len(cause), errorMaxBytes)]
		return nil
	})
}

// Drop gives up a text, which leaves the queue at now. One that the network has
// accepted meanwhile stays so.
func (s *Store) Drop(id uint64, now time.Duration, cause string) error {
	s.write.Lock()
	defer s.write.Unlock()
	t, err := s.text(id)
	switch {
	case errors.Is(err, ErrAccepted):
		return nil
	case err != nil:
		return err
	}
	s.log.Warn("text dropped", "id", id, "contact", t.Contact, "cause", cause)
	return s.through([]*Sent{{t, now, cause}}, func(st *State) { st.Dropped++ })
}

// Expire gives up every text whose time has passed and returns them, so that
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
	texts, sent := make([]Text, len(gone)), make([]*Sent, len(gone))
	for i, t := range gone {
		texts[i], sent[i] = *t, &Sent{*t, now, t.whyTooLate()}
	}
	return texts, s.through(sent, func(st *State) { st.Expired += uint64(len(gone)) })
}

func (t *Text) whyTooLate() string {
	const late = "it waited too long to be worth sending"
	if t.LastError == "" {
		return late
	}
	return late + "; last: " + t.LastError
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

// lastAccepted is when the last of its parts was.
func (t *Text) lastAccepted() (at time.Duration) {
	for _, p := range t.Parts {
		at = max(at, p.At)
	}
	return at
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
	return s.moved(&t)
}

// moved writes down a text that has taken a step.
func (s *Store) moved(t *Text) error {
	if t.complete() {
		return s.through([]*Sent{{Text: *t, Ended: t.lastAccepted()}}, func(st *State) { st.Accepted++ })
	}
	err := s.record(t.ID, putTexts([]*Text{t}))
	s.mu.Lock()
	s.queue.add(t)
	s.mu.Unlock()
	signal(s.wake)
	return err
}

// through takes texts out of the queue, on disk in the same transaction that
// remembers them as sent.
func (s *Store) through(sent []*Sent, count func(*State)) error {
	err := s.record(sent[0].ID, s.retire(sent, count))
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
	switch t := s.queue.byID[id]; {
	case t != nil:
		return t.clone(), nil
	case s.history.accepted(id):
		return Text{}, fmt.Errorf("text %d: %w", id, ErrAccepted)
	}
	return Text{}, fmt.Errorf("text %d: %w", id, ErrNoText)
}
