package modem

import (
	"slices"
	"strconv"
	"time"
)

// place is where a message lies in the modem.
type place struct {
	store string
	index int
}

// message is what lies at a place.
type message struct {
	place
	status int // <stat>, 3GPP 27.005 clause 3.1
	length int // octets of the TPDU as the modem counts them, 0 when it does not
	pdu    []byte
}

// Values of <stat>; smaller ones are of received messages.
const (
	statUnsent = 2
	statSent   = 3
)

func (m message) isReceived() bool { return m.status < statUnsent }

// isCut reports whether octets of the PDU got lost on its way.
func (m message) isCut() bool {
	return m.length > 0 && len(m.pdu) < 1+int(m.pdu[0])+m.length
}

// roomMin is how many places are made in a full store, at the cost of what
// others have left there: as many as a longish text needs.
const roomMin = 3

// sortBySending brings messages into the order in which the service centre took
// them, which is not that of their places: of two commands the later one counts.
func sortBySending(list []message) {
	sent := func(m message) time.Time {
		if text, _ := readPDU("", m.pdu); text != nil {
			return text.Sent
		}
		return time.Time{}
	}
	slices.SortStableFunc(list, func(a, b message) int { return sent(a).Compare(sent(b)) })
}

// expendable returns the messages that make room in a full store: the oldest
// that others have sent from there, then those they have not.
func expendable(found []message) []message {
	others := slices.DeleteFunc(found, message.isReceived)
	slices.SortStableFunc(others, func(a, b message) int { return b.status - a.status })
	return others[:min(roomMin, len(others))]
}

// parseMessages reads the answer to +CMGL or +CMGR in PDU mode (3GPP 27.005
// clauses 4.1 and 4.3). A message whose PDU is not told is left out: what cannot
// be read must not be deleted. The place of a +CMGR is the caller's.
func parseMessages(lines []string, store string) []message {
	var found []message
	var next *message
	for _, line := range lines {
		switch {
		case prefix(line) == "+CMGL":
			next = parseMessage(fields(line), true)
		case prefix(line) == "+CMGR":
			next = parseMessage(fields(line), false)
		case next != nil && isHex(line):
			if next.pdu = unhex(line); next.pdu != nil {
				next.store = store
				found = append(found, *next)
			}
			next = nil
		}
	}
	return found
}

// parseMessage reads [<index>,]<stat>,[<alpha>],<length>. It returns nil when
// the place is missing.
func parseMessage(f []string, withIndex bool) *message {
	var m message
	if withIndex {
		index, err := strconv.Atoi(f[0])
		if err != nil || index < 0 {
			return nil
		}
		m.index, f = index, f[1:]
	}
	if len(f) > 0 {
		m.status, _ = strconv.Atoi(f[0])
		m.length, _ = strconv.Atoi(f[len(f)-1])
	}
	return &m
}
