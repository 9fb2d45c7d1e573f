package buffer

import (
	"fmt"
	"slices"
)

// changes are what a batch makes of the texts.
type changes struct {
	added    []*Text
	recalled []uint64
	waiting  []*Text // new states
	sent     []*Sent
}

// changes says what a batch makes of the texts, of which the new ones have their
// IDs by then. Nothing has changed yet.
func (s *Store) changes(b Batch) (changes, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range b.Recalled {
		if s.queue.recalled[id] == nil {
			return changes{}, fmt.Errorf("text %d is not recalled: %w", id, ErrNoText)
		}
	}
	c := changes{added: s.number(b.Texts), recalled: b.Recalled}
	for _, id := range b.Unreached {
		if t := s.queue.byID[id]; t != nil {
			t := t.clone()
			t.Unreached = true
			c.waiting = append(c.waiting, &t)
		}
		if i := s.history.index(id); i >= 0 {
			x := s.history.texts[i].clone()
			x.Unreached = true
			c.sent = append(c.sent, &x)
		}
	}
	return c, nil
}

// ops are what is to be written of a batch that makes these changes.
func (b *Batch) ops(c changes) []op {
	ops := make([]op, 0, len(b.Records)+len(c.added)+len(c.recalled))
	for _, r := range b.Records {
		o := op{key: r.Key}
		if k, _ := kindOf(r.Key); r.Value != nil {
			o.value = k.wrap(r.Value)
		}
		ops = append(ops, o)
	}
	for _, id := range c.recalled {
		ops = append(ops, op{key: textKind.key(id)})
	}
	return latest(slices.Concat(ops, putTexts(c.waiting), putSent(c.sent), putTexts(c.added)))
}

// carry has the queue and the history follow what was written.
func (s *Store) carry(c changes) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range c.recalled {
		delete(s.queue.recalled, id)
	}
	s.state.Recalled += uint64(len(c.recalled))
	for _, t := range slices.Concat(c.waiting, c.added) {
		s.queue.add(t)
	}
	for _, x := range c.sent {
		s.history.replace(x)
	}
	if len(c.added) > 0 {
		signal(s.wake)
	}
}
