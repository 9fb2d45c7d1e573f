package modemtest

import (
	"fmt"
	"time"
)

// defaultCentre is a number Ofcom keeps for fiction, as all numbers here are.
const defaultCentre = "+447700900000"

// attachTime is how long the network takes to let a modem in after its SIM
// has started.
const attachTime = 2 * time.Second

const (
	searching      = 2
	registeredHome = 1
)

// radio is what the network is to the modem.
type radio struct {
	circuit   int  // +CREG stat the network grants
	packet    int  // +CGREG and +CEREG stat the network grants
	attached  bool // the modem has got that far since its last boot
	signal    int  // +CSQ rssi, 0 to 31 or 99
	announced [2]int
	reference byte // the last TP-MR of the modem's own count
}

func newRadio(c config) radio {
	stat := searching
	if c.registered {
		stat = registeredHome
	}
	r := radio{circuit: stat, packet: stat, attached: true, signal: 20}
	r.announced = [2]int{stat, stat}
	return r
}

// SetRegistered sets the registration state the network grants, in every
// domain: a stat of 3GPP 27.007 7.2, such as 0 not registered, 1 home, 2
// searching, 3 denied, 5 roaming.
func (m *Modem) SetRegistered(stat int) { m.with(func() { m.setRegistration(stat, stat) }) }

// SetRegistration tells the circuit-switched domain (+CREG) from the packet
// ones (+CGREG, +CEREG).
func (m *Modem) SetRegistration(circuit, packet int) {
	m.with(func() { m.setRegistration(circuit, packet) })
}

// SetSignal sets the rssi of +CSQ: 0 to 31 is −113 to −51 dBm, 99 unknown.
func (m *Modem) SetSignal(rssi int) { m.with(func() { m.radio.signal = rssi }) }

func (m *Modem) setRegistration(circuit, packet int) {
	m.radio.circuit, m.radio.packet = circuit, packet
	m.announceRegistration()
}

// registration is what the modem may say of itself: without its SIM or with
// its radio off it is registered nowhere.
func (m *Modem) registration() (circuit, packet int) {
	switch {
	case m.settings["+CFUN"] != 1 || m.card.trouble() != ok:
		return 0, 0
	case !m.radio.attached:
		return searching, searching
	}
	return m.radio.circuit, m.radio.packet
}

// announceRegistration says +CREG and its like when they changed and were
// asked for.
func (m *Modem) announceRegistration() {
	circuit, packet := m.registration()
	now := [2]int{circuit, packet}
	if now == m.radio.announced {
		return
	}
	for name, domain := range registrationDomains {
		if now[domain] != m.radio.announced[domain] && m.settings[name] > 0 && !m.profile.lacks(name) {
			m.unsolicited(name + ": " + m.registrationText(name))
		}
	}
	m.radio.announced = now
}

// registrationDomains tells which of the two states a command shows.
var registrationDomains = map[string]int{"+CREG": 0, "+CGREG": 1, "+CEREG": 1}

// registrationText is the stat and, with n=2 and a network, where.
func (m *Modem) registrationText(name string) string {
	circuit, packet := m.registration()
	stat := [2]int{circuit, packet}[registrationDomains[name]]
	if m.settings[name] < 2 || !canText(stat) {
		return fmt.Sprint(stat)
	}
	return fmt.Sprintf(`%d,"00C3","0001A2B3",%d`, stat, m.profile.access)
}

func (m *Modem) reportRegistration(c command) ([]string, final) {
	switch c.form {
	case test:
		return []string{c.name + ": (0-2)"}, ok
	case read:
		return []string{fmt.Sprintf("%s: %d,%s", c.name, m.settings[c.name], m.registrationText(c.name))}, ok
	}
	return m.setSimple(c, setting{most: 2})
}

// canText tells the registration states that carry texts (27.007 7.2, 10.1.22).
func canText(stat int) bool {
	switch stat {
	case 1, 5, 6, 7, 9, 10:
		return true
	}
	return false
}

// service is why the network would not take a text now. A modem that is
// registered for packets alone is told the network's favourite: unknown error.
func (m *Modem) service() final {
	circuit, packet := m.registration()
	switch {
	case canText(circuit):
		return ok
	case canText(packet) && m.profile.lacks("+CREG"):
		return ok
	case canText(packet):
		return cms(cmsUnknown)
	}
	return cms(cmsNoService)
}

// attach is the modem looking for its network.
func (m *Modem) attach() {
	m.radio.attached = false
	m.announceRegistration()
	m.after(attachTime, func() {
		m.radio.attached = true
		m.announceRegistration()
	})
}
