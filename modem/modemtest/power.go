package modemtest

import (
	"io"
	"io/fs"
	"syscall"
	"time"
)

const (
	// restartDelay is how long a modem takes to begin a restart it was asked for.
	restartDelay = 500 * time.Millisecond
	// powerOutage is how long a power cut lasts unless told otherwise.
	powerOutage = 5 * time.Second
)

// deaf tells whether what is typed goes nowhere.
func (m *Modem) deaf() bool {
	return m.dark || m.booting || m.hung || m.script.radioMutes && m.settings["+CFUN"] != 1
}

// unplug cuts the power and the line.
func (m *Modem) unplug() {
	if !m.plugged {
		return
	}
	m.plugged = false
	m.life++
	m.dropLine()
	m.hub.detach(m)
	m.log.Debug("unplugged")
}

func (m *Modem) dropLine() {
	if m.line != nil {
		m.line.end(io.EOF, &fs.PathError{Op: "write", Path: m.line.name, Err: syscall.EIO})
	}
}

// unplugFor is unplug, and plug when d has passed.
func (m *Modem) unplugFor(d time.Duration) {
	m.unplug()
	time.AfterFunc(d, m.Plug)
}

// plug puts the modem in, without power if its power line is off.
func (m *Modem) plug() {
	if m.plugged {
		return
	}
	m.plugged = true
	m.log.Debug("plugged in")
	if m.unpowered {
		m.goDark()
		return
	}
	m.switchMode()
	m.boot()
}

// switchMode brings a stick up as storage, until the host has switched it over
// to a modem.
func (m *Modem) switchMode() {
	if m.script.modeSwitch == 0 {
		m.hub.attach(m)
		return
	}
	m.storage = true
	life := m.life + 1 // the one that boot begins
	time.AfterFunc(m.script.modeSwitch, func() {
		m.with(func() {
			if m.life == life && m.plugged {
				m.storage = false
				m.hub.attach(m)
			}
		})
	})
}

// PowerOff cuts the modem's power line, and PowerOn restores it, as a relay or
// a hub's port does: the one remedy that no firmware can refuse. A modem on USB
// drops off the bus meanwhile, one on a UART leaves the line open and dark.
func (m *Modem) PowerOff() { m.with(m.powerOff) }

// PowerOn restores the power line.
func (m *Modem) PowerOn() { m.with(m.powerOn) }

func (m *Modem) powerOff() {
	m.unpowered = true
	m.shutDown()
}

// shutDown is the modem without power, or switched off by its own command,
// after which only the power line brings it back.
func (m *Modem) shutDown() {
	if m.plugged {
		m.goDark()
	}
}

func (m *Modem) goDark() {
	m.life++
	m.dark = true
	m.booting = false
	if m.profile.usb {
		m.dropLine()
		m.hub.detach(m)
	}
}

func (m *Modem) powerOn() {
	m.unpowered = false
	if !m.plugged || !m.dark {
		return
	}
	if m.profile.usb {
		m.switchMode()
	}
	m.boot()
}

// powerCut is the power going for a while.
func (m *Modem) powerCut(d time.Duration) {
	m.powerOff()
	time.AfterFunc(d, m.PowerOn)
}

// reboot restarts the firmware. A modem on USB drops off the bus meanwhile;
// one on a UART leaves the line open and falls silent.
func (m *Modem) reboot() {
	if !m.plugged || m.dark {
		return
	}
	if m.profile.usb {
		m.unplug()
		m.after(m.bootTime(), m.plug)
		return
	}
	m.boot()
}

// boot begins a new life: deaf at first, then the boot lines, the SIM and the
// network one after the other.
func (m *Modem) boot() {
	m.life++
	m.reset()
	m.endCall("no carrier", finalSilent)
	m.ims.on = m.ims.choice == imsForcedOn
	m.clock = newClock(time.Now())
	m.card.locked = m.card.pin != ""
	m.card.starting, m.card.loading = true, true
	m.radio.attached, m.radio.announced = false, stats{}
	m.booting = true
	m.after(m.bootTime(), m.booted)
}

func (m *Modem) booted() {
	m.booting = false
	for _, line := range m.profile.bootLines {
		m.unsolicited(line)
	}
	m.after(m.simTime(), m.simStarted)
}

// restartCommand is a family's own command to start over.
func (m *Modem) restartCommand(c command) ([]string, final) {
	if c.form != test {
		m.after(restartDelay, m.reboot)
	}
	return nil, ok
}

// powerDownCommand is a family's own command to switch off, which says so last.
func (m *Modem) powerDownCommand(c command) ([]string, final) {
	if c.form != test {
		m.after(restartDelay, func() {
			m.unsolicited(m.profile.downLine)
			m.shutDown()
		})
	}
	return nil, ok
}
