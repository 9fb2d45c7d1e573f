package modem

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// sendUntil sends a text as often as the modem is ready, for at most within, and
// returns after how long each try was made.
func sendUntil(t *testing.T, m *Serial, p Part, within time.Duration) (tries []time.Duration, last error) {
	t.Helper()
	start := time.Now()
	for time.Since(start) < within {
		mustBeReady(t, m, within)
		tries = append(tries, time.Since(start).Round(time.Second))
		if _, last = m.Send(t.Context(), p); last == nil {
			return tries, nil
		}
	}
	return tries, last
}

func TestWaitingForTheModemIsPatient(t *testing.T) {
	const s, min = time.Second, time.Minute
	for name, c := range map[string]struct {
		script string
		cause  string
		want   []time.Duration // when it is tried
	}{
		"busy": {"command +CMGS cme 515 times 20", "busy with another command (code 515)", []time.Duration{
			0, 1 * s, 3 * s, 8 * s, 18 * s, 28 * s, 38 * s, 58 * s, 118 * s, 178 * s, 238 * s, 298 * s, 358 * s, 418 * s, 478 * s,
			538 * s, 598 * s, 658 * s, 718 * s, 778 * s, 838 * s,
		}},
		"SIM busy":        {"command +CMGS cme 14 times 3", "the SIM is busy (code 314)", []time.Duration{0, 1 * s, 3 * s, 8 * s}},
		"another program": {"command +CMGS cms 301 times 2", "another program uses the modem's texting (code 301)", []time.Duration{0, 30 * s, 60 * s}},
		"no service":      {"send 1-3 cms 331", "the modem has no service (code 331)", []time.Duration{0, 5 * s, 20 * s, 80 * s}},
		"no centre yet":   {"send 1 cms 330", "the modem has no service centre (code 330)", []time.Duration{0, 10 * s}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				m := run(t, modemtest.New(modemtest.Fault(c.script)))
				mustBeReady(t, m, time.Minute)
				tries, err := sendUntil(t, m, somePart("hello"), 20*min)
				if err != nil || len(tries) != len(c.want) {
					t.Fatalf("tried %v, %v, want %v", tries, err, c.want)
				}
				for i, at := range tries {
					if at < c.want[i] || at > c.want[i]+time.Duration(i)*s {
						t.Fatalf("tried after %v, want %v", tries, c.want)
					}
				}
				if st := m.State(); st.Reopened != 0 || len(st.Recoveries) != 0 {
					t.Errorf("the line was opened anew %d times, recoveries %v, want neither", st.Reopened, st.Recoveries)
				}
			})
			inBubble(t, func(t *testing.T) {
				m := run(t, modemtest.New(modemtest.Fault(c.script)))
				mustBeReady(t, m, time.Minute)
				if _, err := m.Send(t.Context(), somePart("hello")); err == nil {
					t.Fatal("sent at once")
				}
				if st := m.State(); st.Phase != PhaseHold && st.Phase != PhaseAccount || !strings.HasSuffix(st.Cause, c.cause) || st.Remedy == "" {
					t.Errorf("state %q, %q, %q, want the cause %q and a remedy", st.Phase, st.Cause, st.Remedy, c.cause)
				}
			})
		})
	}
}

func TestAnAccountThatIsRefusedIsTriedEveryHour(t *testing.T) {
	for code, cause := range map[int]string{
		8:   "the operator has barred the SIM from sending texts (code 8)",
		10:  "sending texts is barred on this SIM (code 10)",
		50:  "the SIM's plan has no texting (code 50)",
		193: "the SIM may not use this service centre (code 193)",
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				m := run(t, modemtest.New(modemtest.Fault(fmt.Sprintf("send 1-3 cms %d", code))))
				mustBeReady(t, m, time.Minute)
				_, err := m.Send(t.Context(), somePart("hello"))
				var e *SendError
				if !errors.As(err, &e) || e.Verdict().Class != Account {
					t.Fatalf("error %v, want one of the class account", err)
				}
				time.Sleep(59 * time.Minute)
				if st := m.State(); st.Phase != PhaseAccount || st.Cause != cause || st.Remedy == "" || st.CanSend != CanSendNo {
					t.Errorf("state %+v, want the cause %q, a remedy, and that it cannot send", st, cause)
				}
				tries, err := sendUntil(t, m, somePart("hello"), 5*time.Hour)
				if err != nil || len(tries) != 3 || tries[2]-tries[1] < time.Hour || tries[2]-tries[1] > time.Hour+10*time.Second {
					t.Errorf("tried after %v, %v, want once an hour and then success", tries, err)
				}
				if n := m.State().Reopened; n != 0 {
					t.Errorf("the line was opened anew %d times", n)
				}
			})
		})
	}
}

func TestANewSIMIsNotHeldBackForTheOldOne(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := run(t, modemtest.New(modemtest.Fault("send 1 cms 8; at 60s sim swap")))
		mustBeReady(t, m, 30*time.Second)
		if _, err := m.Send(t.Context(), somePart("hello")); err == nil {
			t.Fatal("sent")
		}
		time.Sleep(time.Minute)
		mustBeReady(t, m, 2*time.Minute)
		sendWhole(t, m, "hello")
	})
}

func TestAModemAtFaultIsRecovered(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		tries  int
	}{
		"81":                           {"send 1 cms 81", 2},
		"210":                          {"send 1 cms 210", 2},
		"300 once is tried again":      {"send 1 cms 300", 2},
		"300 twice":                    {"send 1-2 cms 300", 3},
		"302 three times":              {"send 1-3 cms 302", 4},
		"98 twice":                     {"send 1-2 cms 98", 3},
		"the message store, twice":     {"send 1-2 cms 320", 3},
		"302 as +CME, before a prompt": {"command +CMGS cme 3 times 3", 4},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				m := run(t, modemtest.New(modemtest.Fault(c.script)))
				mustBeReady(t, m, time.Minute)
				tries, err := sendUntil(t, m, somePart("hello"), 10*time.Minute)
				if err != nil || len(tries) != c.tries {
					t.Fatalf("tried after %v, %v, want %d tries and success", tries, err, c.tries)
				}
				wantReopened := uint64(1)
				if strings.HasSuffix(name, "again") {
					wantReopened = 0
				}
				if st := m.State(); st.Reopened != wantReopened {
					t.Errorf("the line was opened anew %d times, recoveries %v, want %d", st.Reopened, st.Recoveries, wantReopened)
				}
			})
		})
	}
}

func TestADamagedPartIsSentOnceMoreInPDUMode(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Fault("send 1 cms 304; send 2 cms 305"))
		m := run(t, sim)
		mustBeReady(t, m, time.Minute)
		_, err := m.Send(t.Context(), somePart("hello"))
		var e *SendError
		if !errors.As(err, &e) || e.Code != cmsInvalidText || e.Verdict().Class != Permanent {
			t.Fatalf("error %v, want the second refusal", err)
		}
		sendWhole(t, m, "and again")
		commands := sim.Commands()
		first := slices.IndexFunc(commands, func(c string) bool { return strings.HasPrefix(c, "AT+CMGS=") })
		if first < 0 || commands[first+1] != "AT+CMGF=0" {
			t.Errorf("after the first AT+CMGS comes %q, want AT+CMGF=0", commands[first+1])
		}
	})
}

func TestAServiceCentreThatIsRefusedIsSetAgain(t *testing.T) {
	for _, code := range []int{69, 330} {
		inBubble(t, func(t *testing.T) {
			sim := modemtest.New(modemtest.Fault(fmt.Sprintf("send 1 cms %d", code)))
			m := run(t, sim, func(o *Options) { o.SMSC = "+353868002000" })
			mustBeReady(t, m, time.Minute)
			if _, err := sendUntil(t, m, somePart("hello"), time.Minute); err != nil {
				t.Fatal(err)
			}
			sets := 0
			for _, c := range sim.Commands() {
				if strings.HasPrefix(c, "AT+CSCA=") {
					sets++
				}
			}
			if sets != 2 {
				t.Errorf("%d: the service centre was set %d times, want twice", code, sets)
			}
		})
	}
}

func TestTheCodesAreSwitchedOnAgainAfterAPlainError(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Fault("send 1 error"))
		m := run(t, sim)
		mustBeReady(t, m, time.Minute)
		_, err := m.Send(t.Context(), somePart("hello"))
		var e *SendError
		if !errors.As(err, &e) || e.Verdict().Class != Slow {
			t.Fatalf("error %v, want a slow one", err)
		}
		time.Sleep(time.Second)
		if c := sim.Commands(); c[len(c)-1] != "AT+CMEE=1" {
			t.Errorf("the last command is %q, want AT+CMEE=1", c[len(c)-1])
		}
		sendWhole(t, m, "hello")
	})
}

func TestAStoreThatIsFullIsSweptBeforeTheNextTry(t *testing.T) {
	for _, code := range []int{208, 209, 211, 320, 322} {
		inBubble(t, func(t *testing.T) {
			sim := modemtest.New(modemtest.Fault(fmt.Sprintf("send 1 cms %d", code)))
			m := run(t, sim, into(&custody{}))
			mustBeReady(t, m, time.Minute)
			time.Sleep(time.Minute)
			before := len(sim.Commands())
			if _, err := sendUntil(t, m, somePart("hello"), time.Minute); err != nil {
				t.Fatal(err)
			}
			commands := sim.Commands()[before:]
			isSend := func(c string) bool { return strings.HasPrefix(c, "AT+CMGS=") }
			if between := commands[slices.IndexFunc(commands, isSend)+1:]; !slices.Contains(between[:slices.IndexFunc(between, isSend)], "AT+CMGL=4") {
				t.Errorf("%d: commands %q, want the stores listed between the two AT+CMGS", code, commands)
			}
		})
	}
}

func TestCongestionHasAStoreSweptThatIsFillingUp(t *testing.T) {
	for slots, want := range map[int]bool{4: true, 50: false} {
		inBubble(t, func(t *testing.T) {
			box := &custody{}
			box.refuse(true) // so that what is received stays in the modem
			sim := modemtest.New(modemtest.Fault(fmt.Sprintf("slots %d; send 1 cms 22; at 10s parts 1,2,3,4 +447700900222 %s", slots, strings.Repeat("a long text ", 45))))
			m := run(t, sim, into(box))
			time.Sleep(80 * time.Second)
			mustBeReady(t, m, time.Minute)
			time.Sleep(20 * time.Second) // behind the sweep that is due in any case
			before := len(sim.Commands())
			if _, err := m.Send(t.Context(), somePart("hello")); err == nil {
				t.Fatal("sent")
			}
			time.Sleep(pollReady + time.Second)
			if got := slices.Contains(sim.Commands()[before:], "AT+CMGL=4"); got != want {
				t.Errorf("%d slots, stores %+v: swept %t, want %t", slots, m.State().Stores, got, want)
			}
		})
	}
}
