package notify

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tocsin-edge/tocsin/rules"
)

// storm has an alert fire every twenty seconds for a day, each time in another
// place, and end in the one before.
func storm(w *world, alert string) {
	for i := 0; w.now < 24*time.Hour-20*time.Second; i++ {
		w.fires(fmt.Sprintf("%s %d", alert, i))
		if i > 0 {
			w.ends(fmt.Sprintf("%s %d", alert, i-1))
		}
		w.pass(20 * time.Second)
	}
}

func TestAStormCostsAsManyTextsAsTheWorstDayAndNoMore(t *testing.T) {
	for _, tt := range []struct {
		alert  string
		budget Budget
		limits Limits
		want   int
	}{
		{"leak", nil, Limits{}, 1444}, // five at once, and then one a minute
		{"door", nil, Limits{}, 112},  // 14 in 3 h
		{"leak", nil, Limits{TextsPerHour: 10, TextsPerDay: 50}, 167},
		{"door", nil, Limits{TextsPerHour: 4, TextsPerDay: 30}, 21},
		{"leak", Budget{{2, time.Minute}}, Limits{}, 2880},
	} {
		c := &Contact{Name: "dora", Phone: "+1", Budget: tt.budget}
		p := &People{Contacts: []*Contact{c}, Limits: tt.limits, Manners: DefaultManners(), Routes: map[string]*Route{tt.alert: to(c)}}
		w := newWorld(t, p)
		storm(w, tt.alert)
		worst := p.WorstDay(c, severities[tt.alert] == rules.Critical)
		if worst != tt.want || len(w.said) != tt.want {
			t.Errorf("%s, budget %v, limits %v: %d texts, said to be %d at most, want %d", tt.alert, tt.budget, tt.limits, len(w.said), worst, tt.want)
		}
	}
}

// drawBudgets gives each of rosewood's people a budget, and the gateway limits.
func drawBudgets(t *rapid.T) *People {
	p := rosewood()
	p.Contacts = nil
	for _, c := range []*Contact{alice, bob} {
		own := *c
		for range rapid.IntRange(1, 3).Draw(t, "rates") {
			rate := Rate{rapid.IntRange(1, 12).Draw(t, "texts"), time.Duration(rapid.IntRange(1, 30).Draw(t, "minutes")) * time.Minute}
			own.Budget = append(own.Budget, rate)
		}
		p.Contacts = append(p.Contacts, &own)
	}
	for _, alert := range []string{"smoke", "door", "battery", "leak"} {
		p.Routes[alert] = to(p.Contacts...)
	}
	p.Limits = Limits{TextsPerHour: rapid.SampledFrom([]int{0, 0, 6}).Draw(t, "an hour"), TextsPerDay: rapid.SampledFrom([]int{0, 0, 30}).Draw(t, "a day")}
	return p
}

// happens has anything happen that may.
func (w *world) happens(t *rapid.T) {
	open := slices.Sorted(maps.Keys(w.open))
	which := func() string { return rapid.SampledFrom(open).Draw(t, "which") }
	switch event := rapid.SampledFrom([]string{"fires", "fires", "fires", "ends", "is acked", "rises", "restarts"}).Draw(t, "event"); {
	case event == "restarts":
		w.restart()
	case event == "fires" || len(open) == 0:
		w.fires(fmt.Sprintf("%s %d", rapid.SampledFrom([]string{"smoke", "door", "battery", "leak"}).Draw(t, "alert"), w.serial))
	case event == "ends":
		w.ends(which())
	case event == "is acked":
		w.acks(which(), rapid.SampledFrom([]string{"alice", "bob"}).Draw(t, "by"))
	default:
		w.rises(which())
	}
}

func TestWhateverHappensNobodyIsSentMoreThanTheWorst(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := drawBudgets(rt)
		w := newWorld(drawn{t, rt}, p)
		for w.now < time.Hour {
			w.happens(rt)
			w.pass(time.Duration(rapid.IntRange(0, 120).Draw(rt, "seconds")) * time.Second)
		}
		for _, c := range p.Contacts {
			worst, sent := p.worstWithin(20*time.Minute, c, true), w.sentTo(c)
			for i := range sent {
				if n := i + worst; n < len(sent) && sent[n]-sent[i] < 20*time.Minute {
					rt.Fatalf("%s, budget %v, limits %v: more than %d texts from %v to %v", c.Name, c.Budget, p.Limits, worst, sent[i], sent[n])
				}
			}
		}
	})
}

// sentTo is when texts were sent to a contact.
func (w *world) sentTo(c *Contact) (all []time.Duration) {
	for _, text := range w.said {
		if words := strings.Fields(text); strings.TrimSuffix(words[1], ":") == c.Name {
			at, err := time.ParseDuration(words[0])
			if err != nil {
				w.t.Fatal(err)
			}
			all = append(all, at)
		}
	}
	return all
}

func TestOneIncidentCostsWhatItIsSaidToAndNoMore(t *testing.T) {
	p := rosewood()
	p.Routes["leak"] = &Route{Bundle: -1, Steps: []Step{{Notify: []Addressee{{Contact: alice}}}, {After: time.Hour, Notify: []Addressee{{Contact: bob}}, Repeat: []time.Duration{}}}}
	for _, tt := range []struct {
		contact *Contact
		alert   rules.Alert
		want    int
	}{
		{alice, rules.Alert{Name: "leak", Levels: []*rules.Level{{Severity: rules.Critical}}}, 12},
		{bob, rules.Alert{Name: "leak", Levels: []*rules.Level{{Severity: rules.Critical}}}, 2},
		{bob, rules.Alert{Name: "door", Levels: []*rules.Level{{Severity: rules.Warning}}}, 2},
		{bob, rules.Alert{Name: "door", Levels: []*rules.Level{{Severity: rules.Warning}, {Severity: rules.Critical}}}, 13},
		{carol, rules.Alert{Name: "door", Levels: []*rules.Level{{Severity: rules.Warning}}}, 0},
	} {
		w := newWorld(t, p)
		w.fires(tt.alert.Name)
		w.pass(time.Hour)
		for range tt.alert.Levels[1:] {
			w.rises(tt.alert.Name)
		}
		w.pass(48 * time.Hour)
		w.ends(tt.alert.Name)
		w.pass(48 * time.Hour)
		if got, said := len(w.sentTo(tt.contact)), p.WorstIncident(tt.contact, &tt.alert); got != tt.want || said != tt.want {
			t.Errorf("%s of %s: %d texts, said to be %d at most, want %d", tt.contact.Name, tt.alert.Name, got, said, tt.want)
		}
	}
}

func TestAnAlertInShadowCostsNothing(t *testing.T) {
	a := &rules.Alert{Name: "door", Shadow: true, Levels: []*rules.Level{{Severity: rules.Warning}}}
	if got := rosewood().WorstIncident(bob, a); got != 0 {
		t.Errorf("got %d texts, want none", got)
	}
}
