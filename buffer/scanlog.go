package buffer

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

// This file reads Badger's write-ahead logs (.mem) without Badger, which stops
// at the first damage, panics, or asks for as much memory as the damage says.
//
//	log:   key id (8 bytes), base IV (12 bytes), entries, zeros
//	entry: meta, user meta, varints of key length, value length and expiry,
//	       key, value, CRC-32C of all that (big endian)
//
// The last 8 bytes of a key are 2^64-1 minus the version, which is the number
// of the transaction. A transaction ends with an entry whose meta says so.

const (
	logHeaderBytes = 20

	metaDelete  = 1 << 0
	metaPointer = 1 << 1 // the value is elsewhere; we never write such
	metaInTxn   = 1 << 6
	metaEndTxn  = 1 << 7

	versionBytes = 8
	// entryMaxBytes bounds key and value of an entry; anything longer is damage.
	entryMaxBytes = 128 << 10
)

// An entry is one version of one key, as found in a file.
type entry struct {
	key     string
	version uint64
	deleted bool
	value   []byte
}

// splitVersion takes a key apart. It reports false for keys too short.
func splitVersion(key []byte) (string, uint64, bool) {
	n := len(key) - versionBytes
	if n <= 0 {
		return "", 0, false
	}
	return string(key[:n]), math.MaxUint64 - binary.BigEndian.Uint64(key[n:]), true
}

// txn is a run of entries of one transaction.
type txn struct {
	version uint64
	entries []entry
	ended   bool // its end mark is there
	whole   bool // and so is everything before it: no damage in or just before it
}

// logScan is what a log holds.
type logScan struct {
	txns    []txn
	end     int  // just behind the last whole transaction before any damage
	damaged bool // acknowledged transactions are missing or in pieces
}

// scanLog finds the transactions of a log. Commits come one at a time, so one
// that is not whole was never acknowledged when it is the very next after the
// last whole one and nothing follows: it was being written when the power
// failed, and is dropped. Anything else that is not whole is damage to what was
// acknowledged, and what is left of it is kept.
func scanLog(data []byte) logScan {
	s := logScan{end: min(logHeaderBytes, len(data))}
	var open txn
	gap, intact := false, true
	for off := logHeaderBytes; off >= 0 && off < len(data); {
		e, meta, n := decodeLogEntry(data[off:])
		if n == 0 {
			gap, intact = true, false
			off = resyncLog(data, off+1)
			continue
		}
		off += n
		if open.version != e.version {
			s.keep(open)
			open = txn{version: e.version, whole: true}
		}
		open.whole = open.whole && !gap
		gap = false
		if meta&metaEndTxn == 0 {
			open.entries = append(open.entries, e)
			continue
		}
		open.ended = true
		s.keep(open)
		open = txn{}
		if intact {
			s.end = off
		}
	}
	s.keep(open)
	s.dropUnfinished()
	return s
}

func (s *logScan) keep(t txn) {
	if len(t.entries) == 0 {
		return
	}
	t.whole = t.whole && t.ended
	s.txns = append(s.txns, t)
}

func (s *logScan) dropUnfinished() {
	if n := len(s.txns); n > 0 && !s.txns[n-1].whole {
		last := s.txns[n-1]
		if !last.ended || n == 1 || last.version == s.txns[n-2].version+1 {
			s.txns = s.txns[:n-1]
		}
	}
	for _, t := range s.txns {
		s.damaged = s.damaged || !t.whole
	}
}

// decodeLogEntry decodes the entry data begins with and returns its length, 0
// when there is none or it is damaged.
func decodeLogEntry(data []byte) (e entry, meta byte, n int) {
	if len(data) < 2 {
		return e, 0, 0
	}
	meta, n = data[0], 2
	var fields [3]uint64 // key length, value length, expiry
	for i := range fields {
		v, w := binary.Uvarint(data[n:])
		if w <= 0 {
			return e, 0, 0
		}
		fields[i], n = v, n+w
	}
	klen, vlen := fields[0], fields[1]
	if klen <= versionBytes || klen > entryMaxBytes || vlen > entryMaxBytes {
		return e, 0, 0
	}
	key, value := n, n+int(klen)
	sum := value + int(vlen)
	if sum+crc32.Size > len(data) ||
		binary.BigEndian.Uint32(data[sum:]) != crc32.Checksum(data[:sum], castagnoli) {
		return e, 0, 0
	}
	e.key, e.version, _ = splitVersion(data[key:value])
	e.deleted = meta&metaDelete != 0
	e.value = data[value:sum]
	return e, meta, sum + crc32.Size
}

// resyncLog finds the next entry at or after off, -1 when there is none.
func resyncLog(data []byte, off int) int {
	for ; off < len(data); off++ {
		if data[off]&(metaInTxn|metaEndTxn) == 0 {
			continue
		}
		if _, _, n := decodeLogEntry(data[off:]); n > 0 {
			return off
		}
	}
	return -1
}
