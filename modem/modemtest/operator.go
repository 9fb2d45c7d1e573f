package modemtest

import (
	"fmt"
	"slices"
	"strings"
)

// operatorCommand is +COPS (27.007 7.3) in a country of one network.
func (m *Modem) operatorCommand(c command) ([]string, final) {
	switch c.form {
	case test:
		return []string{fmt.Sprintf(`+COPS: (2,"Simulated","SIM","00101",%d),,(0-4),(0-2)`, m.radio.offered)}, ok
	case read:
		return []string{m.operator()}, ok
	}
	mode, isMode := c.number(0, 0)
	format, isFormat := c.number(1, m.settings["+COPS"])
	access, isAccess := c.number(3, m.radio.wanted)
	if !isMode || !isFormat || !isAccess || mode > 4 || format > 2 || access > accessMax {
		return nil, cme(cmeIncorrect)
	}
	switch mode {
	case 2:
		m.detach()
	case 3:
		m.settings["+COPS"] = format
	default:
		m.selectAccess(access)
	}
	return nil, ok
}

// selectAccess has the modem look for a network, unless it has the one that is
// wanted already.
func (m *Modem) selectAccess(access int) {
	changed := access != m.radio.wanted
	m.radio.wanted = access
	if changed || !m.radio.attached {
		m.attach()
	}
}

func (m *Modem) operator() string {
	if !m.registration().carriesTexts() {
		return "+COPS: 0"
	}
	format := m.settings["+COPS"]
	name := [...]string{"Simulated", "SIM", "00101"}[format]
	return fmt.Sprintf(`+COPS: 0,%d,"%s",%d`, format, name, m.radio.access)
}

// wayRule is something without which the network takes no texts.
type wayRule struct {
	name string // how the script calls it
	met  func(*Modem) bool
	code int // of the +CMS ERROR when it is not
}

// way is why the network takes no text the way the modem would send it.
func (m *Modem) way() *refusal {
	for _, rule := range m.script.ways {
		if !rule.met(m) {
			return refuse(rule.code, "texts need %s here", rule.name)
		}
	}
	return nil
}

// way reads "cgsms 1,3", "ims on" or "access 0,2", and the error without it.
func (w *words) way() wayRule {
	rule := wayRule{code: cmsUnknown}
	switch word := w.one("what texts need", "cgsms", "ims", "access"); word {
	case "ims":
		on := w.one("on or off", "on", "off") == "on"
		rule.met = func(m *Modem) bool { return m.ims.on == on }
		rule.name = map[bool]string{true: "IMS", false: "IMS to be off"}[on]
	case "cgsms":
		values := w.numbers("a <service> of +CGSMS", 0, 3)
		rule.met = func(m *Modem) bool { return slices.Contains(values, m.settings["+CGSMS"]) }
		rule.name = fmt.Sprint("+CGSMS ", values)
	default:
		values := w.numbers("an access technology", 0, accessMax)
		rule.met = func(m *Modem) bool { return slices.Contains(values, m.radio.access) }
		rule.name = fmt.Sprint("<AcT> ", values)
	}
	if len(w.rest) > 0 {
		w.one("an error", "cms")
		rule.code = w.number("a +CMS ERROR", 0, 65535)
	}
	return rule
}

// ims is the multimedia subsystem, by which LTE may carry texts.
type ims struct {
	on     bool
	choice int // of the host; it takes effect at the next start
}

// imsForcedOn is a value of +QCFG="ims"; 0 leaves it to the operator, which here
// is off, and so is 2.
const imsForcedOn = 1

// configCommand is Quectel's +QCFG, of which "ims" and "nwscanmode" are known.
func (m *Modem) configCommand(c command) ([]string, final) {
	if c.form != set {
		return nil, cme(cmeNotSupported)
	}
	value, isNumber := c.number(1, -1)
	switch strings.ToLower(c.text(0)) {
	case "ims":
		if len(c.args) == 1 {
			return []string{fmt.Sprintf(`+QCFG: "ims",%d,%d`, m.ims.choice, map[bool]int{true: 1}[m.ims.on])}, ok
		}
		if !isNumber || value > 2 {
			return nil, cme(cmeIncorrect)
		}
		m.ims.choice = value
		return nil, ok
	case "nwscanmode":
		return m.scanMode(c, value, isNumber)
	}
	return nil, cme(cmeNotSupported)
}

// scanModes are the access technologies of +QCFG="nwscanmode" by its value.
var scanModes = [...]int{-1, accessGSM, accessUTRAN, accessEUTRAN}

func (m *Modem) scanMode(c command, value int, isNumber bool) ([]string, final) {
	if len(c.args) == 1 {
		return []string{fmt.Sprintf(`+QCFG: "nwscanmode",%d`, max(0, slices.Index(scanModes[:], m.radio.wanted)))}, ok
	}
	if !isNumber || value >= len(scanModes) {
		return nil, cme(cmeIncorrect)
	}
	m.selectAccess(scanModes[value])
	return nil, ok
}

// modes are the access technologies of SIMCom's +CNMP by its value.
var modes = map[int]int{2: -1, 13: accessGSM, 14: accessUTRAN, 38: accessEUTRAN}

// modeCommand is SIMCom's +CNMP.
func (m *Modem) modeCommand(c command) ([]string, final) {
	switch c.form {
	case test:
		return []string{"+CNMP: (2,13,14,38)"}, ok
	case read:
		for value, access := range modes {
			if access == m.radio.wanted {
				return []string{fmt.Sprintf("+CNMP: %d", value)}, ok
			}
		}
		return nil, cme(cmeNotSupported)
	}
	value, _ := c.number(0, 0)
	access, known := modes[value]
	if !known {
		return nil, cme(cmeIncorrect)
	}
	m.selectAccess(access)
	return nil, ok
}
