package buffer

import (
	"cmp"
	"slices"
	"time"
)

// Bounds of what is kept of texts that have left the queue.
const (
	// sentMax is as many as there are message references: with more, one modem's
	// would name several.
	sentMax = 256
	sentAge = 7 * 24 * time.Hour
)

// A history holds the texts that have left the queue, in the order they did.
type history struct{ texts []*Sent }

func inOrderOfLeaving(a, b *Sent) int {
	return cmp.Or(cmp.Compare(a.Ended, b.Ended), cmp.Compare(a.ID, b.ID))
}

// add puts texts in and returns those that had to go for them.
func (h *history) add(sent ...*Sent) (gone []*Sent) {
	h.texts = append(h.texts, sent...)
	slices.SortFunc(h.texts, inOrderOfLeaving)
	if len(h.texts) == 0 {
		return nil
	}
	return h.trim(h.texts[len(h.texts)-1].Ended)
}

// trim drops what is older than sentAge at now and, beyond sentMax, first the
// oldest of which all is known. One that failed stays as long as one that is
// pending: somebody has to see it, and where it was given up in doubt a report or
// a late answer may still correct it.
func (h *history) trim(now time.Duration) (gone []*Sent) {
	excess := len(h.texts) - sentMax
	drop := func(may func(*Sent) bool) {
		h.texts = slices.DeleteFunc(h.texts, func(s *Sent) bool {
			if !may(s) {
				return false
			}
			excess--
			gone = append(gone, s)
			return true
		})
	}
	drop(func(s *Sent) bool { return s.Ended+sentAge < now })
	drop(func(s *Sent) bool { return excess > 0 && s.closed(now) })
	drop(func(*Sent) bool { return excess > 0 })
	return gone
}

// closed reports whether all is known of the text that ever will be, and nothing
// of it went wrong.
func (s *Sent) closed(now time.Duration) bool {
	fate := s.Fate(now)
	return fate == Delivered || fate == Unconfirmed
}

// replace puts a text in the place of an older state of it.
func (h *history) replace(s *Sent) {
	h.texts[h.index(s.ID)] = s
}

// index is where the text of this ID is, negative when it is not known.
func (h *history) index(id uint64) int {
	return slices.IndexFunc(h.texts, func(s *Sent) bool { return s.ID == id })
}

// accepted reports whether the network has accepted all of this text.
func (h *history) accepted(id uint64) bool {
	return slices.ContainsFunc(h.texts, func(s *Sent) bool { return s.ID == id && s.Cause == "" })
}

// Sent returns the texts that have left the queue and are still remembered, in
// the order they did: at most 256, for at most 7 days.
func (s *Store) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	sent := make([]Sent, len(s.history.texts))
	for i, x := range s.history.texts {
		sent[i] = x.clone()
	}
	return sent
}

// retire moves texts from the queue to the history and returns what makes it so
// on disk.
func (s *Store) retire(sent []*Sent, count func(*State)) []op {
	s.mu.Lock()
	gone := s.history.add(sent...)
	for _, x := range sent {
		s.queue.remove(x.ID)
	}
	count(&s.state)
	s.mu.Unlock()
	ops := putSent(sent)
	for _, x := range sent {
		ops = append(ops, op{key: textKind.key(x.ID)})
	}
	for _, x := range gone {
		ops = append(ops, op{key: sentKind.key(x.ID)})
	}
	return latest(ops)
}
