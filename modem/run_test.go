package modem

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// run runs a modem on sim for the rest of the test.
func run(t *testing.T, sim *modemtest.Modem, change ...func(*Options)) *Serial {
	t.Helper()
	m, stop := start(t, sim, change...)
	t.Cleanup(stop)
	return m
}

// start runs a modem on sim until stop.
func start(t *testing.T, sim *modemtest.Modem, change ...func(*Options)) (m *Serial, stop func()) {
	t.Helper()
	o := Options{Name: "sim", Port: "/dev/simulated-modem", Open: sim.Open, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	for _, c := range change {
		c(&o)
	}
	m = New(o)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := m.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	}()
	return m, func() { cancel(); <-ended }
}

func mustBeReady(t *testing.T, m *Serial, within time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	if err := m.Ready(ctx); err != nil {
		t.Fatalf("not ready within %v: %+v", within, m.State())
	}
}

func TestAReadyModemTellsWhoItIs(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := run(t, modemtest.New())
		mustBeReady(t, m, time.Minute)
		sendWhole(t, m, "hello")
		st := m.State()
		if st.Phase != PhaseReady || st.Cause != "" || st.Maker == "" || st.Model == "" || st.Firmware == "" || st.IMEI == "" || st.Operator == "" {
			t.Errorf("state %+v leaves something out", st)
		}
		if st.SMSC != "+447700900000" || st.Registration != 1 || st.SignalDBm != -73 || st.Accepted != 1 || !st.LastAccepted.Equal(time.Now()) {
			t.Errorf("state %+v, want SMSC +447700900000, registration 1, -73 dBm, one text accepted now", st)
		}
	})
}

func TestWhatStandsInTheWayIsSaidInWords(t *testing.T) {
	for name, c := range map[string]struct {
		options []modemtest.Option
		phase   string
		cause   string
	}{
		"no SIM":            {[]modemtest.Option{modemtest.Fault("at 1ms sim out")}, PhaseSIM, "no SIM in the modem"},
		"SIM broken":        {[]modemtest.Option{modemtest.Fault("command +CPIN cme 13")}, PhaseSIM, "cannot read the SIM"},
		"SIM busy":          {[]modemtest.Option{modemtest.Fault("command +CPIN cme 14")}, PhaseSIM, "SIM busy"},
		"PIN":               {[]modemtest.Option{modemtest.PIN("1234", 3)}, PhaseLocked, "none is configured"},
		"PUK":               {[]modemtest.Option{modemtest.PIN("1234", 0)}, PhaseLocked, "needs its PUK"},
		"locked to network": {[]modemtest.Option{modemtest.Fault("command +CPIN answer +CPIN: PH-NET PIN")}, PhaseLocked, "PH-NET PIN"},
		"no service centre": {[]modemtest.Option{modemtest.ServiceCentre("")}, PhaseCentre, "names a service centre"},
		"searching":         {[]modemtest.Option{modemtest.Registered(false)}, PhaseNoNet, "searching"},
		"denied":            {[]modemtest.Option{modemtest.Fault("at 1ms registration 3")}, PhaseNoNet, "denies"},
		"emergency only":    {[]modemtest.Option{modemtest.Fault("at 1ms registration 8")}, PhaseNoNet, "emergency"},
		"unheard of":        {[]modemtest.Option{modemtest.Fault("command +CREG? answer +CREG: 2,23; command +CGREG? error; command +CEREG? error")}, PhaseNoNet, "state 23"},
		"no PDU mode":       {[]modemtest.Option{modemtest.Fault("command +CMGF= error")}, PhaseStarting, "PDU mode"},
		"mute":              {[]modemtest.Option{modemtest.Fault("at 1ms hang")}, PhaseOpening, "nothing answers AT"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				m := run(t, modemtest.New(c.options...))
				waitForCause(t, m, c.phase, c.cause)
			})
		})
	}
}

// waitForCause waits at most a minute, in virtual time, for the modem to say
// what is wrong.
func waitForCause(t *testing.T, m *Serial, phase, cause string) {
	t.Helper()
	for range 600 {
		if st := m.State(); st.Phase == phase && strings.Contains(st.Cause, cause) && st.Remedy != "" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("state %+v, want phase %q, a cause with %q and a remedy", m.State(), phase, cause)
}

func TestAPortThatDoesNotOpenIsExplained(t *testing.T) {
	for name, c := range map[string]struct {
		err   error
		cause string
	}{
		"absent":      {&fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}, "no modem at /dev/modem"},
		"half gone":   {&fs.PathError{Op: "open", Path: "x", Err: syscall.ENXIO}, "no modem at /dev/modem"},
		"forbidden":   {&fs.PathError{Op: "open", Path: "x", Err: syscall.EACCES}, "no permission"},
		"busy":        {&fs.PathError{Op: "open", Path: "x", Err: syscall.EBUSY}, "in use by another program"},
		"locked":      {fmt.Errorf("lock: %w", errInUse), "in use by another program"},
		"no port":     {fmt.Errorf("open: %w", errNotSerial), "not a serial port"},
		"something":   {errors.New("the cable is made of cheese"), "made of cheese"},
		"driver hang": {nil, "driver hangs"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				release := make(chan struct{})
				t.Cleanup(func() { close(release) })
				m := run(t, modemtest.New(), func(o *Options) {
					o.Port = "/dev/modem"
					o.Open = func(context.Context) (io.ReadWriteCloser, error) {
						if c.err == nil {
							<-release
							return nil, errors.New("too late")
						}
						return nil, c.err
					}
				})
				waitForCause(t, m, PhaseOpening, c.cause)
			})
		})
	}
}

func TestAPortThatHangsForEverIsNotTriedForEver(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		release := make(chan struct{})
		var opens atomic.Int32
		m := run(t, modemtest.New(), func(o *Options) {
			o.Open = func(context.Context) (io.ReadWriteCloser, error) {
				opens.Add(1)
				<-release
				return nil, errors.New("too late")
			}
		})
		time.Sleep(24 * time.Hour)
		if n := opens.Load(); n != hungMax {
			t.Errorf("the port was opened %d times, want %d", n, hungMax)
		}
		close(release)
		time.Sleep(time.Minute)
		if opens.Load() <= hungMax {
			t.Errorf("the port is not tried again after the driver let go: %+v", m.State())
		}
	})
}

func TestRegistrationLostAndFoundIsNoticedAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New()
		m := run(t, sim)
		mustBeReady(t, m, time.Minute)
		for range 5 {
			time.Sleep(7 * time.Second)
			sim.SetRegistered(2)
			time.Sleep(1500 * time.Millisecond)
			if st := m.State(); st.Phase != PhaseNoNet {
				t.Fatalf("state %+v, want no service", st)
			}
			time.Sleep(7 * time.Second)
			sim.SetRegistered(5)
			mustBeReady(t, m, 1500*time.Millisecond)
			if st := m.State(); st.Registration != 5 {
				t.Fatalf("state %+v, want registration 5", st)
			}
		}
		if n := m.State().Reopened; n != 0 {
			t.Errorf("the line was reopened %d times for it", n)
		}
	})
}

func TestAFlappingNetworkIsNotAskedWithoutEnd(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Fault("urc +CREG: 1 every 10ms"))
		m := run(t, sim)
		mustBeReady(t, m, time.Minute)
		before := sim.Stats().Commands
		time.Sleep(time.Minute)
		const commandsALook = 10
		if n := sim.Stats().Commands - before; n > 61*commandsALook {
			t.Errorf("%d commands within a minute", n)
		}
		sendWhole(t, m, "hello")
	})
}

func TestAModemThatDiedIsNoticedWithinAMinute(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := run(t, modemtest.New(modemtest.Fault("at 100s hang")))
		mustBeReady(t, m, time.Minute)
		time.Sleep(100*time.Second + time.Minute)
		if st := m.State(); st.Phase == PhaseReady {
			t.Errorf("state %+v a minute after the modem fell silent", st)
		}
	})
}

func TestAStalledLineIsLetGo(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Fault("at 60s stall"))
		m := run(t, sim)
		mustBeReady(t, m, 30*time.Second)
		time.Sleep(2 * time.Minute)
		if st := m.State(); st.Phase != PhaseOpening || !strings.Contains(st.Cause, "took no byte") {
			t.Errorf("state %+v, want a line that is being opened", st)
		}
		sim.Unplug()
		sim.Plug()
		mustBeReady(t, m, time.Minute)
		synctest.Wait()
		if n := m.hung.Load(); n != 0 {
			t.Errorf("%d calls count as hanging", n)
		}
	})
}

func TestAThousandUnpluggingsLeaveNothingBehind(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New()
		m := run(t, sim)
		mustBeReady(t, m, time.Minute)
		synctest.Wait()
		before := runtime.NumGoroutine()
		for range 1000 {
			sim.Unplug()
			time.Sleep(3 * time.Second)
			if st := m.State(); st.Phase != PhaseOpening || !strings.Contains(st.Cause, "no modem at") {
				t.Fatalf("state %+v while unplugged", st)
			}
			sim.Plug()
			mustBeReady(t, m, time.Minute)
		}
		synctest.Wait()
		// Other tests' goroutines may end or the runtime's start meanwhile.
		const some = 5
		if after := runtime.NumGoroutine(); after > before+some {
			t.Errorf("%d goroutines, %d before", after, before)
		}
		if n := m.hung.Load(); n != 0 {
			t.Errorf("%d calls count as hanging", n)
		}
		sendWhole(t, m, "hello")
	})
}

func TestTheConfiguredServiceCentreIsSet(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.ServiceCentre(""))
		m := run(t, sim, func(o *Options) { o.SMSC = "+353 86 800 2000" })
		mustBeReady(t, m, time.Minute)
		if got := m.State().SMSC; got != "+353868002000" {
			t.Errorf("service centre %q, want +353868002000", got)
		}
		sendWhole(t, m, "hello")
	})
}

func TestAServiceCentreThatIsNoNumberIsNotTyped(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New()
		m := run(t, sim, func(o *Options) { o.SMSC = "+1\";+CFUN=0;\"" })
		waitForCause(t, m, PhaseCentre, "not a digit")
		for _, command := range sim.Commands() {
			if strings.Contains(command, "CFUN=") {
				t.Errorf("the modem was told %q", command)
			}
		}
	})
}

func TestAPromptLeftByAnotherProgramIsLeft(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New()
		line, err := sim.Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(line, "AT+CMGF=0\rAT+CMGS=23\r"); err != nil {
			t.Fatal(err)
		}
		line.Close()
		m := run(t, sim)
		mustBeReady(t, m, 10*time.Second)
		sendWhole(t, m, "hello")
		if texts := sim.Accepted(); len(texts) != 1 || len(sim.Refused()) != 0 {
			t.Errorf("the network took %+v and refused %v", texts, sim.Refused())
		}
	})
}

func TestARefusalOfWhatIsNotNeededStopsNothing(t *testing.T) {
	for _, command := range []string{
		"+CMEE", "+CGMI", "+CGMM", "+CGMR", "+CGSN", "+CGREG", "+CEREG", "+COPS", "+CSQ", "+CMMS", "+CSCA?", "+CCID",
	} {
		for _, result := range []string{"error", "cme 3", "unsupported"} {
			t.Run(command+" "+result, func(t *testing.T) {
				inBubble(t, func(t *testing.T) {
					m := run(t, modemtest.New(modemtest.Fault("command "+command+" "+result)))
					mustBeReady(t, m, time.Minute)
					sendWhole(t, m, strings.Repeat("long ", 60))
				})
			})
		}
	}
}

func TestASIMThatIsSlowIsWaitedFor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := run(t, modemtest.New(modemtest.Fault("command +CPIN cme 14 times 5; command +CPIN cme 515 times 3; command +CSCA? cms 314 times 2")))
		mustBeReady(t, m, 2*time.Minute)
		if n := m.State().Reopened; n != 0 {
			t.Errorf("the line was reopened %d times for it", n)
		}
	})
}

func TestASIMThatComesBackIsFound(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New()
		m := run(t, sim)
		mustBeReady(t, m, time.Minute)
		sim.InsertSIM(false)
		waitForCause(t, m, PhaseSIM, "no SIM")
		sim.InsertSIM(true)
		mustBeReady(t, m, time.Minute)
		sendWhole(t, m, "hello")
	})
}
