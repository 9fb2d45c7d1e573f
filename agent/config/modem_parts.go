package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// The blocks of a modem block: usb, tune and reset.

// interfaceMax is the last interface number that the AT port of a modem may have;
// a USB device has few.
const interfaceMax = 31

// usb reads which of the modems plugged in is meant; r may be nil.
func usb(r *block.Reader) *modem.USB {
	if r == nil {
		return nil
	}
	u := &modem.USB{VID: usbID(r, "vid"), PID: usbID(r, "pid"), Serial: r.String("serial"), IMEI: imei(r)}
	if r.Has("interface") {
		n := uint8(r.Int("interface", 0, interfaceMax, 0))
		u.Interface = &n
	}
	switch {
	case r.Has("pid") && !r.Has("vid"):
		r.Add(block.Mistake(r.Range("pid"), "Missing argument", `pid is one maker's number of a product, and vid says whose. Write vid as well, the four digits before the colon in lsusb.`))
	case !r.Has("vid") && !r.Has("serial") && !r.Has("imei"):
		r.Add(block.Mistake(r.Header(), "Missing argument", `usb does not say which modem. Write vid and pid as lsusb shows them, serial or imei; or port = "auto" in place of the block.`))
	}
	return u
}

// usbID reads a maker's or product's number as lsusb prints it.
func usbID(r *block.Reader, name string) uint16 {
	if !r.Has(name) {
		return 0
	}
	v, ok := r.ValueOf(r.Expr(name), name)
	if !ok {
		return 0
	}
	digits := ""
	switch v.Type() {
	case cty.String:
		digits = v.AsString()
	case cty.Number:
		digits = v.AsBigFloat().Text('f', 0)
	}
	id, err := strconv.ParseUint(digits, 16, 16)
	if err == nil && id != 0 && len(digits) == 4 && v.Type() == cty.String {
		return uint16(id)
	}
	r.Add(block.Mistake(r.Range(name), "Invalid USB id", fmt.Sprintf(
		"%s is four hexadecimal digits in quotes, as lsusb prints them. Write %s.", name, usbExample(digits))))
	return 0
}

// usbExample is what was meant, or something that could be.
func usbExample(digits string) string {
	plain := strings.TrimPrefix(strings.ToLower(digits), "0x")
	if _, err := strconv.ParseUint(plain, 16, 16); err == nil && len(plain) <= 4 {
		return strconv.Quote(strings.Repeat("0", 4-len(plain)) + plain)
	}
	return `one such as "2c7c"`
}

// imei reads the serial number of a modem: 15 digits (3GPP 23.003 clause 6.2.1).
func imei(r *block.Reader) string {
	text, ok := r.Text("imei")
	const digits = 15
	if ok && (len(text) != digits || strings.Trim(text, "0123456789") != "") {
		r.Add(block.Mistake(r.Range("imei"), "Invalid IMEI", fmt.Sprintf(
			"%q is not an IMEI. Write its %d digits, which are on the modem's label.", text, digits)))
	}
	return text
}

// Bounds of what may be tuned.
const (
	finalTimeoutMin = 60 * time.Second // below the network's own timers texts are sent twice
	finalTimeoutMax = 15 * time.Minute
	bootTimeMin     = 5 * time.Second
	bootTimeMax     = 10 * time.Minute
	functionMax     = 127 // <fun> of +CFUN
	commandMaxBytes = 64
)

// tune reads what overrides the family's profile; r may be nil.
func tune(r *block.Reader) modem.Profile {
	if r == nil {
		return modem.Profile{}
	}
	return modem.Profile{
		Quiet:         texts(r, "quiet", checkCommand),
		Reports:       reportModes(r),
		ReportStore:   r.String("report_store"),
		Direct:        r.Bool("direct", false),
		TriesCommand:  command(r, "tries"),
		ICCIDCommands: texts(r, "iccid", checkCommand),
		Reset:         command(r, "reset"),
		RadioOff:      radioOff(r),
		FinalTimeout:  r.Duration("final_timeout", finalTimeoutMin, finalTimeoutMax),
		BootTime:      r.Duration("boot_time", bootTimeMin, bootTimeMax),
	}
}

// reportModes reads the values of <ds> to try (3GPP 27.005 clause 3.4.1).
func reportModes(r *block.Reader) []int {
	if !r.Has("reports") {
		return nil
	}
	items, _ := r.ItemsOf(r.Expr("reports"), "reports")
	var modes []int
	for _, item := range items {
		if ds, ok := r.IntOf(item, "reports", 0, 2); ok {
			modes = append(modes, ds)
		}
	}
	return modes
}

// radioOff reads the value of +CFUN that turns the radio off; negative: none.
func radioOff(r *block.Reader) int {
	n := r.Int("radio_off", -1, functionMax, 0)
	if r.Has("radio_off") && n == 0 && !r.Wrong("radio_off") {
		r.Add(block.Mistake(r.Range("radio_off"), "Invalid value", "radio_off = 0 takes the SIM's power away too, and with it the PIN. Write 4, or -1 when the radio must stay on."))
	}
	return n
}

// command reads one AT command.
func command(r *block.Reader, name string) string {
	text, ok := r.Text(name)
	if ok {
		checkCommand(r, r.Expr(name), name, text)
	}
	return text
}

// checkCommand wants one AT command without its AT, of printable ASCII: anything
// else would end the command line and begin another.
func checkCommand(r *block.Reader, e hcl.Expression, what, given string) {
	printable := !strings.ContainsFunc(given, func(c rune) bool { return c < ' ' || c > '~' })
	bare := strings.TrimSpace(given)
	if len(bare) > 2 && strings.EqualFold(bare[:2], "AT") {
		r.Add(block.Mistake(e.Range(), "Invalid command", fmt.Sprintf("The AT before a command is written by itself. Write %q.", bare[2:])))
		return
	}
	if !printable || bare == "" || bare != given || len(given) > commandMaxBytes {
		r.Add(block.Mistake(e.Range(), "Invalid command", fmt.Sprintf(
			`%s takes an AT command without its AT, of at most %d characters. Write one such as "+CFUN=1,1".`, what, commandMaxBytes)))
	}
}

// reset reads what may be done about a modem that hangs; r may be nil.
func reset(r *block.Reader) modem.Reset {
	if r == nil {
		return modem.Reset{}
	}
	m := modem.Reset{Command: texts(r, "command", func(*block.Reader, hcl.Expression, string, string) {}), Reboot: r.Bool("reboot", false)}
	switch {
	case r.Has("command") && len(m.Command) == 0 && !r.Wrong("command"), slices.Contains(m.Command, ""):
		r.Add(block.Mistake(r.Range("command"), "Invalid command", `command is empty. Write the program and its arguments, such as ["/usr/sbin/uhubctl", "-a", "cycle"].`))
	case len(m.Command) > 0 && !filepath.IsAbs(m.Command[0]):
		r.Add(block.Mistake(r.Range("command"), "Invalid command", fmt.Sprintf(
			"%q is not the path of a program. Write it from the root, such as %q; no shell reads the command.", m.Command[0], filepath.Join("/usr/sbin", filepath.Base(m.Command[0])))))
	case !r.Has("command") && !m.Reboot:
		r.Add(block.Mistake(r.Header(), "Missing argument", `reset allows nothing. Write command = ["/path/of/program", …], or reboot = true.`))
	}
	return m
}
