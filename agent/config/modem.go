package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// baudDefault is what most modems listen at until told otherwise; on USB it
// means nothing.
const baudDefault = 115200

// bauds are the speeds of 3GPP 27.007 (+IPR) that serial ports have.
var bauds = []int{1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600}

// Modem is one modem block. Its PIN reads pin_file when it is called.
type Modem struct {
	modem.Options
}

// modems reads the modem blocks, of which there has to be one.
func (l *loader) modems() {
	blocks := l.blocks["modem"]
	if len(blocks) == 0 && !l.partial {
		l.add(wholeMistake("Missing block", `There is no modem to send texts with. Write modem "main" { port = "/dev/ttyUSB2" }.`))
	}
	for i, b := range blocks {
		m := l.readModem(b)
		if i > 0 {
			l.add(block.NotYet(b.DefRange(), "A second modem block"))
			continue
		}
		l.config.Modems = append(l.config.Modems, m)
	}
}

func (l *loader) readModem(b *hclsyntax.Block) Modem {
	r := block.Open(b, l.ctx)
	r.Need("port", `Write the modem's serial port, such as port = "/dev/ttyUSB2".`)
	o := modem.Options{
		Name: r.Label(),
		Port: port(r),
		Baud: baud(r),
		SMSC: phone(r, "smsc"),
	}
	if path := l.file(r, "pin_file", checkPIN); path != "" {
		o.PIN = func() (string, error) { return readPIN(path) }
	}
	r.Later("profile", "prefer", "reset", "voice", "usb")
	l.found(b, r.Close()...)
	return Modem{o}
}

func port(r *block.Reader) string {
	given, ok := r.Text("port")
	switch {
	case !ok:
	case given == "auto":
		r.Add(block.Mistake(r.Range("port"), "Not available yet", `port = "auto" is not available in this version of tocsin. Write the path of the port, best of all one below /dev/serial/by-id, which stays the same when the modem is plugged in elsewhere.`))
	case !filepath.IsAbs(given):
		r.Add(block.Mistake(r.Range("port"), "Invalid port", fmt.Sprintf(
			"%q is not the path of a device. Write it from the root, such as %q.", given, filepath.Join("/dev", filepath.Base(given)))))
	}
	return given
}

func baud(r *block.Reader) int {
	n := r.Int("baud", bauds[0], bauds[len(bauds)-1], baudDefault)
	if !slices.Contains(bauds, n) {
		r.Add(block.Mistake(r.Range("baud"), "Invalid speed", fmt.Sprintf(
			"%d is not a speed of serial ports. Most modems want %d.", n, baudDefault)))
	}
	return n
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
