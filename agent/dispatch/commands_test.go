package dispatch

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/rules"
)

// burning is a house with smoke in two rooms, 1 and 2, and a warm freezer, 3, of
// which alice is not told yet.
func burning(t testing.TB, change ...func(*Options)) *house {
	h := newHouse(t, change...)
	h.publish("smoke/kitchen", "ON")
	h.pass(time.Minute)
	h.publish("smoke/attic", "ON")
	h.pass(time.Minute)
	h.publish("freezer/3", `{"celsius": -9}`)
	h.pass(2 * time.Minute)
	h.texts = nil
	return h
}

const allThree = "2 SMOKE attic; 1 SMOKE kitchen; 3 Freezer 3 is at -9 C"

func TestAnyoneWhoWasToldMayAnswerOKToTheLatest(t *testing.T) {
	h := burning(t)
	h.wants("bob", "OK", `acknowledged 3 freezer{n="3"}`,
		"bob: Rosewood: You are on it: 3 Freezer 3 is at -9 C")
	if by := h.acked(); by != "freezer by bob" {
		t.Errorf("acknowledged: %s", by)
	}
}

func TestANumberAcknowledgesThatIncident(t *testing.T) {
	h := burning(t)
	h.wants("bob", "1", `acknowledged 1 smoke{room="kitchen"}`,
		"alice: Rosewood: Bob is on it: SMOKE kitchen", "bob: Rosewood: You are on it: 1 SMOKE kitchen")
	h.wants("bob", "ok 2", `acknowledged 2 smoke{room="attic"}`,
		"alice: Rosewood: Bob is on it: SMOKE attic", "bob: Rosewood: You are on it: 2 SMOKE attic")
	h.wants("bob", "OK 1 2", "nothing: nothing to acknowledge", "bob: Rosewood: You are on it: 1 SMOKE kitchen; 2 SMOKE attic")
	h.wants("alice", "1", "nothing: nothing to acknowledge", "alice: Rosewood: Bob is on it: 1 SMOKE kitchen")
	h.wants("alice", "OK 3 77", `acknowledged 3 freezer{n="3"}`,
		"alice: Rosewood: 77 is not open. You are on it: 3 Freezer 3 is at -9 C")
}

func TestOKALLAcknowledgesAllThatThePhoneWasToldOf(t *testing.T) {
	h := burning(t)
	h.wants("bob", "OK ALL", `acknowledged 2 smoke{room="attic"}, 1 smoke{room="kitchen"}, 3 freezer{n="3"}`,
		"alice: Rosewood: Bob is on it: SMOKE kitchen; Bob is on it: SMOKE attic", "bob: Rosewood: You are on it: "+allThree)
}

func TestANumberThatIsOverIsAnsweredWithWhatIsOpen(t *testing.T) {
	h := burning(t)
	h.publish("smoke/attic", "OFF")
	h.wants("alice", "2", "nothing: nothing to acknowledge",
		"alice: Rosewood: 2 is not open. Open: 1 SMOKE kitchen; 3 Freezer 3 is at -9 C")
	h.publish("smoke/kitchen", "OFF")
	h.publish("freezer/3", `{"celsius": -19}`)
	h.wants("alice", "2", "nothing: nothing to acknowledge", "alice: Rosewood: 2 is not open. Nothing is open")
	h.wants("alice", "OK", "nothing: nothing to acknowledge", "alice: Rosewood: Nothing is open")
}

// Carol can know of the water, and of nothing else.
func TestNobodyAcknowledgesWhatTheyCannotKnowOf(t *testing.T) {
	h := burning(t, func(o *Options) {
		carol := &notify.Contact{Name: "carol", Phone: "+353850000002", Allow: notify.MayAll}
		o.People.Contacts = append(o.People.Contacts, carol)
		o.People.Routes["leak"] = notify.Immediately(notify.Addressee{Contact: carol})
	})
	h.wants("carol", "1", "nothing: nothing to acknowledge", "carol: Rosewood: 1 is not open. Nothing is open")
	h.wants("carol", "OK ALL", "nothing: nothing to acknowledge", "carol: Rosewood: Nothing is open")
	h.publish("water/cellar", "2")
	h.pass(2 * time.Minute) // it comes a while after the answers
	h.wants("carol", "OK", `acknowledged 4 leak{room="cellar"}`, "carol: Rosewood: You are on it: 4 Water cellar")
	if by := h.acked(); by != "leak by carol" {
		t.Errorf("acknowledged: %s", by)
	}
}

// acked lists the alerts of the open incidents that are acknowledged, and by whom.
func (h *house) acked() string {
	var all []string
	for _, i := range h.d.Engine().Open() {
		if i.Acked != nil {
			all = append(all, i.Alert+" by "+i.Acked.By)
		}
	}
	return strings.Join(all, ", ")
}

func TestSTATUSTellsModemSignalBrokerAndOpenIncidentsInOneSegment(t *testing.T) {
	h := newHouse(t)
	h.wants("bob", "STATUS", "told the status", "bob: Rosewood: modem ok, signal good, broker ok, 0 sensors heard, nothing fires")
	h = burning(t)
	h.wants("bob", "STATUS", "told the status", "bob: Rosewood: modem ok, signal good, broker ok, 3 sensors heard. Open: "+allThree)
	h = burning(t, func(o *Options) {
		o.Facts = func() Facts {
			return Facts{
				CanSend: true, Operator: "Vodafone", Technology: "LTE", Signal: "marginal", Brokers: 2, BrokersUp: 1,
				Sensors: 12, SensorsSilent: 2, Waiting: 3, Warnings: []string{"store_full"},
			}
		}
	})
	h.wants("bob", "STATUS", "told the status",
		"bob: Rosewood: modem ok, Vodafone LTE, signal poor, 1 of 2 brokers in reach, 2 of 12 sensors silent, texts that wait: 3, warnings: 1. Open: 2 SMOKE attic; +2 more")
}

func TestLISTTellsWhatFiresAndMOREContinues(t *testing.T) {
	h := newHouse(t)
	h.wants("bob", "LIST", "listed that nothing is open", "bob: Rosewood: Nothing is open")
	for n := range 12 {
		h.publish(fmt.Sprintf("freezer/%d", n+1), `{"celsius": -9}`)
	}
	h.publish("smoke/attic", "ON")
	h.texts = nil
	h.wants("bob", "LIST", "listed 5 of 13 open",
		"bob: Rosewood: Open: 13 SMOKE attic; 12 Freezer 12 is at -9 C; 11 Freezer 11 is at -9 C; 10 Freezer 10 is at -9 C; 9 Freezer 9 is at -9 C; +8, reply MORE")
	h.publish("freezer/8", `{"celsius": -19}`) // what is over by then is left out
	h.wants("bob", "MORE", "listed 5 of 7 open",
		"bob: Rosewood: Open: 7 Freezer 7 is at -9 C; 6 Freezer 6 is at -9 C; 5 Freezer 5 is at -9 C; 4 Freezer 4 is at -9 C; 3 Freezer 3 is at -9 C; +2, reply MORE")
	h.wants("bob", "MORE", "listed 2 of 2 open", "bob: Rosewood: Open: 2 Freezer 2 is at -9 C; 1 Freezer 1 is at -9 C")
}

func TestMOREBeginsAnewAfterTenMinutes(t *testing.T) {
	h := newHouse(t)
	for n := range 8 {
		h.publish(fmt.Sprintf("freezer/%d", n+1), `{"celsius": -9}`)
	}
	h.pass(2 * time.Minute) // and all of it is told
	_, first := h.says("bob", "LIST")
	h.advance(listLife)
	if _, again := h.says("bob", "MORE"); !slices.Equal(first, again) {
		t.Errorf("got %q, want %q", again, first)
	}
}

func TestWHYTellsTheValuesBehindIt(t *testing.T) {
	h := burning(t)
	h.wants("bob", "WHY 3", `explained 3 freezer{n="3"}`,
		"bob: Rosewood: 3 Freezer 3 is at -9 C (for 2 min): freezer.celsius -9 (2 min ago)")
	h.publish("freezer/3", `{"celsius": null}`)
	h.wants("bob", "WHY", `explained 3 freezer{n="3"}`,
		"bob: Rosewood: 3 Freezer 3 is at -9 C (for 2 min): freezer.celsius unknown (0 s ago)")
	h.wants("bob", "WHY 9", "nothing: 9 is not open", "bob: Rosewood: 9 is not open. Open: "+allThree)
}

func TestWHYOfManyPartsTakesTwoSegmentsAtMost(t *testing.T) {
	var conditions []string
	for i := range 20 {
		conditions = append(conditions, fmt.Sprintf("avg_over(sensor.boiler.pressure_%d, \"10m\") > 1", i))
	}
	var fields, values []string
	for i := range 20 {
		fields = append(fields, fmt.Sprintf("pressure_%d = number", i))
		values = append(values, fmt.Sprintf(`"pressure_%d": 2`, i))
	}
	h := newHouse(t, func(o *Options) {
		o.Rules = rulesOf(t, `
sensor "boiler" {
  topic  = "boiler"
  fields = { `+strings.Join(fields, ", ")+` }
}
alert "smoke" { when = `+strings.Join(conditions, " && ")+" }")
	})
	for range 12 {
		h.publish("boiler", "{"+strings.Join(values, ",")+"}")
		h.pass(time.Minute)
	}
	h.texts = nil
	if did, _ := h.says("bob", "WHY 1"); did != "explained 1 smoke" {
		t.Error(did)
	}
	if n := h.d.voice(h.contact("bob")).segments(strings.TrimPrefix(h.texts[0].Body, "Rosewood: ")); n != 2 {
		t.Errorf("%d segments: %s", n, h.texts[0].Body)
	}
}

func TestMUTEIsAlwaysBoundedAndSaysUntilWhen(t *testing.T) {
	h := burning(t)
	h.wants("alice", "MUTE 1 2h", `muted for 2 h: 1 smoke{room="kitchen"}`, "alice: Rosewood: Muted until 12:04: 1 SMOKE kitchen. UNMUTE ends it")
	h.wants("alice", "MUTE 3", `muted for 4 h: 3 freezer{n="3"}`, "alice: Rosewood: Muted until 14:04: 3 Freezer 3 is at -9 C. UNMUTE ends it")
	h.wants("alice", "MUTE 3 CLEAR", `muted until it is clear: 3 freezer{n="3"}`, "alice: Rosewood: Muted until it is over: 3 Freezer 3 is at -9 C. UNMUTE ends it")
	h.wants("alice", "MUTE ALL 20h", "muted for 20 h: everything", "alice: Rosewood: Muted until 2026-03-03 06:04: everything. UNMUTE ends it")
	h.wants("alice", "MUTE 8d", "nothing: longer than 7 d", "alice: Rosewood: A silence lasts 7 d at most")
	h.wants("alice", "MUTE 9", "nothing: 9 is not open", "alice: Rosewood: 9 is not open. Open: "+allThree)
	h.now.Wall = time.Time{}
	h.wants("alice", "MUTE 1 2h", `muted for 2 h: 1 smoke{room="kitchen"}`, "alice: Rosewood: Muted for 2 h: 1 SMOKE kitchen. UNMUTE ends it")
	for _, s := range h.d.Ledger().Silences(h.now) {
		if s.By != "alice" || !s.UntilClear && (s.Until <= h.now.At || s.Until > h.now.At+notify.SilenceMax) {
			t.Errorf("a silence by %q until %v, at %v", s.By, s.Until, h.now.At)
		}
	}
}

func TestMUTEOfManyKeepsTheirAlertsQuiet(t *testing.T) {
	h := newHouse(t)
	for n := range 200 {
		h.publish(fmt.Sprintf("smoke/%d", n+1), "ON")
	}
	h.pass(time.Hour)
	h.texts = nil
	h.wants("alice", "MUTE", "muted for 4 h: smoke", "alice: Rosewood: Muted until 15:00: smoke. UNMUTE ends it")
	if got := h.d.Ledger().Silences(h.now); len(got) != 1 {
		t.Errorf("%d silences, want one", len(got))
	}
}

func TestUNMUTEEndsWhatPeopleMuted(t *testing.T) {
	h := burning(t)
	h.wants("alice", "UNMUTE", "nothing: nothing was muted", "alice: Rosewood: Nothing was muted")
	for _, body := range []string{"MUTE 1", "MUTE 3", "MUTE 2 CLEAR"} {
		h.says("alice", body)
	}
	h.wants("alice", "UNMUTE 2", "ended silences: 1", "alice: Rosewood: Not muted any more")
	h.wants("alice", "UNMUTE", "ended silences: 2", "alice: Rosewood: Not muted any more")
}

func TestASwitchWordSetsTheSwitchConfirmedToAllContactsOfTheSite(t *testing.T) {
	h := newHouse(t)
	h.wants("alice", "Away!", "set away on",
		"alice: Rosewood: Alice: away is on", "bob: Rosewood: Alice: away is on", "neighbour: Rosewood: Alice: away is on")
	h.wants("alice", "AWAY", "nothing: away is on already", "alice: Rosewood: away is on already")
	h.says("bob", "STOP")
	h.wants("alice", "HOME", "set away off",
		"alice: Rosewood: Alice: away is off", "neighbour: Rosewood: Alice: away is off")
	if h.d.isOn("away") {
		t.Error("away is on")
	}
}

func TestASwitchSetByOtherMeansIsToldWhereTextsSetIt(t *testing.T) {
	h := newHouse(t)
	for _, set := range []struct{ name, by string }{{"guests", "root"}, {"away", ""}} {
		if err := h.d.SetSwitch(set.name, true, set.by, h.now); err != nil {
			t.Fatal(err)
		}
		if texts := h.conclude().Texts; len(texts) > 0 {
			t.Errorf("%v: got %d texts, want none", set, len(texts))
		}
	}
	if err := h.d.SetSwitch("away", false, "root", h.now); err != nil {
		t.Fatal(err)
	}
	if texts := h.conclude().Texts; len(texts) != 3 || texts[0].Body != "Rosewood: Root: away is off" {
		t.Errorf("got %v", texts)
	}
	if err := h.d.SetSwitch("awya", true, "root", h.now); err == nil {
		t.Error("a switch that there is not can be set")
	}
}

func TestSTOPAndSTARTAreHonouredAlways(t *testing.T) {
	h := newHouse(t)
	h.wants("neighbour", "STOP", "neighbour opted out", "neighbour: Rosewood: You get no more texts from here. START brings them back")
	h.wants("neighbour", "STOP", "nothing: neighbour had opted out already")
	if !h.d.Ledger().OptedOut("+353850000001") {
		t.Error("the neighbour has not opted out")
	}
	h.wants("neighbour", "START", "neighbour opted in", "neighbour: Rosewood: You get texts from here again. STOP ends them")
	if h.d.Ledger().OptedOut("+353850000001") {
		t.Error("the neighbour is still out")
	}
}

func TestHELPTellsWhatTheContactCanSay(t *testing.T) {
	h := newHouse(t)
	h.wants("alice", "HELP", "told what can be said",
		"alice: Rosewood: You can text: OK, 17, OK ALL; STATUS, LIST, WHY 17; MUTE 17 2h, UNMUTE; STOP; AWAY, HOME")
	h.wants("bob", "?", "told what can be said", "bob: Rosewood: You can text: OK, 17, OK ALL; STATUS, LIST, WHY 17; STOP")
}

func TestTextsWithoutTheRightHaveNoEffect(t *testing.T) {
	h := burning(t)
	h.wants("bob", "MUTE ALL", "nothing: bob may not do that", "bob: Rosewood: You can text: OK, 17, OK ALL; STATUS, LIST, WHY 17; STOP")
	h.wants("bob", "AWAY", "nothing: bob may not do that", "bob: Rosewood: You can text: OK, 17, OK ALL; STATUS, LIST, WHY 17; STOP")
	for _, body := range []string{"OK", "1", "OK ALL", "STATUS", "LIST", "MORE", "WHY 1", "MUTE ALL", "UNMUTE", "AWAY", "HOME 1234", "HELP", "hello", "1234"} {
		if did, texts := h.says("neighbour", body); len(texts) > 0 || !strings.HasPrefix(did, "nothing") && body != "HELP" {
			t.Errorf("the neighbour says %q: did %q, got texts %q", body, did, texts)
		}
	}
	if len(h.d.Ledger().Silences(h.now)) > 0 || h.d.isOn("away") || h.acked() != "" {
		t.Error("something has changed")
	}
}

// Neither the list nor the journal grows with what is open.
func TestThousandsOfIncidentsAreAnsweredInOneSegment(t *testing.T) {
	h := newHouse(t)
	for n := range 2000 {
		h.d.Observe(rules.Reading{Topic: fmt.Sprintf("smoke/%d", n+1), Payload: []byte("ON"), At: h.now.At})
	}
	h.conclude()
	h.pass(time.Minute)
	for _, body := range []string{"STATUS", "LIST", "MORE", "OK ALL"} {
		before := len(h.texts)
		did, _ := h.says("bob", body)
		if len(did) > 500 {
			t.Errorf("%s: the journal gets %d bytes", body, len(did))
		}
		for _, text := range h.texts[before:] {
			if n, _ := modem.Segments(text.Body); len(text.Tells) == 0 && n != 1 {
				t.Errorf("%s: %d segments: %s", body, n, text.Body)
			}
		}
	}
}

func TestIncidentsOfShadowAlertsAreNotSpokenOf(t *testing.T) {
	h := newHouse(t)
	h.publish("freezer/1", `{"celsius": 20}`)
	h.publish("freezer/1", `{"celsius": 21}`)
	h.texts = nil
	h.wants("bob", "LIST", "listed 1 of 1 open", "bob: Rosewood: Open: 1 Freezer 1 is at 20 C")
	h.wants("bob", "2", "nothing: nothing to acknowledge", "bob: Rosewood: 2 is not open. Open: 1 Freezer 1 is at 20 C")
}

func TestAPersonIsAnsweredInTheirOwnLanguage(t *testing.T) {
	h := newHouse(t, func(o *Options) { o.People.Contacts[0].Language = "de" })
	for name, language := range map[string]string{"alice": "de", "bob": "en"} {
		if got, want := h.d.voice(h.contact(name)).Say("nothing_fires"), (voiceIn(language)).Say("nothing_fires"); got != want {
			t.Errorf("%s is told %q, want %q", name, got, want)
		}
	}
}

func TestARestartForgetsNoneOfIt(t *testing.T) {
	h := burning(t)
	h.says("alice", "OK 1")
	h.says("alice", "AWAY")
	h.texts = nil
	h.restart(rules.Restart{At: h.now.At, Rebooted: true})
	if len(h.texts) > 0 {
		t.Errorf("a restart texts %v", h.texts)
	}
	h.wants("alice", "1", "nothing: nothing to acknowledge", "alice: Rosewood: You are on it: 1 SMOKE kitchen")
	h.wants("alice", "AWAY", "nothing: away is on already", "alice: Rosewood: away is on already")
}
