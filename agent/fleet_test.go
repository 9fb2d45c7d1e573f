package agent_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tocsin-edge/tocsin/agent"
	"github.com/tocsin-edge/tocsin/buffer"
	"github.com/tocsin-edge/tocsin/modem/modemtest"
)

const alice = "+353871234567"

// holdTexts puts texts into the store of an agent that does not run.
func (r *rig) holdTexts(texts ...buffer.Text) {
	r.t.Helper()
	r.store(func(s *buffer.Store) {
		if _, err := s.Commit(buffer.Batch{Texts: texts}); err != nil {
			r.t.Fatal(err)
		}
	})
}

// crowd is n texts to as many people.
func crowd(n int, urgency uint8) (texts []buffer.Text) {
	for i := range n {
		texts = append(texts, buffer.Text{To: fmt.Sprintf("+35387000000%d", i), Body: fmt.Sprint("text ", i), Urgency: urgency})
	}
	return texts
}

// sent are the texts that left the queue.
func (r *rig) sent() (sent []buffer.Sent) {
	r.t.Helper()
	r.store(func(s *buffer.Store) { sent = s.Sent() })
	return sent
}

func TestThePreferredModemSendsWhileItIsReady(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.spare = modemtest.New()
		a := r.start()
		defer a.end()
		r.publish(smoke, burning)
		time.Sleep(10 * time.Second)
		r.wantTexts(aliceAlarm, bobAlarm)
		r.wantTextsOf(r.spare)
		r.modem.Unplug()
		time.Sleep(time.Minute)
		r.publish(smoke, clear)
		time.Sleep(10 * time.Second)
		r.wantTextsOf(r.spare, aliceClear, bobClear)
		r.modem.Plug()
		time.Sleep(time.Minute)
		r.publish(smoke, burning)
		time.Sleep(10 * time.Second)
		r.wantTexts(aliceAlarm, bobAlarm, aliceAlarm, bobAlarm)
	})
}

func TestABusyModemHoldsBackATextForTenSecondsWhileAnotherIsReady(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.spare = modemtest.New()
		a := r.start()
		defer a.end()
		r.publish(smoke, burning)
		time.Sleep(9 * time.Second)
		r.wantTextsOf(r.spare)
		time.Sleep(3 * time.Second)
		r.wantTextsOf(r.spare, bobAlarm)
	}, modemtest.Fault("send 1 silent"))
}

func TestAStormIsSentByAllModemsAndNoTextByTwo(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.spare = modemtest.New(modemtest.SendDelay(3 * time.Second))
		r.holdTexts(crowd(10, 1)...)
		a := r.start()
		defer a.end()
		time.Sleep(15 * time.Second)
		first, second := r.modem.Accepted(), r.spare.Accepted()
		if len(first) < 4 || len(second) < 2 || len(first)+len(second) != 10 {
			t.Errorf("%d and %d texts, want all ten, by both modems", len(first), len(second))
		}
		numbers := map[string]bool{}
		for _, text := range slices.Concat(first, second) {
			numbers[text.To] = true
		}
		if len(numbers) != 10 {
			t.Errorf("texts to %d people, want each of 10 texted once", len(numbers))
		}
	}, modemtest.SendDelay(3*time.Second))
}

func TestAFewTextsAreLeftToThePreferredModem(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.spare = modemtest.New()
		a := r.start()
		a.end()
		r.holdTexts(crowd(4, 1)...)
		a = r.start()
		defer a.end()
		time.Sleep(time.Minute)
		if got := len(r.spare.Accepted()); got > 1 { // it may be ready first
			t.Errorf("the other modem sent %d texts, want them left to the preferred one", got)
		}
	}, modemtest.SendDelay(3*time.Second))
}

// long is a text of three parts.
var long = strings.Repeat("The freezer in the cellar is warm. ", 11)

func TestAModemThatFailsHandsATextToAnotherFromItsFirstPart(t *testing.T) {
	for _, fault := range []string{
		"send 2 cms 331", // no network service
		"send 2 cms 50",  // no texting in the plan
		"send 2 cms 322", // memory full
		"send 2 cms 210", // error in the modem
		"send 2 vanish",
	} {
		t.Run(fault, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.spare = modemtest.New()
				r.spare.Unplug()
				r.holdTexts(buffer.Text{To: alice, Body: long})
				a := r.start()
				r.spare.Plug()
				time.Sleep(40 * time.Second)
				a.end()
				sent := r.sent()
				if len(sent) != 1 || len(sent[0].Parts) != 3 || sent[0].Cause != "" {
					t.Fatalf("sent: %+v, want the text with three parts", sent)
				}
				var by []string
				for _, p := range sent[0].Parts {
					by = append(by, p.Modem)
				}
				// A phone joins only parts that come from one number.
				if got := fmt.Sprint(by); got != "[spare spare spare]" {
					t.Errorf("parts went through %s, want all through spare", got)
				}
				if got := r.spare.Accepted(); len(got) != 1 || got[0].Body != strings.TrimSpace(long) {
					t.Errorf("spare sent %+v, want the whole text", got)
				}
				if sent[0].Attempts != 0 {
					t.Errorf("%d attempts spent, want none", sent[0].Attempts)
				}
			}, modemtest.Fault(fault), modemtest.Fault("send 1 delay 20s"))
		})
	}
}

func TestATextThatOneModemIsRefusedForGoodIsTriedByAnother(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.spare = modemtest.New()
		a := r.start()
		defer a.end()
		r.publish(smoke, burning)
		time.Sleep(20 * time.Second)
		r.wantTexts(bobAlarm)
		r.wantTextsOf(r.spare, aliceAlarm)
	}, modemtest.Fault("send 1 cms 303"))
}

func TestATextThatEveryModemIsRefusedForGoodIsGivenUp(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.spare = modemtest.New(modemtest.Fault("send * cms 195"))
		a := r.start()
		time.Sleep(10 * time.Second) // both are ready
		r.publish(smoke, burning)
		time.Sleep(20 * time.Second)
		a.end()
		sent := r.sent()
		if len(sent) != 2 {
			t.Fatalf("sent: %+v, want both texts given up", sent)
		}
		for _, s := range sent {
			if !strings.Contains(s.Cause, "the number belongs to nobody (code 195)") {
				t.Errorf("given up because %q, want what the network has against the number", s.Cause)
			}
		}
		for _, m := range []*modemtest.Modem{r.modem, r.spare} {
			if got := m.Stats().Attempts; got != 2 {
				t.Errorf("%d attempts by a modem, want 2", got)
			}
		}
	}, modemtest.Fault("send * cms 195"))
}

func TestAnAccountRefusedEverywhereCountsAsAnAttempt(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.spare = modemtest.New(modemtest.Fault("send * cms 50"))
		r.holdTexts(buffer.Text{To: alice, Body: "SMOKE"})
		a := r.start()
		defer a.end()
		time.Sleep(20 * time.Second)
		got := a.status().Waiting
		if len(got) != 1 || got[0].Attempts != 1 || !strings.Contains(got[0].Cause, "the SIM's plan has no texting (code 50)") {
			t.Errorf("waiting: %+v, want one text with one attempt and its cause", got)
		}
	}, modemtest.Fault("send * cms 50"))
}

func TestStopLetsEveryModemSettleItsPart(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.spare = modemtest.New(modemtest.SendDelay(30 * time.Second))
		r.holdTexts(crowd(8, 1)...)
		a := r.start()
		began := time.Now()
		a.end()
		if took := time.Since(began); took > agent.StopGrace {
			t.Errorf("stopping took %v, at most %v is allowed", took, agent.StopGrace)
		}
		if one, other := len(r.modem.Accepted()), len(r.spare.Accepted()); one != 1 || other != 1 {
			t.Errorf("%d and %d texts accepted, want the one each had on the wire", one, other)
		}
		if sent := r.sent(); len(sent) != 2 {
			t.Errorf("%d texts struck off, want 2", len(sent))
		}
	}, modemtest.SendDelay(20*time.Second))
}

func TestACrashInTheMiddleOfATextSendsItWholeThroughAnotherModem(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.holdTexts(buffer.Text{To: alice, Body: long})
		r.store(func(s *buffer.Store) { // killed with the second part at the first modem
			text, _ := s.Next(0)
			for _, err := range []error{
				s.Begin(text.ID, 1, 3, "stick"), s.Settle(text.ID, 1, buffer.Receipt{Modem: "stick", Reference: 9, At: 1}),
				s.Begin(text.ID, 2, 3, "stick"),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
		})
		r.modem.Unplug()
		r.spare = modemtest.New()
		a := r.start()
		time.Sleep(20 * time.Second)
		a.end()
		sent := r.sent()
		if len(sent) != 1 || sent[0].Parts[0].Modem != "spare" || sent[0].Parts[1].Modem != "spare" || sent[0].Parts[2].Modem != "spare" {
			t.Fatalf("sent: %+v, want the text sent by the spare modem", sent)
		}
		if got := r.spare.Stats().Attempts; got != 3 {
			t.Errorf("the spare modem sent %d parts, want 3", got)
		}
	})
}

func TestATextThatIsNotCriticalIsNeverSentTwice(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.holdTexts(buffer.Text{To: alice, Body: "Freezer is warm", Urgency: 1})
		a := r.start()
		time.Sleep(10 * time.Minute)
		r.wantTexts("567: Freezer is warm")
		if got := a.status(); got.Store.Dropped != 1 || len(got.Waiting) != 0 {
			t.Errorf("%d texts given up, %d wait; want it given up", got.Store.Dropped, len(got.Waiting))
		}
		a.end()
		if sent := r.sent(); len(sent) != 1 || !strings.Contains(sent[0].Cause, "it is not known whether it arrived") {
			t.Errorf("sent: %+v, want it given up and why", sent)
		}
	}, modemtest.Fault("send * silent; report * never"))
}

func TestACriticalTextIsRepeatedOnceAndThenGivenUp(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.holdTexts(buffer.Text{To: alice, Body: "SMOKE"})
		a := r.start()
		defer a.end()
		time.Sleep(time.Hour)
		r.wantTexts("567: SMOKE", "567: SMOKE (repeat)")
		if got := a.status(); got.Store.Dropped != 1 {
			t.Errorf("%d texts given up, want 1", got.Store.Dropped)
		}
	}, modemtest.Fault("send * silent; report * never"))
}

func TestARepeatThatTheServiceCentreAlreadyHasIsASuccess(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.holdTexts(buffer.Text{To: alice, Body: "SMOKE"})
		a := r.start()
		defer a.end()
		time.Sleep(10 * time.Minute)
		if got := a.status(); got.Store.Accepted != 1 || got.Store.Dropped != 0 {
			t.Errorf("store: %+v, want the text accepted", got.Store)
		}
	}, modemtest.Fault("send 1 silent; send 2 cms 197"))
}

// TestEveryClassEndsAsItShould sends one warning to Alice and one, a second
// later, to Bob, through a modem that is refused once or for ever.
func TestEveryClassEndsAsItShould(t *testing.T) {
	for name, tt := range map[string]struct {
		fault   string
		after   time.Duration // by then
		sent    string        // recipients, sorted
		given   string        // what the text to Alice was given up for
		cause   string        // what her text waits for
		attempt int
	}{
		"waits for an event":             {fault: "send 1-3 cms 515", after: time.Minute, sent: "321 567"},
		"soon":                           {fault: "send 1 cms 41", after: 20 * time.Second, sent: "321 567"},
		"slowly":                         {fault: "send 1 cms 500", after: time.Minute, sent: "321 567"},
		"slowly, for ever":               {fault: "send 1 cms 27; send 3- cms 27", after: 35 * time.Minute, sent: "321", cause: "cannot be reached (code 27)", attempt: 4},
		"ambiguous":                      {fault: "send 1 cms 332", after: 10 * time.Minute, sent: "321", given: "it is not known whether it arrived: the network did not answer (code 332)"},
		"permanent":                      {fault: "send 1 cms 195", after: time.Minute, sent: "321", given: "the number belongs to nobody (code 195)"},
		"permanent once it is confirmed": {fault: "send 1 cms 1; send 3- cms 1", after: 15 * time.Minute, sent: "321", given: "the number belongs to nobody (code 1)"},
		"the account, tried by somebody": {fault: "send 1 cms 30", after: 2 * time.Hour, sent: "321 567"},
		"the modem":                      {fault: "send 1 cms 210", after: 5 * time.Minute, sent: "321 567"},
		"the store":                      {fault: "send 1 cms 322", after: 5 * time.Minute, sent: "321 567"},
		"as good as accepted":            {fault: "send 1 cms 197", after: time.Minute, sent: "321"},
		"refused without saying why":     {fault: "send 1 error", after: time.Minute, sent: "321 567"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(r *rig) {
				r.holdTexts(buffer.Text{To: alice, Body: "warm", Urgency: 1}, buffer.Text{To: "+353867654321", Body: "warm", Urgency: 1})
				a := r.start()
				time.Sleep(tt.after)
				synctest.Wait()
				var to []string
				for _, text := range r.modem.Accepted() {
					to = append(to, text.To[len(text.To)-3:])
				}
				slices.Sort(to)
				if got := strings.Join(to, " "); got != tt.sent {
					t.Errorf("texts to %q, want %q", got, tt.sent)
				}
				waiting := a.status().Waiting
				a.end()
				if tt.cause != "" && (len(waiting) != 1 || !strings.HasSuffix(waiting[0].Cause, tt.cause) || waiting[0].Attempts != tt.attempt) {
					t.Errorf("waiting: %+v, want one text with %d attempts: %s", waiting, tt.attempt, tt.cause)
				}
				var given string
				for _, s := range r.sent() {
					given += s.Cause
				}
				if given != tt.given {
					t.Errorf("given up: %q, want %q", given, tt.given)
				}
			}, modemtest.Fault(tt.fault))
		})
	}
}
