package ports_test

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/tocsin-edge/tocsin/modem/ports"
	"github.com/tocsin-edge/tocsin/modem/ports/portstest"
)

func host(t *testing.T, name string) fs.FS {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	return portstest.Tree(archive)
}

// line is a port in one line.
func line(p ports.Port) string {
	if !p.OnUSB() {
		return fmt.Sprintf("%s UART %s", p.Path, p.Driver)
	}
	return fmt.Sprintf("%s %04x:%04x if %02x %02x/%02x/%02x %s %s", p.Path, p.VID, p.PID, p.Interface, p.Class, p.Subclass, p.Protocol, p.Driver, p.Product)
}

func TestThePortsOfAHostAreFound(t *testing.T) {
	for name, want := range map[string][]string{
		"ec25": {
			"/dev/ttyUSB0 2c7c:0125 if 00 ff/ff/ff option EC25-E",
			"/dev/ttyUSB1 2c7c:0125 if 01 ff/00/00 option EC25-E",
			"/dev/ttyUSB2 2c7c:0125 if 02 ff/00/00 option EC25-E",
			"/dev/ttyUSB3 2c7c:0125 if 03 ff/00/00 option EC25-E",
			"/dev/ttyAMA0 UART uart-pl011",
		},
		"sim7600": {
			"/dev/ttyUSB0 1e0e:9001 if 00 ff/ff/ff option SimTech, Incorporated",
			"/dev/ttyUSB1 1e0e:9001 if 01 ff/ff/ff option SimTech, Incorporated",
			"/dev/ttyUSB2 1e0e:9001 if 02 ff/00/00 option SimTech, Incorporated",
			"/dev/ttyUSB3 1e0e:9001 if 03 ff/ff/ff option SimTech, Incorporated",
			"/dev/ttyUSB4 1e0e:9001 if 04 ff/ff/ff option SimTech, Incorporated",
		},
		"a7670": {
			"/dev/ttyUSB0 1e0e:9011 if 02 ff/00/00 option A76XX Series LTE Module",
			"/dev/ttyUSB1 1e0e:9011 if 04 ff/00/00 option A76XX Series LTE Module",
			"/dev/ttyUSB2 1e0e:9011 if 05 ff/00/00 option A76XX Series LTE Module",
		},
		"huawei_stick": {
			"/dev/ttyUSB0 12d1:1506 if 00 ff/02/10 option HUAWEI_MOBILE",
			"/dev/ttyUSB1 12d1:1506 if 02 ff/02/12 option HUAWEI_MOBILE",
		},
		"hilink":     nil,
		"ublox_uart": {"/dev/ttymxc0 UART imx-uart", "/dev/ttymxc2 UART imx-uart"},
	} {
		all, err := ports.List(host(t, name))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, p := range all {
			got = append(got, line(p))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestWhatIsNoModemIsSaidInWords(t *testing.T) {
	var got []string
	for _, s := range ports.Sticks(host(t, "hilink")) {
		got = append(got, s.Cause()+"; "+s.Remedy())
	}
	want := []string{
		"HUAWEI_MOBILE (12d1:14dc): this stick is a router, not a modem; use another modem, or give this one the maker's stick firmware (not HiLink)",
		"HUAWEI Mobile (12d1:1f01): this stick shows itself as a disk and not as a modem; install usb-modeswitch, which switches it over when it is plugged in",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, name := range []string{"ec25", "sim7600", "a7670", "huawei_stick", "ublox_uart"} {
		if sticks := ports.Sticks(host(t, name)); len(sticks) > 0 {
			t.Errorf("%s: %v is taken for no modem", name, sticks)
		}
	}
}

func TestAModemWithoutItsDriverIsSaidInWords(t *testing.T) {
	bus := portstest.New()
	bus.Plug("1-1.2", portstest.Device{VID: 0x2c7c, PID: 0x0125, Product: "EC25-E", Interfaces: []portstest.Interface{{Class: 0xff}}})
	bus.Plug("1-1.3", portstest.Device{VID: 0x1199, PID: 0x9071, Interfaces: []portstest.Interface{{Number: 12, Class: 0x02, Subclass: 0x0e}}})
	bus.Plug("1-1.4", portstest.Device{VID: 0x0781, PID: 0x5567, Product: "Cruzer Blade", Interfaces: []portstest.Interface{{Class: 0x08}}})
	var got []string
	for _, s := range ports.Sticks(bus) {
		got = append(got, s.Cause())
	}
	want := []string{
		"EC25-E (2c7c:0125): the kernel has no driver for the ports of this modem",
		"USB stick (1199:9071): this modem offers no port for AT commands",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAPlaceOnTheBusOutlivesTheNameOfAPort(t *testing.T) {
	bus := portstest.New()
	stick := func(ttys ...string) portstest.Device {
		return portstest.Device{VID: 0x2c7c, PID: 0x0125, Interfaces: portstest.Serial(ttys...)}
	}
	bus.Plug("1-1.2", stick("ttyUSB0", "ttyUSB1"))
	bus.Plug("1-1.10", stick("ttyUSB2", "ttyUSB3"))
	before, err := ports.List(bus)
	if err != nil {
		t.Fatal(err)
	}
	bus.Unplug("1-1.2")
	bus.Unplug("1-1.10")
	if none, _ := ports.List(bus); len(none) > 0 {
		t.Errorf("unplugged, and still there: %v", none)
	}
	bus.Plug("1-1.10", stick("ttyUSB0", "ttyUSB1"))
	bus.Plug("1-1.2", stick("ttyUSB2", "ttyUSB3"))
	after, err := ports.List(bus)
	if err != nil || len(after) != len(before) || len(before) != 4 {
		t.Fatalf("%d ports before, %d after, %v", len(before), len(after), err)
	}
	for i := range before {
		if before[i].SysPath != after[i].SysPath || before[i].Path == after[i].Path {
			t.Errorf("port %d: %s at %s, then %s at %s", i, before[i].Path, before[i].SysPath, after[i].Path, after[i].SysPath)
		}
	}
}

func TestWhoHoldsAPortIsNamed(t *testing.T) {
	bus := portstest.New()
	bus.Run(1, "tocsin", "/dev/ttyUSB2") // this process, as /proc/self says
	bus.Run(412, "ModemManager", "/dev/null", "/dev/ttyUSB2", "/dev/ttyUSB3")
	bus.Run(413, "minicom", "/dev/ttyUSB20")
	holders, err := ports.Holders(bus, "/dev/ttyUSB2")
	if err != nil || len(holders) != 1 {
		t.Fatalf("got %v, %v, want ModemManager alone", holders, err)
	}
	if got, want := holders[0].String(), "ModemManager (process 412)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if mm, runs := ports.ModemManager(bus); !runs || mm.PID != 412 {
		t.Errorf("ModemManager runs, and %v, %v is said", mm, runs)
	}
	bus.Kill(412)
	if holders, _ := ports.Holders(bus, "/dev/ttyUSB2"); len(holders) > 0 {
		t.Errorf("%v has gone", holders)
	}
	if mm, runs := ports.ModemManager(bus); runs {
		t.Errorf("%v has gone", mm)
	}
}

func TestEveryHolderHasARemedy(t *testing.T) {
	for name, want := range map[string]string{
		"ModemManager": "backend = \"modemmanager\"", "pppd": "data call", "agetty": "login prompt",
		"nobody-knows": "stop nobody-knows, or forbid it this port",
	} {
		if got := (ports.Holder{PID: 7, Name: name}).Remedy(); !strings.Contains(got, want) {
			t.Errorf("%s: %q lacks %q", name, got, want)
		}
	}
}

func TestAHostWithoutSysAndProcIsAnErrorAndNoPanic(t *testing.T) {
	none := fstest.MapFS{}
	if _, err := ports.List(none); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("List: %v", err)
	}
	if _, err := ports.Holders(none, "/dev/ttyUSB0"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Holders: %v", err)
	}
	if sticks := ports.Sticks(none); sticks != nil {
		t.Errorf("Sticks: %v", sticks)
	}
}

func FuzzAnyTreeIsReadWithoutPanic(f *testing.F) {
	f.Add("ttyUSB0", "usb1/1-1/1-1:1.0/ttyUSB0/tty/ttyUSB0", "02", "2c7c")
	f.Add("x", "../../../../..", "zz", "")
	f.Add("x", "//etc/passwd", "-1", "ffff0")
	f.Fuzz(func(t *testing.T, name, target, number, vendor string) {
		if !fs.ValidPath("sys/class/tty/"+name) || strings.Contains(name, "/") {
			return
		}
		// A link to itself is an error to the kernel and no end to a MapFS, so
		// none leads back here.
		if strings.Contains(path.Join("sys/devices", target), "sys/class") {
			return
		}
		root := fstest.MapFS{
			"sys/class/tty/" + name:                                {Data: []byte("../../devices/" + target), Mode: fs.ModeSymlink},
			"sys/devices/usb1/1-1/idVendor":                        {Data: []byte(vendor)},
			"sys/devices/usb1/1-1/1-1:1.0/bInterfaceNumber":        {Data: []byte(number)},
			"sys/devices/usb1/1-1/1-1:1.0/ttyUSB0/tty/ttyUSB0/dev": {},
		}
		all, _ := ports.List(root)
		for _, p := range all {
			if !strings.HasPrefix(p.Path, "/dev/") || !fs.ValidPath(p.SysPath) {
				t.Errorf("%q -> %q gives %+v", name, target, p)
			}
		}
	})
}
