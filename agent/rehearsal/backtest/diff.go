package backtest

import (
	"slices"
	"strings"
)

// Change is how one alert would have fared under the other configuration.
type Change struct {
	Alert       string
	Here, There *Alert // nil where the configuration has no such alert

	Gone    []*Firing    // here only
	New     []*Firing    // there only
	Shifted [][2]*Firing // here and there, at other times
	Same    int
}

// PersonChange is how one contact would.
type PersonChange struct {
	Name        string
	Here, There Person // zero where the configuration has no such contact
}

// Changes compares two outcomes. Firings of one instance that overlap are the
// same one. It leaves out alerts and people for whom nothing is different.
func Changes(here, there *Outcome) ([]Change, []PersonChange) {
	var alerts []Change
	for _, name := range union(here.alertNames(), there.alertNames()) {
		if c := compare(name, here.alert(name), there.alert(name)); c.any() {
			alerts = append(alerts, c)
		}
	}
	var people []PersonChange
	for _, name := range union(here.peopleNames(), there.peopleNames()) {
		c := PersonChange{name, here.person(name), there.person(name)}
		if c.Here.Texts != c.There.Texts || c.Here.Night != c.There.Night {
			people = append(people, c)
		}
	}
	return alerts, people
}

// any tells whether anything is different.
func (c Change) any() bool {
	return len(c.Gone)+len(c.New)+len(c.Shifted) > 0 || c.Here == nil || c.There == nil || c.Here.Texts != c.There.Texts
}

// compare matches the firings of one alert.
func compare(name string, here, there *Alert) Change {
	c := Change{Alert: name, Here: here, There: there}
	left := map[string][]*Firing{} // there, by instance, not matched yet
	for _, f := range firingsOf(there) {
		left[f.Instance] = append(left[f.Instance], f)
	}
	for _, f := range firingsOf(here) {
		others := left[f.Instance]
		for len(others) > 0 && others[0].End.Before(f.Start) {
			c.New, others = append(c.New, others[0]), others[1:]
		}
		if len(others) == 0 || others[0].Start.After(f.End) {
			c.Gone = append(c.Gone, f)
		} else {
			c.match(f, others[0])
			others = others[1:]
		}
		left[f.Instance] = others
	}
	for _, others := range left {
		c.New = append(c.New, others...)
	}
	slices.SortFunc(c.New, func(a, b *Firing) int {
		if d := a.Start.Compare(b.Start); d != 0 {
			return d
		}
		return strings.Compare(a.Instance, b.Instance)
	})
	return c
}

// match takes in a firing that there is here and there.
func (c *Change) match(here, there *Firing) {
	if here.Start.Equal(there.Start) && here.End.Equal(there.End) && here.Lasts == there.Lasts {
		c.Same++
		return
	}
	c.Shifted = append(c.Shifted, [2]*Firing{here, there})
}

func firingsOf(a *Alert) []*Firing {
	if a == nil {
		return nil
	}
	return a.Firings
}

// union is both lists, each name once, those of the first first.
func union(a, b []string) []string {
	all := slices.Clone(a)
	for _, name := range b {
		if !slices.Contains(a, name) {
			all = append(all, name)
		}
	}
	return all
}

func (o *Outcome) alertNames() []string {
	var all []string
	for _, a := range o.Alerts {
		all = append(all, a.Name)
	}
	return all
}

func (o *Outcome) peopleNames() []string {
	var all []string
	for _, p := range o.People {
		all = append(all, p.Name)
	}
	return all
}

func (o *Outcome) alert(name string) *Alert {
	for _, a := range o.Alerts {
		if a.Name == name {
			return a
		}
	}
	return nil
}

func (o *Outcome) person(name string) Person {
	for _, p := range o.People {
		if p.Name == name {
			return *p
		}
	}
	return Person{Name: name}
}
