package agent

import "github.com/tocsin-edge/tocsin/buffer"

// modemNotes keep in the store what was found out about modems and their SIMs.
type modemNotes struct{ store *buffer.Store }

const notesPrefix = "modem/"

// Get returns what was put last under the key, "" when nothing was.
func (n modemNotes) Get(key string) (string, error) {
	return string(get(n.store, notesPrefix+key)), nil
}

// Put returns once the value is on disk.
func (n modemNotes) Put(key, value string) error {
	_, err := n.store.Commit(buffer.Batch{Records: []buffer.Record{{Key: notesPrefix + key, Value: []byte(value)}}})
	return err
}
