package modemmanager

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/modem/modemmanager/mmtest"
)

func TestATextIsSentAsItWasSplitAndLeavesNothingBehind(t *testing.T) {
	b, fake := withModem(t, Options{Options: modem.Options{SMSC: "+353868002000"}})
	for n := range 3 {
		receipt, err := b.send("Frost: −3 °C", modem.SplitOptions{Validity: 2 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if want := uint8(n + 1); receipt.Reference != want {
			t.Errorf("reference %d, want %d", receipt.Reference, want)
		}
	}
	want := mmtest.Sent{Attempt: 1, Number: string(alice), Text: "Frost: -3 C", Class: -1, Validity: 2 * time.Hour, SMSC: "+353868002000"}
	if got := fake.Sent()[0]; got != want {
		t.Errorf("ModemManager was given %+v, want %+v", got, want)
	}
	b.Eventually("nothing left", func() bool { return fake.Messages() == 0 })
	if st := b.m.State(); st.Accepted != 3 || st.LastAccepted.IsZero() {
		t.Errorf("the state counts %d accepted, last %v, want 3", st.Accepted, st.LastAccepted)
	}
}

func TestEachPartIsATextByItselfThatSaysWhichItIs(t *testing.T) {
	b, fake := withModem(t, Options{})
	parts, err := modem.Split(alice, strings.Repeat("freezer ", 40), 7, modem.SplitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		if _, err := b.sendPart(p); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"(1/3) freezer", "(2/3) ", "(3/3) "} {
		if got := fake.Sent()[i].Text; !strings.HasPrefix(got, want) || len(got) > 160 {
			t.Errorf("part %d is %q, want %q in front and 160 characters at most", i+1, got, want)
		}
	}
}

func TestWhatModemManagerAnswersDecidesWhatIsKnownOfAPart(t *testing.T) {
	for _, c := range []struct {
		name    string
		answer  mmtest.Outcome
		outcome modem.Outcome
		code    int
	}{
		{"a code without a name", mmtest.CMS(38), modem.Refused, 38},
		{"no network", mmtest.Outcome{Error: "Message.NoNetwork", Text: "No network"}, modem.Refused, 331},
		{"SIM without PIN", mmtest.Outcome{Error: "Message.SimPin", Text: "SIM PIN required"}, modem.Refused, 311},
		{"a plain ERROR", mmtest.Outcome{Error: "MobileEquipment.Unknown", Text: "Unknown error"}, modem.Refused, 500},
		{"a CME code", mmtest.Outcome{Error: "MobileEquipment.SimBusy", Text: "SIM busy"}, modem.Refused, 314},
		{"not supported", mmtest.Outcome{Error: "Core.Unsupported", Text: "Sending SMS is not supported by this modem"}, modem.Refused, 303},
		{"the network's silence", mmtest.Outcome{Error: "Message.NetworkTimeout", Text: "Network timeout"}, modem.Unknown, 332},
		{"an acknowledgement lost", mmtest.CMS(513), modem.Unknown, 513},
		{"the modem's silence", mmtest.Outcome{Error: "Serial.ResponseTimeout", Text: "Serial command timed out"}, modem.Unknown, 0},
		{"an answer that cannot be read", mmtest.Outcome{Error: "Core.Failed", Text: "Couldn't read message reference"}, modem.Unknown, 0},
		{"a modem that goes", mmtest.Outcome{Error: "Core.Aborted", Text: "aborted"}, modem.Unknown, 0},
		{"no answer at all", mmtest.Outcome{Silent: true}, modem.Unknown, 0},
		{"a modem in another state", mmtest.Outcome{Error: "Core.WrongState", Text: "device is disabled"}, modem.NotSent, 0},
		{"a port that is closed", mmtest.Outcome{Error: "Serial.NotOpen", Text: "not open"}, modem.NotSent, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, fake := withModem(t, Options{})
			fake.OnSend(func(mmtest.Sent) mmtest.Outcome { return c.answer })
			_, err := b.send("warm", modem.SplitOptions{})
			if err == nil {
				t.Fatal("accepted")
			}
			if err.Outcome != c.outcome || err.Code != c.code {
				t.Errorf("%v: outcome %v, code %d, want %v and %d", err, err.Outcome, err.Code, c.outcome, c.code)
			}
		})
	}
}

func TestAModemManagerThatEndsWhileItSendsLeavesThePartUnknown(t *testing.T) {
	b, fake := withModem(t, Options{})
	fake.OnSend(func(mmtest.Sent) mmtest.Outcome { return mmtest.Outcome{Before: b.Stop} })
	if _, err := b.send("warm", modem.SplitOptions{}); err == nil || err.Outcome != modem.Unknown {
		t.Errorf("Send returned %v, want an unknown outcome", err)
	}
	b.await(modem.PhaseOpening, "ModemManager is not running")
}

func TestThePartThatIsSentWhenRunEndsIsUnknown(t *testing.T) {
	b, fake := withModem(t, Options{})
	fake.OnSend(func(mmtest.Sent) mmtest.Outcome { return mmtest.Outcome{Before: func() { go b.stop() }, Silent: true} })
	if _, err := b.send("warm", modem.SplitOptions{}); err == nil || err.Outcome != modem.Unknown {
		t.Errorf("Send returned %v, want an unknown outcome", err)
	}
}

func TestAPartIsNotSentOnceItsSenderHasGivenUp(t *testing.T) {
	b, fake := withModem(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	parts, _ := modem.Split(alice, "warm", 7, modem.SplitOptions{})
	_, err := b.m.Send(ctx, parts[0])
	if err == nil || err.(*modem.SendError).Outcome != modem.NotSent || len(fake.Sent()) != 0 {
		t.Errorf("Send returned %v after %d attempts, want not sent and none", err, len(fake.Sent()))
	}
}

func TestAModemThatIsNotReadyTakesNoPart(t *testing.T) {
	b := start(t, Options{}, func(mm *mmtest.ModemManager) { mm.Add(imei).Register(mmtest.Denied) })
	b.await(modem.PhaseNoNet, "the network denies this SIM registration")
	if _, err := b.send("warm", modem.SplitOptions{}); err == nil || err.Outcome != modem.NotSent {
		t.Errorf("Send returned %v, want not sent", err)
	}
}

func TestARefusalThatConcernsTheSIMHoldsTheModem(t *testing.T) {
	b, fake := withModem(t, Options{})
	fake.OnSend(func(mmtest.Sent) mmtest.Outcome { return mmtest.CMS(8) })
	if _, err := b.send("warm", modem.SplitOptions{}); err == nil || err.Verdict().Class != modem.Account {
		t.Fatalf("Send returned %v, want a refusal of class account", err)
	}
	st := b.m.State()
	if st.Phase != modem.PhaseHold || st.Cause == "" || st.Remedy == "" {
		t.Errorf("the modem is %+v, want it held with cause and remedy", st)
	}
	if _, err := b.send("warm", modem.SplitOptions{}); err == nil || err.Outcome != modem.NotSent || len(fake.Sent()) != 1 {
		t.Errorf("a second part: %v after %d attempts, want not sent and 1", err, len(fake.Sent()))
	}
}

func TestARefusalThatConcernsTheRecipientHoldsNobodyElse(t *testing.T) {
	b, fake := withModem(t, Options{})
	fake.OnSend(func(s mmtest.Sent) mmtest.Outcome {
		if s.Attempt == 1 {
			return mmtest.CMS(1)
		}
		return mmtest.Outcome{}
	})
	if _, err := b.send("warm", modem.SplitOptions{}); err == nil || err.Code != 1 {
		t.Fatalf("Send returned %v, want code 1", err)
	}
	b.await(modem.PhaseReady, "")
	if _, err := b.send("warm", modem.SplitOptions{}); err != nil {
		t.Error(err)
	}
}

func TestASenderThatPolkitRefusesIsToldWhatToAllow(t *testing.T) {
	b, _ := withModem(t, Options{})
	b.Deny("Messaging", "not authorized")
	if _, err := b.send("warm", modem.SplitOptions{}); err == nil || err.Outcome != modem.NotSent {
		t.Fatalf("Send returned %v, want not sent", err)
	}
	st := b.m.State()
	if st.Cause != "ModemManager does not let this user send texts" || st.Remedy != remedyAccess {
		t.Errorf("the modem is %+v", st)
	}
}

func TestASecondPartWaitsForTheFirst(t *testing.T) {
	b, fake := withModem(t, Options{})
	fake.OnSend(func(mmtest.Sent) mmtest.Outcome { return mmtest.Outcome{Delay: 50 * time.Millisecond} })
	done := make(chan *modem.SendError, 2)
	for range 2 {
		go func() {
			_, err := b.send("warm", modem.SplitOptions{})
			done <- err
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
