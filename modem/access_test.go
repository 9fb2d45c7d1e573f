package modem

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

func TestTheTechnologyIsToldByOperatorOrRegistration(t *testing.T) {
	for name, c := range map[string]struct{ fault, want string }{
		"operator":           {"", TechnologyLTE},
		"operator on GSM":    {`command +COPS? answer +COPS: 0,0,"x",0`, TechnologyGSM},
		"operator on EDGE":   {`command +COPS? answer +COPS: 0,0,"x",3`, TechnologyGSM},
		"operator on HSPA":   {`command +COPS? answer +COPS: 0,0,"x",6`, TechnologyUMTS},
		"operator on NB-IoT": {`command +COPS? answer +COPS: 0,0,"x",9`, TechnologyNB},
		"registration":       {`command +COPS? answer +COPS: 0,0,"x"`, TechnologyLTE},
		"neither":            {`command +COPS? error; command +CREG? answer +CREG: 0,1; command +CEREG? error; command +CGREG? error`, ""},
		"a later standard's": {`command +COPS? answer +COPS: 0,0,"x",77; command +CREG? answer +CREG: 0,1; command +CEREG? error; command +CGREG? error`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				m := run(t, modemtest.New(modemtest.Fault(c.fault)))
				mustBeReady(t, m, time.Minute)
				if got := m.State().Technology; got != c.want {
					t.Errorf("technology %q, want %q", got, c.want)
				}
			})
		})
	}
}

func TestEachDomainIsShown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := run(t, modemtest.New(modemtest.Fault("at 1ms registration 3 5; command +CGREG? error")))
		mustBeReady(t, m, time.Minute)
		st := m.State()
		if want := [3]int{3, -2, 5}; st.Domains != want {
			t.Errorf("domains %v, want %v", st.Domains, want)
		}
		if len(st.Cautions) != 1 || !strings.Contains(st.Cautions[0].Cause, "denies it calls and texts") {
			t.Errorf("cautions %+v, want that texts may not go over LTE alone", st.Cautions)
		}
	})
}

func TestSignalIsReadFromBothCommands(t *testing.T) {
	for name, c := range map[string]struct {
		csq, cesq []string
		want      strength
		words     string
	}{
		"weakest":           {[]string{"0", "99"}, nil, strength{rssi: -113}, SignalMarginal},
		"marginal":          {[]string{"9", "99"}, nil, strength{rssi: -95}, SignalMarginal},
		"workable":          {[]string{"14", "99"}, nil, strength{rssi: -85}, SignalWorkable},
		"good":              {[]string{"19", "99"}, nil, strength{rssi: -75}, SignalGood},
		"strongest":         {[]string{"31", "99"}, nil, strength{rssi: -51}, SignalExcellent},
		"unknown":           {[]string{"99", "99"}, nil, strength{}, ""},
		"vendors' lowest":   {[]string{"100"}, nil, strength{rssi: -116}, SignalMarginal},
		"vendors' highest":  {[]string{"191"}, nil, strength{rssi: -25}, SignalExcellent},
		"vendors' unknown":  {[]string{"199"}, nil, strength{}, ""},
		"no number":         {[]string{"x"}, []string{""}, strength{}, ""},
		"nothing":           {nil, nil, strength{}, ""},
		"GSM by +CESQ":      {[]string{"99"}, []string{"36", "99", "255", "255", "255", "255"}, strength{rssi: -75}, SignalGood},
		"UMTS by +CESQ":     {nil, []string{"99", "99", "30", "255", "255", "255"}, strength{rssi: -91}, SignalWorkable},
		"LTE":               {[]string{"24", "99"}, []string{"99", "99", "255", "255", "20", "25"}, strength{rssi: -65, rsrp: -116}, SignalMarginal},
		"LTE close by":      {[]string{"31", "99"}, []string{"99", "99", "255", "255", "34", "80"}, strength{rssi: -51, rsrp: -61}, SignalExcellent},
		"LTE, +CSQ unknown": {[]string{"99", "99"}, []string{"99", "99", "255", "255", "20", "40"}, strength{rsrp: -101}, SignalGood},
	} {
		got := readStrength(c.csq, c.cesq)
		if got != c.want || got.words() != c.words {
			t.Errorf("%s: %+v %q, want %+v %q", name, got, got.words(), c.want, c.words)
		}
	}
}

func FuzzNoSignalIsOutOfBounds(f *testing.F) {
	f.Add("+CSQ: 20,99", "+CESQ: 99,99,255,255,20,40")
	f.Fuzz(func(t *testing.T, csq, cesq string) {
		if s := readStrength(fields(csq), fields(cesq)); s.rssi > 0 || s.rsrp > 0 || s.rssi < -121 || s.rsrp < -141 {
			t.Errorf("%q and %q are %+v", csq, cesq, s)
		}
	})
}

func TestWeakAccessIsWatched(t *testing.T) {
	var w weakAccess
	at := func(minutes int) time.Time { return began.Add(time.Duration(minutes) * time.Minute) }
	for _, c := range []struct {
		minute, now, best int
		due               bool
	}{
		{0, 4, 4, false},
		{1, 2, 4, false},   // fell back
		{20, 0, 4, false},  // no service meanwhile
		{30, 2, 4, false},  // patience
		{31, 2, 4, true},   // now
		{32, 2, 4, false},  // not twice
		{91, 2, 4, true},   // an hour later
		{200, 2, 4, false}, // the pause doubles while it does not help
		{211, 2, 4, true},
		{220, 4, 4, false}, // back
		{221, 2, 4, false}, // and gone again
		{252, 2, 4, false}, // still within an hour of the last selection
		{272, 2, 4, true},
	} {
		got := w.due(c.now, c.best, at(c.minute))
		if got != c.due {
			t.Errorf("minute %d: due %t, want %t", c.minute, got, c.due)
		}
		if got {
			w.attempt(at(c.minute))
		}
	}
}

func TestAModemStuckOnGSMAfterADipSelectsItsNetworkAnew(t *testing.T) {
	for name, c := range map[string]struct{ fault, last string }{
		"by selection":      {"", "AT+COPS=0"},
		"without selection": {"command +COPS= error times 3", "AT+CFUN=1"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				notes := &memory{notes: map[string]string{accessPrefix + "iccid:8988211000000000007": TechnologyLTE}}
				sim := modemtest.New(modemtest.Fault(`command +COPS? answer +COPS: 0,0,"x",0; ` + c.fault))
				m := run(t, sim, onHost(idleHost()), withNotes(notes))
				time.Sleep(weakAccessPatience - time.Minute)
				if told := selections(sim); len(told) > 0 {
					t.Errorf("told %q before its time", told)
				}
				if st := m.State(); len(st.Cautions) != 1 || !strings.Contains(st.Cautions[0].Cause, "fell back from LTE to GSM") {
					t.Errorf("cautions %+v", st.Cautions)
				}
				time.Sleep(2 * time.Minute)
				mustBeReady(t, m, time.Minute)
				if told := selections(sim); len(told) == 0 || told[len(told)-1] != c.last {
					t.Errorf("told %q, want the last to be %s", told, c.last)
				}
				n := len(selections(sim))
				time.Sleep(50 * time.Minute)
				if told := selections(sim); len(told) != n {
					t.Errorf("told %q within the hour", told)
				}
			})
		})
	}
}

// selections are the commands that choose a network or switch the radio.
func selections(sim *modemtest.Modem) (list []string) {
	for _, command := range sim.Commands() {
		if strings.Contains(command, "+COPS=") && !strings.Contains(command, "=3") || strings.Contains(command, "+CFUN=") {
			list = append(list, command)
		}
	}
	return list
}

func TestAModemThatNeverHadLTEIsLeftWhereItIs(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Profile("sim800"))
		m := run(t, sim, onHost(idleHost()), withNotes(&memory{}))
		time.Sleep(24 * time.Hour)
		if told := selections(sim); len(told) > 0 {
			t.Errorf("told %q", told)
		}
		want := []Caution{{"texts go over GSM, which networks are switching off", "plan for a modem and SIM that text over LTE"}}
		if diff := cmp.Diff(want, m.State().Cautions); diff != "" {
			t.Errorf("cautions (-want +got):\n%s", diff)
		}
	})
}

func TestNoNetworkIsSelectedWhileTextsAreSent(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		notes := &memory{notes: map[string]string{accessPrefix + "iccid:8988211000000000007": TechnologyLTE}}
		sim := modemtest.New(modemtest.Fault(`command +COPS? answer +COPS: 0,0,"x",0`))
		m := run(t, sim, onHost(idleHost()), withNotes(notes))
		for range 120 {
			time.Sleep(idleTime / 2)
			sendWhole(t, m, "hello")
		}
		if told := selections(sim); len(told) > 0 {
			t.Errorf("told %q", told)
		}
	})
}

func TestAModemThatWasLeftDeregisteredRegisters(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Fault("command +COPS? answer +COPS: 2 times 1"))
		m := run(t, sim, onHost(idleHost()))
		mustBeReady(t, m, time.Minute)
		if told := selections(sim); len(told) != 1 || told[0] != "AT+COPS=0" {
			t.Errorf("told %q, want AT+COPS=0", told)
		}
	})
}

func TestCanSendIsJudgedByTextsAndNotByTheProcess(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		notes := &memory{}
		sim := modemtest.New(modemtest.Fault("send 2-4 cms 21"))
		m, stop := start(t, sim, withNotes(notes))
		if got := m.State().CanSend; got != CanSendNo {
			t.Errorf("can send before it is ready: %s", got)
		}
		mustBeReady(t, m, time.Minute)
		if got := m.State().CanSend; got != CanSendUnproven {
			t.Errorf("can send before any text was accepted: %s", got)
		}
		sendWhole(t, m, "hello")
		if got := m.State().CanSend; got != CanSendYes {
			t.Errorf("can send after a text: %s", got)
		}
		for range doubtAfter {
			if _, err := m.Send(t.Context(), somePart("hello")); err == nil {
				t.Error("accepted")
			}
		}
		if got := m.State().CanSend; got != CanSendUnproven {
			t.Errorf("can send after %d refusals in a row: %s", doubtAfter, got)
		}
		stop()
		m = run(t, sim, withNotes(notes))
		mustBeReady(t, m, time.Minute)
		if st := m.State(); st.CanSend != CanSendYes || st.LastAccepted.IsZero() {
			t.Errorf("can send after a restart: %s, last accepted %v", st.CanSend, st.LastAccepted)
		}
	})
}
