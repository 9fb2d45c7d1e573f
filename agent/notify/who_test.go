package notify

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tocsin-edge/tocsin/rules"
)

var (
	sleepingHours = &Schedule{Name: "night", Days: everyDay, From: TimeOfDay(22 * time.Hour), To: TimeOfDay(7 * time.Hour)}
	// sunday is in the night.
	sunday = time.Date(2026, 3, 1, 3, 10, 0, 0, time.UTC)
)

// pumpStation has an escalation for the pump, and someone who sleeps.
func pumpStation() *People {
	sleeper := &Contact{Name: "sleeper", Phone: "+3", Quiet: []*Schedule{sleepingHours}}
	anna, ben := &Contact{Name: "anna", Phone: "+1"}, &Contact{Name: "ben", Phone: "+2"}
	return &People{
		Contacts: []*Contact{anna, ben, sleeper},
		Manners:  DefaultManners(),
		Routes: map[string]*Route{
			"pump": {Digest: DefaultDigest, Bundle: -1, Steps: []Step{
				{Notify: []Addressee{{Contact: sleeper}}},
				{After: 10 * time.Minute, Notify: []Addressee{{Contact: ben, Call: true}}, Repeat: []time.Duration{time.Hour}},
			}},
		},
	}
}

// askedAtNight is what becomes of an alarm of the pump at night, by the contact's name.
func askedAtNight(p *People, q Question) map[string]Prospect {
	q.Alert, q.At = "pump", sunday
	all := map[string]Prospect{}
	for _, one := range Who(p, q).People {
		all[one.Name] = one
	}
	return all
}

// wantProspect compares a prospect, of which only what it hears counts.
func wantProspect(t *testing.T, got, want Prospect) {
	t.Helper()
	want.Contact = got.Contact
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b *Contact) bool { return a == b })); diff != "" {
		t.Errorf("%s (-want +got):\n%s", got.Name, diff)
	}
}

func sundayAt(hour, minute int) time.Time { return time.Date(2026, 3, 1, hour, minute, 0, 0, time.UTC) }

func TestEachContactIsToldInTheirStepOrItIsSaidWhyNot(t *testing.T) {
	got := askedAtNight(pumpStation(), Question{Severity: rules.Critical})
	wantProspect(t, got["sleeper"], Prospect{Step: 1, At: sunday, Repeat: DefaultManners()[rules.Critical].Repeat})
	wantProspect(t, got["ben"], Prospect{Step: 2, After: 10 * time.Minute, At: sundayAt(3, 20), Call: true, Repeat: []time.Duration{time.Hour}})
	wantProspect(t, got["anna"], Prospect{Absent: NotNamed})
}

func TestThoseWhoAreToldFirstStandFirst(t *testing.T) {
	var names []string
	for _, p := range Who(pumpStation(), Question{Alert: "pump", Severity: rules.Critical, At: sunday}).People {
		names = append(names, p.Name)
	}
	if want := []string{"sleeper", "ben", "anna"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}

func TestAWarningWaitsForTheEndOfQuietHours(t *testing.T) {
	got := askedAtNight(pumpStation(), Question{Severity: rules.Warning})
	wantProspect(t, got["sleeper"], Prospect{Step: 1, At: sundayAt(7, 0), Waits: []Wait{{For: ForQuiet, Until: sundayAt(7, 0)}}})
	if got["ben"].Call {
		t.Error("the phone rings for a warning")
	}
}

func TestWhatIsInformativeWaitsForTheDigest(t *testing.T) {
	got := askedAtNight(pumpStation(), Question{Severity: rules.Info})
	wantProspect(t, got["sleeper"], Prospect{Step: 1, At: sundayAt(8, 0), Waits: []Wait{{For: ForDigest, Until: sundayAt(8, 0)}}})
}

func TestTheFirstTextOfAWarningMayWaitForOthersToGoWithIt(t *testing.T) {
	p := pumpStation()
	p.Routes["pump"].Bundle = 30 * time.Second
	p.Routes["pump"].Steps[0].Notify = []Addressee{{Contact: p.Contacts[0]}}
	soon := sunday.Add(30 * time.Second)
	got := askedAtNight(p, Question{Severity: rules.Warning})
	wantProspect(t, got["anna"], Prospect{Step: 1, At: soon, Waits: []Wait{{For: ForBundle, Until: soon}}})
	if ben := got["ben"]; !ben.At.Equal(sundayAt(3, 20)) {
		t.Errorf("the second step is told at %v, want when it is due", ben.At)
	}
	if anna := askedAtNight(p, Question{Severity: rules.Critical})["anna"]; !anna.At.Equal(sunday) {
		t.Errorf("critical: told at %v, want at once", anna.At)
	}
}

func TestASilenceKeepsAlarmsBackUntilItEnds(t *testing.T) {
	p := pumpStation()
	p.Windows = []*Window{{Name: "service", Match: Match{Alerts: []string{"pu*"}}, From: sundayAt(2, 0), Until: sundayAt(3, 15)}}
	got := askedAtNight(p, Question{Severity: rules.Critical})
	wantProspect(t, got["sleeper"], Prospect{
		Step: 1, At: sundayAt(3, 15), Waits: []Wait{{For: ForSilence, Name: "service", Until: sundayAt(3, 15)}},
		Repeat: DefaultManners()[rules.Critical].Repeat,
	})
	if ben := got["ben"]; !ben.At.Equal(sundayAt(3, 20)) || len(ben.Waits) > 0 {
		t.Errorf("ben is told at %v after %v, want when his step is due, when the silence is over", ben.At, ben.Waits)
	}
}

func TestCausesToWaitFollowOneAnother(t *testing.T) {
	p := pumpStation()
	p.Windows = []*Window{{Name: "service", From: sundayAt(6, 30), Until: sundayAt(7, 30)}, {Name: "short", From: sundayAt(6, 30), Until: sundayAt(7, 10)}}
	got := askedAtNight(p, Question{Severity: rules.Warning})
	wantProspect(t, got["sleeper"], Prospect{Step: 1, At: sundayAt(7, 30), Waits: []Wait{
		{For: ForQuiet, Until: sundayAt(7, 0)}, {For: ForSilence, Name: "service", Until: sundayAt(7, 30)},
	}})
}

func TestWhatIsSilencedForeverIsNotTold(t *testing.T) {
	p := pumpStation()
	p.Windows = []*Window{{Name: "service", Schedule: &Schedule{Days: everyDay}}}
	got := askedAtNight(p, Question{Severity: rules.Critical})["sleeper"]
	if got.Absent != Silenced || len(got.Waits) != 1 || got.Waits[0].Name != "service" {
		t.Errorf("got %q after %v, want that it is silenced by service", got.Absent, got.Waits)
	}
}

func TestWhatPeopleSaidByTextCountsWhereItIsKnown(t *testing.T) {
	got := askedAtNight(pumpStation(), Question{Severity: rules.Critical, OptedOut: []string{"+2"}, Hushes: []Hush{{By: "anna"}}})
	if got := got["ben"]; got.Absent != OptedOut {
		t.Errorf("ben: got %q, want %q", got.Absent, OptedOut)
	}
	if got := got["sleeper"]; got.Absent != Silenced || got.Waits[0] != (Wait{For: ForMute, Name: "anna"}) {
		t.Errorf("sleeper: got %q after %v, want silenced by anna", got.Absent, got.Waits)
	}
}

func TestASilenceByALabelThatIsNotGivenIsSaidApart(t *testing.T) {
	p := pumpStation()
	p.Windows = []*Window{{Name: "seven", Match: Match{Labels: map[string]string{"n": "7"}}, From: sundayAt(3, 0), Until: sundayAt(4, 0)}}
	for _, tt := range []struct {
		labels   []rules.Label
		depends  int
		silenced bool
	}{
		{nil, 1, false},
		{[]rules.Label{{Name: "n", Value: "7"}}, 0, true},
		{[]rules.Label{{Name: "n", Value: "8"}}, 0, false},
	} {
		a := Who(p, Question{Alert: "pump", Severity: rules.Critical, At: sunday, Labels: tt.labels})
		if silenced := len(a.People[0].Waits) > 0; len(a.Depends) != tt.depends || silenced != tt.silenced {
			t.Errorf("%v: got %v and silenced %v, want %d and %v", tt.labels, a.Depends, silenced, tt.depends, tt.silenced)
		}
	}
}

func TestNobodyIsToldOfWhatIsInShadowOrHasNoRoute(t *testing.T) {
	for _, one := range askedAtNight(pumpStation(), Question{Severity: rules.Critical, Shadow: true}) {
		if want := map[bool]Absence{true: NotNamed, false: InShadow}[one.Step == 0]; one.Absent != want {
			t.Errorf("%s: got %q, want %q", one.Name, one.Absent, want)
		}
	}
	p := pumpStation()
	p.Routes = nil
	for _, one := range slices.Collect(maps.Values(askedAtNight(p, Question{Severity: rules.Critical}))) {
		if one.Absent != NotNamed {
			t.Errorf("%s: got %q, want %q", one.Name, one.Absent, NotNamed)
		}
	}
}
