package buffer

import (
	"fmt"
	"strconv"
	"strings"
)

// A kind is one row of the table of keys: everything under one prefix.
//
// The first byte of a stored value is the version of its form. A value of
// another version is left where it is, counted and reported, never guessed at:
// after a step back to an older release the newer one finds its values again.
type kind struct {
	prefix  string
	version byte
	holds   string
}

// The table of keys. A prefix once released keeps its meaning for ever; when
// the form of its values changes, the version goes up.
var kinds = []kind{
	{"text/", 1, "texts that wait for the network, by sequence number in 16 hexadecimal digits, as JSON"},
	{"sent/", 1, "texts that have left the queue, and what became of them, by the same number, as JSON"},
	{"inbound/", 1, "parts of longer texts that were received, until the others are there"},
	{"received/", 1, "texts that were received, in the order they came"},
	{"alert/", 1, "incidents and the state of each alert's instances"},
	{"series/", 1, "the last values of sensors"},
	{"window/", 1, "the windows of sensors: what avg_over and the like remember"},
	{"switch/", 1, "how switches stand"},
	{"link/", 1, "which brokers are out of reach"},
	{"birth/", 1, "what Sparkplug edge nodes and devices call their metrics"},
	{"told/", 1, "the ledger: what each person was last told about an incident"},
	{"talk/", 1, "what a phone was answered, and which code it is to confirm with"},
	{"beat/", 1, "when each heartbeat was last sent"},
	{"person/", 1, "what texts each person was sent lately, and who wants none"},
	{"silence/", 1, "what people keep from being told, and until when"},
	{"clock/", 1, "the steady timeline across restarts"},
	{"pin/", 1, "which PIN was tried on which SIM"},
	{"modem/", 1, "what was found out about modems and their SIMs"},
	{"counter/", 1, "totals that survive a restart"},
}

// The store's own keys. They are not part of the census.
const (
	ownPrefix   = "~"
	censusKey   = "~census"   // what the store holds as of this transaction
	recoveryKey = "~recovery" // a loss nobody has been told of yet
	stagedKey   = "~staged"   // the pieces under stagePrefix are one whole batch
	stagePrefix = "~stage/"
)

const (
	// keyMaxBytes bounds a key. The longest there is names a window: its kind and
	// field, a sensor of 64 bytes in modules of 256, and 256 bytes of labels.
	keyMaxBytes  = 1 << 10
	kindMaxBytes = 16 // of a prefix
)

// The kinds that are the store's to write; all others are records.
var textKind, sentKind = kinds[0], kinds[1]

// record reports whether callers write values of this kind themselves.
func (k kind) record() bool { return k.prefix != textKind.prefix && k.prefix != sentKind.prefix }

// key is that of the text with this ID.
func (k kind) key(id uint64) string { return fmt.Sprintf("%s%016x", k.prefix, id) }

// id is the text's that key names, false when it is no key of this kind.
func (k kind) id(key string) (uint64, bool) {
	digits, ok := strings.CutPrefix(key, k.prefix)
	if !ok || len(digits) != 16 {
		return 0, false
	}
	id, err := strconv.ParseUint(digits, 16, 64)
	return id, err == nil
}

// name is the kind as it is counted and reported: its prefix without the slash.
func (k kind) name() string { return strings.TrimSuffix(k.prefix, "/") }

// kindName is the kind of any release's key, false for the store's own and for
// what is no key at all.
func kindName(key string) (string, bool) {
	name, _, ok := strings.Cut(key, "/")
	if !ok || name == "" || len(name) > kindMaxBytes || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz") != "" {
		return "", false
	}
	return name, true
}

func kindOf(key string) (kind, bool) {
	for _, k := range kinds {
		if strings.HasPrefix(key, k.prefix) {
			return k, true
		}
	}
	return kind{}, false
}

// checkRecordKey refuses keys outside the table, so that a typing mistake
// cannot write what no later start would ever read.
func checkRecordKey(key string) error {
	k, ok := kindOf(key)
	switch {
	case !ok:
		return fmt.Errorf("record %q: its prefix is not in the table of keys", key)
	case !k.record():
		return fmt.Errorf("record %q: texts are not records", key)
	case len(key) > keyMaxBytes:
		return fmt.Errorf("record %.40q: key of %d bytes, at most %d: %w", key, len(key), keyMaxBytes, ErrTooBig)
	}
	return nil
}

// wrap and unwrap put the version before a value and take it off again.
func (k kind) wrap(value []byte) []byte {
	return append([]byte{k.version}, value...)
}

func (k kind) unwrap(stored []byte) ([]byte, bool) {
	if len(stored) == 0 || stored[0] != k.version {
		return nil, false
	}
	return stored[1:], true
}
