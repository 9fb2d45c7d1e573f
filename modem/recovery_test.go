package modem

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// memory is Notes that outlive the modems of one test.
type memory struct {
	mu    sync.Mutex
	notes map[string]string
}

func (m *memory) Get(key string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.notes[key], nil
}

func (m *memory) Put(key, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.notes == nil {
		m.notes = map[string]string{}
	}
	m.notes[key] = value
	return nil
}

// idleHost is a host on which nothing can be done but what a test adds.
func idleHost() *host {
	refused := errors.New("not on this host")
	return &host{
		sys:     "/nonexistent",
		run:     func(context.Context, []string) error { return refused },
		restart: func(context.Context) error { return refused },
	}
}

// onHost runs the modem's recovery on h.
func onHost(h *host) func(*Options) { return func(o *Options) { o.host = h } }

func TestEachSilenceIsAnsweredByTheNextRung(t *testing.T) {
	rungs := []string{"drain", "reopen", "reinit", "radio", "reset"}
	for n := 1; n <= len(rungs); n++ {
		t.Run(rungs[n-1], func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim := modemtest.New(modemtest.Fault(fmt.Sprintf("command +CSQ silent times %d", n)))
				m := run(t, sim, onHost(idleHost()))
				time.Sleep(5 * time.Minute)
				mustBeReady(t, m, time.Minute)
				sendWhole(t, m, "hello")
				want := map[string]uint64{}
				for _, name := range rungs[:n] {
					want[name] = 1
				}
				if diff := cmp.Diff(want, m.State().Recoveries); diff != "" {
					t.Errorf("recoveries (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestTheFactorysSettingsAreSetOnceAnIncident(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Fault("command +CSQ silent"))
		run(t, sim, onHost(idleHost()))
		time.Sleep(6 * time.Hour)
		count := 0
		for _, command := range sim.Commands() {
			if strings.Contains(command, "&F") {
				count++
			}
		}
		if count > 1 {
			t.Errorf("AT&F was given %d times", count)
		}
	})
}

func TestAModemThatNothingHelpsCallsForAPerson(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := run(t, modemtest.New(modemtest.Fault("command +CSQ silent")), onHost(idleHost()))
		time.Sleep(10 * time.Minute)
		waitForCause(t, m, PhaseOpening, "5 recoveries did not help")
		if st := m.State(); !strings.Contains(st.Cause, "+CSQ") || !strings.Contains(st.Remedy, "power") || st.CanSend != CanSendNo {
			t.Errorf("state %+v, want the silent command, a remedy for the modem's power, and that it cannot send", st)
		}
	})
}

func TestAHangThatOnlyPowerClearsIsClearedByTheResetCommand(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Fault("at 100s hang"))
		h := idleHost()
		h.run = func(_ context.Context, command []string) error {
			if !slices.Equal(command, []string{"/usr/bin/hub", "cycle"}) {
				t.Errorf("ran %q", command)
			}
			sim.Unplug()
			sim.Plug()
			return nil
		}
		m := run(t, sim, onHost(h), func(o *Options) { o.Reset.Command = []string{"/usr/bin/hub", "cycle"} })
		mustBeReady(t, m, time.Minute)
		time.Sleep(5 * time.Minute)
		mustBeReady(t, m, time.Minute)
		sendWhole(t, m, "hello")
		if n := m.State().Recoveries["command"]; n != 1 {
			t.Errorf("recoveries %v, want the command once", m.State().Recoveries)
		}
	})
}

func TestAModemThatChattersWithoutEndIsNotRecovered(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := run(t, modemtest.New(modemtest.Fault("urc ^RSSI: 20 every 10ms")), onHost(idleHost()))
		mustBeReady(t, m, time.Minute)
		time.Sleep(10 * time.Minute)
		sendWhole(t, m, "hello")
		if got := m.State().Recoveries; len(got) > 0 {
			t.Errorf("recoveries %v", got)
		}
	})
}

func TestChatterDoesNotHideASilence(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := run(t, modemtest.New(modemtest.Fault("urc ^RSSI: 20 every 10ms; command +CSQ silent times 2")), onHost(idleHost()))
		time.Sleep(2 * time.Minute)
		mustBeReady(t, m, time.Minute)
		if got := m.State().Recoveries; got["drain"] != 1 || got["reopen"] != 1 {
			t.Errorf("recoveries %v, want a drain and a reopen", got)
		}
	})
}

func TestWhatIsMerelyNotThereIsNotClimbedFor(t *testing.T) {
	for name, c := range map[string]struct {
		option modemtest.Option
		want   map[string]uint64
	}{
		"the modem":    {modemtest.Fault("at 30s unplug"), nil},
		"the network":  {modemtest.Registered(false), nil},
		"the SIM":      {modemtest.Fault("at 1ms sim out"), map[string]uint64{"sim": 3}},
		"the PIN":      {modemtest.PIN("1234", 3), nil},
		"SIM failure":  {modemtest.Fault("command +CPIN? cme 13"), map[string]uint64{"sim": 3}},
		"out of range": {modemtest.Fault("at 1ms registration 4"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				m := run(t, modemtest.New(c.option), onHost(idleHost()))
				time.Sleep(6 * time.Hour)
				if diff := cmp.Diff(c.want, m.State().Recoveries); diff != "" {
					t.Errorf("recoveries (-want +got):\n%s", diff)
				}
				if st := m.State(); st.Cause == "" || st.CanSend != CanSendNo {
					t.Errorf("state %+v, want a cause and that it cannot send", st)
				}
			})
		})
	}
}

func TestADroppedSIMIsFoundByPowerAtGrowingGaps(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Fault("command +CPIN? cme 10 times 20"))
		m := run(t, sim, onHost(idleHost()))
		mustBeReady(t, m, 5*time.Minute)
		off := 0
		for _, command := range sim.Commands() {
			if strings.HasSuffix(command, "+CFUN=0") {
				off++
			}
		}
		if off != 2 {
			t.Errorf("the SIM's power was taken %d times within the 100 s it was lost, want 2", off)
		}
		sendWhole(t, m, "hello")
	})
}

func TestNoRungIsTakenBetweenCtrlZAndTheFinalResult(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Fault("at 20s urc +CREG: 2"), modemtest.SendDelay(170*time.Second))
		m := run(t, sim, onHost(idleHost()))
		mustBeReady(t, m, 10*time.Second)
		sent := make(chan error)
		go func() {
			_, err := m.Send(t.Context(), somePart("hello"))
			sent <- err
		}()
		time.Sleep(5 * time.Second)
		before := sim.Stats().Commands
		time.Sleep(160 * time.Second)
		if n := sim.Stats().Commands - before; n > 0 {
			t.Errorf("%d commands while the part was on the wire", n)
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
	})
}

func TestAResetLocksTheSIMAndAPINThatWasRightIsEnteredAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.PIN("1234", 3), modemtest.Fault("command +CSQ silent times 5"))
		m := run(t, sim, onHost(idleHost()), withPIN("1234", &disk{}))
		time.Sleep(5 * time.Minute)
		mustBeReady(t, m, time.Minute)
		if n := m.State().Recoveries["reset"]; n != 1 || sim.PINTries() != 3 {
			t.Errorf("recoveries %v and %d tries left, want a reset and 3", m.State().Recoveries, sim.PINTries())
		}
	})
}

func TestARadioThatWasLeftOffIsSwitchedOn(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New()
		line, err := sim.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(line, "AT+CFUN=4\r")
		line.Close()
		m := run(t, sim, onHost(idleHost()))
		mustBeReady(t, m, time.Minute)
	})
}

func TestTheHostIsRestartedAtMostOnceADayAlsoAcrossRestarts(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		var restarts []time.Time
		h, notes := idleHost(), &memory{}
		h.restart = func(context.Context) error { restarts = append(restarts, time.Now()); return nil }
		for range 12 { // runs of six hours: three days
			_, stop := start(t, modemtest.New(modemtest.Fault("at 1ms hang")), onHost(h), func(o *Options) {
				o.Reset.Reboot, o.Notes = true, notes
			})
			time.Sleep(6 * time.Hour)
			stop()
		}
		if len(restarts) != 3 {
			t.Errorf("restarted at %v, want 3 times in three days", restarts)
		}
		for i := 1; i < len(restarts); i++ {
			if gap := restarts[i].Sub(restarts[i-1]); gap < 24*time.Hour {
				t.Errorf("%v between two restarts", gap)
			}
		}
	})
}

func TestAHostIsNotRestartedUnasked(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := idleHost()
		h.restart = func(context.Context) error { t.Error("restarted"); return nil }
		run(t, modemtest.New(modemtest.Fault("at 1ms hang")), onHost(h), func(o *Options) { o.Notes = &memory{} })
		time.Sleep(24 * time.Hour)
	})
}

func TestAHostIsNotRestartedWhenThatCannotBeRemembered(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		h := idleHost()
		h.restart = func(context.Context) error { t.Error("restarted"); return nil }
		m := run(t, modemtest.New(modemtest.Fault("at 1ms hang")), onHost(h), func(o *Options) { o.Reset.Reboot = true })
		time.Sleep(time.Hour)
		waitForCause(t, m, PhaseOpening, "cannot be remembered")
	})
}

func TestARestartNotedInTheFutureIsWaitedOutInFull(t *testing.T) {
	now := time.Date(1970, 1, 1, 0, 5, 0, 0, time.UTC)
	m := New(Options{Notes: &memory{notes: map[string]string{rebootNote: "2026-03-01T02:00:00Z"}}})
	m.rememberReboot(now)
	if got := m.recovery.ladder.taken[rungReboot]; len(got) != 1 || !got[0].Equal(now) {
		t.Errorf("the last restart counts as of %v, want %v", got, now)
	}
}

// fakeSys is a sysfs with a modem on USB, and a device node beside it.
func fakeSys(t *testing.T) (h *host, port, device string) {
	t.Helper()
	root := t.TempDir()
	device = filepath.Join(root, "sys/devices/pci0/usb1/1-1.2")
	tty := filepath.Join(device, "1-1.2:1.2/ttyUSB2")
	port = filepath.Join(root, "dev/ttyUSB2")
	for _, dir := range []string{tty, filepath.Join(root, "sys/class/tty/ttyUSB2"), filepath.Join(root, "dev")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(tty, filepath.Join(root, "sys/class/tty/ttyUSB2/device")); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{filepath.Join(device, "idVendor"): "2c7c\n", filepath.Join(device, "authorized"): "1", port: ""} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	h = idleHost()
	h.sys = filepath.Join(root, "sys")
	return h, port, device
}

func TestTheUSBDeviceOfAPortIsFound(t *testing.T) {
	h, port, device := fakeSys(t)
	if got := h.usbDevice(port); got != device {
		t.Errorf("device %q, want %q", got, device)
	}
	if got := h.usbDevice(filepath.Join(filepath.Dir(port), "ttyS0")); got != "" {
		t.Errorf("a port without USB has the device %q", got)
	}
}

func TestAModemOnUSBIsTakenOffTheBusAndPutBack(t *testing.T) {
	h, port, device := fakeSys(t)
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Fault("at 100s hang"))
		m := run(t, sim, onHost(h), func(o *Options) { o.Port = port })
		mustBeReady(t, m, time.Minute)
		for range 6000 {
			if text, err := os.ReadFile(filepath.Join(device, "authorized")); err != nil {
				t.Fatal(err)
			} else if string(text) == "0" {
				sim.Unplug()
				time.Sleep(2 * usbPause)
				sim.Plug()
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		mustBeReady(t, m, time.Minute)
		if text, _ := os.ReadFile(filepath.Join(device, "authorized")); string(text) != "1" || m.State().Recoveries["usb"] != 1 {
			t.Errorf("authorized is %q after %v", text, m.State().Recoveries)
		}
	})
}

func TestAUSBDeviceThatMayNotBeSwitchedIsSaidPlainly(t *testing.T) {
	c := obstacle(rungUSB, fmt.Errorf("the USB device cannot be switched off: %w", &fs.PathError{Op: "open", Path: "/sys/x/authorized", Err: os.ErrPermission}))
	if !strings.Contains(c.Cause, "permission denied") || !strings.Contains(c.Remedy, "udev") {
		t.Errorf("obstacle %+v, want the permission and a udev rule", c)
	}
}

func TestTheResetCommandIsBoundedInTimeAndWords(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		want   []string // in the error; nil: none
	}{
		"succeeds": {"exit 0", nil},
		"fails":    {"echo no such hub >&2; exit 3", []string{"exit status 3", "no such hub"}},
		"hangs":    {"exec sleep 60", []string{"no end within 300ms"}},
		"chatters": {"head -c 100000 /dev/zero | tr '\\0' x; echo end; exit 1", []string{"exit status 1", "end"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := runWithin(t.Context(), 300*time.Millisecond, []string{"sh", "-c", c.script})
			if (err == nil) != (c.want == nil) {
				t.Fatalf("error %v", err)
			}
			for _, words := range c.want {
				if !strings.Contains(err.Error(), words) || len(err.Error()) > commandOutputMax+100 {
					t.Errorf("error of %d bytes %.200q, want %q in it", len(err.Error()), err, words)
				}
			}
		})
	}
}

func TestStatesGivenAwayAreNotChangedByLaterRecoveries(t *testing.T) {
	before := map[string]uint64{"drain": 1}
	after := counted(before, "drain")
	if want := map[string]uint64{"drain": 1}; !maps.Equal(before, want) || after["drain"] != 2 {
		t.Errorf("before %v, after %v", before, after)
	}
}

func TestATextRefusedForTheWantOfASIMGivesTheSIMItsPowerAnew(t *testing.T) {
	for _, code := range []int{cmsNoSIM, cmsSIMFailure} {
		inBubble(t, func(t *testing.T) {
			sim := modemtest.New(modemtest.Fault(fmt.Sprintf("send 1 cms %d", code)))
			m := run(t, sim, onHost(idleHost()))
			mustBeReady(t, m, time.Minute)
			_, err := m.Send(t.Context(), somePart("hello"))
			wantOutcome(t, err, Refused)
			time.Sleep(time.Minute)
			if got := m.State().Recoveries["sim"]; got != 1 {
				t.Errorf("code %d: the SIM was looked for %d times, want once", code, got)
			}
			mustBeReady(t, m, 2*time.Hour)
			sendWhole(t, m, "hello")
		})
	}
}
