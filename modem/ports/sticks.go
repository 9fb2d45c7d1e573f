package ports

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Stick is a mobile network device on USB that has no serial port, as the host
// sees it now.
type Stick struct {
	SysPath  string
	VID, PID uint16
	Product  string
	Kind     Kind
}

// Kind is what a stick is for the time being.
type Kind uint8

const (
	Router     Kind = iota + 1 // it has the SIM and the network to itself and shows a network card
	Storage                    // it shows the disk with its driver, until it is switched over
	Broadband                  // it speaks MBIM, and no AT commands
	Driverless                 // the kernel has no driver for its serial ports
)

// String names the stick as a person would look for it.
func (s Stick) String() string {
	name := s.Product
	if name == "" {
		name = "USB stick"
	}
	return fmt.Sprintf("%s (%04x:%04x)", name, s.VID, s.PID)
}

// Cause says why the stick cannot be used as it is.
func (s Stick) Cause() string {
	switch s.Kind {
	case Router:
		return fmt.Sprintf("%s: this stick is a router, not a modem", s)
	case Storage:
		return fmt.Sprintf("%s: this stick shows itself as a disk and not as a modem", s)
	case Driverless:
		return fmt.Sprintf("%s: the kernel has no driver for the ports of this modem", s)
	}
	return fmt.Sprintf("%s: this modem offers no port for AT commands", s)
}

// Remedy says what to do about it.
func (s Stick) Remedy() string {
	switch s.Kind {
	case Router:
		return "use another modem, or give this one the maker's stick firmware (not HiLink)"
	case Storage:
		return "install usb-modeswitch, which switches it over when it is plugged in"
	case Driverless:
		return "load the driver (modprobe option, for some modems qcserial, sierra or cdc_acm), or use a kernel that has it"
	}
	return `install ModemManager and write backend = "modemmanager" in the modem block`
}

// makers make modems and little else; others' disks and network cards are nobody's
// modem.
var makers = []uint16{
	0x1199, // Sierra Wireless
	0x12d1, // Huawei
	0x19d2, // ZTE
	0x1bbb, // TCL, as Alcatel
	0x1bc7, // Telit
	0x1c9e, // Longcheer
	0x1e0e, // SIMCom
	0x2c7c, // Quectel
}

// Sticks returns the devices of makers of modems that have no serial port, and
// what they are instead.
func Sticks(root fs.FS) []Stick {
	const dir = "sys/bus/usb/devices"
	entries, err := fs.ReadDir(root, dir)
	if err != nil {
		return nil
	}
	all, _ := List(root)
	var sticks []Stick
	for _, entry := range entries {
		target, err := fs.ReadLink(root, path.Join(dir, entry.Name()))
		if err != nil || strings.Contains(entry.Name(), ":") {
			continue
		}
		device := path.Join(dir, target)
		serial := slices.ContainsFunc(all, func(p Port) bool { return p.Device == device })
		if s, ok := stickAt(root, device); ok && !serial {
			sticks = append(sticks, s)
		}
	}
	return sticks
}

func stickAt(root fs.FS, device string) (Stick, bool) {
	s := Stick{SysPath: device, VID: hex(root, path.Join(device, "idVendor")), PID: hex(root, path.Join(device, "idProduct")), Product: text(root, path.Join(device, "product"))}
	if !slices.Contains(makers, s.VID) {
		return s, false
	}
	s.Kind = kindOf(interfaces(root, device))
	return s, s.Kind != 0
}

// function is the class, subclass and protocol of an interface.
type function struct{ class, subclass, protocol uint8 }

func interfaces(root fs.FS, device string) []function {
	entries, err := fs.ReadDir(root, device)
	if err != nil {
		return nil
	}
	var all []function
	for _, entry := range entries {
		dir := path.Join(device, entry.Name())
		if strings.Contains(entry.Name(), ":") && exists(root, path.Join(dir, "bInterfaceClass")) {
			all = append(all, function{
				uint8(hex(root, path.Join(dir, "bInterfaceClass"))),
				uint8(hex(root, path.Join(dir, "bInterfaceSubClass"))),
				uint8(hex(root, path.Join(dir, "bInterfaceProtocol"))),
			})
		}
	}
	return all
}

// kindOf tells by its interfaces what a device is that has no serial port.
func kindOf(functions []function) Kind {
	has := func(f func(function) bool) bool { return slices.ContainsFunc(functions, f) }
	switch {
	case has(function.isSerial):
		return Driverless
	case has(function.speaksMBIM):
		return Broadband
	case has(function.isNetworkCard):
		return Router
	case has(function.isDisk):
		return Storage
	}
	return 0
}

// Classes of USB interfaces (usb.org, Defined Class Codes; CDC 1.2 table 4).
func (f function) isSerial() bool {
	return f.class == 0xff || f.class == 0x02 && f.subclass == 0x02 && f.protocol != 0xff
}
func (f function) speaksMBIM() bool { return f.class == 0x02 && f.subclass == 0x0e }
func (f function) isDisk() bool     { return f.class == 0x08 }
func (f function) isNetworkCard() bool {
	ethernet := f.class == 0x02 && (f.subclass == 0x06 || f.subclass == 0x0d) // ECM, NCM
	return ethernet || slices.Contains(rndis, f)
}

// rndis are the three ways to say that an interface speaks RNDIS.
var rndis = []function{{0x02, 0x02, 0xff}, {0xe0, 0x01, 0x03}, {0xef, 0x04, 0x01}}
