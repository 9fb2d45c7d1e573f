package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// BackendModemManager is the Backend of a modem that ModemManager owns.
const BackendModemManager = "modemmanager"

// Modem is one modem block. Its PIN reads pin_file when it is called.
type Modem struct {
	modem.Options
	Backend string // "": spoken to in AT commands; or BackendModemManager
	Device  string // with ModemManager: the modem's IMEI or the path of its object or device; "": any
	Prefer  int    // the modems with the lowest number send first, those with the same share the work

	Range hcl.Range // of the block's header
}

// preferMax is the last place in the order of modems.
const preferMax = 100

// bauds are the speeds of 3GPP 27.007 (+IPR) that serial ports have.
var bauds = []int{1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600}

// modems reads the modem blocks, of which there has to be one at least.
func (l *loader) modems() {
	blocks := l.blocks["modem"]
	if len(blocks) == 0 && !l.partial {
		l.add(wholeMistake("Missing block", `There is no modem to send texts with. Write modem "main" { port = "auto" }.`))
	}
	for i, b := range blocks {
		m := l.readModem(b, i+1)
		l.checkShared(b, m)
		l.config.Modems = append(l.config.Modems, m)
	}
}

// readModem reads the block that is the place-th of the modems.
func (l *loader) readModem(b *hclsyntax.Block, place int) Modem {
	r := block.Open(b, l.ctx)
	m := Modem{
		Options: modem.Options{
			Name:      r.Label(),
			SMSC:      phone(r, "smsc"),
			NoVoice:   !r.Bool("voice", true),
			NoReports: !r.Bool("reports", true),
			IMS:       r.Bool("ims", false),
		},
		Backend: r.Words("backend", BackendModemManager),
		Device:  r.String("device"),
		Prefer:  r.Int("prefer", 1, preferMax, place),
		Range:   r.Header(),
	}
	if path := l.file(r, "pin_file", checkPIN); path != "" {
		m.PIN = func() (string, error) { return readPIN(path) }
	}
	if m.Backend == BackendModemManager {
		useless(r, "ModemManager owns this modem and finds its port by itself. Remove it.", "port", "baud", "flow_control", "exclude", "profile")
	} else {
		readSerial(r, &m.Options)
		useless(r, `It says which of ModemManager's modems is meant. Remove it, or write backend = "modemmanager".`, "device")
	}
	l.found(b, r.Close()...)
	return m
}

// useless complains about arguments that make no sense beside the others.
func useless(r *block.Reader, remedy string, names ...string) {
	for _, name := range names {
		if r.Has(name) {
			r.Add(block.Mistake(r.Range(name), "Unsupported argument", fmt.Sprintf("%s has no use for %s. %s", r.Title(), name, remedy)))
		}
	}
}

// readSerial reads what is said of a modem that is spoken to in AT commands.
func readSerial(r *block.Reader, o *modem.Options) {
	o.Port = port(r)
	o.Baud = baud(r)
	o.FlowControl = r.Bool("flow_control", false)
	o.USB = usb(r.Block("usb"))
	checkPort(r, o.USB)
	o.Exclude = exclude(r)
	o.Profile = r.Words("profile", modem.Profiles()...)
	o.Tune = tune(r.Block("tune"))
	o.Reset = reset(r.Block("reset"))
}

// checkPort complains unless exactly one of port and usb says where the modem is.
func checkPort(r *block.Reader, u *modem.USB) {
	switch {
	case r.Has("port") && u != nil:
		r.Add(block.Mistake(r.Range("port"), "Two ports", `port and usb both say where the modem is. Keep usb { … }, which finds it under any name, or port.`))
	case u == nil:
		r.Need("port", `Write port = "auto" for the only modem on USB, or the path of a serial port, such as port = "/dev/ttyS1".`)
	}
}

func port(r *block.Reader) string {
	given, ok := r.Text("port")
	if ok && given != modem.PortAuto {
		checkDevice(r, r.Expr("port"), "port", given)
	}
	return given
}

// checkDevice complains about a text that is no path of a device.
func checkDevice(r *block.Reader, e hcl.Expression, what, given string) {
	if !filepath.IsAbs(given) {
		r.Add(block.Mistake(e.Range(), "Invalid "+what, fmt.Sprintf(
			"%q is not the path of a device. Write it from the root, such as %q.", given, filepath.Join("/dev", filepath.Base(given)))))
	}
}

// exclude reads the ports that are never opened while a modem is searched.
func exclude(r *block.Reader) []string {
	paths := texts(r, "exclude", checkDevice)
	given, _ := r.Text("port")
	if paths != nil && given != "" && given != modem.PortAuto {
		r.Add(block.Mistake(r.Range("exclude"), "Unsupported argument", `exclude is about searching, and port says where the modem is. Remove exclude, or write port = "auto".`))
	}
	return paths
}

// texts reads a list of texts and checks each.
func texts(r *block.Reader, name string, check func(r *block.Reader, e hcl.Expression, what, given string)) []string {
	if !r.Has(name) {
		return nil
	}
	items, _ := r.ItemsOf(r.Expr(name), name)
	list := []string{}
	for _, item := range items {
		if text, ok := r.StringOf(item, name); ok {
			check(r, item, name, text)
			list = append(list, text)
		}
	}
	return list
}

// baud is 0 when it is not given: on USB it means nothing, and on a UART it is
// found out.
func baud(r *block.Reader) int {
	n := r.Int("baud", bauds[0], bauds[len(bauds)-1], 0)
	if n != 0 && !slices.Contains(bauds, n) {
		r.Add(block.Mistake(r.Range("baud"), "Invalid speed", fmt.Sprintf(
			"%d is not a speed of serial ports. Most modems want 115200.", n)))
	}
	return n
}

// checkShared complains when an earlier block names the same modem.
func (l *loader) checkShared(b *hclsyntax.Block, m Modem) {
	for _, other := range l.config.Modems {
		if what := shared(m, other); what != "" {
			l.found(b, block.Mistake(m.Range, "Same modem", fmt.Sprintf(
				`modem %q has %s of modem %q, on %s. Each modem is one block; remove one of them.`, m.Name, what, other.Name, place(other.Range))))
			return
		}
	}
}

// shared says what two blocks name alike that is one modem's alone, "" when
// nothing.
func shared(a, b Modem) string {
	switch {
	case a.Backend != b.Backend:
		return ""
	case a.Backend == BackendModemManager && a.Device == b.Device:
		return "the device"
	case a.Port != "" && a.Port != modem.PortAuto && filepath.Clean(a.Port) == filepath.Clean(b.Port):
		return "the port"
	case a.USB == nil || b.USB == nil:
		return ""
	case a.USB.IMEI != "" && a.USB.IMEI == b.USB.IMEI:
		return "the imei"
	}
	return ""
}

// lintModems warns about modems that cannot be told apart: which of the blocks
// has which SIM then differs from start to start.
func (l *loader) lintModems() {
	var first *Modem
	for i, m := range l.config.Modems {
		switch {
		case m.Backend != "" || m.USB == nil && m.Port != modem.PortAuto || m.USB != nil && (m.USB.IMEI != "" || m.USB.Serial != ""):
		case first == nil:
			first = &l.config.Modems[i]
		case mayMeet(m, *first):
			l.warnIn(l.find("modem", m.Name), m.Range, "Modems alike", fmt.Sprintf(
				`modem.%s and modem.%s, on %s, may find the same modem, and the first to find it has it. Write usb { imei = "…" } in each, and each keeps its SIM.`, m.Name, first.Name, place(first.Range)))
		}
	}
}

// mayMeet tells whether two searches may end at one modem.
func mayMeet(a, b Modem) bool {
	if a.USB == nil || b.USB == nil {
		return true
	}
	differ := func(x, y uint16) bool { return x != 0 && y != 0 && x != y }
	return !differ(a.USB.VID, b.USB.VID) && !differ(a.USB.PID, b.USB.PID)
}

// readPIN reads the PIN anew each time it is wanted: whoever replaces the SIM
// replaces the file and restarts nothing.
func readPIN(path string) (string, error) {
	b, err := readRegular(path, fileMaxBytes)
	if err == nil {
		err = checkPIN(b)
	}
	if err != nil {
		return "", fmt.Errorf("pin_file %s: %s", path, cause(err))
	}
	return strings.TrimSpace(string(b)), nil
}

// checkPIN wants what a SIM can take: four to eight digits (3GPP 31.101,
// clause 9.5.1). The error does not repeat what the file holds.
func checkPIN(b []byte) error {
	pin := strings.TrimSpace(string(b))
	digits := strings.Trim(pin, "0123456789") == ""
	if len(pin) < 4 || len(pin) > 8 || !digits {
		return errors.New("it holds no PIN. Write four to eight digits into it and nothing else")
	}
	return nil
}
