package modem

import (
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// lates are the late answers taken.
func (c *custody) lates() []Late {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Late(nil), c.late...)
}

func TestALateAnswerResolvesThePartItIsFor(t *testing.T) {
	const s = time.Second
	for name, c := range map[string]struct {
		script  string
		tune    Profile
		unknown time.Duration // when Send gives up
		after   time.Duration // when the answer is told, at the latest; 0: there is none
		code    int           // it is refused with; 0: accepted
	}{
		"a little late":                    {"send 1 late 182s", Profile{}, 180 * s, 183 * s, 0},
		"later":                            {"send 1 late 239s", Profile{}, 180 * s, 240 * s, 0},
		"on a line opened anew":            {"send 1 late 244s", Profile{}, 180 * s, 246 * s, 0},
		"when AT is asked already":         {"send 1 late 250s", Profile{}, 180 * s, 255 * s, 0},
		"refused":                          {"send 1 delay 200s; send 1 cms 38", Profile{}, 180 * s, 201 * s, 38},
		"refused, on a line opened anew":   {"send 1 delay 244s; send 1 cms 38", Profile{}, 180 * s, 246 * s, 38},
		"receipt after OK":                 {"send 1 ok first 20s", Profile{}, receiptGrace, 21 * s, 0},
		"receipt after OK, line is closed": {"send 1 ok first 69s", Profile{}, receiptGrace, 71 * s, 0},
		"never":                            {"send 1 silent", Profile{}, 180 * s, 0, 0},
		"lost":                             {"send 1 lost", Profile{}, 180 * s, 0, 0},
		"a patient family":                 {"send 1 late 430s", Profile{FinalTimeout: 420 * s}, 420 * s, 431 * s, 0},
		"unplugged":                        {"send 1 unplug", Profile{}, s, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				box := &custody{}
				m := run(t, modemtest.New(modemtest.Fault(c.script)), into(box), func(o *Options) { o.Tune = c.tune })
				mustBeReady(t, m, time.Minute)
				part := mustSplit(t, "freezer 3 is warm", SplitOptions{Report: true})[0]
				start := time.Now()
				_, err := m.Send(t.Context(), part)
				wantOutcome(t, err, Unknown)
				if took := time.Since(start); took < c.unknown-s || took > c.unknown+s {
					t.Errorf("unknown after %v, want %v", took, c.unknown)
				}
				want := 0
				if c.after > 0 {
					want = 1
				}
				waitFor(c.after-time.Since(start), func() bool { return len(box.lates()) == want })
				got := box.lates()
				if len(got) != want {
					t.Fatalf("late answers %+v within %v, want %d", got, time.Since(start), want)
				}
				if want == 1 {
					l := got[0]
					if l.Modem != "sim" || l.Part.To != part.To || l.Part.Reference != part.Reference || l.Part.pdu() != part.pdu() || l.Submitted.Sub(start) > s {
						t.Errorf("late answer %+v, want that to %+v", l, part)
					}
					switch {
					case c.code == 0 && (l.Err != nil || l.Receipt.Reference == 0):
						t.Errorf("late answer %+v, want a receipt", l)
					case c.code != 0 && (l.Err == nil || l.Err.Outcome != Refused || l.Err.Code != c.code):
						t.Errorf("late answer %+v, want refusal %d", l, c.code)
					}
				}
				mustBeReady(t, m, 10*time.Minute)
				sendWhole(t, m, "and another")
				time.Sleep(time.Minute)
				if n := len(box.lates()); n != want {
					t.Errorf("%d late answers in the end, want %d", n, want)
				}
			})
		})
	}
}

func TestWhatTheNetworkLeftUnansweredIsResolvedOnTheLiveLine(t *testing.T) {
	for _, code := range []string{"332", "513"} {
		inBubble(t, func(t *testing.T) {
			box := &custody{}
			m := run(t, modemtest.New(modemtest.Fault("send 1 cms "+code+" sent; at 60s urc +CMGS: 77")), into(box))
			mustBeReady(t, m, 30*time.Second)
			_, err := m.Send(t.Context(), somePart("hello"))
			wantOutcome(t, err, Unknown)
			if st := m.State(); st.Phase != PhaseReady || st.Reopened != 0 {
				t.Errorf("state %+v, want ready on the same line", st)
			}
			time.Sleep(time.Minute)
			if got := box.lates(); len(got) != 1 || got[0].Err != nil || got[0].Receipt.Reference != 77 {
				t.Errorf("late answers %+v, want one with reference 77", got)
			}
		})
	}
}

func TestAReceiptThatNobodyWaitsForIsNobodys(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		box := &custody{}
		m := run(t, modemtest.New(modemtest.Fault("send 1 cms 332; at 60s urc +CMGS: 77")), into(box))
		mustBeReady(t, m, 30*time.Second)
		_, err := m.Send(t.Context(), somePart("hello"))
		wantOutcome(t, err, Unknown)
		sendWhole(t, m, "another, after which no receipt is the first's")
		time.Sleep(time.Minute)
		if got := box.lates(); len(got) != 0 {
			t.Errorf("late answers %+v, want none", got)
		}
	})
}

func TestAReceiptThatCameBeforeAPartWasUnansweredIsNotItsLateAnswer(t *testing.T) {
	for name, script := range map[string]string{
		"that of the part before, after its OK": "send 1 ok first 3s; send 2 cms 332",
		"one that nobody waits for":             "send 2 cms 332; urc +CMGS: 77 before prompt",
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				box := &custody{}
				m := run(t, modemtest.New(modemtest.Fault(script)), into(box))
				mustBeReady(t, m, 30*time.Second)
				sendWhole(t, m, "hello")
				_, err := m.Send(t.Context(), somePart("and another"))
				wantOutcome(t, err, Unknown)
				time.Sleep(10 * time.Minute)
				if got := box.lates(); len(got) != 0 {
					t.Errorf("late answers %+v, want none: the network never took it", got)
				}
			})
		})
	}
}

func TestALateAnswerIsOfferedUntilItIsTaken(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		box := &custody{}
		box.refuse(true)
		m := run(t, modemtest.New(modemtest.Fault("send 1 late 200s")), into(box))
		mustBeReady(t, m, time.Minute)
		_, err := m.Send(t.Context(), somePart("hello"))
		wantOutcome(t, err, Unknown)
		time.Sleep(10 * time.Minute)
		if got := box.lates(); len(got) != 0 {
			t.Fatalf("late answers %+v taken by an inbox that refuses", got)
		}
		box.refuse(false)
		time.Sleep(time.Minute)
		if got := box.lates(); len(got) != 1 {
			t.Errorf("late answers %+v, want the one", got)
		}
	})
}

func TestAModemThatRestartedOwesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		box := &custody{}
		m := run(t, modemtest.New(modemtest.Profile("sim800"), modemtest.Fault("boot 5s; send 1 reboot; at 120s urc +CMGS: 77")), into(box))
		mustBeReady(t, m, time.Minute)
		_, err := m.Send(t.Context(), somePart("hello"))
		wantOutcome(t, err, Unknown)
		time.Sleep(3 * time.Minute)
		if got := box.lates(); len(got) != 0 {
			t.Errorf("late answers %+v, want none", got)
		}
	})
}

func FuzzALateLineIsReadWithoutPanic(f *testing.F) {
	f.Add("+CMGS: 12,\"26/11/25,07:00:00+00\"")
	f.Add("+CMS ERROR: 38")
	f.Add("+CME ERROR: SIM busy")
	f.Add("ERROR")
	f.Fuzz(func(t *testing.T, line string) {
		if r := refusalLine(line); r.Error() == "" || r.cms() < 0 {
			t.Errorf("%q is read as %+v", line, r)
		}
		messageReference(line)
	})
}
