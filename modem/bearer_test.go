package modem

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

// newTestBearer searches among the ways of a modem with these services.
func newTestBearer(current int, known []int, note bearerNote) bearer {
	return newBearer("x", ways(current, known, nil), note)
}

func names(b bearer) (list []string) {
	for _, w := range b.ways {
		list = append(list, w.String())
	}
	return list
}

func TestWaysForTextsAreTriedInTheirOrder(t *testing.T) {
	for name, c := range map[string]struct {
		current int
		known   []int
		note    bearerNote
		want    []string
	}{
		"the one in use first":            {1, []int{0, 1, 2, 3}, bearerNote{}, []string{"cgsms 1", "cgsms 3", "cgsms 2", "cgsms 0", "selection", "access UMTS", "access GSM"}},
		"then by their order":             {2, []int{0, 1, 2, 3}, bearerNote{}, []string{"cgsms 2", "cgsms 1", "cgsms 3", "cgsms 0", "selection", "access UMTS", "access GSM"}},
		"no more than the modem has":      {1, []int{0, 1}, bearerNote{}, []string{"cgsms 1", "cgsms 0", "selection", "access UMTS", "access GSM"}},
		"a modem without +CGSMS":          {-1, nil, bearerNote{}, []string{"as found", "selection", "access UMTS", "access GSM"}},
		"what worked before everything":   {1, []int{0, 1, 2, 3}, bearerNote{Works: "cgsms 2"}, []string{"cgsms 2", "cgsms 1", "cgsms 3", "cgsms 0", "selection", "access UMTS", "access GSM"}},
		"what failed after everything":    {1, []int{0, 1, 2, 3}, bearerNote{Refused: []string{"cgsms 1", "cgsms 3"}}, []string{"cgsms 2", "cgsms 0", "selection", "access UMTS", "access GSM", "cgsms 1", "cgsms 3"}},
		"a note on what is not there any": {1, []int{1}, bearerNote{Works: "cgsms 7"}, []string{"cgsms 1", "selection", "access UMTS", "access GSM"}},
	} {
		if diff := cmp.Diff(c.want, names(newTestBearer(c.current, c.known, c.note))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestServicesAreReadAsRangesAndLists(t *testing.T) {
	for text, want := range map[string][]int{
		"+CGSMS: (0-3)": {0, 1, 2, 3}, "+CGSMS: (0,1,2,3)": {0, 1, 2, 3}, "+CGSMS: (0-1,3)": {0, 1, 3},
		"+CGSMS: (1)": {1}, "+CGSMS: ()": nil, "+CGSMS: ": nil, "+CGSMS: (x-9)": nil, "+CGSMS: (0-99)": {0, 1, 2, 3}, "+CGSMS: (7-9)": nil,
	} {
		got := servicesOf(fields(text))
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
	}
}

func FuzzServicesAreNoMoreThanThereAre(f *testing.F) {
	f.Add("+CGSMS: (0-3)")
	f.Add("+CGSMS: (0,,3-1,-)")
	f.Fuzz(func(t *testing.T, line string) {
		for _, n := range servicesOf(fields(line)) {
			if n < 0 || n >= len(services) {
				t.Errorf("%q has service %d", line, n)
			}
		}
	})
}

func TestOnlyRefusalsThatTheWayMayCauseChangeIt(t *testing.T) {
	for name, c := range map[string]struct {
		codes  []int
		proven time.Duration // before them; 0: never
		next   bool
	}{
		"three unknown errors":              {[]int{500, 500, 500}, 0, true},
		"a mixture":                         {[]int{38, 332, 500}, 0, true},
		"two":                               {[]int{500, 500}, 0, false},
		"a dead number on a way that works": {[]int{38, 38, 38}, time.Hour, false},
		"out of order on a way that worked long ago": {[]int{38, 38, 38}, 48 * time.Hour, true},
		"other codes":                         {[]int{1, 21, 331, 310}, 0, false},
		"unknown errors on a way that worked": {[]int{500, 500, 500}, time.Hour, true},
	} {
		b := newTestBearer(1, []int{0, 1}, bearerNote{})
		if c.proven != 0 {
			b.accept(began.Add(-c.proven))
		}
		next := false
		for _, code := range c.codes {
			next = b.refuse(code, began) || next
		}
		if next != c.next {
			t.Errorf("%s: another way %t, want %t", name, next, c.next)
		}
	}
}

func TestAnAcceptedTextEndsTheSearch(t *testing.T) {
	b := newTestBearer(1, []int{0, 1}, bearerNote{})
	for range 2 {
		b.refuse(500, began)
		b.refuse(500, began)
		b.accept(began)
	}
	if b.way().service != 1 {
		t.Errorf("the way is %s though no three refusals came in a row", b.way())
	}
}

func TestAnExhaustedSearchTriesATextNowAndThenEachTimeAnotherWay(t *testing.T) {
	b := newTestBearer(1, []int{0, 1}, bearerNote{})
	refusals := 0
	for ; !b.exhausted; refusals++ {
		b.refuse(500, began)
	}
	if want := bearerRefusals + 4*bearerDoubts; refusals != want || !b.until.Equal(began.Add(bearerRest)) {
		t.Fatalf("exhausted after %d refusals, until %v; want %d and %v", refusals, b.until, want, bearerRest)
	}
	var tried []string
	for i := range 6 {
		tried = append(tried, b.way().String())
		b.refuse(500, began.Add(time.Duration(i)*bearerRest))
	}
	if want := []string{"cgsms 1", "cgsms 0", "selection", "access UMTS", "access GSM", "cgsms 1"}; !slices.Equal(tried, want) {
		t.Errorf("tried %v, want %v", tried, want)
	}
	if again := newTestBearer(1, []int{0, 1}, readBearerNote(bearerNote{Refused: b.refused}.String())); !again.exhausted {
		t.Errorf("after a restart the search is %+v, want one that is exhausted", again)
	}
}

// sendUntilAccepted sends a text up to n times and reports whether it was
// accepted.
func sendUntilAccepted(t *testing.T, m *Serial, n int) bool {
	t.Helper()
	for range n {
		mustBeReady(t, m, 10*time.Minute)
		if _, err := m.Send(t.Context(), somePart("hello")); err == nil {
			return true
		}
		time.Sleep(time.Minute)
	}
	return false
}

func TestABearerThatTheNetworkRefusesIsChangedAndRemembered(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		notes := &memory{}
		sim := modemtest.New(modemtest.Fault("send 1-5 cms 500"))
		m, stop := start(t, sim, onHost(idleHost()), withNotes(notes))
		if !sendUntilAccepted(t, m, 6) {
			t.Fatal("never accepted")
		}
		stop()
		if got := notes.notes[bearerPrefix+"iccid:8988211000000000007"]; got != `{"works":"cgsms 2"}` {
			t.Errorf("noted %q, want that packet preferred works", got)
		}
		sim.Unplug()
		sim.Plug()
		m = run(t, sim, onHost(idleHost()), withNotes(notes))
		mustBeReady(t, m, time.Minute)
		var told []string
		for _, command := range sim.Commands() {
			if strings.Contains(command, "+CGSMS=") && !strings.HasSuffix(command, "?") {
				told = append(told, command)
			}
		}
		if want := []string{"AT+CGSMS=1", "AT+CGSMS=3", "AT+CGSMS=2", "AT+CGSMS=2"}; !slices.Equal(told, want) {
			t.Errorf("the modem was told %q, want %q", told, want)
		}
	})
}

func withNotes(n Notes) func(*Options) { return func(o *Options) { o.Notes = n } }

func TestASIMThatNoWayHelpsIsSaidToBeUnableToText(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := run(t, modemtest.New(modemtest.Fault("send 1-15 cms 500")), onHost(idleHost()))
		sendUntilAccepted(t, m, 15)
		waitForCause(t, m, PhaseNoNet, "this SIM cannot text on this network: 7 ways")
		if st := m.State(); st.CanSend != CanSendNo {
			t.Errorf("can send: %s", st.CanSend)
		}
		mustBeReady(t, m, bearerRest+time.Minute)
		sendWhole(t, m, "at last")
		if st := m.State(); st.CanSend != CanSendYes {
			t.Errorf("can send: %s", st.CanSend)
		}
	})
}
