package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/creack/pty"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// examined is what the doctor writes about a simulated modem.
func examined(t *testing.T, text *trialText, sims ...*modemtest.Modem) string {
	t.Helper()
	var visits []visit
	for _, sim := range sims {
		inbox := newReportInbox()
		m := modem.New(modem.Options{Port: "/dev/ttyUSB2", Open: sim.Open, Inbox: inbox})
		visits = append(visits, visit{modem: m, reports: inbox, text: text})
	}
	found, err := examine(t.Context(), visits)
	if err != nil {
		t.Fatal(err)
	}
	return written(t, found...)
}

func written(t *testing.T, found ...status.Examination) string {
	t.Helper()
	var out bytes.Buffer
	if err := (doctor{}).write(&out, diagnosis{Modems: found}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTheDoctorSaysWhatKeepsAModemFromTexting(t *testing.T) {
	unregistered := func(stat int) modemtest.Option {
		return modemtest.Fault("at 1ms registration " + string(rune('0'+stat)))
	}
	for name, options := range map[string][]modemtest.Option{
		"healthy":        {modemtest.Profile("ec25")},
		"no_sim":         {modemtest.Fault("at 1ms sim out")},
		"pin_needed":     {modemtest.PIN("1234", 3)},
		"puk":            {modemtest.PIN("1234", 0)},
		"not_registered": {unregistered(2)},
		"denied":         {unregistered(3)},
		"no_smsc":        {modemtest.ServiceCentre("")},
		"storage_full":   {modemtest.Fault("slots 3; at 1ms text +447700900123 one; at 1ms text +447700900123 two; at 1ms text +447700900123 three")},
		"only_2g":        {modemtest.Profile("sim800")},
		"silent":         {modemtest.Fault("command * silent")},
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, func(t *testing.T) { wantGolden(t, name, examined(t, nil, modemtest.New(options...))) })
		})
	}
}

func TestTheDoctorSendsATextAndWaitsForItsReport(t *testing.T) {
	for name, script := range map[string]string{
		"text_delivered":  "",
		"text_refused":    "send 1 cms 21",
		"text_unreported": "report * never",
		"text_failed":     "report * status 0x46",
	} {
		t.Run(name, func(t *testing.T) {
			inVirtualTime(t, func(t *testing.T) {
				text := &trialText{to: "+353871234567", body: trialBody}
				sim := modemtest.New(modemtest.Fault(script))
				got := examined(t, text, sim)
				_, finding, _ := strings.Cut(got, "sending: ")
				wantGolden(t, name, finding)
			})
		})
	}
}

func TestTheDoctorLooksAtAllModemsAtOnce(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		got := examined(t, nil, modemtest.New(), modemtest.New(modemtest.Fault("at 1ms sim out")))
		if strings.Count(got, "port: ") != 2 || !strings.Contains(got, "no SIM") {
			t.Errorf("got\n%s", got)
		}
	})
}

func TestADoctorOnASearchSaysThatAStickIsARouter(t *testing.T) {
	got := written(t, status.Examine(modem.State{
		Phase:  modem.PhaseOpening,
		Cause:  "the Huawei stick (12d1:14dc) is a router, not a modem",
		Remedy: "use a modem with a serial port for AT commands; this one only shares its internet connection",
	}))
	wantGolden(t, "router", got)
}

func TestTheDoctorSaysWhoHoldsAPort(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer tty.Close()
	if err := unix.Flock(int(tty.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	found, err := examine(t.Context(), []visit{{modem: modem.New(modem.Options{Port: tty.Name()})}})
	if err != nil {
		t.Fatal(err)
	}
	got := written(t, found...)
	if !strings.HasPrefix(got, "FAIL     port: ") || !strings.Contains(got, "in use") && !strings.Contains(got, "held by") {
		t.Errorf("got\n%s", got)
	}
}

func TestTheDoctorNeverEntersAPIN(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.PIN("1234", 3))
		examined(t, nil, sim)
		for _, command := range sim.Commands() {
			if strings.HasPrefix(command, "AT+CPIN=") {
				t.Errorf("entered %s", command)
			}
		}
	})
}

// inVirtualTime runs f in a bubble on one processor: see inBubble of package mqtt.
func inVirtualTime(t *testing.T, f func(*testing.T)) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	synctest.Test(t, f)
}

func wantGolden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "doctor", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
