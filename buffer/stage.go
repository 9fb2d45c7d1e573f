package buffer

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A batch too large for one transaction is first written whole, in pieces under
// keys of its own, then declared complete by one more key, and only then carried
// out. A crash before the declaration leaves nothing of it; after, the next
// start carries it out. So it costs twice the flash, and is still one decision.
//
//	piece: version, then of each op: varint of the key's length, key, varint of
//	       the value's length plus one (0 deletes), value

const (
	pieceVersion  = 1
	pieceMaxBytes = 56 << 10 // below what Badger would put into its value log
)

// stage writes ops as one batch. Once it is declared complete it counts as
// written: should carrying it out fail, the next opening does it.
func (s *Store) stage(ops []op) (undo []op, err error) {
	pieces := pieces(ops)
	for _, p := range pieces {
		if _, err := s.transact([]op{p}); err != nil {
			return unstaging(pieces), err
		}
	}
	if _, err := s.transact([]op{{stagedKey, []byte{pieceVersion}}}); err != nil {
		return unstaging(pieces), err
	}
	if err := s.carryOut(ops, pieces); err != nil {
		s.fail(err)
	}
	return nil, nil
}

// carryOut does what a complete batch says and then forgets it. Doing it twice
// is no harm.
func (s *Store) carryOut(ops, pieces []op) error {
	for _, group := range split(ops) {
		if _, err := s.transact(group); err != nil {
			return err
		}
	}
	_, err := s.transact(unstaging(pieces))
	return err
}

// unstaging deletes the declaration and the pieces.
func unstaging(pieces []op) []op {
	ops := []op{{key: stagedKey}}
	for _, p := range pieces {
		ops = append(ops, op{key: p.key})
	}
	return ops
}

func pieces(ops []op) []op {
	var pieces []op
	piece := []byte{pieceVersion}
	end := func() {
		pieces = append(pieces, op{fmt.Sprintf("%s%04d", stagePrefix, len(pieces)), piece})
		piece = []byte{pieceVersion}
	}
	for _, o := range ops {
		enc := encodeOp(o)
		if len(piece)+len(enc) > pieceMaxBytes {
			end()
		}
		piece = append(piece, enc...)
	}
	end()
	return pieces
}

func encodeOp(o op) []byte {
	b := binary.AppendUvarint(nil, uint64(len(o.key)))
	b = append(b, o.key...)
	if o.value == nil {
		return binary.AppendUvarint(b, 0)
	}
	b = binary.AppendUvarint(b, uint64(len(o.value))+1)
	return append(b, o.value...)
}

// unstage returns the ops of a batch that was declared complete, false when
// there is none.
func unstage(staged map[string][]byte) ([]op, bool) {
	if staged[stagedKey] == nil {
		return nil, false
	}
	var ops []op
	for _, key := range slices.Sorted(maps.Keys(staged)) {
		if strings.HasPrefix(key, stagePrefix) {
			ops = append(ops, decodePiece(staged[key])...)
		}
	}
	return ops, true
}

// decodePiece decodes as far as the piece makes sense.
func decodePiece(b []byte) (ops []op) {
	if len(b) == 0 || b[0] != pieceVersion {
		return nil
	}
	for b = b[1:]; len(b) > 0; {
		key, rest, ok := cutBytes(b, 0)
		if !ok {
			break
		}
		value, rest, ok := cutBytes(rest, 1)
		if !ok {
			break
		}
		ops = append(ops, op{string(key), value})
		b = rest
	}
	return ops
}

// cutBytes takes a length, which is bias more than it says, and as many bytes.
// A length below bias gives nil.
func cutBytes(b []byte, bias uint64) (field, rest []byte, ok bool) {
	n, w := binary.Uvarint(b)
	if w <= 0 {
		return nil, nil, false
	}
	b = b[w:]
	if n < bias {
		return nil, b, true
	}
	if n -= bias; n > uint64(len(b)) {
		return nil, nil, false
	}
	return b[:n:n], b[n:], true
}

// stagedPieces are the pieces found, complete or not, as ops.
func stagedPieces(staged map[string][]byte) []op {
	var found []op
	for key := range staged {
		if key != stagedKey {
			found = append(found, op{key: key})
		}
	}
	return found
}

// carryOut does in memory what ops say, and forgets the batch.
func carryOut(ops []op, living map[string][]byte) {
	for _, o := range ops {
		if delete(living, o.key); o.value != nil {
			living[o.key] = o.value
		}
	}
	for key := range living {
		if key == stagedKey || strings.HasPrefix(key, stagePrefix) {
			delete(living, key)
		}
	}
}
