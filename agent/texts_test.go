package agent_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

func (run *running) queue() status.Queue {
	run.r.t.Helper()
	q, err := run.Queue(run.r.t.Context())
	if err != nil {
		run.r.t.Fatal(err)
	}
	return q
}

// wantFates compares what became of the texts that were sent, in order.
func (run *running) wantFates(want ...string) {
	run.r.t.Helper()
	var got []string
	for _, s := range run.queue().Sent {
		got = append(got, s.Fate)
	}
	if len(got) != len(want) {
		run.r.t.Fatalf("fates %v, want %v", got, want)
	}
	for i := range got {
		if got[i] != want[i] {
			run.r.t.Errorf("fates %v, want %v", got, want)
		}
	}
}

func TestADeliveredTextSaysSoWithItsTime(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		r.publish(smoke, burning)
		time.Sleep(time.Minute)
		a.wantFates(status.FateDelivered, status.FateDelivered)
		if s := a.queue().Sent[0]; s.Took != 2*time.Second || s.Parts[0].Modem != "stick" {
			t.Errorf("got %+v, want two seconds through stick", s)
		}
		a.end()
		a = r.start()
		defer a.end()
		a.wantFates(status.FateDelivered, status.FateDelivered)
	})
}

// A report resolves an unknown outcome before any repeat (row 1 of what goes wrong
// in the field).
func TestAStatusReportWithOurRecipientComesBeforeAnyRepeat(t *testing.T) {
	for name, fault := range map[string]string{
		"while the modem is waited for":       "send 1 silent",
		"while the part's fate is looked for": "send 1 silent; report 1 delay 200s",
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				a := r.start()
				defer a.end()
				r.publish(smoke, burning)
				time.Sleep(10 * time.Minute)
				r.wantTexts(aliceAlarm, bobAlarm+" (sent late)")
				for _, s := range a.queue().Sent {
					if s.Fate != status.FateDelivered {
						t.Errorf("got %+v, want it delivered", s)
					}
				}
			}, modemtest.Fault(fault))
		})
	}
}

func TestATextThatTheNetworkGivesUpIsAProblemWithItsCause(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		defer a.end()
		r.publish(smoke, burning)
		time.Sleep(time.Minute)
		a.wantFates(status.FateFailed, status.FateDelivered)
		problems := a.status().Problems
		want := `text 1 to alice (+3538…567), smoke{room="kitchen"}, was not delivered, as is known for 58s: expired before it could be delivered`
		if len(problems) != 1 || problems[0].Code != status.TextUndelivered || problems[0].Cause != want {
			t.Errorf("problems %+v, want %s", problems, want)
		}
	}, modemtest.Fault("report 1 status 0x46"))
}

func TestWithoutAReportATextIsUnconfirmedWhenItsValidityIsOver(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		r.publish(smoke, burning)
		time.Sleep(time.Minute)
		a.wantFates(status.FateDelivered, status.FateAccepted)
		a.end()
		for range 26 {
			time.Sleep(time.Hour)
		}
		a = r.start()
		defer a.end()
		a.wantFates(status.FateDelivered, status.FateUnconfirmed)
	}, modemtest.Fault("report 2 never"))
}

func TestWhereReportsAreNotAvailableThatIsSaidInsteadOfFailing(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.configure(strings.Replace(house, `port = "/dev/ttyUSB2"`, "port    = \"/dev/ttyUSB2\"\n  reports = false", 1))
		a := r.start()
		defer a.end()
		r.publish(smoke, burning)
		time.Sleep(time.Minute)
		a.wantFates(status.FateUnreported, status.FateUnreported)
		if s := a.status(); len(s.Problems) > 0 || s.Modems[0].Reports != modem.ReportsOff {
			t.Errorf("problems %+v, reports %s", s.Problems, s.Modems[0].Reports)
		}
	})
}

func TestAReplyIsOnDiskBeforeTheModemDeletesIt(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		r.modem.Text("+353871234567", "OK 17")
		long := strings.Repeat("A stranger writes much. ", 9)
		r.modem.Parts("+353860000123", long, 2, 1)
		time.Sleep(time.Minute)
		got := a.queue().Received
		if len(got) != 2 || got[0].From != "alice" || got[0].Body != "OK 17" || got[1].From != "+3538…123" || got[1].Body != long {
			t.Errorf("got %+v, want alice's reply and the stranger's text in one piece", got)
		}
		for _, s := range a.status().Modems[0].Stores {
			if s.Used > 0 {
				t.Errorf("store %s: %d left, want them deleted", s.Name, s.Used)
			}
		}
		a.end()
		a = r.start()
		defer a.end()
		if again := a.queue().Received; len(again) != len(got) {
			t.Errorf("after a restart: %+v", again)
		}
	})
}

// A late answer resolves an unknown outcome before any repeat (row 1 of what goes
// wrong in the field).
func TestALateAnswerComesBeforeAnyRepeat(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		defer a.end()
		r.publish(smoke, burning)
		time.Sleep(15 * time.Minute)
		r.wantTexts(aliceAlarm, bobAlarm+" (sent late)")
		a.wantFates(status.FateAccepted, status.FateDelivered)
	}, modemtest.Fault("send 1 late 200s; report 1 never"))
}
