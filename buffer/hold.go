package buffer

import "fmt"

// heldMaxBytes bounds what is held in memory until the disk takes it.
const heldMaxBytes = 4 << 20

// held are batches that are only in memory, in the order they came. Each will
// be on disk as a whole, before anything that was owed later.
type held struct {
	batches [][]op
	bytes   int
}

// Hold takes a batch that Commit refused into memory: Next yields its texts at
// once, and it is written, as a whole, before anything else the store writes.
// Until [Store.Flush] returns nil it is lost with the process, so whoever sent
// what it follows from must not be told that it was taken.
//
// The queue's bound does not apply; at 4 MiB in all Hold returns [ErrTooBig],
// and has not taken the batch.
func (s *Store) Hold(b Batch) ([]uint64, error) {
	if err := b.check(); err != nil {
		return nil, err
	}
	s.write.Lock()
	defer s.write.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	c, err := s.changes(b)
	if err != nil {
		return nil, err
	}
	if err := s.held.add(b.ops(c)); err != nil {
		return nil, err
	}
	for _, o := range s.held.batches[len(s.held.batches)-1] {
		delete(s.debt, o.key) // the batch decides, not what undoes an earlier one
	}
	s.carry(c)
	return idsOf(c.added), nil
}

func (h *held) add(ops []op) error {
	size := sizeOf(ops)
	if h.bytes+size > heldMaxBytes {
		return fmt.Errorf("held in memory: %d bytes, at most %d: %w", h.bytes+size, heldMaxBytes, ErrTooBig)
	}
	h.batches = append(h.batches, ops)
	h.bytes += size
	return nil
}

// Flush writes what is held and returns nil once none of it is in memory only.
func (s *Store) Flush() error {
	s.write.Lock()
	defer s.write.Unlock()
	if len(s.held.batches) == 0 {
		return nil
	}
	return s.put(nil, true)
}

// settleOwed writes what is held, each batch as a whole, and then what is owed:
// the steps that texts of those batches have taken since are among it.
func (s *Store) settleOwed() error {
	for len(s.held.batches) > 0 {
		ops := s.held.batches[0]
		if _, err := s.atomically(ops); err != nil {
			return err
		}
		s.held.batches = s.held.batches[1:]
		s.held.bytes -= sizeOf(ops)
	}
	return s.settleDebt()
}

func sizeOf(ops []op) int {
	size := 0
	for _, o := range ops {
		size += len(o.key) + len(o.value)
	}
	return size
}
