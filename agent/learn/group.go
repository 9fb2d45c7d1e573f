package learn

import (
	"cmp"
	"slices"
	"strings"

	"github.com/tocsin-edge/tocsin/rules"
)

// A group is units that are one sensor: topics that say the same.
type group struct {
	units  []*unit
	topics []string // sorted, each once
	fields []*field // of all units together
	levels [][]string
}

// traits are what units are compared by.
type traits struct {
	unit   *unit
	levels []string
	bare   string                // the path, where messages say one value and the topic what it is of
	kind   rules.Kind            // of that value
	says   map[string]rules.Kind // what it measures, by path; else what it says of itself
}

func traitsOf(u *unit) traits {
	t := traits{unit: u, levels: strings.Split(u.topic, "/"), says: map[string]rules.Kind{}}
	own := map[string]rules.Kind{}
	for _, f := range u.fields {
		d, ok := f.declare()
		switch {
		case f.path == wholePath && ok:
			t.says[f.path] = d.kind
		case !ok || f.isName(d) || f.isBytes(d) || f.mayStamp():
		case isOwn(f.name()):
			own[f.path] = d.kind
		default:
			t.says[f.path] = d.kind
		}
	}
	if len(t.says) == 0 {
		t.says = own
	}
	for path, kind := range t.says {
		if len(t.says) == 1 && isGeneric(path) {
			t.bare, t.kind = path, kind
		}
	}
	return t
}

// isGeneric reports whether a path says nothing of what a value is.
func isGeneric(path string) bool { return path == wholePath || genericNames[path] }

// isOwn reports whether a name is of what a device says of itself.
func isOwn(name string) bool { return nameHas(name, ownWords) || slices.Contains(ownNames, name) }

// groups joins units into sensors.
func (l *Learner) groups() []*group {
	all := l.traits()
	sets := newSets(len(all))
	for i := range all {
		for j := range i {
			if sets.of(i) != sets.of(j) && all[i].joins(all[j]) {
				sets.join(i, j)
			}
		}
	}
	var out []*group
	byRoot := map[int]*group{}
	for i := range all {
		g := byRoot[sets.of(i)]
		if g == nil {
			g = &group{}
			byRoot[sets.of(i)] = g
			out = append(out, g)
		}
		g.units = append(g.units, all[i].unit)
	}
	for _, g := range out {
		g.gather()
	}
	return out
}

// traits lists those of the units that say anything, in the order of their
// topics, those that say most first among equals.
func (l *Learner) traits() []traits {
	var all []traits
	for _, u := range l.units {
		if t := traitsOf(u); len(t.says) > 0 {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b traits) int {
		return cmp.Or(len(a.levels)-len(b.levels), strings.Compare(a.unit.topic, b.unit.topic),
			strings.Compare(a.unit.format, b.unit.format), strings.Compare(a.unit.mark.member+"="+a.unit.mark.word, b.unit.mark.member+"="+b.unit.mark.word))
	})
	return all
}

// gather merges what the units of a group saw.
func (g *group) gather() {
	index := map[string]*field{}
	for _, u := range g.units {
		if !slices.Contains(g.topics, u.topic) {
			g.topics = append(g.topics, u.topic)
			g.levels = append(g.levels, strings.Split(u.topic, "/"))
		}
		for _, f := range u.fields {
			if have := index[f.path]; have != nil {
				have.take(f)
				continue
			}
			merged := *f
			merged.says = slices.Clone(f.says)
			index[f.path] = &merged
			g.fields = append(g.fields, &merged)
		}
	}
	slices.Sort(g.topics)
}

// joins reports whether two units are of one sensor.
func (t traits) joins(o traits) bool {
	if t.bare != o.bare || t.unit.format != o.unit.format || len(t.levels) != len(o.levels) {
		return false
	}
	d := differences(t.levels, o.levels)
	if t.bare != "" {
		return len(d) > 0 && t.kind == o.kind && t.joinsBare(o, d)
	}
	if t.unit.mark.member != o.unit.mark.member || !t.joinsLevels(o, d) {
		return false
	}
	alike := t.alike(o)
	switch {
	case t.unit.mark.word != "" && t.unit.mark == o.unit.mark:
		return alike >= alikeOfAKind
	case len(d) > 0 && (d[0] == 0 || t.unit.mark != o.unit.mark):
		return alike >= alikeElsewhere
	}
	return alike >= alikeMin
}

// How much of what two units measure must be the same.
const (
	alikeMin       = 0.5
	alikeOfAKind   = 0.2 // when both say that they are of one kind
	alikeElsewhere = 0.8 // when they say two, or their topics differ from the first level on
)

// alike is the share of what two units say that both say.
func (t traits) alike(o traits) float64 {
	both := 0
	for path, kind := range t.says {
		if o.says[path] == kind {
			both++
		}
	}
	all := len(t.says) + len(o.says) - both
	if all == 0 {
		return 0
	}
	return float64(both) / float64(all)
}

// differences lists the levels in which two topics differ.
func differences(a, b []string) (d []int) {
	for i := range a {
		if a[i] != b[i] {
			d = append(d, i)
		}
	}
	return d
}

// joinsLevels reports whether the levels in which topics of objects differ can
// be labels.
func (t traits) joinsLevels(o traits, d []int) bool {
	words := 0
	for _, i := range d {
		a, b := t.levels[i], o.levels[i]
		switch {
		case a == "" || b == "":
			return false
		case !sameIDs(a, b):
			words++
		}
	}
	return words <= 1 || words == 2 && d[0] > 0
}

// joinsBare is joinsLevels for topics of bare values, where the topic alone says
// what they are of: besides numbers and addresses, one level may differ, which
// is not the last and does not say what the numbers after it are of.
func (t traits) joinsBare(o traits, d []int) bool {
	words, last := 0, len(t.levels)-1
	presence := isPresence(t.levels[last])
	for _, i := range d {
		a, b := t.levels[i], o.levels[i]
		switch {
		case a == "" || b == "" || !presence && quantityOf(a) != quantityOf(b):
			return false
		case sameIDs(a, b):
		case i == last || i == 0 && !presence, i+1 < last && isNumber(t.levels[i+1]) && isNumber(o.levels[i+1]) && len(d) > 1:
			return false
		default:
			words++
		}
	}
	return words <= 1 && !(words == 1 && isSystem(t.levels[d[0]]))
}

// isPresence tells the topics of last wills and births.
func isPresence(level string) bool {
	return slices.Contains([]string{"lwt", "status", "availability", "available", "online", "connection"}, strings.ToLower(level))
}

// isSystem tells a level that divides a system and names no part of it.
func isSystem(level string) bool {
	return slices.Contains([]string{"sensor", "binary_sensor", "switch", "bridge"}, level)
}

// sets are disjoint sets of numbers, each known by its least.
type sets []int

func newSets(n int) sets {
	s := make(sets, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func (s sets) of(i int) int {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

func (s sets) join(i, j int) {
	i, j = s.of(i), s.of(j)
	s[max(i, j)] = min(i, j)
}
