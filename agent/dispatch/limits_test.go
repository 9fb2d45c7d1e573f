package dispatch

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/agent/command"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/phrase"
	"github.com/tocsin-edge/tocsin/rules"
)

func TestOnlyNumbersOfContactBlocksHaveAnyEffectAndNobodyElseIsEverAnswered(t *testing.T) {
	h := burning(t, func(o *Options) {
		o.People.Contacts = append(o.People.Contacts,
			&notify.Contact{Name: "near", Phone: "+353861111111", Allow: notify.MayAll},
			&notify.Contact{Name: "far", Phone: "+447861111111", Allow: notify.MayAll},
			&notify.Contact{Name: "taxi", Phone: "50123", Allow: notify.MayAll})
	})
	for _, from := range []string{
		"", "+", "0", "+353871234568", "+3538712345678", "353871234568", "1234567890353871234567", "+0871234567", "0871234",
		"4567", "+44871234567", "861111111", "0861111111", "Rosewood", "alice", "+353 87 1234567", "050123", "+50123", "150123",
	} {
		for _, body := range []string{"OK ALL", "AWAY", "MUTE ALL", "STOP", "START", "HELP", "hello"} {
			if did, texts := h.from(from, body); did != "nothing: from a stranger" || len(texts) > 0 {
				t.Errorf("%q says %q: did %q, got texts %q", from, body, did, texts)
			}
		}
	}
	did := h.d.Hear(Inbound{From: "+353871234567", Name: true, Body: "AWAY"}, h.now)
	if texts := h.conclude().Texts; did != "nothing: from a stranger" || len(texts) > 0 {
		t.Errorf("a name that reads like a number: did %q, %d texts", did, len(texts))
	}
	if h.acked() != "" || h.d.isOn("away") || len(h.d.Ledger().Silences(h.now)) > 0 || h.d.Ledger().OptedOut("+353871234567") {
		t.Error("something has changed")
	}
}

func TestANumberInItsCountrysFormIsTheOneContactsThatEndsInIt(t *testing.T) {
	for _, from := range []string{"+353871234567", "353871234567", "00353871234567", "0871234567", "871234567"} {
		h := burning(t)
		if did, texts := h.from(from, "1"); did != `acknowledged 1 smoke{room="kitchen"}` || !slices.Contains(texts, "alice: Rosewood: You are on it: 1 SMOKE kitchen") {
			t.Errorf("%q: did %q, texts %q", from, did, texts)
		}
	}
}

func TestAtMostFiveHelpRepliesAreGivenUntilSomethingUsefulIsSaid(t *testing.T) {
	h := newHouse(t)
	for range 2 {
		answers := 0
		for i := range 50 {
			_, texts := h.says("bob", fmt.Sprintf("are you there %d", i))
			answers += len(texts)
		}
		if answers != declinedMax {
			t.Errorf("%d answers, want %d", answers, declinedMax)
		}
		h.pass(24 * time.Hour)
		if did, texts := h.says("bob", "hello"); len(texts) > 0 || !strings.Contains(did, "said nothing useful 5 times") {
			t.Errorf("a day later: did %q, texts %q", did, texts)
		}
		if _, texts := h.says("bob", "STATUS"); len(texts) != 1 {
			t.Errorf("STATUS: %d answers", len(texts))
		}
	}
}

// A telephone that answers every text with OK, for its owner is driving, is
// answered no more when there is nothing to acknowledge.
func TestAPhoneThatAnswersEveryTextFallsSilent(t *testing.T) {
	h := burning(t)
	for range 100 {
		h.says("bob", "OK")
		h.pass(10 * time.Minute)
	}
	if got, want := h.answers(), 3+declinedMax; got != want {
		t.Errorf("%d answers, want %d", got, want)
	}
}

func TestAtMostTwentyAnswersAnHourAreGivenAndTheJournalSaysSoOnce(t *testing.T) {
	h := newHouse(t)
	answers, notes := 0, 0
	for range 60 {
		did, texts := h.says("bob", "STATUS")
		answers += len(texts)
		notes += strings.Count(did, "bob is not answered: that was done 20 times within 60 min")
	}
	if answers != answersMax || notes != 1 {
		t.Errorf("%d answers and %d notes, want %d answers and one note", answers, notes, answersMax)
	}
	h.restart(rules.Restart{At: h.now.At})
	if did, texts := h.says("bob", "STATUS"); len(texts) > 0 || did != "told the status" {
		t.Errorf("after a restart: did %q, texts %q", did, texts)
	}
	h.publish("smoke/attic", "ON")
	h.pass(time.Minute) // whose budget is used up hears of it a minute after the last text
	if did, _ := h.says("bob", "OK"); did != `acknowledged 1 smoke{room="attic"}` {
		t.Errorf("who is not answered any more cannot acknowledge: did %q", did)
	}
	h.pass(answersPer)
	h.texts = nil
	if h.says("bob", "STATUS"); h.answers() != 1 {
		t.Errorf("an hour later: %d answers", h.answers())
	}
}

func TestASwitchIsSetAtMostTwentyTimesAnHourByOnePhone(t *testing.T) {
	h := newHouse(t)
	told := 0
	for i := range 100 {
		_, texts := h.says("alice", []string{"AWAY", "HOME"}[i%2])
		told += len(texts)
	}
	if want := 3 * answersMax; told != want {
		t.Errorf("%d texts, want %d", told, want)
	}
}

func TestOurOwnTextsEchoedBackHaveNoEffect(t *testing.T) {
	h := burning(t)
	h.publish("smoke/hall", "ON")
	for _, body := range []string{"STATUS", "LIST", "WHY 1", "HELP", "MUTE 9", "AWAY", "hello", "OK"} {
		h.says("alice", body)
	}
	before := h.acked()
	for _, text := range slices.Clone(h.texts) {
		did, texts := h.says("alice", text.Body)
		if did != "nothing: a text of our own came back" || len(texts) > 0 {
			t.Errorf("%q: did %q, texts %q", text.Body, did, texts)
		}
	}
	if h.acked() != before {
		t.Errorf("acknowledged: %s; before: %s", h.acked(), before)
	}
}

// Without a site before it, an answer must still not be a command.
func TestNoAnswerIsACommandInAnyLanguage(t *testing.T) {
	for _, speaks := range phrase.Languages {
		h := burning(t, func(o *Options) {
			o.People.Site, o.People.Language, o.Heartbeats = "", speaks, daily(o.People)
			o.People.Contacts[0].RequireCode = true
		})
		for _, body := range []string{
			"STATUS", "LIST", "WHY 1", "HELP", "MUTE 9", "AWAY", "AWAY", "HOME", "9999", "MUTE 3 2h", "MUTE 3 CLEAR", "MUTE 8d", "UNMUTE", "UNMUTE",
			"hello", "OK", "OK", "OK ALL", "OK 50", "STOP", "START",
		} {
			h.says("alice", body)
		}
		h.pass(25 * time.Hour)
		for _, text := range h.texts {
			for _, understood := range phrase.Languages {
				if cmd, ok := command.Parse(text.Body, phrase.In(understood), h.d.switches); ok {
					t.Errorf("in %s %q is understood as %v", understood, text.Body, cmd)
				}
			}
		}
	}
}

func TestAThousandGarbageTextsHaveNoEffectAndBoundedReplies(t *testing.T) {
	h := burning(t)
	random := rand.New(rand.NewPCG(1, 2))
	garbage := func() string {
		b := make([]byte, random.IntN(200))
		for i := range b {
			b[i] = "OK 179!\x00\xff STATUSé\n"[random.IntN(19)]
		}
		return "?!" + string(b) + " garbage"
	}
	for i := range 1000 {
		h.says("alice", garbage())
		if _, texts := h.from(fmt.Sprintf("+3538%08d", i), garbage()); len(texts) > 0 {
			t.Fatal("a stranger is answered")
		}
		h.pass(time.Minute)
	}
	if h.answers() > declinedMax {
		t.Errorf("%d answers to a contact, want %d", h.answers(), declinedMax)
	}
	if h.acked() != "" || h.d.isOn("away") || len(h.d.Ledger().Silences(h.now)) > 0 {
		t.Error("something has changed")
	}
	if n := len(h.records); n > 20 {
		t.Errorf("%d records are kept", n)
	}
}

// Two machines must not text each other for ever: each has the other for a
// contact, who may do everything, and has alarms all day.
func TestTwoGatewaysThatAreEachOthersContactFallSilent(t *testing.T) {
	for _, site := range []string{"Rosewood", ""} {
		numbers := [2]string{"+353871111111", "+353872222222"}
		var pair [2]*house
		for i := range pair {
			pair[i] = newHouse(t, func(o *Options) {
				other := &notify.Contact{Name: "other", Phone: numbers[1-i], Allow: notify.MayAll}
				o.People.Site, o.People.Contacts = site, []*notify.Contact{other}
				o.People.Routes = map[string]*notify.Route{"smoke": notify.Immediately(notify.Addressee{Contact: other})}
			})
		}
		alarms := 0
		for i := range 24 * 60 {
			for at, h := range pair {
				if i%20 == 10*at {
					h.publish("smoke/attic", []string{"ON", "OFF"}[i/20%2])
					alarms++
				}
			}
			exchange(pair, numbers)
			for _, h := range pair {
				h.pass(time.Minute)
			}
		}
		for i, h := range pair {
			if h.answers() > declinedMax {
				t.Errorf("site %q: gateway %d gave %d answers, want at most %d", site, i, h.answers(), declinedMax)
			}
			if limit := alarms + declinedMax; len(h.texts) > limit {
				t.Errorf("site %q: gateway %d sent %d texts, want at most %d", site, i, len(h.texts), limit)
			}
			if h.acked() != "" || h.d.isOn("away") || len(h.d.Ledger().Silences(h.now)) > 0 {
				t.Errorf("site %q: the other gateway changed something", site)
			}
		}
	}
}

// exchange carries what each of two gateways sends to the other, and what that
// answers, until both are silent.
func exchange(pair [2]*house, numbers [2]string) {
	for range 100 {
		moved := false
		for i, h := range pair {
			for h.carried < len(h.texts) {
				text := h.texts[h.carried]
				h.carried++
				pair[1-i].from(numbers[i], text.Body)
				moved = true
			}
		}
		if !moved {
			return
		}
	}
	pair[0].t.Fatal("two gateways do not stop texting each other")
}
