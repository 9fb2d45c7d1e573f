package modem

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// custody is an inbox that remembers what it was given.
type custody struct {
	mu      sync.Mutex
	texts   []Inbound
	reports []Report
	late    []Late
	refuses bool // to take anything
	forgets bool // it takes it, and says that it did not
}

var errNoRoom = errors.New("store: no room")

func (c *custody) take(keep func()) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuses {
		return errNoRoom
	}
	keep()
	if c.forgets {
		return errNoRoom
	}
	return nil
}

func (c *custody) Text(t Inbound) error  { return c.take(func() { c.texts = append(c.texts, t) }) }
func (c *custody) Report(r Report) error { return c.take(func() { c.reports = append(c.reports, r) }) }
func (c *custody) Late(l Late) error     { return c.take(func() { c.late = append(c.late, l) }) }

func (c *custody) refuse(yes bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuses = yes
}

// bodies are the texts taken, each with its sender.
func (c *custody) bodies() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []string
	for _, t := range c.texts {
		list = append(list, t.From+": "+t.Body)
	}
	return list
}

// fates are the reports taken: to whom, for which reference, what.
func (c *custody) fates() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []string
	for _, r := range c.reports {
		list = append(list, fmt.Sprintf("%s %d %v", r.To, r.Reference, r.Fate()))
	}
	return list
}

func into(c *custody) func(*Options) { return func(o *Options) { o.Inbox = c } }

const herself = "+447700900222"

// mustTake waits at most within for the inbox to have exactly the texts.
func mustTake(t *testing.T, c *custody, within time.Duration, want ...string) {
	t.Helper()
	waitFor(within, func() bool { return len(c.bodies()) >= len(want) })
	if diff := cmp.Diff(want, c.bodies()); diff != "" {
		t.Errorf("texts taken within %v, -want +got:\n%s", within, diff)
	}
}

func waitFor(within time.Duration, met func() bool) {
	for end := time.Now().Add(within); !met() && time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond) // for a command in progress to end
}

// mustBeEmpty demands that nothing is left in any store of sim.
func mustBeEmpty(t *testing.T, m *Serial, sim *modemtest.Modem) {
	t.Helper()
	if s := sim.Stats(); s.Received != s.Deleted {
		t.Errorf("%d messages were stored and %d deleted; stores %+v", s.Received, s.Deleted, m.State().Stores)
	}
}

func TestAnAnnouncedTextIsReadHandedOverAndDeleted(t *testing.T) {
	for _, profile := range modemtest.Profiles() {
		t.Run(profile, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim, inbox := modemtest.New(modemtest.Profile(profile)), &custody{}
				m := run(t, sim, into(inbox))
				mustBeReady(t, m, time.Minute)
				sim.Text(herself, "OK 17")
				mustTake(t, inbox, 3*time.Second, herself+": OK 17")
				sim.Text("Bank", "Your code is 1")
				mustTake(t, inbox, 3*time.Second, herself+": OK 17", "Bank: Your code is 1")
				if got := inbox.texts[1]; !got.Name || got.Modem != "sim" || !got.Sent.Equal(time.Now().Truncate(time.Second)) {
					t.Errorf("from a name came %+v", got)
				}
				mustBeEmpty(t, m, sim)
			})
		})
	}
}

func TestSeveralAnnouncementsInOneReadAreAllFollowed(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim, inbox := modemtest.New(), &custody{}
		m := run(t, sim, into(inbox))
		mustBeReady(t, m, time.Minute)
		long := strings.Repeat("0123456789", 40)
		sim.Parts(herself, long, 3, 1, 2)
		mustTake(t, inbox, 3*time.Second, herself+": "+long[306:], herself+": "+long[:153], herself+": "+long[153:306])
		for i, want := range []int{3, 1, 2} {
			if got := inbox.texts[i]; got.Index != want || got.Count != 3 || got.Reference != inbox.texts[0].Reference {
				t.Errorf("part %d came as %+v", want, got)
			}
		}
		mustBeEmpty(t, m, sim)
	})
}

func TestAllStoresAreSweptAtTheStart(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim, inbox := modemtest.New(modemtest.Profile("ec25")), &custody{}
		sim.Text(herself, "AWAY") // into the store that the last program chose
		time.Sleep(time.Minute)
		m := run(t, sim, into(inbox))
		mustTake(t, inbox, time.Minute, herself+": AWAY")
		mustBeEmpty(t, m, sim)
	})
}

func TestWhatTheInboxDidNotTakeStaysAndComesAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim, inbox := modemtest.New(), &custody{refuses: true}
		m := run(t, sim, into(inbox))
		mustBeReady(t, m, time.Minute)
		sim.Text(herself, "OK")
		time.Sleep(5 * time.Minute)
		if n := sim.Stats().Deleted; n != 0 {
			t.Fatalf("%d messages were deleted that nobody took", n)
		}
		inbox.refuse(false)
		mustTake(t, inbox, 2*time.Minute, herself+": OK")
		mustBeEmpty(t, m, sim)
	})
}

func TestAPowerCutBetweenReadingAndDeletingLosesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		// The inbox has the text on disk, and the cut comes before it says so.
		sim, inbox := modemtest.New(), &custody{forgets: true}
		m, stop := start(t, sim, into(inbox))
		mustBeReady(t, m, time.Minute)
		time.Sleep(10 * time.Second) // the first sweep is over
		sim.Text(herself, "OK")
		mustTake(t, inbox, 3*time.Second, herself+": OK")
		stop()
		inbox.forgets = false
		m = run(t, sim, into(inbox))
		mustTake(t, inbox, time.Minute, herself+": OK", herself+": OK")
		mustBeEmpty(t, m, sim)
	})
}

func TestADeletionWithoutAnAnswerDoesNotBringTheTextAgain(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim, inbox := modemtest.New(modemtest.Fault("command +CMGD silent times 3")), &custody{}
		m := run(t, sim, into(inbox))
		mustBeReady(t, m, time.Minute)
		sim.Text(herself, "OK")
		time.Sleep(5 * time.Minute)
		mustTake(t, inbox, 0, herself+": OK")
		mustBeEmpty(t, m, sim)
	})
}

func TestATextThatCannotBeDeletedIsTakenOnce(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim, inbox := modemtest.New(modemtest.Fault("command +CMGD cms 302 times 4")), &custody{}
		m := run(t, sim, into(inbox))
		mustBeReady(t, m, time.Minute)
		sim.Text(herself, "OK")
		time.Sleep(2 * time.Hour)
		mustTake(t, inbox, 0, herself+": OK")
		mustBeEmpty(t, m, sim)
	})
}

func TestAFullStoreIsShownAndRecovers(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim, inbox := modemtest.New(modemtest.Profile("ec25"), modemtest.Fault("slots 5")), &custody{refuses: true}
		m := run(t, sim, into(inbox))
		mustBeReady(t, m, time.Minute)
		var want []string
		for i := range 8 {
			sim.Text(herself, fmt.Sprint("OK ", i))
			want = append(want, fmt.Sprint(herself, ": OK ", i))
			time.Sleep(time.Minute)
		}
		isFull := func(s Stored) bool { return s.Used == 5 && s.Total == 5 && strings.HasPrefix(s.Cause, "full: ") }
		if !slices.ContainsFunc(m.State().Stores, isFull) {
			t.Errorf("stores %+v, want one that is full and says so", m.State().Stores)
		}
		inbox.refuse(false)
		mustTake(t, inbox, 5*time.Minute, want...)
		time.Sleep(sweepPeriod)
		mustBeEmpty(t, m, sim)
		for _, s := range m.State().Stores {
			if s.Used != 0 || s.Cause != "" {
				t.Errorf("store %+v, want an empty one", s)
			}
		}
	})
}

func TestAStoreIsShownFromFourFifths(t *testing.T) {
	for used, want := range map[int]string{
		0: "", 15: "", 16: "nearly full: 16 of 20 places are taken", 19: "nearly full: 19 of 20 places are taken",
		20: "full: further texts and reports wait in the network or are lost",
	} {
		if got := (Stored{Used: used, Total: 20}).judge().Cause; got != want {
			t.Errorf("%d of 20: %q, want %q", used, got, want)
		}
	}
	if got := (Stored{}).judge().Cause; got != "" {
		t.Errorf("of a store whose size is not known it says %q", got)
	}
}

func TestTheWordThatAStoreIsFullHasItSwept(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim, inbox := modemtest.New(modemtest.Fault("at 100s urc ^SMMEMFULL: \"SM\"")), &custody{}
		m := run(t, sim, into(inbox))
		mustBeReady(t, m, time.Minute)
		time.Sleep(95 * time.Second)
		before := sim.Stats().Commands
		time.Sleep(10 * time.Second)
		said := sim.Commands()
		if said = said[len(said)-(sim.Stats().Commands-before):]; !slices.Contains(said, "AT+CMGL=4") {
			t.Errorf("after it the modem was told %q", said)
		}
	})
}

func TestATextIsTakenWhereOnlyCMTWorks(t *testing.T) {
	const only = "command +CNMI=? answer +CNMI: (0-2),(0,2),(0),(0,1),(0)\n"
	for name, script := range map[string]string{
		"without acknowledgement": only,
		"with CNMA":               only + "command +CNMI= cms 303 times 4", // until +CSMS=1
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim, inbox := modemtest.New(modemtest.Fault(script)), &custody{}
				m := run(t, sim, into(inbox))
				mustBeReady(t, m, time.Minute)
				sim.Text(herself, "one")
				sim.Text(herself, "two")
				mustTake(t, inbox, 3*time.Second, herself+": one", herself+": two")
				acks := slices.DeleteFunc(sim.Commands(), func(c string) bool { return c != "AT+CNMA" })
				if want := 2 * strings.Count(script, "303"); len(acks) != want {
					t.Errorf("%d acknowledgements, want %d", len(acks), want)
				}

				// What is not taken is not acknowledged, and nothing is lost.
				inbox.refuse(true)
				sim.Text(herself, "three")
				time.Sleep(3 * time.Minute)
				inbox.refuse(false)
				time.Sleep(3 * time.Minute)
				sim.Text(herself, "four")
				waitFor(time.Minute, func() bool { return slices.Contains(inbox.bodies(), herself+": four") })
				got := slices.Compact(inbox.bodies())
				if diff := cmp.Diff([]string{herself + ": one", herself + ": two", herself + ": three", herself + ": four"}, got); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
			})
		})
	}
}

func TestWhatIsHandedOverSurvivesTheLine(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim, inbox := modemtest.New(), &custody{refuses: true}
		m := run(t, sim, into(inbox), func(o *Options) { o.Tune.Direct = true })
		mustBeReady(t, m, time.Minute)
		sim.Text(herself, "OK")
		time.Sleep(10 * time.Second)
		sim.Unplug()
		time.Sleep(10 * time.Second)
		inbox.refuse(false)
		sim.Plug()
		mustTake(t, inbox, 2*time.Minute, herself+": OK")
	})
}

func TestWhatNobodyCanTakeIsCounted(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim, inbox := modemtest.New(), &custody{refuses: true}
		m := run(t, sim, into(inbox), func(o *Options) { o.Tune.Direct = true })
		mustBeReady(t, m, time.Minute)
		for i := range handedMax + 3 {
			sim.Text(herself, fmt.Sprint("OK ", i))
			time.Sleep(time.Second)
		}
		if lost := m.State().Lost; lost != 3 {
			t.Errorf("%d messages count as lost, want 3", lost)
		}
	})
}

func TestAnUndecodablePDUIsKeptAndDeleted(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim, inbox := modemtest.New(), &custody{}
		m := run(t, sim, into(inbox))
		mustBeReady(t, m, time.Minute)
		sim.PDU([]byte{0x04, 0xff, 0x91, 0x44})
		mustTake(t, inbox, 3*time.Second, ": ")
		got := inbox.texts[0]
		if got.Problem != "the sender's address has 255 digits, more than 20" || !strings.HasSuffix(fmt.Sprintf("%X", got.PDU), "04FF9144") {
			t.Errorf("kept as %+v", got)
		}
		mustBeEmpty(t, m, sim)
	})
}

func TestAListThatTheModemRefusesIsReadPlaceByPlace(t *testing.T) {
	for _, profile := range []string{"generic", "ec25"} { // counting from 1 and from 0
		t.Run(profile, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim, inbox := modemtest.New(modemtest.Profile(profile), modemtest.Fault("command +CMGL error; slots 5")), &custody{}
				for i := range 5 {
					sim.Text(herself, fmt.Sprint(i))
				}
				m := run(t, sim, into(inbox))
				mustTake(t, inbox, time.Minute, herself+": 0", herself+": 1", herself+": 2", herself+": 3", herself+": 4")
				mustBeEmpty(t, m, sim)
			})
		})
	}
}

func TestReceivingWorksOnModemsThatRefuseToBeSetUp(t *testing.T) {
	for _, script := range []string{
		"command +CPMS=? error", "command +CPMS=? unsupported; command +CSMS error", "command +CPMS error", "command +CNMI=? error",
		"command +CNMI error", "command +CPMS= cms 314 times 3", "command +CNMI= cms 302 times 200", "command +CSMS? cme 4",
		"command +CPMS=? answer +CPMS: (\"SM\"),(\"SM\")", `command +CPMS=? answer +CPMS: "SM"`, "command +CPMS? error",
	} {
		t.Run(script, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim, inbox := modemtest.New(modemtest.Fault(script)), &custody{}
				m := run(t, sim, into(inbox))
				mustBeReady(t, m, time.Minute)
				time.Sleep(10 * time.Second)
				sim.Text(herself, "OK")
				mustTake(t, inbox, sweepPeriod+time.Minute, herself+": OK")
				mustBeEmpty(t, m, sim)
				sendWhole(t, m, "hello")
			})
		})
	}
}

func TestASweepDelaysATextByOneStepAtMost(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.Profile("ec25"), modemtest.Fault("command +CMGD delay 1s"))
		for i := range 40 {
			sim.Text(herself, fmt.Sprint(i))
		}
		m := run(t, sim, into(&custody{}))
		mustBeReady(t, m, 30*time.Second)
		for range 3 {
			start := time.Now()
			sendWhole(t, m, "smoke")
			if took := time.Since(start); took > 1500*time.Millisecond {
				t.Errorf("a text waited %v behind received ones", took)
			}
		}
		if sim.Stats().Deleted == 40 {
			t.Error("the sweep was over before the texts were sent")
		}
	})
}

func TestWithoutAnInboxReceivedTextsAreLeftAlone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New()
		m := run(t, sim)
		mustBeReady(t, m, time.Minute)
		sim.Text(herself, "OK")
		time.Sleep(time.Hour)
		for _, command := range sim.Commands() {
			for _, touches := range []string{"+CPMS", "+CNMI", "+CMGL", "+CMGR", "+CMGD", "+CSMS"} {
				if strings.Contains(command, touches) {
					t.Errorf("the modem was told %s", command)
				}
			}
		}
		if got := m.State().Reports; got != ReportsOff {
			t.Errorf("reports %q, want %q", got, ReportsOff)
		}
	})
}
