package modemtest

import "fmt"

const (
	pinTriesMax = 3
	pukTriesMax = 10
)

// card is the SIM. Its counters outlive reboots and unplugging, as those in
// the chip do.
type card struct {
	Card
	absent   bool
	pin      string // "" has no PIN
	pinTries int
	pukTries int
	locked   bool // the PIN is still to be entered in this life
	starting bool // not even +CPIN? has an answer yet
	loading  bool // unlocked, but its texts and numbers are still being read
	centre   string
}

func newCard(c config) card {
	return card{
		Card: c.sim, pin: c.pin, pinTries: c.pinTries, pukTries: pukTriesMax, locked: c.pin != "",
		centre: c.centre,
	}
}

// PINTries returns how many attempts at the PIN are left: 3 on a healthy SIM,
// 0 when it wants its PUK.
func (m *Modem) PINTries() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.card.pinTries
}

// InsertSIM puts the SIM in, or takes it out, while the modem runs.
func (m *Modem) InsertSIM(in bool) {
	m.with(func() { m.insertSIM(in) })
}

// SIM returns the card in the modem, or the last one that was.
func (m *Modem) SIM() Card {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.card.Card
}

// SwapSIM puts another card in while the modem runs, which has no PIN.
func (m *Modem) SwapSIM(with Card) { m.with(func() { m.swapSIM(with) }) }

func (m *Modem) swapSIM(with Card) {
	m.insertSIM(false)
	m.card = newCard(config{sim: with, pinTries: pinTriesMax, centre: m.card.centre})
	m.network.subscribe(m, with.Number)
	m.insertSIM(true)
}

func (m *Modem) insertSIM(in bool) {
	m.card.absent = !in
	m.card.locked = m.card.pin != ""
	m.card.starting = in
	m.announceRegistration()
	if in {
		m.after(m.simTime(), m.simStarted)
	}
}

// state is what +CPIN? says.
func (c *card) state() string {
	switch {
	case c.locked && c.pinTries == 0:
		return "SIM PUK"
	case c.locked:
		return "SIM PIN"
	}
	return "READY"
}

// trouble is the +CME ERROR a command earns that needs the SIM.
func (c *card) trouble() final {
	switch {
	case c.absent:
		return cme(cmeNoSIM)
	case c.starting:
		return cme(cmeSIMBusy)
	case c.locked && c.pinTries == 0:
		return cme(cmePUKRequired)
	case c.locked:
		return cme(cmePINRequired)
	case c.loading:
		return cme(cmeSIMBusy)
	}
	return ok
}

// textTrouble is trouble as the commands of 27.005 put it: 310 for 10, 311
// for 11 and so on, but for the PUK.
func (c *card) textTrouble() final {
	trouble := c.trouble()
	switch trouble.code {
	case 0:
		return ok
	case cmePUKRequired:
		return cms(cmsPUKRequired)
	}
	return cms(300 + trouble.code)
}

func (m *Modem) pinCommand(c command) ([]string, final) {
	switch c.form {
	case test:
		return nil, ok
	case read:
		if m.card.absent || m.card.starting {
			return nil, m.card.trouble()
		}
		return []string{"+CPIN: " + m.card.state()}, ok
	case set:
		return nil, m.enterPIN(c)
	}
	return nil, failed
}

// enterPIN takes a PIN, or a PUK and a new PIN (27.007 8.3).
func (m *Modem) enterPIN(c command) final {
	k := &m.card
	switch {
	case k.absent || k.starting:
		return k.trouble()
	case !k.locked:
		return cme(cmeNotAllowed)
	case k.pinTries == 0:
		return m.enterPUK(c.text(0), c.text(1))
	case c.text(0) != k.pin:
		k.pinTries--
		if k.pinTries == 0 {
			return cme(cmePUKRequired)
		}
		return cme(cmeWrongPassword)
	}
	m.unlock()
	return ok
}

// puk is the PUK of every simulated SIM.
const puk = "12345678"

func (m *Modem) enterPUK(typed, pin string) final {
	k := &m.card
	switch {
	case k.pukTries == 0 || pin == "":
		return cme(cmePUKRequired)
	case typed != puk:
		k.pukTries--
		return cme(cmeWrongPassword)
	}
	k.pin = pin
	m.unlock()
	return ok
}

func (m *Modem) unlock() {
	m.card.pinTries, m.card.pukTries, m.card.locked = pinTriesMax, pukTriesMax, false
	m.load()
}

// simStarted is the SIM answering for the first time since power-up.
func (m *Modem) simStarted() {
	m.card.starting = false
	if m.card.absent {
		m.unsolicited("+CPIN: NOT INSERTED")
		return
	}
	m.unsolicited("+CPIN: " + m.card.state())
	if !m.card.locked {
		m.load()
	}
}

// load reads the unlocked SIM; then the modem looks for a network.
func (m *Modem) load() {
	m.radio.attached = false
	m.card.loading = true
	m.after(m.simTime(), func() {
		m.card.loading = false
		for _, line := range m.profile.readyLines {
			m.unsolicited(line)
		}
		m.attach()
	})
}

// remainingCommand is +CPINR (27.007 8.65): the attempts left.
func (m *Modem) remainingCommand(c command) ([]string, final) {
	if c.form == test {
		return nil, ok
	}
	if m.card.absent {
		return nil, m.card.trouble()
	}
	return []string{
		fmt.Sprintf("+CPINR: SIM PIN,%d,%d", m.card.pinTries, pinTriesMax),
		fmt.Sprintf("+CPINR: SIM PUK,%d,%d", m.card.pukTries, pukTriesMax),
	}, ok
}

// needsCard wraps a handler that the SIM must be ready for.
func needsCard(h handler) handler {
	return func(m *Modem, c command) ([]string, final) {
		if trouble := m.card.trouble(); trouble != ok && c.form != test {
			return nil, trouble
		}
		return h(m, c)
	}
}
