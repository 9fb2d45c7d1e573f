package notify

import (
	"testing"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
)

func TestWhoeverGotTheAlarmGetsTheAllClearExactlyOnce(t *testing.T) {
	w := newWorld(t, rosewood())
	w.fires("smoke kitchen")
	w.want("0s alice: ALARM smoke kitchen. Reply OK or 1", "0s bob: ALARM smoke kitchen. Reply OK or 1")
	w.pass(time.Minute)
	w.ends("smoke kitchen")
	w.want("1m0s alice: OVER smoke kitchen", "1m0s bob: OVER smoke kitchen")
	w.pass(24 * time.Hour)
	w.want()
	for key := range w.disk {
		if key != gatewayKey && key != personPrefix+alice.Phone && key != personPrefix+bob.Phone {
			t.Errorf("all is over, and there is still %s", key)
		}
	}
}

func TestARestartTextsNobodyByItself(t *testing.T) {
	w := newWorld(t, rosewood())
	w.fires("smoke kitchen")
	w.fires("door")
	w.said = nil
	w.restart()
	w.pass(100 * time.Second)
	w.want()
}

func TestCriticalRepeatsAfter2And5And10AndThenEvery30Minutes(t *testing.T) {
	w := newWorld(t, rosewood())
	w.fires("leak")
	w.said = nil
	w.pass(80 * time.Minute)
	w.want("2m0s alice: Still, 2 min: ALARM leak. Reply OK or 1", "7m0s alice: Still, 7 min: ALARM leak. Reply OK or 1",
		"17m0s alice: Still, 17 min: ALARM leak. Reply OK or 1", "47m0s alice: Still, 47 min: ALARM leak. Reply OK or 1",
		"1h17m0s alice: Still, 77 min: ALARM leak. Reply OK or 1")
}

func TestThereAreAtMostTenRepeats(t *testing.T) {
	w := newWorld(t, rosewood())
	w.fires("leak")
	w.pass(48 * time.Hour)
	if len(w.said) != 11 {
		t.Errorf("%d texts, want the alarm and ten repeats: %q", len(w.said), w.said)
	}
}

func TestAnAckStopsRepeatsAndTheOthersHearWhoIsOnIt(t *testing.T) {
	w := newWorld(t, rosewood())
	w.fires("smoke kitchen")
	w.said = nil
	w.pass(time.Minute)
	w.acks("smoke kitchen", "alice")
	w.want("1m0s bob: Alice is on it: ALARM smoke kitchen")
	w.pass(time.Hour)
	w.want()
	w.ends("smoke kitchen")
	w.want("1h1m0s alice: OVER smoke kitchen", "1h1m0s bob: OVER smoke kitchen")
}

func TestAnAckTimeoutReopens(t *testing.T) {
	people := rosewood()
	people.Routes["leak"] = &Route{Steps: []Step{{Notify: []Addressee{{Contact: alice}, {Contact: bob}}}}, AckTimeout: 30 * time.Minute, Bundle: -1}
	w := newWorld(t, people)
	i := w.fires("leak")
	w.acks("leak", "alice")
	w.said = nil
	w.pass(30 * time.Minute)
	if len(w.lapsed) == 0 || w.lapsed[0] != i.ID {
		t.Fatalf("lapsed %v, want incident %d", w.lapsed, i.ID)
	}
	w.acks("leak", "")
	w.want("30m0s alice: Nobody is on it any more: ALARM leak. Reply OK or 1", "30m0s bob: Nobody is on it any more: ALARM leak. Reply OK or 1")
	w.pass(2 * time.Minute)
	w.want("32m0s alice: Still, 32 min: ALARM leak. Reply OK or 1", "32m0s bob: Still, 32 min: ALARM leak. Reply OK or 1")
}

func steps() *People {
	people := rosewood()
	people.Routes["leak"] = &Route{Bundle: -1, Repeat: []time.Duration{}, Steps: []Step{
		{Notify: []Addressee{{Contact: alice}}},
		{After: 5 * time.Minute, Notify: []Addressee{{Contact: bob, Call: true}}},
		{After: 15 * time.Minute, Notify: []Addressee{{Contact: carol}}},
	}}
	return people
}

func TestStepsCountFromFiring(t *testing.T) {
	w := newWorld(t, steps())
	w.fires("leak")
	w.pass(10 * time.Minute)
	w.want("0s alice: ALARM leak. Reply OK or 1", "5m0s bob (rings): ALARM leak. Reply OK or 1")
	w.acks("leak", "bob")
	w.want("10m0s alice: Bob is on it: ALARM leak")
	w.pass(time.Hour)
	w.ends("leak")
	w.want("1h10m0s alice: OVER leak", "1h10m0s bob: OVER leak")
}

func TestATextThatWillNotArriveMovesToTheNextStepAtOnce(t *testing.T) {
	w := newWorld(t, steps())
	w.fires("leak")
	w.pass(20 * time.Second)
	w.said = nil
	w.ledger.Unreached([]Telling{{Text: 1}}, w.moment())
	w.plan()
	w.want("20s bob (rings): ALARM leak. Reply OK or 1")
	w.pass(5 * time.Minute)
	w.want()
}

func TestWhatFiredAndClearedWhileNothingCouldBeSentIsOneText(t *testing.T) {
	w := newWorld(t, rosewood())
	w.service(false)
	w.fires("leak")
	w.pass(15 * time.Minute)
	w.ends("leak")
	w.pass(2 * time.Hour)
	w.want()
	w.service(true)
	w.want("2h15m0s alice: 12:00-12:15: ALARM leak (over now) (sent late: no signal since 12:00)")
	w.pass(time.Hour)
	w.want()
}

func TestWhatStillFiresIsToldOnceWhenThereIsServiceAgain(t *testing.T) {
	w := newWorld(t, rosewood())
	w.service(false)
	w.fires("leak")
	w.pass(16 * time.Minute)
	w.service(true)
	w.want("16m0s alice: ALARM leak. Reply OK or 1 (sent late: no signal since 12:00)")
}

func TestATextPartOfWhichWasSentIsNotTakenBack(t *testing.T) {
	w := newWorld(t, rosewood())
	w.service(false)
	w.fires("leak")
	w.stuck[w.queue[0].id] = true
	w.pass(time.Minute)
	w.ends("leak")
	w.service(true)
	w.want("1m0s alice: ALARM leak. Reply OK or 1", "1m0s alice: OVER leak")
}

func TestFurtherTextsWithinTwoMinutesBecomeOne(t *testing.T) {
	w := newWorld(t, rosewood())
	w.fires("door front")
	w.want("0s bob: ALARM door front. Reply OK or 1")
	w.pass(30 * time.Second)
	w.fires("door back")
	w.pass(30 * time.Second)
	w.fires("door side")
	w.ends("door front")
	w.want()
	w.pass(time.Minute)
	w.want("2m0s bob: ALARM door back (2); ALARM door side (3); OVER door front. Reply OK ALL or a number")
}

func TestQuietHoursHoldAWarningUntilMorningIfItIsStillTrue(t *testing.T) {
	people := rosewood()
	night := &Schedule{Name: "night", Days: [7]bool{true, true, true, true, true, true, true}, From: TimeOfDay(22 * time.Hour), To: TimeOfDay(7 * time.Hour)}
	robert := *bob
	robert.Quiet = []*Schedule{night}
	people.Contacts[1], people.Routes["door"], people.Routes["smoke"] = &robert, to(&robert), to(&robert)
	w := newWorld(t, people)
	w.pass(11 * time.Hour) // 23:00
	w.fires("door front")
	w.fires("door back")
	w.pass(time.Hour)
	w.ends("door back")
	w.fires("smoke kitchen") // does not wait
	w.want("12h0m0s bob: ALARM smoke kitchen. Reply OK or 3")
	w.acks("smoke kitchen", "alice")
	w.said = nil
	w.pass(8 * time.Hour)
	w.want("19h0m0s bob: ALARM door front. Reply OK or 1")
}

func TestQuietHoursDoNotHoldBackAWarningWhileNobodyKnowsTheTimeOfDay(t *testing.T) {
	people := rosewood()
	always := &Schedule{Name: "always", Days: [7]bool{true, true, true, true, true, true, true}, To: TimeOfDay(24 * time.Hour)}
	robert := *bob
	robert.Quiet = []*Schedule{always}
	people.Contacts[1], people.Routes["door"] = &robert, to(&robert)
	w := newWorld(t, people)
	w.start = time.Time{}
	w.fires("door front")
	w.want("0s bob: ALARM door front. Reply OK or 1")
}

func TestInfoIsToldInTheDailyDigest(t *testing.T) {
	w := newWorld(t, rosewood())
	w.fires("battery landing")
	w.fires("battery hall")
	w.pass(time.Hour)
	w.ends("battery hall")
	w.pass(10 * time.Hour)
	w.want()
	w.pass(24 * time.Hour)
	w.want("20h0m0s alice: Today: ALARM battery landing; 12:00-13:00: ALARM battery hall (over now)")
	w.ends("battery landing")
	w.pass(24 * time.Hour)
	w.want("44h0m0s alice: Today: OVER battery landing")
}

func TestASilenceEndsAndThenWhatIsTrueIsToldOnce(t *testing.T) {
	w := newWorld(t, rosewood())
	if _, err := w.ledger.Silence(Silence{By: "alice", Match: Match{Alerts: []string{"door"}}, Until: 2 * time.Hour}, w.moment()); err != nil {
		t.Fatal(err)
	}
	w.fires("door front")
	w.fires("door back")
	w.pass(time.Hour)
	w.ends("door back")
	w.restart()
	w.want()
	w.pass(time.Hour)
	w.want("2h0m0s bob: ALARM door front. Reply OK or 1")
}

func TestTheAllClearIsToldThroughASilence(t *testing.T) {
	w := newWorld(t, rosewood())
	w.fires("leak")
	if _, err := w.ledger.Silence(Silence{By: "alice", Match: Match{Alerts: []string{"leak"}}, UntilClear: true}, w.moment()); err != nil {
		t.Fatal(err)
	}
	w.said = nil
	w.pass(time.Hour)
	w.want()
	w.ends("leak")
	w.want("1h0m0s alice: OVER leak")
	if n := len(w.ledger.Silences(w.moment())); n > 0 {
		t.Errorf("%d silences, want none: it lasts until it is clear", n)
	}
	w.fires("leak")
	w.want("1h0m0s alice: ALARM leak. Reply OK or 2")
}

func TestWhatIsKeptBackByAnotherAlertIsToldOnceThatIsOver(t *testing.T) {
	w := newWorld(t, rosewood())
	w.fires("door front")
	w.said = nil
	w.suppressed("door front", "power_lost")
	w.fires("door back")
	w.suppressed("door back", "power_lost")
	w.fires("leak")
	w.said = nil
	w.suppressed("leak", "power_lost")
	w.pass(time.Hour)
	w.want()
	w.suppressed("leak")
	w.suppressed("door front")
	w.suppressed("door back")
	w.want("1h0m0s alice: Still, 60 min: ALARM leak. Reply OK or 3") // critical does not wait
	w.pass(5 * time.Second)
	w.ends("door back") // it is well again, too, and nobody was told of it
	w.ends("door front")
	w.pass(time.Minute)
	w.want("1h0m5s bob: OVER door front")
}

func TestFlappingIsSaidOnceThenSummedUpAndOverAfter30QuietMinutes(t *testing.T) {
	w := newWorld(t, rosewood())
	for range 10 {
		w.fires("door front")
		w.pass(2 * time.Minute)
		w.ends("door front")
		w.pass(2 * time.Minute)
	}
	w.pass(3 * time.Hour)
	w.want(
		"0s bob: ALARM door front. Reply OK or 1", "2m0s bob: OVER door front",
		"4m0s bob: ALARM door front. Reply OK or 2", // and with that his budget is used up
		"15m0s bob: On and off, 4 times in 15 min, now over: ALARM door front",
		"45m0s bob: 10 times since 12:00, now over: ALARM door front",
		"1h8m0s bob: Quiet for 30 min after 10 times: ALARM door front",
	)
}

func TestARiseIsToldAtOnce(t *testing.T) {
	w := newWorld(t, rosewood())
	w.fires("door front")
	w.acks("door front", "bob")
	w.said = nil
	w.pass(time.Second)
	w.rises("door front")
	w.want("1s bob: WORSE door front. Reply OK or 1")
}

func TestOverflowOfTheBudgetIsBundledAndNeverDropped(t *testing.T) {
	w := newWorld(t, rosewood())
	for n := range 100 {
		w.fires("door d" + string(rune('a'+n%26)) + string(rune('a'+n/26)))
		w.pass(20 * time.Second)
	}
	w.pass(time.Hour)
	if n := len(w.said); n > 12 {
		t.Errorf("%d texts, want a few: %q", n, w.said)
	}
	if told := w.ledger.Told(bob.Phone); len(told) != 100 {
		t.Errorf("bob was told of %d alarms, want all 100", len(told))
	}
}

func TestWhoOptedOutIsToldNothingUntilTheyOptIn(t *testing.T) {
	w := newWorld(t, rosewood())
	w.ledger.OptOut(bob.Phone, true, w.moment())
	w.fires("door front")
	w.fires("door back")
	w.restart()
	w.ends("door back")
	w.want()
	w.ledger.OptOut(bob.Phone, false, w.moment())
	w.plan()
	w.want("0s bob: ALARM door front. Reply OK or 1")
}

func TestTheEndOfAnAlertThatWasRemovedIsToldToWhoWasTold(t *testing.T) {
	w := newWorld(t, rosewood())
	w.fires("door front")
	w.people = &People{Site: "Rosewood", Manners: DefaultManners()}
	w.said = nil
	w.restart()
	w.pass(2 * time.Minute)
	w.ends("door front")
	w.want("2m0s bob: OVER door front")
}

func TestAnIncidentOfWhichNothingIsKnownAnyMoreIsToldToBeSo(t *testing.T) {
	w := newWorld(t, rosewood())
	w.fires("leak")
	w.said = nil
	clear(w.open)
	w.restart()
	w.want("0s alice: No longer known: ALARM leak")
	w.pass(time.Minute)
	w.fires("leak") // anew, of which all is known
	w.ends("leak")
	w.want("1m0s alice: ALARM leak. Reply OK or 2", "1m0s alice: OVER leak")
}

func TestTheEndOfAnIncidentWhoseRecordCannotBeReadIsTold(t *testing.T) {
	w := newWorld(t, rosewood())
	i := w.fires("leak")
	w.said = nil
	w.disk[storyKey(i.ID)] = []byte("{")
	w.ledger = NewLedger(w.people)
	if errs := w.ledger.Restore(func(yield func(string, []byte) bool) { yield(storyKey(i.ID), w.disk[storyKey(i.ID)]) }); len(errs) != 1 {
		t.Fatalf("%d errors, want one: %v", len(errs), errs)
	}
	w.ledger.Abandoned([]rules.Incident{i}, w.moment())
	w.plan()
	w.ends("leak")
	w.want("0s alice: OVER leak")
}

func TestGatewayLimitsHoldBackWhatIsNotCritical(t *testing.T) {
	people := rosewood()
	people.Limits = Limits{TextsPerHour: 5}
	w := newWorld(t, people)
	for _, where := range []string{"a", "b", "c", "d", "e", "f"} {
		w.fires("door " + where)
		w.pass(3 * time.Minute)
	}
	if n := len(w.said); n != 3 {
		t.Errorf("%d texts, want 3, which leaves 30 %% for what is critical: %q", n, w.said)
	}
	w.said = nil
	w.fires("leak")
	w.want("18m0s alice: ALARM leak. Reply OK or 7")
}
