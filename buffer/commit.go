package buffer

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/dgraph-io/badger/v4"
)

// Bounds of a batch.
const (
	recordMaxBytes = 48 << 10
	batchMaxBytes  = 4 << 20
)

// A Record is one thing that must outlive the process. Its key begins with a
// prefix of the table of keys and has at most 1 KiB, its value at most 48 KiB.
// A nil value deletes the record, an empty one does not.
type Record struct {
	Key   string
	Value []byte
}

// A Batch is one decision: everything in it is on disk together, or nothing is.
// At most 4 MiB.
type Batch struct {
	Records []Record // of two with the same key the later counts
	Texts   []Text   // new ones; their IDs are assigned
	// Recalled are texts that [Store.Recall] took back: they are no more.
	Recalled []uint64
	// Unreached are texts of which Text.Unreached becomes true, where they are
	// still known.
	Unreached []uint64
}

// Empty reports whether there is nothing to write.
func (b *Batch) Empty() bool {
	return len(b.Records)+len(b.Texts)+len(b.Recalled)+len(b.Unreached) == 0
}

// Commit writes the batch and returns the IDs of its texts when all of it is on
// disk. What is already there is not written again, so a batch that changes
// nothing costs nothing.
//
// After an error nothing of the batch is in the store, nor ever will be: what
// a failing disk may have kept of it is taken back before anything else is
// written. The caller keeps the batch and tries again. The errors to know:
//
//   - [ErrQueueFull]: too many texts wait; the most urgent may exceed the bound
//     by a tenth. Fewer or no texts will fit.
//   - [ErrTooBig]: the batch will never fit.
//   - [ErrNoText]: one of Recalled was not taken back.
//   - [ErrFull], [ErrReadOnly]: until the disk has changed.
//   - anything else: the database is closed and opened anew by a later call.
func (s *Store) Commit(b Batch) ([]uint64, error) {
	if b.Empty() {
		return nil, nil
	}
	if err := b.check(); err != nil {
		return nil, err
	}
	s.write.Lock()
	defer s.write.Unlock()
	if err := s.room(b.Texts); err != nil {
		return nil, err
	}
	c, err := s.changes(b)
	if err != nil {
		return nil, err
	}
	if err := s.put(append(b.ops(c), s.told()...), b.intake()); err != nil {
		return nil, err
	}
	s.untold = false
	s.carry(c)
	return idsOf(c.added), nil
}

// told forgets the recovery that whoever commits has been told of.
func (s *Store) told() []op {
	if !s.untold {
		return nil
	}
	return []op{{key: recoveryKey}}
}

func (b *Batch) check() error {
	size := 0
	for _, r := range b.Records {
		if err := checkRecordKey(r.Key); err != nil {
			return err
		}
		if len(r.Value) > recordMaxBytes {
			return fmt.Errorf("record %q: value of %d bytes, at most %d: %w", r.Key, len(r.Value), recordMaxBytes, ErrTooBig)
		}
		size += len(r.Key) + len(r.Value)
	}
	for i := range b.Texts {
		if err := b.Texts[i].check(); err != nil {
			return err
		}
		size += b.Texts[i].size()
	}
	if size > batchMaxBytes {
		return fmt.Errorf("batch of %d bytes, at most %d: %w", size, batchMaxBytes, ErrTooBig)
	}
	return nil
}

// intake reports whether the batch makes the store larger.
func (b *Batch) intake() bool {
	return len(b.Texts) > 0 || slices.ContainsFunc(b.Records, func(r Record) bool { return r.Value != nil })
}

func (s *Store) room(texts []Text) error {
	if len(texts) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.queue.room(texts)
	if err != nil {
		s.state.QueueFull++
	}
	return err
}

// number gives the texts their IDs. An ID is never used again, even when the
// batch does not make it to the disk.
func (s *Store) number(texts []Text) []*Text {
	numbered := make([]*Text, len(texts))
	for i := range texts {
		t := texts[i].clone()
		s.sequence++
		t.ID = s.sequence
		numbered[i] = &t
	}
	return numbered
}

func putTexts(texts []*Text) []op {
	ops := make([]op, len(texts))
	for i, t := range texts {
		ops[i] = op{textKind.key(t.ID), encodeText(t)}
	}
	return ops
}

func idsOf(texts []*Text) []uint64 {
	ids := make([]uint64, len(texts))
	for i, t := range texts {
		ids[i] = t.ID
	}
	return ids
}

// An op sets a key, or deletes it when its value is nil.
type op struct {
	key   string
	value []byte
}

// latest keeps the last op of each key.
func latest(ops []op) []op {
	last := make(map[string]int, len(ops))
	for i, o := range ops {
		last[o.key] = i
	}
	if len(last) == len(ops) {
		return ops
	}
	var kept []op
	for i, o := range ops {
		if last[o.key] == i {
			kept = append(kept, o)
		}
	}
	return kept
}

// Bounds of one Badger transaction. Badger allows 15 % of a memory table, which
// is 78,643 bytes and 819 keys, and counts some bytes of its own for each.
const (
	txnMaxBytes  = 60 << 10
	txnMaxOps    = 600
	opExtraBytes = 32
)

// split cuts ops into groups that fit into a transaction each.
func split(ops []op) [][]op {
	var groups [][]op
	start, size := 0, 0
	for i, o := range ops {
		cost := len(o.key) + len(o.value) + opExtraBytes
		if i > start && (size+cost > txnMaxBytes || i-start == txnMaxOps) {
			groups = append(groups, ops[start:i])
			start, size = i, 0
		}
		size += cost
	}
	if start < len(ops) {
		groups = append(groups, ops[start:])
	}
	return groups
}

// put writes ops, all or nothing, and returns when they are on disk. Intake is
// refused earlier than the rest when space is short. After an error it owes
// what undoes them.
func (s *Store) put(ops []op, intake bool) error {
	if s.closed {
		return ErrClosed
	}
	if err := s.disk.admit(intake); err != nil {
		signal(s.nudge)
		return err
	}
	if err := s.reopen(); err != nil {
		return err
	}
	if err := s.settleOwed(); err != nil {
		return s.fail(err)
	}
	undo, err := s.atomically(ops)
	if err != nil {
		s.debt.owe(undo)
		return s.fail(err)
	}
	return nil
}

// atomically writes ops in one transaction or, when that would be too large, in
// stages. After an error it returns what undoes whatever made it to the disk.
func (s *Store) atomically(ops []op) (undo []op, err error) {
	if groups := split(ops); len(groups) > 1 {
		return s.stage(ops)
	}
	return s.transact(ops)
}

// transact writes ops and the new census in one synced transaction. Ops that
// change nothing are left out, and a transaction of none is not written.
func (s *Store) transact(ops []op) (undo []op, err error) {
	txn := s.db.NewTransaction(true)
	defer txn.Discard()
	next := s.census.clone()
	for _, o := range ops {
		old, err := get(txn, o.key)
		if err != nil {
			return nil, err
		}
		if same(old, o.value) {
			continue
		}
		undo = append(undo, op{o.key, old})
		next.replace(o.key, old, o.value)
		if err := set(txn, o); err != nil {
			return nil, err
		}
	}
	if len(undo) == 0 {
		return nil, nil
	}
	next.Commits++
	next.First = s.lowest(next.First)
	next.Sequence = s.sequence
	if err := setCensus(txn, next); err != nil {
		return nil, err
	}
	if err := txn.Commit(); err != nil {
		return undo, err
	}
	s.committed(next)
	return undo, nil
}

// lowest is a bound below which no text is alive. Before the queue is filled
// it does not move.
func (s *Store) lowest(known uint64) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch id, any := s.queue.lowest(); {
	case any:
		return id
	case s.filled:
		return s.census.Sequence + 1
	}
	return known
}

func (s *Store) committed(c census) {
	s.census = c
	s.backoff = 0
	s.unpaged++
	s.reserve()
	signal(s.nudge)
	s.mu.Lock()
	s.state.Commits++
	s.mu.Unlock()
}

func get(txn *badger.Txn, key string) ([]byte, error) {
	item, err := txn.Get([]byte(key))
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return item.ValueCopy(nil)
}

func set(txn *badger.Txn, o op) error {
	if o.value == nil {
		return txn.Delete([]byte(o.key))
	}
	return txn.Set([]byte(o.key), o.value)
}

func setCensus(txn *badger.Txn, c census) error {
	j, err := c.encode()
	if err != nil {
		return err
	}
	return txn.Set([]byte(censusKey), j)
}

// same reports whether a stored value needs no writing. Nil, which is no value
// at all, differs from an empty one; neither kind of ours is ever empty.
func same(old, value []byte) bool {
	return (old == nil) == (value == nil) && bytes.Equal(old, value)
}
