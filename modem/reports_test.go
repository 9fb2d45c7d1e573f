package modem

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// sendAsking sends text with a status report asked for, and returns the
// references of its parts.
func sendAsking(t *testing.T, m *Serial, text string) []uint8 {
	t.Helper()
	var references []uint8
	for _, p := range mustSplit(t, text, SplitOptions{}) {
		p.tpdu[0] |= statusReportRequest
		mustBeReady(t, m, time.Minute)
		receipt, err := m.Send(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		references = append(references, receipt.Reference)
	}
	return references
}

func TestAReportIsTakenHoweverItComes(t *testing.T) {
	for name, c := range map[string]struct {
		profile string
		script  string
		reports []int  // of the family; nil as it is
		command string // that brought it about
	}{
		"handed over":                {"generic", "", nil, "+CNMI=2,1,0,1,0"},
		"handed over by an EC25":     {"ec25", "", nil, "+CNMI=2,1,0,1,0"},
		"stored":                     {"generic", "", []int{2}, "+CNMI=2,1,0,2,0"},
		"stored in SR, announced so": {"generic", "report * store SR; report * announced SR", []int{2}, "+CNMI=2,1,0,2,0"},
		"stored in SR, announced SM": {"ec25", "", []int{2}, "+CNMI=2,1,0,2,0"},
		"ds 1 refused":               {"generic", "command +CNMI= cms 303 times 3", nil, "+CNMI=2,1,0,2,0"},
		"ds 1 not offered":           {"generic", "command +CNMI=? answer +CNMI: (2),(0,1),(0,2),(0,2),(0,1)", nil, "+CNMI=2,1,0,2,0"},
		"national, 30 s later":       {"generic", "report * delay 30s; report * to 07700900123", nil, "+CNMI=2,1,0,1,0"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim, inbox := modemtest.New(modemtest.Profile(c.profile), modemtest.Fault(c.script)), &custody{}
				m := run(t, sim, into(inbox), func(o *Options) { o.Tune.Reports = c.reports })
				mustBeReady(t, m, time.Minute)
				time.Sleep(10 * time.Second)
				if got := m.State(); got.Reports != ReportsUnproven || !got.ReportsExpected() {
					t.Errorf("reports %q before one came", got.Reports)
				}
				sendAsking(t, m, "smoke")
				waitFor(time.Minute, func() bool { return len(inbox.fates()) > 0 })
				if got := inbox.fates(); len(got) != 1 || !strings.HasSuffix(got[0], " delivered") {
					t.Errorf("reports %q, want one that says delivered", got)
				}
				if got := m.State().Reports; got != ReportsWorking {
					t.Errorf("reports %q after one came", got)
				}
				if !slices.Contains(sim.Commands(), "AT"+c.command) {
					t.Errorf("the modem was not told %s", c.command)
				}
				mustBeEmpty(t, m, sim)
			})
		})
	}
}

func TestAReportSaysWhatBecameOfWhichPart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Fault("report 1 status 0x46; report 2 status 0x30; report 2 delay 3s; report 2 again 60s 0x00; report 3 status 0x62; report 3 delay 4s"))
		inbox := &custody{}
		m := run(t, sim, into(inbox))
		mustBeReady(t, m, time.Minute)
		var want []string
		to := string(somebody)
		refs := sendAsking(t, m, strings.Repeat("long ", 80))
		time.Sleep(2 * time.Minute)
		for i, fate := range []string{"failed", "pending", "failed", "delivered"} {
			want = append(want, to+" "+string(rune('0'+refs[[]int{0, 1, 2, 1}[i]]))+" "+fate)
		}
		if diff := cmp.Diff(want, inbox.fates()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestNothingIsWrittenBetweenCMGSAndItsPrompt(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim, inbox := modemtest.New(modemtest.Fault("prompt late 5s")), &custody{}
		m := run(t, sim, into(inbox))
		mustBeReady(t, m, time.Minute)
		time.Sleep(10 * time.Second)
		time.AfterFunc(2*time.Second, func() {
			sim.Report("+447700900111", 9, 0)
			sim.Text(herself, "OK")
		})
		sendWhole(t, m, "smoke")
		if texts := sim.Accepted(); len(texts) != 1 || texts[0].Body != "smoke" || len(sim.Refused()) != 0 {
			t.Errorf("the network took %+v and refused %q", texts, sim.Refused())
		}
		mustTake(t, inbox, time.Second, herself+": OK")
		if diff := cmp.Diff([]string{"+447700900111 9 delivered"}, inbox.fates()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// sendUntilHopeless sends texts that ask for reports and waits as long as one
// waits for them.
func sendUntilHopeless(t *testing.T, m *Serial) {
	t.Helper()
	for range reportsPatience {
		sendAsking(t, m, "smoke")
	}
	time.Sleep(reportsWait + time.Minute)
}

func TestIfNoReportEverArrivesReportsAreNotAvailable(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Fault("report 1-10 lost"))
		m := run(t, sim, into(&custody{}))
		mustBeReady(t, m, time.Minute)
		sendUntilHopeless(t, m)
		if got := m.State().Reports; got != ReportsUnproven || !slices.Contains(sim.Commands(), "AT+CNMI=2,1,0,2,0") {
			t.Errorf("reports %q after the first way brought none; want the second one tried", got)
		}
		sendUntilHopeless(t, m)
		if got := m.State(); got.Reports != ReportsNone || got.ReportsExpected() {
			t.Errorf("reports %q after both ways brought none", got.Reports)
		}
		time.Sleep(reportsRetry)
		if got := m.State().Reports; got != ReportsUnproven {
			t.Errorf("reports %q a day later, want another try", got)
		}
		sendAsking(t, m, "smoke")
		time.Sleep(time.Minute)
		if got := m.State().Reports; got != ReportsWorking {
			t.Errorf("reports %q once one came", got)
		}
	})
}

func TestAModemThatLosesReportsOneWayIsGivenTheOther(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim, inbox := modemtest.New(modemtest.Fault("report * lost ds 1")), &custody{}
		m := run(t, sim, into(inbox))
		mustBeReady(t, m, time.Minute)
		sendUntilHopeless(t, m)
		sendAsking(t, m, "smoke")
		time.Sleep(time.Minute)
		if got := m.State().Reports; got != ReportsWorking || len(inbox.fates()) != 1 {
			t.Errorf("reports %q, %q", got, inbox.fates())
		}
	})
}

func TestTextsThatAskForNoReportProveNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := run(t, modemtest.New(), into(&custody{}))
		mustBeReady(t, m, time.Minute)
		for range 3 * reportsPatience {
			sendWhole(t, m, "smoke")
		}
		time.Sleep(time.Hour)
		if got := m.State().Reports; got != ReportsUnproven {
			t.Errorf("reports %q", got)
		}
	})
}

func TestReportsThatAreNotWantedAreNotAskedFor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim, inbox := modemtest.New(), &custody{}
		m := run(t, sim, into(inbox), func(o *Options) { o.NoReports = true })
		mustBeReady(t, m, time.Minute)
		sendAsking(t, m, "smoke")
		time.Sleep(time.Hour)
		if got := m.State().Reports; got != ReportsOff || len(inbox.fates()) != 0 {
			t.Errorf("reports %q, %q", got, inbox.fates())
		}
	})
}
