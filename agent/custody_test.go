package agent_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/buffer"
)

const stranger = "+4915112345678"

// receive leaves a text in the store that was received at that time and not
// carried out, as a kill would.
func (r *rig) receive(at time.Duration, from, body string) {
	r.t.Helper()
	record := fmt.Sprintf(`{"modem":"stick","from":%q,"body":%q,"at":%d,"parts":1,"count":1,"digests":["0"]}`, from, body, at)
	r.store(func(s *buffer.Store) {
		if _, err := s.Commit(buffer.Batch{Records: []buffer.Record{{Key: "received/0000000000000001", Value: []byte(record)}}}); err != nil {
			r.t.Fatal(err)
		}
	})
}

func (run *running) received() []status.ReceivedText {
	run.r.t.Helper()
	q, err := run.Queue(run.r.t.Context())
	if err != nil {
		run.r.t.Fatal(err)
	}
	return q.Received
}

func TestWhatAReceivedTextLedToIsKeptWithIt(t *testing.T) {
	inBubble(t, func(r *rig) {
		a := r.start()
		r.modem.Text(stranger, "OK")
		time.Sleep(10 * time.Second)
		for range 2 {
			if got := a.received(); len(got) != 1 || !strings.HasPrefix(got[0].Did, "nothing: ") {
				r.t.Fatalf("received %+v, want it to have done nothing", got)
			}
			a.end()
			a = r.start()
		}
		a.end()
		r.wantTexts()
	})
}

func TestATextThatAKillKeptFromBeingCarriedOutIsCarriedOutAfterIt(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.receive(-59*time.Minute, stranger, "OK")
		a := r.start()
		defer a.end()
		if got := a.received(); len(got) != 1 || !strings.Contains(got[0].Did, "stranger") {
			r.t.Errorf("received %+v, want it heard", got)
		}
	})
}

func TestATextThatWaitedForAnHourDoesNothing(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.receive(-61*time.Minute, alice, "OK ALL")
		a := r.start()
		defer a.end()
		const want = "nothing: it came 61 min before it could be carried out"
		if got := a.received(); len(got) != 1 || got[0].Did != want {
			r.t.Errorf("received %+v, want %s", got, want)
		}
	})
}
