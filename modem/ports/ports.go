// Package ports finds the serial ports of a host and who holds them, in what
// the kernel shows below /sys and /proc. It reads and opens no port.
package ports

import (
	"cmp"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Port is a serial port that has hardware behind it.
type Port struct {
	Path    string // "/dev/ttyUSB2": what it is called until it is plugged in anew
	SysPath string // of what it belongs to, below the root: the same each time it is plugged in at the same place

	// Of a port on USB; VID is 0 for a UART.
	VID, PID                  uint16
	Device                    string // SysPath of the USB device: the same for all ports of one modem
	Interface                 uint8
	Class, Subclass, Protocol uint8 // of the interface
	Maker, Product, Serial    string

	Driver string // "option", "cdc_acm", "imx-uart"; "" when none is bound
}

// OnUSB reports whether the port is on USB.
func (p Port) OnUSB() bool { return p.VID != 0 }

// List returns the serial ports of the host whose file system root shows, UARTs
// last, in an order that depends on where they are plugged in and not on their
// names. A port that goes while it is looked at is left out. The error says that
// /sys cannot be read.
func List(root fs.FS) ([]Port, error) {
	const dir = "sys/class/tty"
	entries, err := fs.ReadDir(root, dir)
	if err != nil {
		return nil, err
	}
	var all []Port
	for _, entry := range entries {
		target, err := fs.ReadLink(root, path.Join(dir, entry.Name()))
		if err != nil {
			continue
		}
		if p, ok := portAt(root, path.Join(dir, target)); ok {
			all = append(all, p)
		}
	}
	slices.SortFunc(all, byPlace)
	return all, nil
}

func byPlace(a, b Port) int {
	return cmp.Or(
		-cmp.Compare(min(a.VID, 1), min(b.VID, 1)),
		compareNatural(a.Device, b.Device),
		cmp.Compare(a.Interface, b.Interface),
		compareNatural(a.SysPath, b.SysPath))
}

// compareNatural orders names so that 1-2 comes before 1-10.
func compareNatural(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

// portAt reads the port whose directory is dir. Terminals without hardware, such
// as consoles and pseudo-terminals, are none.
func portAt(root fs.FS, dir string) (Port, bool) {
	if strings.Contains(dir, "/virtual/") || !exists(root, dir) || text(root, path.Join(dir, "type")) == uartAbsent {
		return Port{}, false
	}
	p := Port{Path: "/dev/" + path.Base(dir), SysPath: dir}
	for up := path.Dir(dir); up != "." && up != "sys"; up = path.Dir(up) {
		switch {
		case exists(root, path.Join(up, "bInterfaceNumber")):
			p.readInterface(root, up)
		case exists(root, path.Join(up, "idVendor")):
			p.readDevice(root, up)
			return p, p.VID != 0
		case p.Driver == "":
			p.Driver = driver(root, up)
		}
	}
	return p, true
}

// uartAbsent is the type of a UART that the kernel keeps a name for and that is
// not there (PORT_UNKNOWN of linux/serial_core.h).
const uartAbsent = "0"

func (p *Port) readInterface(root fs.FS, dir string) {
	p.SysPath = dir
	p.Interface = uint8(hex(root, path.Join(dir, "bInterfaceNumber")))
	p.Class = uint8(hex(root, path.Join(dir, "bInterfaceClass")))
	p.Subclass = uint8(hex(root, path.Join(dir, "bInterfaceSubClass")))
	p.Protocol = uint8(hex(root, path.Join(dir, "bInterfaceProtocol")))
	p.Driver = driver(root, dir)
}

func (p *Port) readDevice(root fs.FS, dir string) {
	p.Device = dir
	p.VID = hex(root, path.Join(dir, "idVendor"))
	p.PID = hex(root, path.Join(dir, "idProduct"))
	p.Maker = text(root, path.Join(dir, "manufacturer"))
	p.Product = text(root, path.Join(dir, "product"))
	p.Serial = text(root, path.Join(dir, "serial"))
}

// driver is the driver of a device, "" when it has none. That of the serial core,
// which stands between newer kernels' UARTs and their names, says nothing.
func driver(root fs.FS, dir string) string {
	target, err := fs.ReadLink(root, path.Join(dir, "driver"))
	if err != nil || strings.Contains(target, "/serial-base/") {
		return ""
	}
	return path.Base(target)
}

func exists(root fs.FS, name string) bool {
	_, err := fs.Stat(root, name)
	return err == nil
}

// text is what a file of one line says, "" when there is none.
func text(root fs.FS, name string) string {
	b, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b))
}

// hex is the hexadecimal number in a file, 0 when there is none.
func hex(root fs.FS, name string) uint16 {
	n, err := strconv.ParseUint(text(root, name), 16, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}
