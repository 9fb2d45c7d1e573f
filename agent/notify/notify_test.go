package notify

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/rules"
)

var (
	alice = &Contact{Name: "alice", Phone: "+353871234567"}
	bob   = &Contact{Name: "bob", Phone: "+353867654321"}
	carol = &Contact{Name: "carol", Phone: "+353850000001"}
)

// rosewood tells two people of smoke and one of the door.
func rosewood() *People {
	return &People{Site: "Rosewood", Routes: map[string]*Route{"smoke": told(alice, bob), "door": told(bob)}}
}

// told are contacts whom an alert texts and no more.
func told(contacts ...*Contact) *Route {
	var all []Addressee
	for _, c := range contacts {
		all = append(all, Addressee{Contact: c})
	}
	return Immediately(all...)
}

// planned is what the ledger makes of transitions.
func planned(l *Ledger, transitions []rules.Transition) Plan {
	l.Take(transitions)
	return l.Plan(Moment{}, nil)
}

// opens is the transition that opens an incident, and resolves the one that
// ends it.
func opens(id uint64, alert string) rules.Transition {
	i := rules.Incident{ID: id, Alert: alert, Severity: rules.Critical}
	return rules.Transition{At: time.Duration(id) * time.Minute, From: rules.OK, To: rules.Firing,
		Instance: alert, Incident: i, Message: "ALARM " + alert}
}

// rises is the transition in which the incident of t becomes more urgent.
func rises(t rules.Transition, to rules.Severity) rules.Transition {
	t.At += time.Minute
	t.From, t.To, t.Message = rules.Firing, rules.Firing, "WORSE "+t.Instance
	t.Incident.Severity = to
	return t
}

func resolves(t rules.Transition) rules.Transition {
	t.At += time.Hour
	t.From, t.To, t.Message = rules.Firing, rules.OK, "over "+t.Instance
	return t
}

// A disk keeps the records of plans.
type disk map[string][]byte

func (d disk) write(p Plan) {
	for _, r := range p.Records {
		if r.Value == nil {
			delete(d, r.Key)
		} else {
			d[r.Key] = r.Value
		}
	}
}

// restored is a ledger that goes on from the disk.
func (d disk) restored(t *testing.T, p *People) *Ledger {
	t.Helper()
	l := NewLedger(p)
	if errs := l.Restore(maps.All(d)); len(errs) > 0 {
		t.Fatal(errs)
	}
	return l
}

// broken is a ledger whose records on disk cannot be read.
func (d disk) broken(t *testing.T) *Ledger {
	t.Helper()
	l := NewLedger(rosewood())
	if errs := l.Restore(maps.All(d)); len(errs) != len(d) {
		t.Fatalf("%d complaints, want %d: %v", len(errs), len(d), errs)
	}
	return l
}

// said lists who hears what: alice: Rosewood: ALARM smoke.
func said(p Plan) []string {
	var all []string
	for _, t := range p.Texts {
		all = append(all, t.Contact+": "+t.Body)
	}
	return all
}

func want(t *testing.T, p Plan, texts ...string) {
	t.Helper()
	if diff := cmp.Diff(texts, said(p)); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
}

func TestEverybodyWhomTheAlertNamesHearsTheAlarmInThatOrder(t *testing.T) {
	p := planned(NewLedger(rosewood()), []rules.Transition{opens(7, "smoke")})
	wantTexts := []Text{
		{Contact: "alice", To: "+353871234567", Body: "Rosewood: ALARM smoke", Urgency: 0, Subject: "smoke", Created: 7 * time.Minute, Messages: []string{"ALARM smoke"}},
		{Contact: "bob", To: "+353867654321", Body: "Rosewood: ALARM smoke", Urgency: 0, Subject: "smoke", Created: 7 * time.Minute, Messages: []string{"ALARM smoke"}},
	}
	if diff := cmp.Diff(wantTexts, p.Texts); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	if len(p.Records) != 1 || p.Records[0].Key != "told/7" || p.Records[0].Value == nil {
		t.Errorf("records %+v, want one that says who was told of incident 7", p.Records)
	}
}

func TestWhoeverGotTheAlarmGetsTheAllClearAndTheLedgerForgets(t *testing.T) {
	l, d := NewLedger(rosewood()), disk{}
	d.write(planned(l, []rules.Transition{opens(7, "smoke")}))
	p := planned(l, []rules.Transition{resolves(opens(7, "smoke"))})
	want(t, p, "alice: Rosewood: over smoke", "bob: Rosewood: over smoke")
	d.write(p)
	if len(d) > 0 {
		t.Errorf("on disk: %v, want nothing", d)
	}
	want(t, planned(l, []rules.Transition{resolves(opens(7, "smoke"))})) // the same end again
}

func TestTheAllClearGoesToWhoWasToldAndNotToWhomThePolicyNamesByThen(t *testing.T) {
	d := disk{}
	d.write(planned(NewLedger(rosewood()), []rules.Transition{opens(7, "smoke")}))
	moved := &Contact{Name: "bob", Phone: "+353860000009"}
	l := d.restored(t, &People{Site: "Rosewood", Routes: map[string]*Route{"smoke": told(moved, carol)}})
	p := planned(l, []rules.Transition{resolves(opens(7, "smoke"))})
	want(t, p, "alice: Rosewood: over smoke", "bob: Rosewood: over smoke")
	if got := p.Texts[1].To; got != bob.Phone {
		t.Errorf("bob hears it on %s, want %s, which got the alarm", got, bob.Phone)
	}
}

func TestTheAllClearOfARemovedAlertReachesWhoWasTold(t *testing.T) {
	d := disk{}
	d.write(planned(NewLedger(rosewood()), []rules.Transition{opens(7, "smoke")}))
	l := d.restored(t, &People{Site: "Rosewood"})
	want(t, planned(l, []rules.Transition{resolves(opens(7, "smoke"))}), "alice: Rosewood: over smoke", "bob: Rosewood: over smoke")
}

func TestNobodyHearsTheEndOfWhatNobodyWasToldOf(t *testing.T) {
	l, d := NewLedger(rosewood()), disk{}
	p := planned(l, []rules.Transition{opens(7, "attic")}) // an alert that names nobody
	want(t, p)
	d.write(p)
	l = d.restored(t, &People{Routes: map[string]*Route{"attic": told(alice)}})
	want(t, planned(l, []rules.Transition{resolves(opens(7, "attic"))}))
}

func TestNobodyIsTextedForPendingAndClearing(t *testing.T) {
	l := NewLedger(rosewood())
	planned(l, []rules.Transition{opens(7, "smoke")})
	for _, step := range [][2]rules.State{
		{rules.OK, rules.Pending}, {rules.Pending, rules.OK},
		{rules.Firing, rules.Clearing}, {rules.Clearing, rules.Firing},
	} {
		transition := opens(7, "smoke")
		transition.From, transition.To = step[0], step[1]
		if p := planned(l, []rules.Transition{transition}); len(p.Texts)+len(p.Records) > 0 {
			t.Errorf("%v to %v: %+v, want nothing", step[0], step[1], p)
		}
	}
}

func TestARestartTextsNobodyByItself(t *testing.T) {
	d := disk{}
	d.write(planned(NewLedger(rosewood()), []rules.Transition{opens(7, "smoke"), opens(8, "door")}))
	want(t, planned(d.restored(t, rosewood()), nil))
}

func TestSeveralIncidentsAreKeptApart(t *testing.T) {
	l := NewLedger(rosewood())
	want(t, planned(l, []rules.Transition{opens(7, "smoke"), opens(8, "door"), resolves(opens(7, "smoke"))}),
		"alice: Rosewood: ALARM smoke", "bob: Rosewood: ALARM smoke", "bob: Rosewood: ALARM door",
		"alice: Rosewood: over smoke", "bob: Rosewood: over smoke")
	want(t, planned(l, []rules.Transition{resolves(opens(8, "door"))}), "bob: Rosewood: over door")
}

func TestTheSiteIsNamedOnlyWhenItHasAName(t *testing.T) {
	people := rosewood()
	people.Site = ""
	want(t, planned(NewLedger(people), []rules.Transition{opens(8, "door")}), "bob: ALARM door")
}

func TestAnAllClearNeverOvertakesItsAlarm(t *testing.T) {
	var last uint8
	for i, severity := range []rules.Severity{rules.Critical, rules.Warning, rules.Info} {
		transition := opens(7, "door")
		transition.Incident.Severity = severity
		p := planned(NewLedger(rosewood()), []rules.Transition{transition, resolves(transition)})
		if alarm, end := p.Texts[0].Urgency, p.Texts[1].Urgency; alarm != end {
			t.Errorf("%s: the alarm has urgency %d, its end %d, want one", severity, alarm, end)
		}
		if got := p.Texts[0].Urgency; i > 0 && got <= last {
			t.Errorf("%s has urgency %d, want it less urgent than what is more severe (%d)", severity, got, last)
		}
		last = p.Texts[0].Urgency
	}
}

func TestARiseIsToldAtOnceToWhomTheAlertNamesByThen(t *testing.T) {
	d := disk{}
	warning := opens(7, "smoke")
	warning.Incident.Severity = rules.Warning
	d.write(planned(NewLedger(rosewood()), []rules.Transition{warning}))
	l := d.restored(t, &People{Routes: map[string]*Route{"smoke": told(bob, carol)}})
	p := planned(l, []rules.Transition{rises(warning, rules.Critical)})
	want(t, p, "bob: WORSE smoke", "carol: WORSE smoke")
	if p.Texts[0].Urgency != 0 {
		t.Errorf("the rise has urgency %d, want that of critical", p.Texts[0].Urgency)
	}
	d.write(p)

	// After a fall, of which nobody hears, it rises again.
	want(t, planned(l, []rules.Transition{rises(warning, rules.Critical)}), "bob: WORSE smoke", "carol: WORSE smoke")

	p = planned(d.restored(t, rosewood()), []rules.Transition{resolves(rises(warning, rules.Critical))})
	want(t, p, "alice: Rosewood: over smoke", "bob: Rosewood: over smoke", "carol: Rosewood: over smoke")
	for i, urgency := range []uint8{1, 1, 0} { // the all-clear does not overtake the first text
		if p.Texts[i].Urgency != urgency {
			t.Errorf("%s hears the end with urgency %d, want %d", p.Texts[i].Contact, p.Texts[i].Urgency, urgency)
		}
	}
}

func TestWhoWasToldBeforeThereWereLevelsHearsTheEndAsUrgently(t *testing.T) {
	d := disk{"told/7": []byte(`{"Version":1,"Told":[{"Name":"bob","Phone":"+353867654321"}],"Incident":{"ID":7,"Alert":"door","Severity":"info"}}`)}
	p := planned(d.restored(t, rosewood()), []rules.Transition{resolves(opens(7, "door"))})
	want(t, p, "bob: Rosewood: over door")
	if got := p.Texts[0].Urgency; got != 2 {
		t.Errorf("urgency %d, want 2, that of info", got)
	}
}

func TestOfAShadowNobodyHearsButTheEndWhoWasToldBefore(t *testing.T) {
	shadow := opens(7, "smoke")
	shadow.Incident.Shadow = true
	l := NewLedger(rosewood())
	want(t, planned(l, []rules.Transition{shadow, rises(shadow, rules.Critical), resolves(shadow)}))

	shadow.Incident.ID = 8
	planned(l, []rules.Transition{opens(8, "smoke")})
	want(t, planned(l, []rules.Transition{rises(shadow, rules.Critical)}))
	want(t, planned(l, []rules.Transition{resolves(shadow)}), "alice: Rosewood: over smoke", "bob: Rosewood: over smoke")
}

// released is the transition in which what kept the alarm of t back is over.
func released(t rules.Transition) rules.Transition {
	t.From, t.To, t.Released = rules.Firing, rules.Firing, true
	t.Message = t.Incident.Message
	return t
}

func TestWhatIsKeptBackIsToldOnceItIsReleasedToWhoWasNotToldYet(t *testing.T) {
	kept := opens(7, "smoke")
	kept.Incident.SuppressedBy, kept.Incident.Message = []string{"power_lost"}, "ALARM smoke"
	free := kept
	free.Incident.SuppressedBy = nil

	l := NewLedger(rosewood())
	want(t, planned(l, []rules.Transition{kept}))
	want(t, planned(l, []rules.Transition{released(free)}), "alice: Rosewood: ALARM smoke", "bob: Rosewood: ALARM smoke")
	want(t, planned(l, []rules.Transition{released(free)}))
	want(t, planned(l, []rules.Transition{resolves(kept)}), "alice: Rosewood: over smoke", "bob: Rosewood: over smoke")

	l = NewLedger(rosewood())
	want(t, planned(l, []rules.Transition{kept, resolves(kept)}))
}

func TestARiseThatWasKeptBackIsToldToWhomeverHeardOfLess(t *testing.T) {
	warning := opens(7, "smoke")
	warning.Incident.Severity = rules.Warning
	kept := rises(warning, rules.Critical)
	kept.Incident.SuppressedBy, kept.Incident.Message = []string{"power_lost"}, "WORSE smoke"
	l := NewLedger(rosewood())
	planned(l, []rules.Transition{warning})
	want(t, planned(l, []rules.Transition{kept}))
	kept.Incident.SuppressedBy = nil
	want(t, planned(l, []rules.Transition{released(kept)}), "alice: Rosewood: WORSE smoke", "bob: Rosewood: WORSE smoke")
}

func TestAPhoneOfTwoContactsIsTextedOnce(t *testing.T) {
	l := NewLedger(&People{Routes: map[string]*Route{"door": told(bob, &Contact{Name: "robert", Phone: bob.Phone})}})
	want(t, planned(l, []rules.Transition{opens(7, "door"), rises(opens(7, "door"), rules.Critical), resolves(opens(7, "door"))}),
		"bob: ALARM door", "bob: WORSE door", "bob: over door")
}

func TestAnAlarmThatFiresAgainBeforeItWasClearIsNotToldAgain(t *testing.T) {
	again := opens(7, "smoke")
	again.From, again.Message = rules.Clearing, ""
	l := NewLedger(rosewood())
	planned(l, []rules.Transition{opens(7, "smoke")})
	want(t, planned(l, []rules.Transition{again}))

	l = disk{"told/7": []byte("{")}.broken(t)
	want(t, planned(l, []rules.Transition{again}))
	want(t, planned(l, []rules.Transition{rises(again, rules.Critical)}), "alice: Rosewood: WORSE smoke", "bob: Rosewood: WORSE smoke")
}

func TestARecordThatCannotBeReadIsReportedAndTheRestIsRestored(t *testing.T) {
	d := disk{}
	d.write(planned(NewLedger(rosewood()), []rules.Transition{opens(7, "smoke")}))
	broken := map[string]string{
		"told/":                     `{"Version":1}`,
		"told/eight":                `{"Version":1}`,
		"told/-1":                   `{"Version":1}`,
		"told/18446744073709551616": `{"Version":1}`,
		"told/8":                    "",
		"told/9":                    `{"Version":1,"Told":[`,
		"told/10":                   `{"Version":2,"Told":[]}`,
		"told/11":                   `{"Version":1,"Told":"everybody"}`,
	}
	for key, value := range broken {
		d[key] = []byte(value)
	}
	l := NewLedger(rosewood())
	var complaints []string
	for _, err := range l.Restore(maps.All(d)) {
		complaints = append(complaints, err.Error())
	}
	if len(complaints) != len(broken) {
		t.Errorf("%d complaints, want %d: %q", len(complaints), len(broken), complaints)
	}
	for key := range broken {
		if !slices.ContainsFunc(complaints, func(c string) bool { return strings.HasPrefix(c, `record "`+key+`": `) }) {
			t.Errorf("nothing is said of %q: %q", key, complaints)
		}
	}
	want(t, planned(l, []rules.Transition{resolves(opens(7, "smoke"))}), "alice: Rosewood: over smoke", "bob: Rosewood: over smoke")
}

func TestTheEndOfAnIncidentWhoseRecordCannotBeReadGoesToWhomTheAlertNames(t *testing.T) {
	d := disk{"told/8": []byte(`{"Version":9,"People":["bob"]}`)}
	l := NewLedger(rosewood())
	l.Restore(maps.All(d))
	p := planned(l, []rules.Transition{resolves(opens(8, "door"))})
	want(t, p, "bob: Rosewood: over door")
	d.write(p)
	if len(d) > 0 {
		t.Errorf("on disk: %v, want nothing", d)
	}
}

func FuzzNoRecordOfWhoWasToldBringsTheLedgerDown(f *testing.F) {
	f.Add("told/7", []byte(`{"Version":1,"Told":[{"Name":"bob","Phone":"+353867654321"}]}`))
	f.Add("told/7", []byte(`{"Version":1,"Told":null}`))
	f.Add("told/07", []byte(`{"Version":2}`))
	f.Add("7", []byte("\xff"))
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		d := disk{key: value}
		l := NewLedger(rosewood())
		l.Restore(maps.All(d))
		want(t, planned(l, nil))
		if p := planned(l, []rules.Transition{resolves(opens(7, "door"))}); len(p.Records) > 1 {
			t.Errorf("records %+v, want one at most", p.Records)
		}
	})
}

func TestOnlyACriticalAlarmRingsThePhone(t *testing.T) {
	l := NewLedger(&People{Routes: map[string]*Route{"door": Immediately(Addressee{Contact: alice, Call: true}, Addressee{Contact: bob})}})
	warning := opens(7, "door")
	warning.Incident.Severity = rules.Warning
	for _, step := range []struct {
		what       string
		transition rules.Transition
		rung       bool
	}{
		{"a warning", warning, false},
		{"a rise to critical", rises(warning, rules.Critical), true},
		{"an all-clear", resolves(opens(7, "door")), false},
	} {
		texts := planned(l, []rules.Transition{step.transition}).Texts
		if len(texts) != 2 || texts[0].Call != step.rung || texts[1].Call {
			t.Errorf("%s: %+v; want alice to be rung: %t, and bob never", step.what, texts, step.rung)
		}
	}
}

func TestAnAlarmFlashesAndItsAllClearIsKept(t *testing.T) {
	l := NewLedger(&People{Routes: map[string]*Route{"door": Immediately(Addressee{Contact: alice, Flash: true})}})
	if texts := planned(l, []rules.Transition{opens(7, "door")}).Texts; len(texts) != 1 || !texts[0].Flash {
		t.Errorf("alarm: %+v, want one that flashes", texts)
	}
	if texts := planned(l, []rules.Transition{resolves(opens(7, "door"))}).Texts; len(texts) != 1 || texts[0].Flash {
		t.Errorf("all-clear: %+v, want one that does not", texts)
	}
}

func TestAPhoneOfTwoContactsIsToldInEveryWayEitherIs(t *testing.T) {
	robert := &Contact{Name: "robert", Phone: bob.Phone}
	l := NewLedger(&People{Routes: map[string]*Route{"door": Immediately(Addressee{Contact: bob, Flash: true}, Addressee{Contact: robert, Call: true})}})
	texts := planned(l, []rules.Transition{opens(7, "door")}).Texts
	if len(texts) != 1 || !texts[0].Call || !texts[0].Flash {
		t.Errorf("%+v, want one text that flashes and rings", texts)
	}
}
