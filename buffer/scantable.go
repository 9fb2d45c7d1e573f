package buffer

import (
	"encoding/binary"
	"hash/crc32"
	"slices"
	"strings"
)

// This file reads Badger's tables (.sst) without Badger, which panics in one of
// its own goroutines on a damaged one, and which cannot read a table at all
// whose index at the end of the file is gone.
//
//	table:    blocks, index, index length, index checksum, checksum length
//	block:    entries, offsets of the entries (little endian), their number,
//	          checksum, checksum length
//	entry:    length shared with the first key of the block and length of the
//	          rest (16 bits, little endian), rest of the key, meta, user meta,
//	          varint of the expiry, value
//	checksum: field 2 of a protobuf message, the varint of a CRC-32C
//
// Lengths and numbers are big endian where nothing else is said. Blocks are
// neither compressed nor encrypted.

const (
	blockMaxBytes    = 72 << 10 // a block holds at least one entry, however large
	blockMinBytes    = 4 + versionBytes + 1 + 3 + 4 + 4 + 4
	checksumMaxBytes = 6
	entryHeaderBytes = 4
)

// tableScan is what a table holds.
type tableScan struct {
	entries []entry
	damaged bool
}

// scanTable finds the entries of every block that is intact.
func scanTable(data []byte) tableScan {
	index, ok := indexStart(data)
	s := tableScan{damaged: !ok}
	for off := 0; off < index; {
		end, entries := decodeBlock(data[:index], off)
		if end == 0 {
			s.damaged = true
			if off = resyncTable(data[:index], off+1); off < 0 {
				break
			}
			continue
		}
		s.entries = append(s.entries, entries...)
		off = end
	}
	return s
}

// indexStart finds where the blocks end. When the index is damaged, they may
// reach to the end of the file.
func indexStart(data []byte) (off int, ok bool) {
	end, ok := checkedEnd(data)
	if !ok || end < 4 {
		return len(data), false
	}
	n := int(binary.BigEndian.Uint32(data[end-4 : end]))
	if n < 0 || n > end-4 {
		return len(data), false
	}
	start := end - 4 - n
	sum, ok := checksum(data[end : len(data)-4])
	if !ok || crc32.Checksum(data[start:end-4], castagnoli) != sum {
		return len(data), false
	}
	return start, true
}

// checkedEnd returns where the checksum at the end of data begins.
func checkedEnd(data []byte) (int, bool) {
	if len(data) < 4 {
		return 0, false
	}
	n := binary.BigEndian.Uint32(data[len(data)-4:])
	if n > checksumMaxBytes || int(n) > len(data)-4 {
		return 0, false
	}
	return len(data) - 4 - int(n), true
}

func checksum(message []byte) (uint32, bool) {
	if len(message) == 0 {
		return 0, true
	}
	const sumField = 2 << 3
	if message[0] != sumField {
		return 0, false
	}
	v, n := binary.Uvarint(message[1:])
	return uint32(v), n == len(message)-1 && v <= 1<<32-1
}

// decodeBlock decodes the block that begins at off. Where it ends is written
// only in the index, so the checksum decides. It returns 0 when no block begins
// there.
func decodeBlock(data []byte, off int) (end int, entries []entry) {
	last := min(len(data), off+blockMaxBytes)
	for end = off + blockMinBytes; end <= last; end++ {
		tail := data[end-4 : end]
		if tail[0]|tail[1]|tail[2] != 0 || tail[3] > checksumMaxBytes {
			continue
		}
		if entries, ok := decodeBlockBody(data[off:end]); ok {
			return end, entries
		}
	}
	return 0, nil
}

func decodeBlockBody(block []byte) ([]entry, bool) {
	body, ok := checkedEnd(block)
	if !ok || body < 4 {
		return nil, false
	}
	n := int(binary.BigEndian.Uint32(block[body-4 : body]))
	if n <= 0 || n > body/4-1 {
		return nil, false
	}
	sum, ok := checksum(block[body : len(block)-4])
	if !ok || crc32.Checksum(block[:body], castagnoli) != sum {
		return nil, false
	}
	offsets := block[body-4-4*n : body-4]
	return decodeBlockEntries(block[:body-4-4*n], offsets)
}

func decodeBlockEntries(data, offsets []byte) ([]entry, bool) {
	var entries []entry
	var first []byte
	for i := 0; i < len(offsets); i += 4 {
		from, to := int(binary.LittleEndian.Uint32(offsets[i:])), len(data)
		if i+4 < len(offsets) {
			to = int(binary.LittleEndian.Uint32(offsets[i+4:]))
		}
		if from < 0 || from > to || to > len(data) {
			return nil, false
		}
		key, e, ok := decodeTableEntry(data[from:to], first)
		if !ok {
			return nil, false
		}
		if first == nil {
			first = key
		}
		entries = append(entries, e)
	}
	return entries, true
}

func decodeTableEntry(data, first []byte) (key []byte, e entry, ok bool) {
	if len(data) < entryHeaderBytes {
		return nil, e, false
	}
	shared := int(binary.LittleEndian.Uint16(data))
	rest := int(binary.LittleEndian.Uint16(data[2:]))
	value := entryHeaderBytes + rest
	if shared > len(first) || value+2 > len(data) {
		return nil, e, false
	}
	key = slices.Concat(first[:shared], data[entryHeaderBytes:value])
	_, n := binary.Uvarint(data[value+2:])
	if n <= 0 {
		return nil, e, false
	}
	e.key, e.version, ok = splitVersion(key)
	e.deleted = data[value]&metaDelete != 0
	e.value = data[value+2+n:]
	return key, e, ok
}

// resyncTable finds the next place where a block may begin: its first entry
// shares nothing and its key is one of ours. It returns -1 when there is none.
func resyncTable(data []byte, off int) int {
	for ; off+blockMinBytes <= len(data); off++ {
		if data[off]|data[off+1] != 0 || data[off+3] > keyMaxBytes>>8 {
			continue
		}
		key := data[off+entryHeaderBytes:]
		if ourKey(string(key[:min(len(key), kindMaxBytes+1)])) {
			return off
		}
	}
	return -1
}

func ourKey(key string) bool {
	_, ok := kindName(key)
	return ok || strings.HasPrefix(key, ownPrefix)
}
