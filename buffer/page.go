package buffer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// The page is the last census outside the database, for the case that the
// database forgets a whole stretch of its past and its own census with it.
//
// It is written at the start, on Close, after every tendEvery commits and
// pageAfter after the first commit it does not cover, whichever comes first:
// so it costs at most one small write for 32 commits, and what it says is a
// lower bound. A loss that reaches behind it is always noticed. A loss of
// younger commits alone is noticed when it does not fall exactly on the border
// of a transaction, as a lost table or a flipped bit never does.
//
// Two slots of one block each take turns; a torn write leaves the older one.
const (
	pageName  = "page"
	slotBytes = 4096
	slotsKept = 2

	slotHeader = 4 + 4 + 8 // checksum, length, turn
	pageMagic  = 0x746f6373
)

var errSlot = errors.New("not a valid slot")

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A page is the file and what was last written to it.
type page struct {
	path string

	mu   sync.Mutex
	last census
	turn uint64
}

func (p *page) open(path string) {
	p.path = path
	p.last, p.turn = readPage(path)
}

func (p *page) census() census {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.last.clone()
}

// write puts c on disk when the page does not say so already.
func (p *page) write(c census) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.turn > 0 && p.last.Commits == c.Commits && p.last.holds(c) {
		return nil
	}
	if err := writePage(p.path, c, p.turn+1); err != nil {
		return err
	}
	p.last, p.turn = c.clone(), p.turn+1
	return nil
}

// readPage returns the census of the younger valid slot and its turn. A missing
// or damaged page says nothing: turn 0 and an empty census.
func readPage(path string) (c census, turn uint64) {
	data, err := os.ReadFile(path)
	if err != nil {
		return census{}, 0
	}
	for i := 0; i+slotBytes <= len(data) && i < slotsKept*slotBytes; i += slotBytes {
		if sc, st, err := decodeSlot(data[i : i+slotBytes]); err == nil && st > turn {
			c, turn = sc, st
		}
	}
	return c, turn
}

// writePage puts c into the slot of its turn and returns when it is on disk.
func writePage(path string, c census, turn uint64) error {
	slot, err := encodeSlot(c, turn)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|unix.O_CLOEXEC, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteAt(slot, int64(turn%slotsKept)*slotBytes); err != nil {
		return err
	}
	return f.Sync()
}

func encodeSlot(c census, turn uint64) ([]byte, error) {
	j, err := c.encode()
	if err != nil {
		return nil, err
	}
	if len(j) > slotBytes-slotHeader {
		return nil, fmt.Errorf("page: census of %d bytes, at most %d", len(j), slotBytes-slotHeader)
	}
	slot := make([]byte, slotBytes)
	binary.BigEndian.PutUint32(slot[4:], uint32(len(j)))
	binary.BigEndian.PutUint64(slot[8:], turn)
	copy(slot[slotHeader:], j)
	binary.BigEndian.PutUint32(slot, slotSum(slot))
	return slot, nil
}

func decodeSlot(slot []byte) (c census, turn uint64, err error) {
	n := binary.BigEndian.Uint32(slot[4:])
	if binary.BigEndian.Uint32(slot) != slotSum(slot) || n > slotBytes-slotHeader {
		return census{}, 0, errSlot
	}
	c, err = decodeCensus(slot[slotHeader : slotHeader+n])
	return c, binary.BigEndian.Uint64(slot[8:]), err
}

// slotSum starts from a magic number, so that a slot of zeros is not valid.
func slotSum(slot []byte) uint32 {
	return crc32.Update(pageMagic, castagnoli, slot[4:])
}
