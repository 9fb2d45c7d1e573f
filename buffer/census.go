package buffer

import (
	"encoding/json"
	"hash/crc64"
	"maps"
)

// A census says what the store holds. Every transaction writes the new one next
// to its changes, so the two are on disk together or not at all. At the next
// start the census is compared with what is found: a table that Badger dropped
// without a word shows as a difference in count or sum.
type census struct {
	Commits  uint64         `json:"commits"`  // transactions since the store began
	Sequence uint64         `json:"sequence"` // the highest text ID given out
	First    uint64         `json:"first"`    // no text of a lower ID is alive
	Counts   map[string]int `json:"counts"`   // living keys by kind
	Sum      uint64         `json:"sum"`      // of the fingerprints of all living keys and values, modulo 2^64
}

var crcTable = crc64.MakeTable(crc64.ECMA)

func fingerprint(key string, value []byte) uint64 {
	return crc64.Update(crc64.Checksum([]byte(key), crcTable), crcTable, value)
}

func (c census) clone() census {
	c.Counts = maps.Clone(c.Counts)
	if c.Counts == nil {
		c.Counts = make(map[string]int)
	}
	return c
}

func (c *census) add(key string, value []byte)    { c.count(key, 1, fingerprint(key, value)) }
func (c *census) remove(key string, value []byte) { c.count(key, -1, -fingerprint(key, value)) }

// replace takes old out and puts value in; nil is no value.
func (c *census) replace(key string, old, value []byte) {
	if old != nil {
		c.remove(key, old)
	}
	if value != nil {
		c.add(key, value)
	}
}

func (c *census) count(key string, n int, sum uint64) {
	kind, ok := kindName(key)
	if !ok {
		return
	}
	c.Sum += sum
	if c.Counts[kind] += n; c.Counts[kind] == 0 {
		delete(c.Counts, kind)
	}
}

// holds reports whether found is exactly what c says the store holds.
func (c census) holds(found census) bool {
	return c.Sum == found.Sum && maps.Equal(c.Counts, found.Counts)
}

// missing counts by kind what c says the store holds and found lacks.
func (c census) missing(found census) map[string]int {
	lost := make(map[string]int)
	for name, want := range c.Counts {
		if n := want - found.Counts[name]; n > 0 {
			lost[name] = n
		}
	}
	return lost
}

// dead reports whether a text of this ID had been struck off by the time of c:
// when a damaged table has taken the note of that with it, the text would go
// out once more.
func (c census) dead(id uint64) bool {
	return id < c.First || id <= c.Sequence && c.Counts[textKind.name()] == 0
}

func (c census) encode() ([]byte, error) { return json.Marshal(c) }

func decodeCensus(j []byte) (c census, err error) {
	err = json.Unmarshal(j, &c)
	return c, err
}
