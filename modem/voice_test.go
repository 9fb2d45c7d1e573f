package modem

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

func TestATelephoneRingsFor25Seconds(t *testing.T) {
	const alert = 3 * time.Second // the simulator's, from dialling to the first ring
	type want struct {
		rings    [2]time.Duration // how long at least, at most
		answered bool
		end      string
	}
	rang := [2]time.Duration{ringTime, ringTime + 2*callPoll}
	for name, c := range map[string]struct {
		script string
		err    error
		within time.Duration
		want   want
	}{
		"nobody answers":                {"", nil, time.Minute, want{rings: rang, end: "hung up"}},
		"she answers":                   {"call 1 answered 10s", nil, 20 * time.Second, want{[2]time.Duration{10 * time.Second, 10 * time.Second}, true, "hung up"}},
		"she declines":                  {"at 40s call end", nil, time.Minute, want{[2]time.Duration{0, ringTime}, false, "no carrier"}},
		"busy":                          {"call 1 busy", ErrBusy, 10 * time.Second, want{end: "busy"}},
		"no carrier":                    {"call 1 no carrier", ErrNotReached, 10 * time.Second, want{end: "no carrier"}},
		"ATD waits for the answer":      {"call 1 waits", nil, time.Minute, want{rings: [2]time.Duration{ringTime, ringTime + alertMax}, end: "hung up"}},
		"ATD waits, she answers":        {"call 1 waits; call 1 answered 10s", nil, 20 * time.Second, want{[2]time.Duration{10 * time.Second, 10 * time.Second}, true, "hung up"}},
		"ATD waits, busy":               {"call 1 waits; call 1 busy", ErrBusy, 10 * time.Second, want{end: "busy"}},
		"ATD waits, no carrier":         {"call 1 waits; call 1 no carrier", ErrNotReached, 10 * time.Second, want{end: "no carrier"}},
		"ATH is refused":                {"command H error", nil, time.Minute, want{rings: rang, end: "hung up"}},
		"ATH does nothing":              {"command H answer OK", nil, time.Minute, want{rings: rang, end: "hung up"}},
		"the modem tells of no call":    {"command +CLCC error", nil, time.Minute, want{rings: [2]time.Duration{ringTime - alert - callPoll, ringTime + callPoll}, end: "hung up"}},
		"it tells of none, ATH refused": {"command +CLCC error; command H error", nil, time.Minute, want{rings: [2]time.Duration{ringTime - alert - callPoll, ringTime + callPoll}, end: "hung up"}},
		"it tells of none, busy":        {"command +CLCC error; call 1 busy", ErrBusy, 10 * time.Second, want{end: "busy"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim := modemtest.New(modemtest.Fault(c.script))
				m := run(t, sim)
				mustBeReady(t, m, time.Minute)
				time.Sleep(30 * time.Second)
				start := time.Now()
				err := m.Call(t.Context(), somebody)
				if !errors.Is(err, c.err) || c.err == nil && err != nil {
					t.Errorf("error %v, want %v", err, c.err)
				}
				if took := time.Since(start); took > c.within {
					t.Errorf("it took %v, want at most %v", took, c.within)
				}
				if len(sim.Calls()) != 1 {
					t.Fatalf("calls %+v, want one", sim.Calls())
				}
				got := sim.Calls()[0]
				if got.To != string(somebody) || got.Ringing < c.want.rings[0] || got.Ringing > c.want.rings[1] || got.Answered != c.want.answered || got.End != c.want.end {
					t.Errorf("call %+v, want %+v", got, c.want)
				}
				mustBeReady(t, m, 10*time.Second)
				sendWhole(t, m, "after it")
				if n := m.State().Reopened; n != 0 {
					t.Errorf("the line was opened anew %d times for it", n)
				}
			})
		})
	}
}

func TestACallThatTheModemRefusesIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		script  string
		options func(*Options)
		to      Number
		want    string
		placed  int
	}{
		"refused":          {"call 1 refused", nil, somebody, "ATD answered +CME ERROR: 3 (operation not allowed)", 1},
		"no voice":         {"", func(o *Options) { o.NoVoice = true }, somebody, "neither the modem nor its SIM can ring a telephone", 0},
		"no number":        {"", nil, "0151 1234567", `number "0151 1234567" has no country code`, 0},
		"emergency number": {"", nil, "112", `number "112" is that of the emergency services`, 0},
		"no service":       {"at 1ms registration 2", nil, somebody, "the modem is not ready: no service: the modem is searching for a network", 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				sim := modemtest.New(modemtest.Fault(c.script))
				change := c.options
				if change == nil {
					change = func(*Options) {}
				}
				m := run(t, sim, change)
				time.Sleep(time.Minute)
				err := m.Call(t.Context(), c.to)
				if err == nil || !hasPrefix(err.Error(), c.want) {
					t.Errorf("error %v, want %q", err, c.want)
				}
				if len(sim.Calls()) != c.placed {
					t.Errorf("calls %+v, want %d", sim.Calls(), c.placed)
				}
			})
		})
	}
}

func hasPrefix(s, prefix string) bool { return len(s) >= len(prefix) && s[:len(prefix)] == prefix }

func TestNothingRingsWhileATextIsSent(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		sim := modemtest.New(modemtest.SendDelay(40 * time.Second))
		m := run(t, sim)
		mustBeReady(t, m, time.Minute)
		start := time.Now()
		sent := make(chan error, 1)
		go func() {
			_, err := m.Send(t.Context(), somePart("hello"))
			sent <- err
		}()
		time.Sleep(time.Second)
		if err := m.Call(t.Context(), somebody); err != nil {
			t.Error(err)
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
		if at := sim.Calls()[0].At.Sub(start); at < 40*time.Second {
			t.Errorf("the telephone was called after %v, while the text was on its way", at)
		}
	})
}

func TestACallEndsWithItsContext(t *testing.T) {
	for _, script := range []string{"", "call 1 waits"} {
		inBubble(t, func(t *testing.T) {
			sim := modemtest.New(modemtest.Fault(script))
			m := run(t, sim)
			mustBeReady(t, m, time.Minute)
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if err := m.Call(ctx, somebody); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%q: error %v, want that of the context", script, err)
			}
			got := sim.Calls()
			got[0].At, got[0].Ringing = time.Time{}, got[0].Ringing.Round(2*time.Second)
			if diff := cmp.Diff([]modemtest.Call{{To: string(somebody), Ringing: 8 * time.Second, End: "hung up"}}, got); diff != "" {
				t.Errorf("%q: -want +got:\n%s", script, diff)
			}
		})
	}
}

func TestAModemThatRestartsInACallIsOpenedAnew(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		m := run(t, modemtest.New(modemtest.Profile("sim800"), modemtest.Fault("boot 5s; at 60s reboot")))
		mustBeReady(t, m, 50*time.Second)
		time.Sleep(50 * time.Second)
		start := time.Now()
		if err := m.Call(t.Context(), somebody); err == nil {
			t.Error("the call succeeds, though the modem restarted in it")
		}
		if took := time.Since(start); took > 2*time.Minute {
			t.Errorf("it took %v", took)
		}
		mustBeReady(t, m, 2*time.Minute)
		sendWhole(t, m, "after it")
	})
}
