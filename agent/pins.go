package agent

import (
	"github.com/tocsin-edge/tocsin/buffer"
)

// A pinLedger remembers in the store which PIN was tried on which SIM.
type pinLedger struct{ store *buffer.Store }

const pinPrefix = "pin/"

// Tried returns what was recorded of the key, "" when nothing was.
func (p pinLedger) Tried(key string) (string, error) {
	return string(get(p.store, pinPrefix+key)), nil
}

// Record returns once the state is on disk.
func (p pinLedger) Record(key, state string) error {
	_, err := p.store.Commit(buffer.Batch{Records: []buffer.Record{{Key: pinPrefix + key, Value: []byte(state)}}})
	return err
}
