package modemtest

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	// arrivalsMax is how many messages wait in the network for the modem; the
	// service centre gives up on what comes after them.
	arrivalsMax = 1000
	// ackTime is how long a message that was handed straight to the host waits
	// for its +CNMA when +CSMS is 1: TR2M of 3GPP 24.011 clause 10 is 12 to 20
	// seconds.
	ackTime = 15 * time.Second
)

// Positions in +CNMI (27.005 3.4.1).
const (
	indicatesTexts   = 1 // <mt>
	indicatesReports = 3 // <ds>
)

// message is one received part or report.
type message struct {
	read  bool
	pdu   []byte // with the service centre in front
	tpdu  int    // octets of it without the service centre
	plain string // in text mode, from its first parameter on
}

// arrival is a message in the network, on its way to the modem.
type arrival struct {
	*message
	report *reportPlan // nil for a text
}

// Text is a text that arrives from outside, from a number or, by a name of up
// to 11 characters, from a service. While the modem is out of reach, or the
// store for received texts is full, it waits in the network. It goes to the
// store +CPMS chose or straight to the host, and is announced, as +CNMI says.
func (m *Modem) Text(from, body string) { m.with(func() { m.receive(from, body) }) }

// Parts is Text for some of the parts a longer text is sent in: those that
// order names, counted from 1, as often as it names them. An order that names
// a part there is not loses it.
func (m *Modem) Parts(from, body string, order ...int) {
	m.with(func() { m.receive(from, body, order...) })
}

// PDU is a message that arrives as the octets of a TPDU, which need not make
// sense.
func (m *Modem) PDU(tpdu []byte) { m.with(func() { m.receivePDU(tpdu) }) }

// receive is Parts, and with no order all parts one after the other. They
// arrive at one moment, so that their announcements are one write.
func (m *Modem) receive(from, body string, order ...int) {
	parts := deliverTPDUs(from, body, time.Now())
	if len(order) == 0 {
		for i := range parts {
			order = append(order, i+1)
		}
	}
	for _, n := range order {
		if n < 1 || n > len(parts) {
			continue
		}
		part := parts[n-1]
		m.arrive(arrival{message: m.newMessage(part.octets, plainDeliver(from, time.Now(), part.body))})
	}
}

func (m *Modem) receivePDU(tpdu []byte) {
	m.arrive(arrival{message: m.newMessage(tpdu, plainDeliver("", time.Now(), hex.EncodeToString(tpdu)))})
}

// plainDeliver is a text in text mode (27.005 3.4.1).
func plainDeliver(from string, at time.Time, body string) string {
	return fmt.Sprintf("%q,,%q\r\n%s", from, timestampText(at), body)
}

// newMessage puts the service centre's address (24.011 8.2.5.1) before a TPDU.
func (m *Modem) newMessage(tpdu []byte, plain string) *message {
	digits := semiOctets(defaultCentre[1:])
	pdu := append([]byte{byte(1 + len(digits)), numberKind(defaultCentre)}, digits...)
	return &message{pdu: append(pdu, tpdu...), tpdu: len(tpdu), plain: plain}
}

// arrive puts a message into the network.
func (m *Modem) arrive(a arrival) {
	if len(m.arrivals) >= arrivalsMax {
		m.stats.LostTexts++
		return
	}
	m.arrivals = append(m.arrivals, a)
}

// handOver takes what waits in the network, in order, as far as the modem is
// within reach, has room, and waits for no acknowledgement.
func (m *Modem) handOver() {
	if len(m.arrivals) == 0 || !m.reachable() {
		return
	}
	m.arrivals = slices.DeleteFunc(m.arrivals, func(a arrival) bool {
		return m.unacknowledged == nil && m.take(a)
	})
}

// reachable tells whether the network can hand the modem a message.
func (m *Modem) reachable() bool {
	return m.plugged && !m.dark && !m.booting && !m.hung && m.registration().carriesTexts()
}

// take stores a message or hands it straight to the host; it is not taken when
// the store has no room.
func (m *Modem) take(a arrival) bool {
	if a.report != nil {
		return m.takeReport(a)
	}
	switch m.messages.indication[indicatesTexts] {
	case 2:
		m.direct("+CMT", fmt.Sprintf(",%d", a.tpdu), a)
		return true
	case 0:
		return m.keep(a, m.messages.chosen[2], func(int) {})
	}
	store := m.messages.chosen[2]
	return m.keep(a, store, func(index int) { m.unsolicited(fmt.Sprintf("+CMTI: %q,%d", store, index)) })
}

// keep stores a message and announces where.
func (m *Modem) keep(a arrival, name string, announce func(index int)) bool {
	store := m.messages.stores[name]
	slot := slices.Index(store, nil)
	if slot < 0 {
		return m.noRoom(name)
	}
	store[slot] = a.message
	m.stats.Received++
	announce(slot + m.profile.firstIndex)
	return true
}

// noRoom is a message for a full store: the modem says so in the words of its
// family, and the network keeps it or, if the script says so, it is lost.
func (m *Modem) noRoom(name string) (gone bool) {
	asked := m.profile.fullSwitch == "" || m.settings[m.profile.fullSwitch] > 0
	if m.profile.fullLine != "" && asked && (m.script.fullLoses || !m.messages.full[name]) {
		m.unsolicited(strings.ReplaceAll(m.profile.fullLine, "{store}", name))
	}
	m.messages.full[name] = true
	if !m.script.fullLoses {
		return false
	}
	m.stats.LostTexts++
	m.log.Debug("a received message is lost", "store", name, "slots", len(m.messages.stores[name]))
	return true
}

// direct hands a message to the host, whether or not it listens (27.005
// 3.4.1). With +CSMS 1 nothing else is handed over until +CNMA.
func (m *Modem) direct(name, parameters string, a arrival) {
	if m.settings["+CMGF"] == 1 {
		m.unsolicited(name + ": " + a.plain)
	} else {
		m.unsolicited(fmt.Sprintf("%s: %s\r\n%X", name, parameters, a.pdu))
	}
	if m.settings["+CSMS"] == 1 {
		m.unacknowledged = &a
		m.after(ackTime, func() {
			if m.unacknowledged == &a {
				m.stopRouting()
			}
		})
	}
}

// stopRouting is what the modem does when +CNMA does not come in time (27.005
// 3.4.4): the network keeps the message, and nothing is handed to the host any
// more until it sets +CNMI anew.
func (m *Modem) stopRouting() {
	m.messages.indication[indicatesTexts] = 0
	m.messages.indication[indicatesReports] = 0
	m.giveBack()
}

// giveBack returns a message nobody acknowledged to the network.
func (m *Modem) giveBack() {
	if m.unacknowledged != nil {
		m.arrivals = slices.Insert(m.arrivals, 0, *m.unacknowledged)
	}
	m.unacknowledged = nil
}

// acknowledgeCommand is +CNMA (27.005 3.4.4, 4.7): with 2 the message is
// refused, and the network gives up on it. A PDU may be typed with either, and
// is not looked at.
func (m *Modem) acknowledgeCommand(c command) ([]string, final) {
	if c.form == test {
		return []string{"+CNMA: (0-2)"}, ok
	}
	n, isNumber := c.number(0, 0)
	length, hasLength := c.number(1, 0)
	switch {
	case c.form == read || !isNumber || n > 2 || !hasLength || length > submitMaxOctets:
		return nil, cms(cmsNotSupported)
	case m.unacknowledged == nil:
		return nil, cms(cmsNoAckExpected)
	}
	m.unacknowledged = nil
	if length == 0 {
		return nil, ok
	}
	m.say(promptUsual.text())
	m.edits(editor{done: func(string) { m.finish(ok) }})
	return nil, later
}
