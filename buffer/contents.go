package buffer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dgraph-io/badger/v4"
)

// contents is what was found in a database.
type contents struct {
	own        census // what it says about itself
	found      census // what is there
	texts      []*Text
	sent       []*Sent
	unreadable map[string]int // values of another release, by kind
	staged     map[string][]byte
	recovery   Recovery // one that nobody has been told of
}

func readDatabase(db *badger.DB) (contents, error) {
	c := newContents()
	err := forEach(db, "", func(key string, value []byte) error {
		c.take(key, value)
		return nil
	})
	return c, err
}

// read is readDatabase for what was read from the files. A batch that was
// committed but not yet carried out is carried out in memory.
func read(living map[string][]byte) contents {
	c := newContents()
	eachOf(living, "", func(key string, value []byte) error {
		c.take(key, value)
		return nil
	})
	if ops, ok := unstage(c.staged); ok {
		carryOut(ops, living)
		return read(living)
	}
	return c
}

func newContents() contents {
	return contents{found: census{}.clone(), unreadable: make(map[string]int), staged: make(map[string][]byte)}
}

func (c *contents) take(key string, value []byte) {
	switch {
	case key == censusKey:
		c.own, _ = decodeCensus(value)
	case key == recoveryKey:
		json.Unmarshal(value, &c.recovery)
	case strings.HasPrefix(key, ownPrefix):
		c.staged[key] = slices.Clone(value)
	default:
		c.takeValue(key, value)
	}
}

func (c *contents) takeValue(key string, value []byte) {
	name, ok := kindName(key)
	if !ok {
		return
	}
	c.found.add(key, value)
	k, known := kindOf(key)
	if known {
		_, known = k.unwrap(value)
	}
	switch {
	case !known:
	case k.prefix == textKind.prefix:
		known = c.takeText(key, value)
	case k.prefix == sentKind.prefix:
		known = c.takeSent(key, value)
	}
	if !known {
		c.unreadable[name]++
	}
}

func (c *contents) takeText(key string, value []byte) bool {
	t, err := decodeText(key, value)
	if err != nil {
		return false
	}
	c.texts = append(c.texts, t)
	c.found.Sequence = max(c.found.Sequence, t.ID)
	return true
}

func (c *contents) takeSent(key string, value []byte) bool {
	s, err := decodeSent(key, value)
	if err != nil {
		return false
	}
	c.sent = append(c.sent, s)
	c.found.Sequence = max(c.found.Sequence, s.ID)
	return true
}

// compare reports in words how what was found differs from what should be there.
func (c *contents) compare(page census) error {
	switch {
	case c.own.Commits < page.Commits:
		return fmt.Errorf("at least %d commits are missing", page.Commits-c.own.Commits)
	case c.own.holds(c.found):
		return nil
	}
	if lost := c.own.missing(c.found); len(lost) > 0 {
		return fmt.Errorf("missing: %s", countWords(lost))
	}
	return fmt.Errorf("%s, but not the ones last written", countWords(c.found.Counts))
}

// forEach visits every key that begins with prefix, in order. The value is valid
// during the call only.
func forEach(db *badger.DB, prefix string, visit func(key string, value []byte) error) error {
	return db.View(func(txn *badger.Txn) error {
		o := badger.DefaultIteratorOptions
		o.Prefix = []byte(prefix)
		o.PrefetchValues = false // they are in the tree, next to their keys
		it := txn.NewIterator(o)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			item := it.Item()
			if err := item.Value(func(v []byte) error { return visit(string(item.Key()), v) }); err != nil {
				return err
			}
		}
		return nil
	})
}

func eachOf(living map[string][]byte, prefix string, visit func(string, []byte) error) error {
	for _, key := range slices.Sorted(maps.Keys(living)) {
		if strings.HasPrefix(key, prefix) {
			if err := visit(key, living[key]); err != nil {
				return err
			}
		}
	}
	return nil
}

// countWords writes counts by kind as "3 alert, 12 text".
func countWords(counts map[string]int) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		words = append(words, fmt.Sprintf("%d %s", counts[name], name))
	}
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, ", ")
}
