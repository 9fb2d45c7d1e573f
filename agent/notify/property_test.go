package notify

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/tocsin-edge/tocsin/rules"
)

// A town is a ledger with what it should know, told by someone who watched.
type town struct {
	people *People
	ledger *Ledger
	disk   disk
	serial uint64
	open   map[uint64]incident
}

// An incident is one that is open, and whom the alarm reached.
type incident struct {
	rules.Transition
	told []string // phones, in order
}

var alertNames = []string{"smoke", "leak", "door"}

// drawPeople makes up who is told of what. Phones change hands, and some alerts
// name nobody.
func drawPeople(t *rapid.T) *People {
	p := &People{Site: rapid.SampledFrom([]string{"", "Rosewood"}).Draw(t, "site"), Routes: map[string]*Route{}}
	var all []Addressee
	for i, phone := range rapid.Permutation([]string{"+1001", "+1002", "+1003", "+1004", "+1005", "+1006"}).Draw(t, "phones") {
		all = append(all, Addressee{Contact: &Contact{Name: fmt.Sprintf("person_%d", i), Phone: phone}})
	}
	for _, alert := range alertNames {
		n := rapid.IntRange(0, len(all)).Draw(t, "people of "+alert)
		p.Routes[alert] = Immediately(rapid.Permutation(all).Draw(t, "order")[:n]...)
	}
	return p
}

func phones(people []Addressee) []string {
	var all []string
	for _, c := range people {
		all = append(all, c.Phone)
	}
	return all
}

// restart is what a process does that begins where another was killed.
func (w *town) restart(t *rapid.T) {
	w.ledger = NewLedger(w.people)
	if errs := w.ledger.Restore(maps.All(w.disk)); len(errs) > 0 {
		t.Fatal(errs)
	}
}

// begin opens an incident and returns its transition with who should hear of it.
func (w *town) begin(t *rapid.T) (rules.Transition, []string) {
	w.serial++
	o := opens(w.serial, rapid.SampledFrom(alertNames).Draw(t, "alert"))
	told := phones(w.people.Routes[o.Incident.Alert].Everybody())
	w.open[w.serial] = incident{o, told}
	return o, told
}

// worsen makes an open incident more urgent, if there is one. It is told to whom
// the policy names by then.
func (w *town) worsen(t *rapid.T) (rules.Transition, []string) {
	if len(w.open) == 0 {
		t.Skip("nothing is open")
	}
	id := rapid.SampledFrom(slices.Sorted(maps.Keys(w.open))).Draw(t, "incident")
	i := w.open[id]
	hear := phones(w.people.Routes[i.Incident.Alert].Everybody())
	for _, phone := range hear {
		if !slices.Contains(i.told, phone) {
			i.told = append(i.told, phone)
		}
	}
	w.open[id] = i
	return rises(i.Transition, rules.Critical), hear
}

// end ends an open incident, if there is one.
func (w *town) end(t *rapid.T) (rules.Transition, []string) {
	if len(w.open) == 0 {
		t.Skip("nothing is open")
	}
	id := rapid.SampledFrom(slices.Sorted(maps.Keys(w.open))).Draw(t, "incident")
	i := w.open[id]
	delete(w.open, id)
	return resolves(i.Transition), i.told
}

// plan has the ledger plan and compares who is texted with who should be.
func (w *town) plan(t *rapid.T, transitions []rules.Transition, want []string) {
	p := planned(w.ledger, transitions)
	w.disk.write(p)
	var got []string
	for _, text := range p.Texts {
		got = append(got, text.To)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("texted (-want +got):\n%s", diff)
	}
}

// Over every sequence of alarms, ends, restarts and new policies: whoever was
// texted an alarm is texted its end exactly once, and nobody else is.
func TestTheEndIsToldToExactlyThoseWhoWereToldTheBeginning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &town{people: drawPeople(t), disk: disk{}, open: map[uint64]incident{}}
		w.restart(t)
		t.Repeat(map[string]func(*rapid.T){
			"an alarm": func(t *rapid.T) {
				o, want := w.begin(t)
				w.plan(t, []rules.Transition{o}, want)
			},
			"an end": func(t *rapid.T) {
				r, want := w.end(t)
				w.plan(t, []rules.Transition{r}, want)
			},
			"both at once": func(t *rapid.T) {
				r, hearEnd := w.end(t)
				o, hearAlarm := w.begin(t)
				w.plan(t, []rules.Transition{r, o}, slices.Concat(hearEnd, hearAlarm))
			},
			"a flash": func(t *rapid.T) {
				o, hear := w.begin(t)
				delete(w.open, o.Incident.ID)
				w.plan(t, []rules.Transition{o, resolves(o)}, slices.Concat(hear, hear))
			},
			"a rise": func(t *rapid.T) {
				o, want := w.worsen(t)
				w.plan(t, []rules.Transition{o}, want)
			},
			"a stir": func(t *rapid.T) {
				stirs := opens(w.serial, "smoke")
				stirs.From, stirs.To = rules.Firing, rules.Clearing
				w.plan(t, []rules.Transition{stirs}, nil)
			},
			"a restart": w.restart,
			"a new policy": func(t *rapid.T) {
				w.people = drawPeople(t)
				w.restart(t)
			},
			"": func(t *rapid.T) {
				var want []string
				for id, i := range w.open {
					if len(i.told) > 0 {
						want = append(want, fmt.Sprintf("told/%d", id))
					}
				}
				slices.Sort(want)
				if diff := cmp.Diff(want, slices.Sorted(maps.Keys(w.disk))); diff != "" {
					t.Fatalf("records (-want +got):\n%s", diff)
				}
			},
		})
		for len(w.open) > 0 {
			r, want := w.end(t)
			w.plan(t, []rules.Transition{r}, want)
		}
		if len(w.disk) > 0 {
			t.Fatalf("all is over, and on disk is %v", w.disk)
		}
	})
}
