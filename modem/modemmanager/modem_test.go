package modemmanager

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/modem/modemmanager/mmtest"
)

func TestTheStateIsWhatModemManagerSaysOfTheModem(t *testing.T) {
	b, _ := withModem(t, Options{})
	want := modem.State{
		Name: "main", Phase: modem.PhaseReady, Port: "ModemManager, ttyUSB2", Maker: "Tocsin", Model: "Simulated modem", Firmware: "1.0",
		IMEI: imei, Operator: "Simulated", PINTries: 3, Registration: 1, Domains: [3]int{-1, -1, -1}, Technology: modem.TechnologyLTE,
		SignalDBm: -74, Signal: modem.SignalExcellent, CanSend: modem.CanSendUnproven, Reports: modem.ReportsUnproven,
	}
	if diff := cmp.Diff(want, b.m.State(), cmpopts.IgnoreUnexported(modem.State{})); diff != "" {
		t.Errorf("State() (-want +got):\n%s", diff)
	}
	b.stop()
	if st := b.m.State(); st.Phase != modem.PhaseStopped {
		t.Errorf("after Run the modem is %q, want %q", st.Phase, modem.PhaseStopped)
	}
}

func TestAModemIsChosenByWhatTellsItFromOthers(t *testing.T) {
	const other = "004999010640001"
	both := func(mm *mmtest.ModemManager) { mm.Add(imei); mm.Add(other) }
	none := func(*mmtest.ModemManager) {}
	for _, c := range []struct {
		name, device string
		plug         func(*mmtest.ModemManager)
		imei, cause  string
		remedy       string
	}{
		{"the only one", "", one, imei, "", ""},
		{"by IMEI", other, both, other, "", ""},
		{"by device", "/sys/devices/pci0000:00/usb1/1-1", both, other, "", ""},
		{"by port", "/dev/ttyUSB2", one, imei, "", ""},
		{"none there", "", none, "", "ModemManager knows no modem", "plug the modem in"},
		{"two and no name", "", both, "", "ModemManager knows 2 modems and none is named", imei + " (Tocsin Simulated modem), " + other},
		{"another", other, one, "", "ModemManager knows no modem " + other, "one that is there: " + imei},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := start(t, Options{Device: c.device}, c.plug)
			phase := modem.PhaseReady
			if c.imei == "" {
				phase = modem.PhaseOpening
			}
			st := b.await(phase, c.cause)
			if st.IMEI != c.imei || !strings.Contains(st.Remedy, c.remedy) {
				t.Errorf("IMEI %q, remedy %q, want %q and %q", st.IMEI, st.Remedy, c.imei, c.remedy)
			}
		})
	}
}

func TestAModemThatComesBackUnderAnotherPathIsUsedAgain(t *testing.T) {
	b, fake := withModem(t, Options{Device: imei})
	b.Remove(fake)
	b.await(modem.PhaseOpening, "ModemManager knows no modem")
	b.Readd(fake)
	b.await(modem.PhaseReady, "")
	if _, err := b.send("warm", modem.SplitOptions{}); err != nil {
		t.Error(err)
	}
}

func TestAModemManagerThatRestartsIsNothingSpecial(t *testing.T) {
	b, _ := withModem(t, Options{})
	b.Stop()
	b.await(modem.PhaseOpening, "ModemManager is not running")
	b.Restart()
	fake := b.Add(imei)
	b.await(modem.PhaseReady, "")
	if _, err := b.send("warm", modem.SplitOptions{}); err != nil {
		t.Error(err)
	}
	if got := len(fake.Sent()); got != 1 {
		t.Errorf("the new ModemManager sent %d messages, want 1", got)
	}
}

func TestWithoutABusThereIsNoModemAndTheRemedySaysSo(t *testing.T) {
	m := New(Options{Address: "unix:path=/nonexistent/bus"})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- m.Run(ctx) }()
	b := bench{ModemManager: mmtest.New(t, mmtest.Bus(t)), t: t, m: m}
	b.Eventually("a cause", func() bool { return strings.HasPrefix(m.State().Cause, "no connection to the system bus: ") })
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestADisabledModemIsEnabled(t *testing.T) {
	b := start(t, Options{}, func(mm *mmtest.ModemManager) { mm.Add(imei).Disable() })
	b.await(modem.PhaseReady, "")
}

func TestWhatStandsInTheWayIsShownInWords(t *testing.T) {
	for _, c := range []struct {
		name         string
		is           func(*mmtest.Modem)
		phase, cause string
	}{
		{"no SIM", func(m *mmtest.Modem) { m.SetState(mmtest.Failed, failedSIMMissing) }, modem.PhaseSIM, "no SIM in the modem"},
		{"SIM unreadable", func(m *mmtest.Modem) { m.SetState(mmtest.Failed, failedSIMError) }, modem.PhaseSIM, "the modem cannot read the SIM"},
		{"eSIM empty", func(m *mmtest.Modem) { m.SetState(mmtest.Failed, failedNoProfile) }, modem.PhaseSIM, "the eSIM has no profile"},
		{"unknown modem", func(m *mmtest.Modem) { m.SetState(mmtest.Failed, failedNoCapabilities) }, modem.PhaseOpening, "ModemManager does not know what this modem can do"},
		{"failed otherwise", func(m *mmtest.Modem) { m.SetState(mmtest.Failed, 1) }, modem.PhaseOpening, "ModemManager could not start the modem"},
		{"setting up", func(m *mmtest.Modem) { m.SetState(1, 0) }, modem.PhaseStarting, "ModemManager is setting the modem up"},
		{"denied", func(m *mmtest.Modem) { m.Register(mmtest.Denied) }, modem.PhaseNoNet, "the network denies this SIM registration"},
		{"searching", func(m *mmtest.Modem) { m.Register(2) }, modem.PhaseNoNet, "the modem is searching for a network"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := start(t, Options{}, func(mm *mmtest.ModemManager) { c.is(mm.Add(imei)) })
			if st := b.await(c.phase, c.cause); st.Remedy == "" {
				t.Error("no remedy")
			}
		})
	}
}

func TestAPolkitRefusalNamesTheActionsToAllow(t *testing.T) {
	b := start(t, Options{}, func(mm *mmtest.ModemManager) {
		mm.Deny("Device.Control", "not authorized")
		mm.Add(imei).Disable()
	})
	st := b.await(modem.PhaseHold, "ModemManager does not let this user turn the modem on")
	if !strings.Contains(st.Remedy, "org.freedesktop.ModemManager1.Messaging, .Device.Control") {
		t.Errorf("remedy %q does not name the actions", st.Remedy)
	}
	b.Deny("Device.Control", "")
	b.await(modem.PhaseReady, "")
}

func TestTheRightPINUnlocksAndIsRememberedAsRight(t *testing.T) {
	l := &ledger{}
	var fake *mmtest.Modem
	b := start(t, withPIN("1234", l), func(mm *mmtest.ModemManager) {
		fake = mm.Add(imei)
		fake.Lock("1234", 3)
	})
	b.await(modem.PhaseReady, "")
	if got := fake.PINs(); !slices.Equal(got, []string{"1234"}) {
		t.Errorf("PINs entered: %q, want one 1234", got)
	}
	b.Eventually("recorded as right", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		for key, state := range l.records {
			if strings.HasPrefix(key, "iccid:89014103211118510720/") && state == "right" {
				return true
			}
		}
		return false
	})
}

func TestAWrongPINIsEnteredOnceEverOnASIM(t *testing.T) {
	l := &ledger{}
	var fake *mmtest.Modem
	b := start(t, withPIN("1111", l), func(mm *mmtest.ModemManager) {
		fake = mm.Add(imei)
		fake.Lock("1234", 3)
	})
	b.await(modem.PhaseLocked, "the SIM refused the configured PIN; it is not entered again")
	b.Eventually("2 tries shown", func() bool { return b.m.State().PINTries == 2 })
	b.stop()
	b.run() // as after a restart
	b.Remove(fake)
	b.await(modem.PhaseOpening, "ModemManager knows no modem")
	b.Readd(fake)
	b.await(modem.PhaseLocked, "the SIM refused the configured PIN; it is not entered again")
	if got := fake.PINs(); len(got) != 1 {
		t.Errorf("PINs entered: %q, want one", got)
	}
}

func TestTheLastPINTryBelongsToAPerson(t *testing.T) {
	var fake *mmtest.Modem
	b := start(t, withPIN("1234", &ledger{}), func(mm *mmtest.ModemManager) {
		fake = mm.Add(imei)
		fake.Lock("1234", 1)
	})
	b.await(modem.PhaseLocked, "1 of the SIM's PIN tries left; the last is not spent automatically")
	if got := fake.PINs(); len(got) != 0 {
		t.Errorf("PINs entered: %q, want none", got)
	}
}

func TestTriesThatModemManagerDoesNotKnowAreCounted(t *testing.T) {
	l := &ledger{records: map[string]string{"slot:" + imei + "/attempts": "2"}}
	b := start(t, withPIN("1234", l), func(mm *mmtest.ModemManager) {
		fake := mm.Add(imei)
		fake.HideICCID()
		fake.Lock("1234", 999)
	})
	st := b.await(modem.PhaseLocked, "1 of the SIM's PIN tries left; the last is not spent automatically")
	if st.PINTries >= 0 {
		t.Errorf("ModemManager tells of %d tries left, want that it does not know", st.PINTries)
	}
}

func TestAPINThatPolkitKeepsFromTheSIMIsNoTry(t *testing.T) {
	l := &ledger{}
	var fake *mmtest.Modem
	b := start(t, withPIN("1234", l), func(mm *mmtest.ModemManager) {
		mm.Deny("Device.Control", "not authorized")
		fake = mm.Add(imei)
		fake.Lock("1234", 3)
	})
	b.await(modem.PhaseHold, "ModemManager does not let this user enter the PIN")
	b.Deny("Device.Control", "")
	b.await(modem.PhaseReady, "")
	if got := fake.PINs(); len(got) != 1 {
		t.Errorf("PINs entered: %q, want one", got)
	}
}

func TestAChangeThatNoSignalAnnouncesIsNoticedByPolling(t *testing.T) {
	b, fake := withModem(t, Options{})
	for range 3 { // what earlier signals announced is looked at in the first
		fake.Quiet(func() { fake.Register(mmtest.Denied) })
		b.await(modem.PhaseNoNet, "the network denies this SIM registration")
		fake.Quiet(func() { fake.Register(mmtest.Home) })
		b.await(modem.PhaseReady, "")
	}
}

func TestReadyWaitsForTheModem(t *testing.T) {
	b := start(t, Options{}, func(mm *mmtest.ModemManager) { mm.Add(imei).Register(2) })
	b.await(modem.PhaseNoNet, "the modem is searching for a network")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := b.m.Ready(ctx); err == nil {
		t.Error("Ready returned although the modem is searching")
	}
}
