package modem

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

const (
	anybody  = Number("+4915112345679")
	everyman = Number("+4915112345670")
)

// refusals plays a row of outcomes, each a recipient and a code, 0 for accepted,
// and returns the class that is in force after each.
func refusals(row ...any) (classes []Class) {
	var o outcomes
	for i := 0; i < len(row); i += 2 {
		to, code := row[i].(Number), row[i+1].(int)
		if code == 0 {
			o.accept(to)
			continue
		}
		v, _ := o.refuse(&SendError{To: to, Outcome: Refused, Code: code}, verdictOn(code))
		classes = append(classes, v.Class)
	}
	return classes
}

func TestARefusalIsJudgedInTheLightOfOthers(t *testing.T) {
	for name, c := range map[string]struct {
		got  []Class
		want []Class
	}{
		"one bad number does not stop the others":          {refusals(somebody, 30, somebody, 30, somebody, 30), []Class{Slow, Slow, Slow}},
		"two recipients unknown: it is the SIM":            {refusals(somebody, 30, anybody, 30), []Class{Slow, Account}},
		"others work: it is the recipient":                 {refusals(anybody, 0, somebody, 30), []Class{Permanent}},
		"others worked before the last":                    {refusals(anybody, 0, somebody, 0, somebody, 30), []Class{Permanent}},
		"the same recipient worked":                        {refusals(somebody, 0, somebody, 30), []Class{Slow}},
		"an acceptance ends the row":                       {refusals(somebody, 30, somebody, 0, somebody, 30), []Class{Slow, Slow}},
		"one recipient rejected is no account":             {refusals(somebody, 21, somebody, 21, somebody, 21, somebody, 21, somebody, 21), []Class{Slow, Slow, Slow, Slow, Slow}},
		"several rejected: it is the account":              {refusals(somebody, 21, anybody, 21, everyman, 21, somebody, 21), []Class{Slow, Slow, Slow, Account}},
		"another refusal ends the row":                     {refusals(somebody, 300, somebody, 38, somebody, 300), []Class{Soon, Slow, Soon}},
		"the modem's own failures count over texts":        {refusals(somebody, 302, anybody, 302, everyman, 302, somebody, 302), []Class{Wait, Wait, Device, Device}},
		"what a text counts stays the text's":              {refusals(somebody, 41, somebody, 41, somebody, 41, somebody, 41, somebody, 41), []Class{Soon, Soon, Soon, Soon, Soon}},
		"an account that is refused outright is not asked": {refusals(somebody, 8), []Class{Account}},
	} {
		if fmt.Sprint(c.got) != fmt.Sprint(c.want) {
			t.Errorf("%s: got %v, want %v", name, c.got, c.want)
		}
	}
}

func TestOneDeadNumberHoldsUpNobody(t *testing.T) {
	for _, code := range []int{1, 21, 27, 30, 38, 41, 127, 195, 500} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				m := run(t, modemtest.New(modemtest.Fault(fmt.Sprintf("send 1 cms %d; send 3- cms %d", code, code))))
				mustBeReady(t, m, time.Minute)
				for _, to := range []Number{somebody, anybody, somebody} {
					parts, err := Split(to, "hello", 1, SplitOptions{})
					if err != nil {
						t.Fatal(err)
					}
					_, err = m.Send(t.Context(), parts[0])
					if refused := to == somebody; refused != (err != nil) {
						t.Errorf("to %s: %v", to, err)
					}
					if st := m.State(); st.Phase != PhaseReady {
						t.Fatalf("state %+v, want ready", st)
					}
				}
			})
		})
	}
}

func TestAnAccountIsSuspectAfterManyFailuresWithAGoodSignal(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		want   bool
	}{
		"rejected":     {"send * cms 21", true},
		"temporary":    {"send * cms 41", true},
		"timeouts":     {"send * cms 332", true},
		"weak signal":  {"at 1ms signal 3; send * cms 41", false},
		"another code": {"send * cms 38", false},
		"four":         {"send 1-4 cms 41", false},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				m := run(t, modemtest.New(modemtest.Fault(c.script)))
				mustBeReady(t, m, time.Minute)
				for range suspectAfter {
					mustBeReady(t, m, 5*time.Minute)
					m.Send(t.Context(), somePart("hello"))
				}
				time.Sleep(time.Minute)
				suspect := false
				for _, c := range m.State().Cautions {
					suspect = suspect || strings.HasPrefix(c.Cause, "the account is suspect")
				}
				if suspect != c.want {
					t.Errorf("cautions %+v, want suspect: %t", m.State().Cautions, c.want)
				}
			})
		})
	}
}

func TestAMakersCodeHasItsMakersMeaning(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := run(t, modemtest.New(modemtest.Fault("send 1 cms 515; send 2 cms 540; send 3 cms 541; send 4 cms 542")), func(o *Options) {
			o.Tune.Codes = map[int]Class{515: Permanent, 540: Wait, 541: Ambiguous}
		})
		for _, want := range []Class{Permanent, Wait, Ambiguous, Slow} {
			mustBeReady(t, m, 2*time.Minute)
			_, err := m.Send(t.Context(), somePart("hello"))
			var e *SendError
			if !errors.As(err, &e) || e.Verdict().Class != want || e.Verdict().Cause == "" {
				t.Errorf("error %v, want class %v and a cause", err, want)
			}
		}
	})
}
