package modem

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Bounds of what has arrived and is not yet taken.
const (
	noticesMax = 512 // more than the places of any store
	handedMax  = 64
)

// arrivals is what a modem said of received messages, in the order in which it
// did. The reader of the line adds to it, the owner takes from it.
type arrivals struct {
	came chan struct{} // signalled, capacity 1, when something was added

	mu      sync.Mutex
	notices []notice // of messages in the modem
	handed  [][]byte // PDUs of which the modem keeps no copy
	missed  bool     // there were more notices than noticesMax: the stores are to be swept
}

// notice announces a message that the modem has stored (3GPP 27.005 clause
// 3.4.1).
type notice struct {
	store  string
	index  int
	report bool // it is a status report
}

func newArrivals() *arrivals { return &arrivals{came: make(chan struct{}, 1)} }

// hear takes an unsolicited line and reports whether it told of a message, and
// whether that message is lost because too many wait.
func (a *arrivals) hear(line string) (told, lost bool) {
	header, digits, _ := strings.Cut(line, "\n")
	a.mu.Lock()
	defer a.mu.Unlock()
	switch prefix(header) {
	case "+CMTI", "+CDSI":
		a.note(header)
	case "+CMT", "+CDS":
		lost = !a.keep(unhex(digits))
	case "+CBM":
		return true, false // broadcasts concern nobody here
	default:
		return false, false
	}
	select {
	case a.came <- struct{}{}:
	default:
	}
	return true, lost
}

// hearArrival takes an unsolicited line and reports whether it told of a
// received message.
func (m *Serial) hearArrival(line string) bool {
	if m.o.Inbox == nil {
		return false
	}
	told, lost := m.arrivals.hear(line)
	if lost {
		m.log.Error("received message is lost: too many wait for the inbox", "waiting", handedMax)
		m.update(func(st *State) { st.Lost++ })
	}
	return told
}

func (a *arrivals) note(line string) {
	n, ok := parseNotice(line)
	if !ok || len(a.notices) == noticesMax {
		a.missed = true
		return
	}
	a.notices = append(a.notices, n)
}

// keep reports whether a PDU that was handed over is kept. One that waits for
// the inbox already has come again because the network was not told so.
func (a *arrivals) keep(pdu []byte) bool {
	isSame := func(waits []byte) bool { return bytes.Equal(waits, pdu) }
	switch {
	case pdu == nil || slices.ContainsFunc(a.handed, isSame):
		return true
	case len(a.handed) == handedMax:
		return false
	}
	a.handed = append(a.handed, pdu)
	return true
}

// parseNotice reads +CMTI: <mem>,<index> and +CDSI likewise.
func parseNotice(line string) (notice, bool) {
	f := fields(line)
	if len(f) < 2 {
		return notice{}, false
	}
	index, err := strconv.Atoi(f[1])
	n := notice{store: f[0], index: index, report: prefix(line) == "+CDSI"}
	return n, err == nil && index >= 0 && isStoreName(n.store)
}

// unhex reads hexadecimal digits; one without a second is left out. Without a
// whole octet it returns nil.
func unhex(digits string) []byte {
	octets, _ := hex.DecodeString(digits[:len(digits)&^1])
	if len(octets) == 0 {
		return nil
	}
	return octets
}

// counts returns how much waits.
func (a *arrivals) counts() (notices, handed int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.notices), len(a.handed)
}

// nextNotice takes the oldest notice; there must be one.
func (a *arrivals) nextNotice() notice {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := a.notices[0]
	a.notices = a.notices[1:]
	return n
}

// firstHanded returns the oldest PDU, which stays; there must be one.
func (a *arrivals) firstHanded() []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.handed[0]
}

// dropHanded lets go of the oldest PDU.
func (a *arrivals) dropHanded() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.handed = a.handed[1:]
}

// postponeHanded puts the oldest PDU behind the others, which the inbox may take.
func (a *arrivals) postponeHanded() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.handed = append(a.handed[1:], a.handed[0])
}

// forgetNotices drops what was announced: the stores are about to be swept.
func (a *arrivals) forgetNotices() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.notices, a.missed = nil, false
}

// haveMissed reports whether there was a notice that is not kept.
func (a *arrivals) haveMissed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.missed
}
