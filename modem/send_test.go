package modem

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

func TestASendTellsTheTruthAboutThePart(t *testing.T) {
	type want struct {
		sent    bool
		outcome Outcome
		code    int
		wait    bool
		says    string
		atMost  time.Duration
		taken   int // texts at the service centre
		reopens bool
	}
	for name, c := range map[string]struct {
		script string
		repeat bool // the part is sent as a repeat, with TP-RD
		want   want
	}{
		"all is well":                     {"", false, want{sent: true, atMost: time.Second, taken: 1}},
		"the network takes 45 s":          {"send * delay 45s", false, want{sent: true, atMost: 46 * time.Second, taken: 1}},
		"the network takes 170 s":         {"send * delay 170s", false, want{sent: true, atMost: 171 * time.Second, taken: 1}},
		"prompt without a blank":          {"prompt nospace", false, want{sent: true, atMost: time.Second, taken: 1}},
		"prompt late":                     {"prompt late 8s", false, want{sent: true, atMost: 9 * time.Second, taken: 1}},
		"CR CR LF":                        {"crlf crcrlf", false, want{sent: true, atMost: time.Second, taken: 1}},
		"echo":                            {"echo on", false, want{sent: true, atMost: time.Second, taken: 1}},
		"slow line":                       {"baud 9600", false, want{sent: true, atMost: 5 * time.Second, taken: 1}},
		"noise before the answer":         {"send * garbage 40", false, want{sent: true, atMost: time.Second, taken: 1}},
		"OK first":                        {"send * ok first 4s", false, want{sent: true, atMost: 5 * time.Second, taken: 1}},
		"no OK":                           {"send * no ok", false, want{sent: true, atMost: receiptGrace + time.Second, taken: 1, reopens: true}},
		"news before the prompt":          {`urc +CMTI: "SM",3 before prompt`, false, want{sent: true, atMost: time.Second, taken: 1}},
		"news after the prompt":           {`urc +CMTI: "SM",3 after prompt`, false, want{sent: true, atMost: time.Second, taken: 1}},
		"news before the receipt":         {"urc +CREG: 1 before receipt", false, want{sent: true, atMost: time.Second, taken: 1}},
		"news before the OK":              {"urc RING before ok", false, want{sent: true, atMost: time.Second, taken: 1}},
		"chatter without an end":          {"urc ^RSSI: 20 every 10ms", false, want{sent: true, atMost: time.Second, taken: 1}},
		"a duplicate, sent as a repeat":   {"send * cms 197", true, want{sent: true, atMost: time.Second}},
		"a duplicate that is none":        {"send * cms 197", false, want{outcome: Refused, code: 197, says: "+CMS ERROR: 197", atMost: time.Second}},
		"no prompt":                       {"no prompt", false, want{outcome: NotSent, says: "no prompt", atMost: promptTimeout + time.Second, reopens: true}},
		"gone in the middle of the PDU":   {"send * vanish", false, want{outcome: NotSent, wait: true, atMost: time.Second, reopens: true}},
		"stalled in the middle":           {"send * stall", false, want{outcome: Unknown, says: "took no byte", atMost: writeTimeout + time.Second, reopens: true}},
		"silence after Ctrl-Z":            {"send * silent", false, want{outcome: Unknown, says: "no answer to AT+CMGS within 3m0s", atMost: standard.FinalTimeout + time.Second, taken: 1, reopens: true}},
		"lost after Ctrl-Z":               {"send * lost", false, want{outcome: Unknown, atMost: standard.FinalTimeout + time.Second, reopens: true}},
		"deaf after Ctrl-Z":               {"send * hang", false, want{outcome: Unknown, atMost: standard.FinalTimeout + time.Second, taken: 1, reopens: true}},
		"unplugged after Ctrl-Z":          {"send * unplug", false, want{outcome: Unknown, atMost: time.Second, taken: 1, reopens: true}},
		"restarted silently after Ctrl-Z": {"send * reboot", false, want{outcome: Unknown, atMost: standard.FinalTimeout + time.Second, taken: 1, reopens: true}},
		"OK and no receipt":               {"send * no receipt", false, want{outcome: Unknown, says: "without +CMGS", atMost: receiptGrace + time.Second, taken: 1, reopens: true}},
		"receipt long after OK":           {"send * ok first 20s", false, want{outcome: Unknown, atMost: receiptGrace + time.Second, taken: 1, reopens: true}},
		"refused":                         {"send * cms 38", false, want{outcome: Refused, code: 38, says: "network out of order", atMost: time.Second}},
		"refused though taken":            {"send * cms 500 sent", false, want{outcome: Refused, code: 500, atMost: time.Second, taken: 1}},
		"refused without a code":          {"send * error", false, want{outcome: Refused, says: "AT+CMGS answered ERROR", atMost: time.Second}},
		"refused before the prompt":       {"command +CMGS cms 302", false, want{outcome: Refused, code: 302, wait: true, atMost: time.Second}},
		"no service":                      {"send * cms 331", false, want{outcome: Refused, code: 331, wait: true, atMost: time.Second}},
		"no service, as +CME":             {"send * cme 30", false, want{outcome: Refused, code: 331, wait: true, atMost: time.Second}},
		"busy":                            {"command +CMGS cme 515", false, want{outcome: Refused, code: 515, wait: true, atMost: time.Second}},
		"SIM busy, as +CME":               {"command +CMGS cme 14", false, want{outcome: Refused, code: 314, wait: true, atMost: time.Second}},
		"the network did not answer":      {"send * cms 332", false, want{outcome: Unknown, code: 332, atMost: time.Second}},
		"a receipt and then an error":     {"urc +CMGS: 9 before receipt; send * cms 38", false, want{outcome: Unknown, code: 38, atMost: time.Second}},
		"an old receipt before":           {"urc +CMGS: 9 before prompt; send * cms 38", false, want{outcome: Refused, code: 38, atMost: time.Second}},
		"vendor's words for a refusal":    {"command +CMGS unsupported", false, want{outcome: Refused, atMost: time.Second}},
		"an OK in place of the prompt":    {"command +CMGS answer OK", false, want{outcome: NotSent, wait: true, says: "do not match", atMost: time.Second, reopens: true}},
		"the modem's news of no interest": {"urc +CTZV: 4 inside reply", false, want{sent: true, atMost: time.Second, taken: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim := modemtest.New(modemtest.Fault(c.script))
				m := run(t, sim)
				mustBeReady(t, m, time.Minute)

				start := time.Now()
				_, err := m.Send(t.Context(), mustSplit(t, "freezer 3 is warm", SplitOptions{RejectDuplicates: c.repeat})[0])
				took := time.Since(start)

				var got want
				var e *SendError
				if err == nil {
					got.sent = true
				} else if errors.As(err, &e) {
					got.outcome, got.code, got.wait = e.Outcome, e.Code, e.Verdict().Class.OfModem()
				} else {
					t.Fatalf("error %v is no *SendError", err)
				}
				if c.want.says != "" && (err == nil || !strings.Contains(err.Error(), c.want.says)) {
					t.Errorf("error %v, want one that says %q", err, c.want.says)
				}
				got.says, got.atMost, got.taken = c.want.says, c.want.atMost, len(sim.Accepted())
				if took > c.want.atMost {
					t.Errorf("it took %v, want at most %v", took, c.want.atMost)
				}
				time.Sleep(lateWatch + 20*time.Second)
				got.reopens = m.State().Reopened > 0
				if got != c.want {
					t.Errorf("got  %+v\nwant %+v\nerror %v", got, c.want, err)
				}
			})
		})
	}
}

func TestAPartOnAModemThatSaysItRestartedIsNotWaitedFor(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Profile("sim800"), modemtest.Fault("boot 5s; send 1 reboot"))
		m := run(t, sim)
		mustBeReady(t, m, time.Minute)
		start := time.Now()
		_, err := m.Send(t.Context(), somePart("hello"))
		wantOutcome(t, err, Unknown)
		if took := time.Since(start); !errors.Is(err, errRestarted) || took > 10*time.Second {
			t.Errorf("%v after %v, want errRestarted when the modem boots", err, took)
		}
		sendWhole(t, m, "after it")
	})
}

func TestALateReceiptIsNotTakenForTheNextPart(t *testing.T) {
	// The answer to the first text comes ten seconds after it was given up, at
	// a moment when the second is on its way; the second is refused.
	for _, late := range []string{"181s", "185s", "190s", "195s", "200s", "240s"} {
		t.Run(late, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim := modemtest.New(modemtest.Fault("send 1 late " + late + "; send 2- cms 38"))
				m := run(t, sim)
				mustBeReady(t, m, time.Minute)
				_, err := m.Send(t.Context(), somePart("first"))
				wantOutcome(t, err, Unknown)

				mustBeReady(t, m, 5*time.Minute)
				receipt, err := m.Send(t.Context(), somePart("second"))
				if err == nil {
					t.Fatalf("the second text has receipt %+v, though it was refused", receipt)
				}
				wantOutcome(t, err, Refused)
				if texts := sim.Accepted(); len(texts) != 1 || texts[0].Body != "first" {
					t.Errorf("the network took %+v, want the first text only", texts)
				}
			})
		})
	}
}

func wantOutcome(t *testing.T, err error, want Outcome) {
	t.Helper()
	var e *SendError
	if !errors.As(err, &e) || e.Outcome != want {
		t.Fatalf("error %v, want one with outcome %v", err, want)
	}
}

func TestATextOfManyPartsArrivesWhole(t *testing.T) {
	for _, profile := range modemtest.Profiles() {
		t.Run(profile, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim := modemtest.New(modemtest.Profile(profile))
				m := run(t, sim)
				mustBeReady(t, m, 2*time.Minute)
				body := strings.Repeat("Насос 7 стоит. ", 20)
				sendWhole(t, m, body)
				sendWhole(t, m, "all is well again")
				texts := sim.Accepted()
				if len(texts) != 2 || texts[0].Body != strings.TrimSpace(body) || texts[1].Body != "all is well again" {
					t.Errorf("the network took %+v, want both texts whole", texts)
				}
				for _, text := range texts {
					if text.Copies != 1 {
						t.Errorf("%q arrived %d times, want once", text.Body, text.Copies)
					}
				}
				if n := len(sim.Refused()); n != 0 {
					t.Errorf("the network refused %d PDUs: %v", n, sim.Refused())
				}
			})
		})
	}
}

// sendWhole sends all parts of a text, each until it is accepted.
func sendWhole(t *testing.T, m *Serial, body string) {
	t.Helper()
	for _, p := range mustSplit(t, body, SplitOptions{}) {
		for {
			mustBeReady(t, m, 10*time.Minute)
			_, err := m.Send(t.Context(), p)
			if err == nil {
				break
			}
			var e *SendError
			if !errors.As(err, &e) || e.Outcome == Unknown {
				t.Fatalf("part %d: %v", p.Index, err)
			}
		}
	}
}

func TestAPartIsWithdrawnUntilItIsSubmitted(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		cancel time.Duration
		want   Outcome
		taken  int
	}{
		"before the prompt": {"prompt late 5s", 2 * time.Second, NotSent, 0},
		"after Ctrl-Z":      {"send 1 delay 60s", 30 * time.Second, 0, 1},
		"at once":           {"", 0, NotSent, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim := modemtest.New(modemtest.Fault(c.script))
				m := run(t, sim)
				mustBeReady(t, m, time.Minute)
				ctx, cancel := context.WithTimeout(t.Context(), c.cancel)
				defer cancel()
				_, err := m.Send(ctx, somePart("hello"))
				if c.taken == 0 {
					wantOutcome(t, err, c.want)
				} else if err != nil {
					t.Errorf("a part that was submitted is given up: %v", err)
				}
				if c.taken == 0 && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error %v does not say that the caller gave up", err)
				}
				time.Sleep(time.Minute)
				if got := len(sim.Accepted()); got != c.taken {
					t.Errorf("the network took %d texts, want %d", got, c.taken)
				}
				mustBeReady(t, m, time.Minute)
				sendWhole(t, m, "after it")
			})
		})
	}
}

func TestStoppingLeavesThePartOnTheWireUnknown(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.SendDelay(40 * time.Second))
		m := New(Options{Open: sim.Open})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- m.Run(ctx) }()
		mustBeReady(t, m, time.Minute)
		time.AfterFunc(5*time.Second, stop)
		start := time.Now()
		_, err := m.Send(t.Context(), somePart("hello"))
		wantOutcome(t, err, Unknown)
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > 6*time.Second {
			t.Errorf("stopping after 5 s took until %v", took)
		}
		if st := m.State(); st.Phase != PhaseStopped || st.Unknown != 1 {
			t.Errorf("state %+v, want stopped with one part unknown", st)
		}
	})
}

func TestStoppingDoesNotWaitForAnIdleModem(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Fault("command +CPIN delay 25s"))
		m := New(Options{Open: sim.Open})
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, stop)
		start := time.Now()
		if err := m.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 11*time.Second {
			t.Errorf("Run ended after %v, want about 10 s", took)
		}
	})
}

func TestAModemThatIsNotReadyTakesNoPart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Registered(false))
		m := run(t, sim)
		time.Sleep(30 * time.Second)
		start := time.Now()
		_, err := m.Send(t.Context(), somePart("hello"))
		wantOutcome(t, err, NotSent)
		if took := time.Since(start); took != 0 {
			t.Errorf("Send returned after %v, want at once", took)
		}
		if !strings.Contains(err.Error(), "searching for a network") {
			t.Errorf("error %v does not say why", err)
		}
	})
}

func TestTheCallerIsHeldOffWhileTheModemAsksForPatience(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Fault("command +CMGS cms 515 times 4"))
		m := run(t, sim)
		mustBeReady(t, m, time.Minute)
		start := time.Now()
		sendWhole(t, m, "hello")
		const pauses = (1 + 2 + 5 + 10) * time.Second
		if took := time.Since(start); took < pauses || took > 2*pauses {
			t.Errorf("four requests for patience took %v, want about %v", took, pauses)
		}
	})
}

func TestANumberNeverAppearsInAnError(t *testing.T) {
	e := somePart("hello").failed(Unknown, fmt.Errorf("%w within 3m0s", errSilent))
	const want = "modem: part 1 of 1 to +4915…678: no answer to AT+CMGS within 3m0s"
	if got := e.Error(); got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

func somePart(text string) Part {
	parts, err := Split(somebody, text, 1, SplitOptions{})
	if err != nil {
		panic(err)
	}
	return parts[0]
}
