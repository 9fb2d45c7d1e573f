package modemtest

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestACallEndsAsTheScriptSays(t *testing.T) {
	for _, tt := range []struct {
		script string
		after  time.Duration
		said   string
		want   Call
	}{
		{"", 2 * time.Minute, "\r\nNO CARRIER\r\n", Call{Ringing: callRingMax, End: "no answer"}},
		{"call 1 busy", 2 * time.Minute, "\r\nBUSY\r\n", Call{End: "busy"}},
		{"call 1 no carrier", 2 * time.Minute, "\r\nNO CARRIER\r\n", Call{End: "no carrier"}},
		{"call 1 answered 5s", 10 * time.Second, "", Call{Ringing: 5 * time.Second, Answered: true}},
		{"call 2 busy", 10 * time.Second, "", Call{}},
		{"call 1 answered 5s; at 20s call end", 30 * time.Second, "\r\nNO CARRIER\r\n",
			Call{Ringing: 5 * time.Second, Answered: true, End: "no carrier", Duration: 12 * time.Second}},
		{"at 13s call answer", 20 * time.Second, "", Call{Ringing: 10 * time.Second, Answered: true}},
	} {
		t.Run(tt.script, func(t *testing.T) {
			talk(t, []Option{Fault(tt.script)}, func(m *Modem, h *host) {
				h.ask("ATE0", "OK")
				tt.want.To, tt.want.At = alice, time.Now()
				h.ask("ATD"+alice+";", "OK")
				time.Sleep(tt.after)
				synctest.Wait()
				if got := h.drain(); got != tt.said {
					t.Errorf("said %q, want %q", got, tt.said)
				}
				if got := m.Calls(); len(got) != 1 || got[0] != tt.want {
					t.Errorf("calls are %+v, want %+v", got, tt.want)
				}
			})
		})
	}
}

func TestACallIsSeenRingingAndHungUp(t *testing.T) {
	for _, hangUp := range []string{"ATH", "AT+CHUP"} {
		talk(t, nil, func(m *Modem, h *host) {
			h.ask("ATE0", "OK")
			h.ask("ATD"+alice+";", "OK")
			h.ask("AT+CLCC", "+CLCC: 1,0,2,0,0,\""+alice+"\",145\r\n\r\nOK")
			time.Sleep(alertTime + 25*time.Second)
			h.ask("AT+CLCC;+CPAS", "+CLCC: 1,0,3,0,0,\""+alice+"\",145\r\n\r\n+CPAS: 3\r\n\r\nOK")
			h.ask(hangUp, "OK")
			h.ask("AT+CLCC", "OK")
			if got := m.Calls()[0]; got.End != "hung up" || got.Ringing != 25*time.Second || got.Answered {
				t.Errorf("%s: the call is %+v", hangUp, got)
			}
		})
	}
}

func TestADialThatWaitsIsEndedByWhateverIsTyped(t *testing.T) {
	talk(t, []Option{Fault("call * waits; call 2 answered 5s")}, func(m *Modem, h *host) {
		h.ask("ATE0", "OK")
		h.write("ATD" + alice + ";\r")
		time.Sleep(10 * time.Second)
		h.write("\r")
		h.until("\r\nNO CARRIER\r\n")
		h.ask("AT", "OK")
		h.ask("ATD"+alice+";", "OK")
		if got := m.Calls(); got[0].End != "hung up" || !got[1].Answered {
			t.Errorf("the calls are %+v", got)
		}
	})
}

func TestAPowerCutEndsACallWithoutAWord(t *testing.T) {
	talk(t, []Option{Fault("call 1 waits; at 10s power 5s")}, func(m *Modem, h *host) {
		h.ask("ATE0", "OK")
		h.write("ATD" + alice + ";\r")
		got := h.until("+CPIN: READY\r\n")
		if got != "\r\n+CPIN: READY\r\n" || m.Calls()[0].End != "no carrier" {
			t.Errorf("said %q; the call is %+v", got, m.Calls()[0])
		}
	})
}

func TestWithoutACircuitThereIsNoCall(t *testing.T) {
	for _, opts := range [][]Option{
		{Profile("bg96")},
		{Registered(false)},
		{Fault("call * refused")},
	} {
		talk(t, opts, func(m *Modem, h *host) {
			h.write("ATD" + alice + ";\r")
			time.Sleep(time.Second)
			synctest.Wait()
			got := h.drain()
			if end := got[max(0, len(got)-9):]; end != "CARRIER\r\n" && end != "\r\nERROR\r\n" {
				t.Errorf("dialling was answered %q", got)
			}
		})
	}
}
