package modem

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// disk is a PIN ledger that outlives the modem.
type disk struct {
	states map[string]string
	broken error // of Record
	torn   error // of Tried
}

func (d *disk) Tried(key string) (string, error) { return d.states[key], d.torn }

func (d *disk) Record(key, state string) error {
	if d.broken != nil {
		return d.broken
	}
	if d.states == nil {
		d.states = make(map[string]string)
	}
	d.states[key] = state
	return nil
}

func withPIN(pin string, ledger PINLedger) func(*Options) {
	return func(o *Options) {
		o.PIN = func() (string, error) { return pin, nil }
		o.PINs = ledger
	}
}

func TestTheRightPINUnlocksTheSIMAgainAndAgain(t *testing.T) {
	for name, script := range map[string]string{
		"tries are told":     "",
		"tries are not told": "command +CPINR error",
		"no serial number":   "command +CCID error; command +ICCID error; command +QCCID error; command +CPINR error",
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim := modemtest.New(modemtest.PIN("2580", 3), modemtest.Fault(script))
				ledger := &disk{}
				for range 5 {
					m, stop := start(t, sim, withPIN("2580\n", ledger))
					mustBeReady(t, m, time.Minute)
					stop()
					// The power goes, and with it the unlocking.
					sim.Unplug()
					sim.Plug()
				}
				if got := sim.PINTries(); got != 3 {
					t.Errorf("%d tries left, want 3", got)
				}
			})
		})
	}
}

func TestAWrongPINIsTriedOnceEver(t *testing.T) {
	for name, script := range map[string]string{
		"tries are told":     "",
		"tries are not told": "command +CPINR error",
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim := modemtest.New(modemtest.PIN("2580", 3), modemtest.Fault(script))
				ledger := &disk{}
				for range 5 {
					m, stop := start(t, sim, withPIN("0000", ledger))
					waitForCause(t, m, PhaseLocked, "refused the configured PIN")
					time.Sleep(time.Hour)
					stop()
					sim.Unplug()
					sim.Plug()
				}
				if got := sim.PINTries(); got != 2 {
					t.Fatalf("%d tries left, want 2", got)
				}
				// The right one, once it is configured, is another matter.
				m := run(t, sim, withPIN("2580", ledger))
				mustBeReady(t, m, time.Minute)
			})
		})
	}
}

func TestTheLastTryIsLeftToAPerson(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.PIN("2580", 1))
		m := run(t, sim, withPIN("2580", &disk{}))
		waitForCause(t, m, PhaseLocked, "1 of the SIM's PIN tries left")
		time.Sleep(time.Hour)
		if got := sim.PINTries(); got != 1 {
			t.Errorf("%d tries left, want 1", got)
		}
	})
}

func TestAnAttemptWithoutAResultIsNotRepeated(t *testing.T) {
	for name, script := range map[string]string{
		"silence":      "command +CPIN= silent",
		"plain ERROR":  "command +CPIN= error",
		"unknown code": "command +CPIN= cme 100",
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim := modemtest.New(modemtest.PIN("2580", 3), modemtest.Fault(script))
				ledger := &disk{}
				for range 3 {
					m, stop := start(t, sim, withPIN("2580", ledger))
					time.Sleep(5 * time.Minute)
					waitForCause(t, m, PhaseLocked, "not known")
					stop()
				}
				attempts := 0
				for _, command := range sim.Commands() {
					if strings.HasPrefix(command, "AT+CPIN=") {
						attempts++
					}
				}
				if attempts != 1 {
					t.Errorf("the PIN was entered %d times, want once", attempts)
				}
			})
		})
	}
}

func TestASIMThatIsReadySettlesAnAttemptWithoutAResult(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		ledger := &disk{}
		m, stop := start(t, modemtest.New(), withPIN("2580", ledger))
		mustBeReady(t, m, time.Minute)
		stop()
		if len(ledger.states) != 0 {
			t.Fatalf("a SIM without PIN leaves %v in the ledger", ledger.states)
		}
		key := pinKey("iccid:8988211000000000007", "2580") // the simulated card's
		ledger.Record(key, pinTrying)
		m, stop = start(t, modemtest.New(), withPIN("2580", ledger))
		defer stop()
		mustBeReady(t, m, time.Minute)
		if got := ledger.states[key]; got != pinRight {
			t.Errorf("the ledger says %q, want %q", got, pinRight)
		}
	})
}

func TestNoPINIsEnteredThatCannotBeAccountedFor(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Options)
		cause  string
	}{
		"the ledger does not record": {withPIN("2580", &disk{broken: errors.New("disk full")}), "cannot be recorded: disk full"},
		"the ledger cannot be read":  {withPIN("2580", &disk{torn: errors.New("i/o error")}), "cannot be read: i/o error"},
		"there is no ledger":         {withPIN("2580", nil), "no store to remember"},
		"the file holds a sentence":  {withPIN("my pin is 2580", &disk{}), "not a PIN"},
		"the file holds a command":   {withPIN("2580\";+CFUN=0", &disk{}), "not a PIN"},
		"the file is empty":          {withPIN("", &disk{}), "not a PIN"},
		"the file cannot be read": {func(o *Options) {
			o.PIN = func() (string, error) { return "", errors.New("permission denied") }
			o.PINs = &disk{}
		}, "permission denied"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim := modemtest.New(modemtest.PIN("2580", 3))
				m := run(t, sim, c.change)
				waitForCause(t, m, PhaseLocked, c.cause)
				for _, command := range sim.Commands() {
					if strings.HasPrefix(command, "AT+CPIN=") {
						t.Errorf("the modem was told %q", command)
					}
				}
			})
		})
	}
}

func TestThreeWrongPINsDoNotBlockASIMThatDoesNotTellItsTries(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.PIN("2580", 3), modemtest.Fault("command +CPINR error"))
		ledger := &disk{}
		for _, pin := range []string{"0000", "1111", "2222", "2580"} {
			m, stop := start(t, sim, withPIN(pin, ledger))
			time.Sleep(time.Minute)
			if st := m.State(); st.Phase != PhaseLocked {
				t.Errorf("with PIN %s: %+v, want locked", pin, st)
			}
			stop()
		}
		if got := sim.PINTries(); got != 1 {
			t.Fatalf("%d tries left, want 1", got)
		}
	})
}

func TestWhenAPINMayBeEntered(t *testing.T) {
	for _, c := range []struct {
		tried string
		count int // attempts that were not right
		left  int // -1 when not told
		may   bool
	}{
		{"", 0, 3, true}, {"", 0, 2, true}, {"", 0, 1, false}, {"", 0, 0, false},
		{"", 0, -1, true}, {"", 1, -1, true}, {"", 2, -1, false}, {"", 9, -1, false}, {"", 9, 3, true},
		{pinRight, 0, 3, true}, {pinRight, 0, 1, false}, {pinRight, 0, -1, true},
		{pinRetrying, 1, 3, true}, {pinRetrying, 1, 1, false}, {pinRetrying, 1, -1, false},
		{pinTrying, 1, 3, false}, {pinTrying, 1, -1, false},
		{pinWrong, 1, 3, false}, {pinWrong, 1, -1, false},
	} {
		cause, remedy := pinRecord{tried: c.tried, count: c.count}.forbids(c.left)
		if (cause == "") != c.may || (cause == "") != (remedy == "") {
			t.Errorf("%+v: %q, %q", c, cause, remedy)
		}
	}
}

func TestThePINIsInNeitherKeyNorLog(t *testing.T) {
	if key := pinKey("iccid:89353", "2580"); strings.Contains(strings.TrimPrefix(key, "iccid:89353"), "2580") {
		t.Errorf("key %q has the PIN in it", key)
	}
	if pinKey("a", "2580") == pinKey("a", "2581") || pinKey("a", "2580") == pinKey("b", "2580") {
		t.Error("two PINs or two SIMs share a key")
	}
	if got := withoutSecret(`+CPIN="2580"`); strings.Contains(got, "2580") {
		t.Errorf("the command is logged as %q", got)
	}
}
