package modemtest

import (
	"fmt"
	"slices"
	"strings"
)

// handler carries out a command: the lines of information it gives, and how
// it ends.
type handler func(m *Modem, c command) (info []string, end final)

// handlers are the commands every family knows, settings apart.
var handlers map[string]handler

func init() { // not a literal: a handler may lead to the next command
	handlers = map[string]handler{
		"E": (*Modem).echoCommand, "V": (*Modem).verboseCommand, "Q": (*Modem).quietCommand,
		"Z": (*Modem).defaultsCommand, "&F": (*Modem).defaultsCommand,
		"I": (*Modem).identifyCommand, "D": (*Modem).dialCommand,
		"+CGMI":  constant(func(m *Modem) string { return m.profile.maker }),
		"+GMI":   constant(func(m *Modem) string { return m.profile.maker }),
		"+CGMM":  constant(func(m *Modem) string { return m.profile.model }),
		"+GMM":   constant(func(m *Modem) string { return m.profile.model }),
		"+CGMR":  constant(func(m *Modem) string { return m.profile.revision }),
		"+GMR":   constant(func(m *Modem) string { return m.profile.revision }),
		"+CGSN":  constant((*Modem).imeiText),
		"+GSN":   constant((*Modem).imeiText),
		"+GCAP":  constant(func(m *Modem) string { return "+GCAP: " + m.profile.capabilities }),
		"+CIMI":  needsCard(constant(func(m *Modem) string { return m.card.IMSI })),
		"+CCID":  needsCard(constant(func(m *Modem) string { return "+CCID: " + m.card.ICCID })),
		"+CNUM":  needsCard(constant(func(m *Modem) string { return `+CNUM: ,"` + m.card.Number + `",145` })),
		"+CPAS":  constant((*Modem).activity),
		"+CBC":   constant(func(*Modem) string { return "+CBC: 0,100" }),
		"+CGATT": constant((*Modem).attachment),
		"+CPIN":  (*Modem).pinCommand, "+CPINR": (*Modem).remainingCommand,
		"+CLCK": needsCard((*Modem).lockCommand),
		"+CREG": registrationCommand(circuitDomain), "+CGREG": registrationCommand(packetDomain), "+CEREG": registrationCommand(evolvedDomain),
		"+COPS": needsCard((*Modem).operatorCommand), "+CFUN": (*Modem).functionCommand,
		"+CSQ": (*Modem).signalCommand, "+CESQ": (*Modem).extendedSignalCommand,
		"+CSCS": (*Modem).charsetCommand, "+CSCA": (*Modem).centreCommand,
		"+CMGS": (*Modem).sendCommand, "+CSMS": (*Modem).serviceCommand,
		"+CPMS": (*Modem).storesCommand, "+CNMI": (*Modem).indicationCommand,
		"+CMGL": (*Modem).listCommand, "+CMGR": (*Modem).readCommand, "+CMGD": (*Modem).deleteCommand,
		"+CNMA": (*Modem).acknowledgeCommand,
		"+CUSD": (*Modem).ussdCommand, "+CCLK": (*Modem).clockCommand, "+CTZU": (*Modem).zoneCommand,
		"H": (*Modem).hangUpCommand, "+CHUP": (*Modem).hangUpCommand, "+CLCC": (*Modem).callsCommand,
		"+CSAS": accepts, "+CRES": accepts, "+CSMP": accepts,
		"+IPR": accepts, "+IFC": accepts, "+ICF": accepts,
	}
	vendorHandlers = map[string]handler{
		"+CRESET": (*Modem).restartCommand, "^RESET": (*Modem).restartCommand,
		"+CPOWD": (*Modem).powerDownCommand, "+QPOWD": (*Modem).powerDownCommand, "+CPOF": (*Modem).powerDownCommand,
		"+QCFG": (*Modem).configCommand, "+CNMP": (*Modem).modeCommand,
		"+QINDCFG": indicates(1), "+CMER": indicates(0),
	}
	for _, name := range []string{"L", "M", "X", "&C", "&D", "&K", "&S", "&V", "&W", "\\Q", "S0", "S3", "S4", "S5", "S7"} {
		handlers[name] = accepts
	}
}

// vendorHandlers are commands of the makers' own, which a profile may have.
var vendorHandlers map[string]handler

func (m *Modem) imeiText() string { return m.imei }

// setting is a command that holds one number.
type setting struct{ least, most, initial int }

var simpleSettings = map[string]setting{
	"+CMEE": {most: 2}, "+CMGF": {most: 1}, "+CSDH": {most: 1}, "+CMMS": {most: 2},
	"+CGSMS": {most: 3, initial: 1}, "+CRC": {most: 1}, "+CLIP": {most: 1}, "+CTZR": {most: 1}, "+CTZU": {most: 1},
}

func initialSettings(p profile) map[string]int {
	values := map[string]int{"+CFUN": 1}
	for name, s := range simpleSettings {
		values[name] = s.initial
	}
	values["+CMEE"] = p.cmee
	return values
}

// obey carries out one command, faults and all.
func (m *Modem) obey(c command) ([]string, final) {
	if rule := m.faults.command(c); rule != nil {
		return m.afflict(rule, c)
	}
	return m.run(c)
}

// run carries out one command as the profile's family does.
func (m *Modem) run(c command) ([]string, final) {
	if m.profile.lacks(c.name) {
		return nil, m.profile.unknown
	}
	if answer, known := m.profile.answers[c.String()]; known {
		return m.filled(answer), ok
	}
	if h, known := vendorHandlers[c.name]; known && slices.Contains(m.profile.vendor, c.name) {
		return h(m, c)
	}
	if h, known := handlers[c.name]; known {
		return h(m, c)
	}
	if s, known := simpleSettings[c.name]; known {
		return m.setSimple(c, s)
	}
	return nil, m.profile.unknown
}

// String is the command as a profile names it: its name and form.
func (c command) String() string {
	text := c.name + [...]string{"", "?", "=?", "="}[c.form]
	for i, a := range c.args {
		if i > 0 {
			text += ","
		}
		text += a.text
	}
	return text
}

func (m *Modem) setSimple(c command, s setting) ([]string, final) {
	switch c.form {
	case test:
		return []string{fmt.Sprintf("%s: (%d-%d)", c.name, s.least, s.most)}, ok
	case read:
		return []string{fmt.Sprintf("%s: %d", c.name, m.settings[c.name])}, ok
	}
	n, isNumber := c.number(0, s.initial)
	if !isNumber || n < s.least || n > s.most {
		return nil, cme(cmeIncorrect)
	}
	m.settings[c.name] = n
	return nil, ok
}

// indicates is a command that turns unsolicited lines on, by its parameter at i.
func indicates(i int) handler {
	return func(m *Modem, c command) ([]string, final) {
		n, isNumber := c.number(i, 0)
		if c.form != set || !isNumber {
			return nil, cme(cmeNotSupported)
		}
		m.settings[c.name] = n
		return nil, ok
	}
}

func accepts(*Modem, command) ([]string, final) { return nil, ok }

// constant answers a command that only tells.
func constant(tell func(*Modem) string) handler {
	return func(m *Modem, c command) ([]string, final) {
		switch c.form {
		case test:
			return nil, ok
		case set:
			return nil, cme(cmeNotSupported)
		}
		return []string{tell(m)}, ok
	}
}

// toggle reads the 0 or 1 of a basic command.
func toggle(c command) (on bool, end final) {
	n, isNumber := c.number(0, 0)
	if !isNumber || n > 1 {
		return false, failed
	}
	return n == 1, ok
}

func (m *Modem) echoCommand(c command) ([]string, final) {
	on, end := toggle(c)
	if end == ok {
		m.terminal.echo = on
	}
	return nil, end
}

func (m *Modem) verboseCommand(c command) ([]string, final) {
	on, end := toggle(c)
	if end == ok {
		m.terminal.numeric = !on
	}
	return nil, end
}

func (m *Modem) quietCommand(c command) ([]string, final) {
	on, end := toggle(c)
	if end == ok {
		m.terminal.quiet = on
	}
	return nil, end
}

func (m *Modem) defaultsCommand(command) ([]string, final) {
	function := m.settings["+CFUN"]
	m.settings = initialSettings(m.profile)
	m.settings["+CFUN"] = function // the radio is not a setting
	m.messages.indication = [5]int{}
	m.terminal.echo, m.terminal.quiet, m.terminal.numeric = true, false, false
	return nil, ok
}

func (m *Modem) identifyCommand(command) ([]string, final) {
	return []string{m.profile.maker, m.profile.model, "Revision: " + m.profile.revision}, ok
}

func (m *Modem) lockCommand(c command) ([]string, final) {
	if c.form == test {
		return []string{`+CLCK: ("SC")`}, ok
	}
	if c.text(0) != "SC" || c.text(1) != "2" {
		return nil, cme(cmeNotSupported)
	}
	on := 0
	if m.card.pin != "" {
		on = 1
	}
	return []string{fmt.Sprintf("+CLCK: %d", on)}, ok
}

// functionCommand is +CFUN (27.007 8.2): 0 powers the SIM down too, so that
// it wants its PIN again; a second parameter of 1 restarts the modem.
func (m *Modem) functionCommand(c command) ([]string, final) {
	switch c.form {
	case test:
		levels := "0,1,4"
		for _, level := range m.profile.resets {
			levels += fmt.Sprintf(",%d", level)
		}
		return []string{"+CFUN: (" + levels + "),(0,1)"}, ok
	case read:
		return []string{fmt.Sprintf("+CFUN: %d", m.settings["+CFUN"])}, ok
	}
	level, isLevel := c.number(0, 1)
	restart, isNumber := c.number(1, 0)
	restarts := restart == 1 || slices.Contains(m.profile.resets, level)
	if !isLevel || !isNumber || !restarts && level != 0 && level != 1 && level != 4 || restart > 1 {
		return nil, cme(cmeNotSupported)
	}
	if restarts {
		m.after(restartDelay, m.reboot)
		return nil, ok
	}
	m.setFunction(level)
	return nil, ok
}

func (m *Modem) setFunction(level int) {
	before := m.settings["+CFUN"]
	m.settings["+CFUN"] = level
	switch {
	case level == before:
	case level != 1:
		m.announceRegistration()
	case before == 0:
		m.card.locked = m.card.pin != ""
		m.card.starting = true
		m.after(m.simTime(), m.simStarted)
	default:
		m.attach()
	}
}

func (m *Modem) signalCommand(c command) ([]string, final) {
	if c.form == test {
		return []string{"+CSQ: (0-31,99),(0-7,99)"}, ok
	}
	return []string{fmt.Sprintf("+CSQ: %d,99", m.radio.signal)}, ok
}

// attachment is +CGATT? (27.007 10.1.9): attached wherever packets are carried.
func (m *Modem) attachment() string {
	if s := m.registration(); canText(s[packetDomain]) || canText(s[evolvedDomain]) {
		return "+CGATT: 1"
	}
	return "+CGATT: 0"
}

// extendedSignalCommand is +CESQ (27.007 8.69), whose rxlev is in steps of
// one dBm and therefore twice the rssi of +CSQ.
func (m *Modem) extendedSignalCommand(c command) ([]string, final) {
	if c.form == test {
		return []string{"+CESQ: (0-63,99),(0-7,99),(0-96,255),(0-49,255),(0-34,255),(0-97,255)"}, ok
	}
	level := 99
	if m.radio.signal <= 31 {
		level = 2 * m.radio.signal
	}
	return []string{fmt.Sprintf("+CESQ: %d,99,255,255,255,255", level)}, ok
}

// charsetCommand knows the sets whose strings need no conversion.
func (m *Modem) charsetCommand(c command) ([]string, final) {
	sets := [...]string{"GSM", "IRA"}
	switch c.form {
	case test:
		return []string{`+CSCS: ("GSM","IRA")`}, ok
	case read:
		return []string{fmt.Sprintf("+CSCS: %q", sets[m.settings["+CSCS"]])}, ok
	}
	for i, name := range sets {
		if strings.EqualFold(c.text(0), name) {
			m.settings["+CSCS"] = i
			return nil, ok
		}
	}
	return nil, cme(cmeIncorrect)
}

// centreCommand is +CSCA (27.005 3.3.1); the number lives on the SIM.
func (m *Modem) centreCommand(c command) ([]string, final) {
	if c.form == test {
		return nil, ok
	}
	if trouble := m.card.textTrouble(); trouble != ok {
		return nil, trouble
	}
	if c.form == set {
		m.card.centre = c.text(0)
		return nil, ok
	}
	kind := 129
	if strings.HasPrefix(m.card.centre, "+") {
		kind = 145
	}
	return []string{fmt.Sprintf(`+CSCA: "%s",%d`, m.card.centre, kind)}, ok
}

// serviceCommand is +CSMS (27.005 3.2.1).
func (m *Modem) serviceCommand(c command) ([]string, final) {
	switch c.form {
	case test:
		return []string{"+CSMS: (0,1)"}, ok
	case read:
		return []string{fmt.Sprintf("+CSMS: %d,1,1,1", m.settings["+CSMS"])}, ok
	}
	n, isNumber := c.number(0, 0)
	if !isNumber || n > 1 {
		return nil, cms(cmsNotSupported)
	}
	m.settings["+CSMS"] = n
	return []string{"+CSMS: 1,1,1"}, ok
}
