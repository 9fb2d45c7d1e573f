package modem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
	"github.com/tocsin-edge/tocsin/modem/ports"
	"github.com/tocsin-edge/tocsin/modem/ports/portstest"
)

// bench is a host with ports behind which there are simulated modems. A port
// without one takes everything and says nothing.
type bench struct {
	*portstest.Bus
	hang chan struct{} // an open that hangs returns when it is closed

	mu     sync.Mutex
	modems map[string]*modemtest.Modem // by path
	speeds map[string]int              // of UARTs, by path
	hangs  map[string]bool             // ports whose open hangs
	held   map[string]bool             // ports that are open
	opened []string                    // in order, those that hang too
}

func newBench(t *testing.T) *bench {
	b := &bench{
		Bus: portstest.New(), hang: make(chan struct{}), modems: map[string]*modemtest.Modem{},
		speeds: map[string]int{}, hangs: map[string]bool{}, held: map[string]bool{},
	}
	t.Cleanup(func() { close(b.hang) })
	return b
}

// open opens a port as the kernel would, for one at a time.
func (b *bench) open(path string, baud int) (io.ReadWriteCloser, error) {
	b.mu.Lock()
	b.opened = append(b.opened, path)
	if b.hangs[path] {
		b.mu.Unlock()
		<-b.hang
		return nil, errors.New("too late")
	}
	defer b.mu.Unlock()
	if b.held[path] {
		return nil, fmt.Errorf("lock %s: %w", path, errInUse)
	}
	line, err := io.ReadWriteCloser(newMute()), error(nil)
	if sim := b.modems[path]; sim != nil && (b.speeds[path] == 0 || b.speeds[path] == baud) {
		line, err = sim.Open(context.Background())
	}
	if err != nil {
		return nil, err
	}
	b.held[path] = true
	return &held{line, func() { b.mu.Lock(); delete(b.held, path); b.mu.Unlock() }}, nil
}

// held is an open line that its port is free after.
type held struct {
	io.ReadWriteCloser
	release func()
}

func (h *held) Close() error {
	defer h.release()
	return h.ReadWriteCloser.Close()
}

// mute is a port on which nothing answers.
type mute struct {
	io.Reader
	w *io.PipeWriter
}

func newMute() mute {
	r, w := io.Pipe()
	return mute{r, w}
}

func (m mute) Write(p []byte) (int, error) { return len(p), nil }
func (m mute) Close() error                { return m.w.Close() }

// wasOpened counts how often the port was opened.
func (b *bench) wasOpened(path string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, p := range b.opened {
		if p == path {
			n++
		}
	}
	return n
}

// plug plugs in a device that answers AT at path.
func (b *bench) plug(place string, d portstest.Device, path string, sim *modemtest.Modem) {
	b.mu.Lock()
	b.modems[path] = sim
	b.mu.Unlock()
	b.Plug(place, d)
	sim.Plug()
}

// unplug takes out a device behind whose ports there is sim.
func (b *bench) unplug(place string, sim *modemtest.Modem) {
	b.Unplug(place)
	sim.Unplug()
	b.mu.Lock()
	defer b.mu.Unlock()
	for path, m := range b.modems {
		if m == sim {
			delete(b.modems, path)
		}
	}
}

// search runs a modem that is looked for on the bench.
func (b *bench) search(t *testing.T, change func(*Options)) *Serial {
	t.Helper()
	return run(t, nil, func(o *Options) {
		*o = Options{Name: o.Name, Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Port: PortAuto}
		o.host = idleHost()
		o.host.root, o.host.open = b, b.open
		change(o)
	})
}

func auto(*Options) {}

func withIMEI(imei string) func(*Options) {
	return func(o *Options) { o.Port, o.USB = "", &USB{IMEI: imei} }
}

func telling(imei string) modemtest.Option {
	return modemtest.Fault("command +CGSN answer " + imei)
}

const (
	oneIMEI     = "356938035643809"
	anotherIMEI = "490154203237518"
)

// ec25 is an EC25 whose four ports have the numbers from first on.
func ec25(first int) portstest.Device {
	var ttys []string
	for n := range 4 {
		ttys = append(ttys, fmt.Sprint("ttyUSB", first+n))
	}
	return portstest.Device{VID: quectel, PID: 0x0125, Product: "EC25-E", Interfaces: portstest.Serial(ttys...)}
}

// acm lists the interfaces of a modem of which each second one has a port.
func acm(ttys ...string) []portstest.Interface {
	var all []portstest.Interface
	for n, tty := range ttys {
		all = append(all, portstest.Interface{Number: uint8(2 * n), Class: 2, Subclass: 2, Protocol: 1, Driver: "cdc_acm", TTY: tty})
	}
	return all
}

func TestThePortOfAModemIsFoundByWhatItIs(t *testing.T) {
	for name, c := range map[string]struct {
		device portstest.Device
		port   string
		avoids []string // what must not even be opened
	}{
		"ec25":    {ec25(0), "/dev/ttyUSB2", []string{"/dev/ttyUSB0", "/dev/ttyUSB1"}},
		"sim7600": {portstest.Device{VID: simcom, PID: 0x9001, Interfaces: portstest.Serial("ttyUSB0", "ttyUSB1", "ttyUSB2", "ttyUSB3", "ttyUSB4")}, "/dev/ttyUSB2", []string{"/dev/ttyUSB0", "/dev/ttyUSB1", "/dev/ttyUSB4"}},
		"a7670":   {portstest.Device{VID: simcom, PID: 0x9011, Interfaces: portstest.Serial("", "", "ttyUSB0", "", "ttyUSB1", "ttyUSB2")}, "/dev/ttyUSB1", []string{"/dev/ttyUSB0"}},
		"huawei-stick": {portstest.Device{VID: huawei, PID: 0x1506, Interfaces: []portstest.Interface{
			{Number: 0, Class: 0xff, Subclass: 2, Protocol: 0x10, TTY: "ttyUSB0"},
			{Number: 1, Class: 0xff, Subclass: 2, Protocol: 0x13, TTY: "ttyUSB1"},
			{Number: 2, Class: 0xff, Subclass: 2, Protocol: 0x12, TTY: "ttyUSB2"},
		}}, "/dev/ttyUSB2", []string{"/dev/ttyUSB0", "/dev/ttyUSB1"}},
		"ublox":   {portstest.Device{VID: ublox, PID: 0x1102, Interfaces: acm("ttyACM0", "ttyACM1", "ttyACM2", "ttyACM3")}, "/dev/ttyACM0", []string{"/dev/ttyACM3"}},
		"toby-l4": {portstest.Device{VID: ublox, PID: 0x1010, Interfaces: acm("ttyACM0", "ttyACM1", "ttyACM2", "ttyACM3", "ttyACM4")}, "/dev/ttyACM3", []string{"/dev/ttyACM1", "/dev/ttyACM2", "/dev/ttyACM4"}},
		// The secondary port answers where the primary does not.
		"le910":   {portstest.Device{VID: telit, PID: 0x1201, Interfaces: portstest.Serial("ttyUSB0", "", "", "ttyUSB1", "ttyUSB2", "ttyUSB3")}, "/dev/ttyUSB3", []string{"/dev/ttyUSB0", "/dev/ttyUSB1"}},
		"generic": {portstest.Device{VID: 0x0403, PID: 0x6001, Product: "FT232R USB UART", Interfaces: portstest.Serial("ttyUSB0")}, "/dev/ttyUSB0", nil},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := newBench(t)
				// Another device, and a UART on which a machine may listen.
				b.Plug("1-1.9", portstest.Device{VID: 0x0781, PID: 0x5567, Interfaces: []portstest.Interface{{Class: 8}}})
				b.PlugUART("ttyS0")
				b.plug("1-1.2", c.device, c.port, modemtest.New())
				m := b.search(t, auto)
				mustBeReady(t, m, time.Minute)
				if st := m.State(); st.Port != c.port || st.Profile != name && name != "le910" {
					t.Errorf("found %s with profile %s, want %s with %s", st.Port, st.Profile, c.port, name)
				}
				for _, port := range append(c.avoids, "/dev/ttyS0") {
					if b.wasOpened(port) > 0 {
						t.Errorf("%s was opened", port)
					}
				}
				sendWhole(t, m, "found")
			})
		})
	}
}

func TestAModemIsFoundAgainUnderAnotherName(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b, sim := newBench(t), modemtest.New()
		b.plug("1-1.2", ec25(0), "/dev/ttyUSB2", sim)
		m := b.search(t, auto)
		mustBeReady(t, m, time.Minute)
		for first := 4; first < 20; first += 4 {
			b.unplug("1-1.2", sim)
			time.Sleep(5 * time.Second)
			if st := m.State(); st.Phase != PhaseOpening || st.Remedy == "" {
				t.Errorf("unplugged, the state is %+v", st)
			}
			b.plug("1-1.2", ec25(first), fmt.Sprint("/dev/ttyUSB", first+2), sim)
			mustBeReady(t, m, time.Minute)
			at := fmt.Sprint("/dev/ttyUSB", first+2)
			if got := m.State().Port; got != at {
				t.Errorf("found at %s, want %s", got, at)
			}
			// Where it is known to be it is not asked first who it is: an answer
			// that is still to come would be lost.
			if n := b.wasOpened(at); n != 1 {
				t.Errorf("%s was opened %d times, want once", at, n)
			}
			if b.wasOpened(fmt.Sprint("/dev/ttyUSB", first+1)) > 0 {
				t.Error("the GPS port was opened")
			}
		}
	})
}

func TestTwoModemsThatSwapNamesKeepTheirBlocks(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBench(t)
		one, another := modemtest.New(telling(oneIMEI)), modemtest.New(telling(anotherIMEI))
		b.plug("1-1.2", ec25(0), "/dev/ttyUSB2", one)
		b.plug("1-1.3", ec25(4), "/dev/ttyUSB6", another)
		m := b.search(t, withIMEI(oneIMEI))
		n := b.search(t, withIMEI(anotherIMEI))
		check := func(want, alsoWant string) {
			t.Helper()
			mustBeReady(t, m, 2*time.Minute)
			mustBeReady(t, n, 2*time.Minute)
			if m.State().Port != want || m.State().IMEI != oneIMEI || n.State().Port != alsoWant || n.State().IMEI != anotherIMEI {
				t.Errorf("%s has IMEI %s, want %s; %s has IMEI %s, want %s", m.State().Port, m.State().IMEI, oneIMEI, n.State().Port, n.State().IMEI, anotherIMEI)
			}
		}
		check("/dev/ttyUSB2", "/dev/ttyUSB6")
		swap := func(oneAt, anotherAt string) {
			b.unplug("1-1.2", one)
			b.unplug("1-1.3", another)
			for _, place := range []string{"1-1.2", "1-1.3"} {
				b.Unplug(place)
			}
			time.Sleep(2 * time.Second)
			b.plug(oneAt, ec25(4), "/dev/ttyUSB6", one)
			b.plug(anotherAt, ec25(0), "/dev/ttyUSB2", another)
		}
		swap("1-1.2", "1-1.3") // the names
		check("/dev/ttyUSB6", "/dev/ttyUSB2")
		swap("1-1.3", "1-1.2") // and the sockets too
		check("/dev/ttyUSB6", "/dev/ttyUSB2")
	})
}

func TestTwoModemsThatAreSearchedNeverTakeTheSameOne(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBench(t)
		b.plug("1-1.2", ec25(0), "/dev/ttyUSB2", modemtest.New(telling(oneIMEI)))
		first, second := b.search(t, auto), b.search(t, auto)
		time.Sleep(5 * time.Minute)
		ready := slices.DeleteFunc([]*Serial{first, second}, func(m *Serial) bool { return m.State().Phase != PhaseReady })
		if len(ready) != 1 {
			t.Fatalf("%d modems are ready through one: %+v, %+v", len(ready), first.State(), second.State())
		}
		if n := b.wasOpened("/dev/ttyUSB3"); n > 0 {
			t.Errorf("the other port of a modem in use was opened %d times", n)
		}
		b.plug("1-1.3", ec25(4), "/dev/ttyUSB6", modemtest.New(telling(anotherIMEI)))
		mustBeReady(t, first, time.Minute)
		mustBeReady(t, second, time.Minute)
		if first.State().IMEI == second.State().IMEI {
			t.Errorf("both have the modem %s", first.State().IMEI)
		}
	})
}

func TestASearchedModemHasItsTimeToComeBackBeforeAnotherTakesItsPlace(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBench(t)
		lost, found := modemtest.New(telling(oneIMEI)), modemtest.New(telling(anotherIMEI))
		b.plug("1-1.2", ec25(0), "/dev/ttyUSB2", lost)
		m := b.search(t, auto)
		mustBeReady(t, m, time.Minute)
		b.unplug("1-1.2", lost)
		b.plug("1-1.3", ec25(4), "/dev/ttyUSB6", found)
		waitForCause(t, m, PhaseOpening, "another one, with IMEI "+anotherIMEI)
		mustBeReady(t, m, 2*time.Minute)
		if got := m.State().IMEI; got != anotherIMEI {
			t.Errorf("the modem is %s, want %s", got, anotherIMEI)
		}
	})
}

func TestAStickThatIsSwitchedOverIsWaitedFor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b, sim := newBench(t), modemtest.New(modemtest.Profile("huawei-stick"))
		stick := portstest.Device{VID: huawei, PID: 0x1001, Interfaces: portstest.Serial("ttyUSB0", "ttyUSB1", "ttyUSB2")}
		b.plug("1-1.2", stick, "/dev/ttyUSB2", sim)
		m := b.search(t, auto)
		mustBeReady(t, m, time.Minute)
		b.unplug("1-1.2", sim)
		b.Plug("1-1.2", portstest.Device{VID: huawei, PID: 0x1f01, Product: "HUAWEI Mobile", Interfaces: []portstest.Interface{{Class: 8, Subclass: 6, Protocol: 0x50}}})
		waitForCause(t, m, PhaseOpening, "unplugged or restarts")
		time.Sleep(40 * time.Second)
		b.Unplug("1-1.2")
		b.plug("1-1.2", stick, "/dev/ttyUSB2", sim)
		mustBeReady(t, m, time.Minute)
	})
}

func TestWhyNoModemIsFoundIsSaidInWords(t *testing.T) {
	disk := []portstest.Interface{{Class: 8, Subclass: 6, Protocol: 0x50}}
	for name, c := range map[string]struct {
		prepare func(*bench)
		options func(*Options)
		cause   string
	}{
		"nothing is there": {func(*bench) {}, auto, "no modem on USB"},
		"a router": {func(b *bench) {
			b.Plug("1-1.2", portstest.Device{VID: huawei, PID: 0x14dc, Product: "HUAWEI_MOBILE", Interfaces: []portstest.Interface{{Class: 2, Subclass: 6}}})
		}, auto, "HUAWEI_MOBILE (12d1:14dc): this stick is a router, not a modem"},
		"a disk": {func(b *bench) {
			b.Plug("1-1.2", portstest.Device{VID: huawei, PID: 0x1f01, Product: "HUAWEI Mobile", Interfaces: disk})
		}, auto, "HUAWEI Mobile (12d1:1f01): this stick shows itself as a disk"},
		"another make": {func(b *bench) { b.Plug("1-1.2", ec25(0)) },
			func(o *Options) { o.Port, o.USB = "", &USB{VID: telit, PID: 0x1201} }, "no modem 1bc7:1201 on USB"},
		"another serial number": {func(b *bench) { b.Plug("1-1.2", ec25(0)) },
			func(o *Options) { o.Port, o.USB = "", &USB{Serial: "A1"} }, "no modem with serial number A1 on USB"},
		"another IMEI": {func(b *bench) { b.plug("1-1.2", ec25(0), "/dev/ttyUSB2", modemtest.New(telling(oneIMEI))) },
			withIMEI(anotherIMEI), "the modem at /dev/ttyUSB2 is another one, with IMEI " + oneIMEI},
		"it is mute": {func(b *bench) { b.Plug("1-1.2", ec25(0)) }, auto, "/dev/ttyUSB2 opens but nothing answers AT"},
		"it is held": {func(b *bench) {
			b.Plug("1-1.2", ec25(0))
			b.Run(412, "ModemManager", "/dev/ttyUSB2", "/dev/ttyUSB3")
		}, auto, "ttyUSB2 is held by ModemManager (process 412)"},
		"a named port is held": {func(b *bench) {
			b.PlugUART("ttyS1")
			b.Run(99, "agetty", "/dev/ttyS1")
		}, func(o *Options) { o.Port = "/dev/ttyS1" }, "ttyS1 is held by agetty (process 99)"},
		"in use by one who cannot be seen": {func(b *bench) {
			b.Plug("1-1.2", ec25(0))
			b.held["/dev/ttyUSB2"] = true
			b.Run(412, "ModemManager")
		}, auto, "/dev/ttyUSB2 is in use by another program, which may be ModemManager (process 412)"},
		"all is excluded": {func(b *bench) { b.Plug("1-1.2", ec25(0)) },
			func(o *Options) { o.Exclude = []string{"/dev/ttyUSB2", "/dev/ttyUSB3"} }, "a port that is excluded"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := newBench(t)
				c.prepare(b)
				m := b.search(t, c.options)
				waitForCause(t, m, PhaseOpening, c.cause)
				if n := m.State().Recoveries["usb"]; n > 0 {
					t.Errorf("the modem was taken off the bus %d times", n)
				}
			})
		})
	}
}

func TestAPortThatIsLetGoOfIsTaken(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBench(t)
		b.plug("1-1.2", ec25(0), "/dev/ttyUSB2", modemtest.New())
		b.Run(412, "ModemManager", "/dev/ttyUSB2", "/dev/ttyUSB3")
		m := b.search(t, auto)
		waitForCause(t, m, PhaseOpening, "held by ModemManager")
		time.Sleep(time.Hour)
		if n := b.wasOpened("/dev/ttyUSB2"); n > 0 {
			t.Errorf("a port that another program reads was opened %d times", n)
		}
		b.Kill(412)
		mustBeReady(t, m, time.Minute)
	})
}

func TestAnExcludedPortIsNeverOpened(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBench(t)
		b.plug("1-1.2", ec25(0), "/dev/ttyUSB3", modemtest.New())
		m := b.search(t, func(o *Options) { o.Exclude = []string{"/dev/ttyUSB2"} })
		mustBeReady(t, m, time.Minute)
		if b.wasOpened("/dev/ttyUSB2") > 0 || m.State().Port != "/dev/ttyUSB3" {
			t.Errorf("found %s, having opened %v", m.State().Port, b.opened)
		}
	})
}

func TestAPortThatNoTableKnowsIsAskedLastAndNotForEver(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBench(t)
		zigbee := portstest.Device{VID: 0x10c4, PID: 0xea60, Interfaces: portstest.Serial("ttyUSB9")}
		b.Plug("1-1.1", zigbee)
		sim := modemtest.New()
		b.plug("1-1.2", ec25(0), "/dev/ttyUSB2", sim)
		m := b.search(t, auto)
		mustBeReady(t, m, time.Minute)
		if b.wasOpened("/dev/ttyUSB9") > 0 {
			t.Error("an unknown port was opened though a modem was there")
		}
		b.unplug("1-1.2", sim)
		time.Sleep(time.Hour)
		n := b.wasOpened("/dev/ttyUSB9")
		if most := probesMax + int(time.Hour/probePause); n < probesMax || n > most {
			t.Errorf("an unknown port was opened %d times in an hour, want %d to %d", n, probesMax, most)
		}
		b.Unplug("1-1.1")
		time.Sleep(time.Minute)
		b.Plug("1-1.1", zigbee)
		time.Sleep(5 * time.Minute)
		if got := b.wasOpened("/dev/ttyUSB9") - n; got != probesMax {
			t.Errorf("plugged in anew, it was opened %d times, want %d", got, probesMax)
		}
		if did := m.State().Recoveries; len(did) > 0 {
			t.Errorf("a port that is no modem's led to recoveries: %v", did)
		}
	})
}

func TestAPortThatHangsIsLeftAloneAndTheNextOneTried(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBench(t)
		b.hangs["/dev/ttyUSB2"] = true
		sim := modemtest.New()
		b.plug("1-1.2", ec25(0), "/dev/ttyUSB3", sim)
		m := b.search(t, auto)
		mustBeReady(t, m, time.Minute)
		for range 20 {
			sim.Unplug()
			time.Sleep(time.Minute)
			sim.Plug()
			mustBeReady(t, m, 2*time.Minute)
		}
		if n := b.wasOpened("/dev/ttyUSB2"); n != 1 {
			t.Errorf("a port that hangs was opened %d times, want once", n)
		}
	})
}

func TestAHomeThatHangsIsLeftAlone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b, sim := newBench(t), modemtest.New()
		b.plug("1-1.2", ec25(0), "/dev/ttyUSB2", sim)
		m := b.search(t, auto)
		mustBeReady(t, m, time.Minute)
		before := b.wasOpened("/dev/ttyUSB2")
		b.mu.Lock()
		b.hangs["/dev/ttyUSB2"], b.modems["/dev/ttyUSB3"] = true, sim
		b.mu.Unlock()
		sim.Unplug()
		sim.Plug()
		time.Sleep(10 * time.Minute)
		if st := m.State(); st.Phase != PhaseReady || st.Port != "/dev/ttyUSB3" {
			t.Errorf("state %+v, want ready at /dev/ttyUSB3", st)
		}
		if n := b.wasOpened("/dev/ttyUSB2") - before; n != 1 {
			t.Errorf("the port that hangs was opened %d times, want once", n)
		}
	})
}

func TestAHomeThatFallsSilentIsLookedForElsewhere(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b, sim := newBench(t), modemtest.New()
		b.plug("1-1.2", ec25(0), "/dev/ttyUSB2", sim)
		m := b.search(t, auto)
		mustBeReady(t, m, time.Minute)
		// The firmware moves the AT port to its other interface.
		b.mu.Lock()
		delete(b.modems, "/dev/ttyUSB2")
		b.modems["/dev/ttyUSB3"] = sim
		b.mu.Unlock()
		sim.Unplug()
		sim.Plug()
		time.Sleep(5 * time.Minute)
		if st := m.State(); st.Phase != PhaseReady || st.Port != "/dev/ttyUSB3" {
			t.Errorf("state %+v, want ready at /dev/ttyUSB3", st)
		}
	})
}

func TestTheSpeedOfAUARTIsFoundAndFixed(t *testing.T) {
	for _, speed := range []int{115200, 9600, 460800} {
		t.Run(fmt.Sprint(speed), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				b := newBench(t)
				sim := modemtest.New(modemtest.Fault("command +IPR? answer +IPR: 0"))
				b.PlugUART("ttyS1")
				b.modems["/dev/ttyS1"], b.speeds["/dev/ttyS1"] = sim, speed
				m := b.search(t, func(o *Options) { o.Port, o.FlowControl = "/dev/ttyS1", true })
				mustBeReady(t, m, 3*time.Minute)
				if !slices.Contains(sim.Commands(), "AT+IFC=2,2") {
					t.Errorf("the modem was told %q, and not to use RTS and CTS", sim.Commands())
				}
				if want := fmt.Sprint("AT+IPR=", speed); !slices.Contains(sim.Commands(), want) {
					t.Errorf("the modem was told %q, and not %s", sim.Commands(), want)
				}
				// Next time it is not looked for.
				before := b.wasOpened("/dev/ttyS1")
				sim.Unplug()
				sim.Plug()
				time.Sleep(30 * time.Second)
				mustBeReady(t, m, time.Minute)
				if n := b.wasOpened("/dev/ttyS1") - before; n != 1 {
					t.Errorf("the port was opened %d times after a restart, want once", n)
				}
			})
		})
	}
}

func TestAUARTWithoutAModemIsTriedAtEverySpeed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBench(t)
		b.PlugUART("ttyS1")
		m := b.search(t, func(o *Options) { o.Port = "/dev/ttyS1" })
		time.Sleep(2 * time.Minute)
		waitForCause(t, m, PhaseOpening, "/dev/ttyS1 opens but nothing answers AT at any speed")
	})
}

func TestAConfiguredSpeedIsUsedAsItIs(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b, sim := newBench(t), modemtest.New()
		b.PlugUART("ttyS1")
		b.modems["/dev/ttyS1"], b.speeds["/dev/ttyS1"] = sim, 9600
		m := b.search(t, func(o *Options) { o.Port, o.Baud = "/dev/ttyS1", 9600 })
		mustBeReady(t, m, time.Minute)
		if n := b.wasOpened("/dev/ttyS1"); n != 1 {
			t.Errorf("the port was opened %d times, want once", n)
		}
		if strings.Contains(strings.Join(sim.Commands(), " "), "+IPR=") {
			t.Error("the speed of a modem that searches none was set")
		}
	})
}

func TestAPortBeforeItsPermissionsIsTriedAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		b := newBench(t)
		b.plug("1-1.2", portstest.Device{VID: 0x0403, PID: 0x6001, Interfaces: portstest.Serial("ttyUSB0")}, "/dev/ttyUSB0", modemtest.New())
		until := time.Now().Add(20 * time.Second)
		m := b.search(t, func(o *Options) {
			o.host.open = func(path string, baud int) (io.ReadWriteCloser, error) {
				if time.Now().Before(until) {
					return nil, fmt.Errorf("open %s: %w", path, syscall.EACCES)
				}
				return b.open(path, baud)
			}
		})
		waitForCause(t, m, PhaseOpening, "no permission to open /dev/ttyUSB0")
		mustBeReady(t, m, time.Minute)
	})
}

func TestOfEachModemPluggedInTheBestPortIsAttached(t *testing.T) {
	at := func(device string, vid, pid uint16, i uint8) ports.Port {
		return ports.Port{Path: fmt.Sprint("/dev/", device, i), SysPath: fmt.Sprint(device, i), Device: device, VID: vid, PID: pid, Interface: i}
	}
	var got []string
	for _, p := range attached([]ports.Port{
		at("b", 0x1e0e, 0x9001, 3), at("b", 0x1e0e, 0x9001, 2), at("b", 0x1e0e, 0x9001, 1),
		at("a", 0x2c7c, 0x0125, 0), at("a", 0x2c7c, 0x0125, 2), at("a", 0x2c7c, 0x0125, 3),
		at("c", 0x0403, 0x6001, 0), {Path: "/dev/ttyS0", SysPath: "s"},
	}) {
		got = append(got, p.Path)
	}
	if want := []string{"/dev/a2", "/dev/b2"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
