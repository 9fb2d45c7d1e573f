package modemtest

import (
	"io"
	"io/fs"
	"syscall"
	"time"
)

// restartDelay is how long a modem takes to begin a restart it was asked for.
const restartDelay = 500 * time.Millisecond

// unplug cuts the power and the line.
func (m *Modem) unplug() {
	if !m.plugged {
		return
	}
	m.plugged = false
	m.life++
	if m.line != nil {
		m.line.end(io.EOF, &fs.PathError{Op: "write", Path: portName, Err: syscall.EIO})
	}
	m.log.Debug("unplugged")
}

// unplugFor is unplug, and plug when d has passed.
func (m *Modem) unplugFor(d time.Duration) {
	m.unplug()
	time.AfterFunc(d, m.Plug)
}

func (m *Modem) plug() {
	if m.plugged {
		return
	}
	m.plugged = true
	m.log.Debug("plugged in")
	m.boot()
}

// reboot restarts the firmware. A modem on USB drops off the bus meanwhile;
// one on a UART leaves the line open and falls silent.
func (m *Modem) reboot() {
	if !m.plugged {
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
	m.card.locked = m.card.pin != ""
	m.card.starting, m.card.loading = true, true
	m.radio.attached, m.radio.announced = false, [2]int{}
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
