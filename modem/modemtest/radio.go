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

// The domains a modem registers in, and the command that tells of each.
const (
	circuitDomain = iota // +CREG
	packetDomain         // +CGREG: packets over 2G and 3G
	evolvedDomain        // +CEREG: packets over LTE
	domainCount
)

var registrationCommands = [domainCount]string{"+CREG", "+CGREG", "+CEREG"}

// Access technologies, <AcT> of 27.007 7.3.
const (
	accessGSM     = 0
	accessUTRAN   = 2
	accessEUTRAN  = 7
	accessMachine = 8 // E-UTRAN as Quectel numbers LTE-M
	accessMax     = 9
)

// stats is a registration state, <stat> of 27.007 7.2, in each domain.
type stats [domainCount]int

func everywhere(stat int) stats { return stats{stat, stat, stat} }

// carriesTexts tells whether some domain does.
func (s stats) carriesTexts() bool {
	return canText(s[circuitDomain]) || canText(s[packetDomain]) || canText(s[evolvedDomain])
}

// radio is what the network is to the modem.
type radio struct {
	granted   stats // by the network
	attached  bool  // the modem has got that far since its last boot
	signal    int   // +CSQ rssi, 0 to 31 or 99
	offered   int   // the access technology there is coverage for
	access    int   // the one the modem uses, until it selects anew
	wanted    int   // the one the host asks for; negative: any
	announced stats
	where     int  // the access technology announced
	reference byte // the last TP-MR of the modem's own count
}

func newRadio(c config, p profile) radio {
	stat := searching
	if c.registered {
		stat = registeredHome
	}
	return radio{
		granted: everywhere(stat), announced: everywhere(stat), attached: true, signal: 20,
		offered: p.access, access: p.access, where: p.access, wanted: -1,
	}
}

// SetRegistered sets the registration state the network grants, in every
// domain: a stat of 3GPP 27.007 7.2, such as 0 not registered, 1 home, 2
// searching, 3 denied, 5 roaming, 8 emergency calls only.
func (m *Modem) SetRegistered(stat int) { m.with(func() { m.grant(everywhere(stat)) }) }

// SetRegistration tells the circuit-switched domain (+CREG) from the packet
// ones (+CGREG, +CEREG).
func (m *Modem) SetRegistration(circuit, packet int) {
	m.with(func() { m.grant(stats{circuit, packet, packet}) })
}

// SetSignal sets the rssi of +CSQ: 0 to 31 is −113 to −51 dBm, 99 unknown.
func (m *Modem) SetSignal(rssi int) { m.with(func() { m.radio.signal = rssi }) }

// SetAccess sets the access technology there is coverage for, <AcT> of 27.007
// 7.3: 0 GSM, 2 UTRAN, 7 E-UTRAN.
func (m *Modem) SetAccess(access int) { m.with(func() { m.cover(access) }) }

func (m *Modem) grant(s stats) {
	m.radio.granted = s
	m.announceRegistration()
}

// cover changes what there is coverage for, and the modem follows.
func (m *Modem) cover(access int) {
	m.radio.offered, m.radio.access = access, access
	m.announceRegistration()
}

// dip takes the modem to an access technology it does not leave by itself.
func (m *Modem) dip(access int) {
	m.radio.access = access
	m.announceRegistration()
}

// registration is what the modem may say of itself: without its SIM or with
// its radio off it is registered nowhere.
func (m *Modem) registration() stats {
	switch {
	case m.settings["+CFUN"] != 1 || m.card.trouble() != ok:
		return stats{}
	case !m.radio.attached:
		return everywhere(searching)
	}
	return m.radio.granted
}

// announceRegistration says +CREG and its like when they changed and were
// asked for.
func (m *Modem) announceRegistration() {
	now := m.registration()
	moved := m.radio.where != m.radio.access
	for domain, name := range registrationCommands {
		changed := now[domain] != m.radio.announced[domain] || moved && canText(now[domain]) && m.settings[name] == 2
		if changed && m.settings[name] > 0 && !m.profile.lacks(name) {
			m.unsolicited(name + ": " + m.registrationText(domain))
		}
	}
	m.radio.announced, m.radio.where = now, m.radio.access
}

// registrationText is the stat and, with n=2 and a network, where.
func (m *Modem) registrationText(domain int) string {
	stat := m.registration()[domain]
	if m.settings[registrationCommands[domain]] < 2 || !canText(stat) {
		return fmt.Sprint(stat)
	}
	return fmt.Sprintf(`%d,"00C3","0001A2B3",%d`, stat, m.radio.access)
}

// registrationCommand is +CREG, +CGREG and +CEREG (27.007 7.2, 10.1.20, 10.1.22).
func registrationCommand(domain int) handler {
	return func(m *Modem, c command) ([]string, final) {
		switch c.form {
		case test:
			return []string{c.name + ": (0-2)"}, ok
		case read:
			return []string{fmt.Sprintf("%s: %d,%s", c.name, m.settings[c.name], m.registrationText(domain))}, ok
		}
		return m.setSimple(c, setting{most: 2})
	}
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
func (m *Modem) service() *refusal {
	s := m.registration()
	switch {
	case !s.carriesTexts():
		return refuse(cmsNoService, "+CREG is %d, +CEREG is %d", s[circuitDomain], s[evolvedDomain])
	case !canText(s[circuitDomain]) && !m.profile.lacks("+CREG"):
		return refuse(cmsUnknown, "+CREG is %d, and +CEREG alone carries no texts here", s[circuitDomain])
	}
	return m.way()
}

// attach is the modem looking for its network, in the best access technology
// there is or the one the host wants.
func (m *Modem) attach() {
	m.radio.attached = false
	m.announceRegistration()
	m.after(attachTime, m.attached)
}

func (m *Modem) attached() {
	m.radio.attached = true
	m.radio.access = m.radio.offered
	if m.radio.wanted >= 0 {
		m.radio.access = m.radio.wanted
	}
	m.announceRegistration()
	m.setClock()
}

// detach is the modem leaving its network.
func (m *Modem) detach() {
	m.radio.attached = false
	m.announceRegistration()
}
