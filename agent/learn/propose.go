package learn

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/rules"
)

// A proposal is one sensor to be written.
type proposal struct {
	*group
	name   string
	levels []level
	match  rules.Pattern
	member string   // by which its messages are told from others on the topic, "" for none
	words  []string // that they say there
	others int      // topics that the pattern matches besides, whose messages are not these

	values  []value
	names   []string // of members that say what a thing is
	bytes   []string // paths of members that hold bytes as text
	left    int      // members beyond valuesMax
	stamp   string   // the path of the message's own time
	clockBy time.Duration

	offlineAfter time.Duration
	expect       [][]string
	irregular    bool // messages come when something happens
}

// A value is one field to be written.
type value struct {
	*field
	declaration
	named    string
	alsoBare bool // by the version of what publishes, the payload is the value
}

// proposals makes the sensors, in the order of their patterns.
func (l *Learner) proposals() []*proposal {
	groups := l.groups()
	var out []*proposal
	for _, g := range groups {
		p := &proposal{group: g}
		levels, ok := g.pattern(func(pattern rules.Pattern) bool { return g.aloneIn(pattern, groups) })
		if !ok {
			continue
		}
		p.levels = levels
		p.match, _ = rules.ParsePattern(text(levels))
		p.choose(groups)
		if p.declare(); len(p.values) == 0 {
			continue
		}
		p.listen(l.ended)
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b *proposal) int { return strings.Compare(text(a.levels), text(b.levels)) })
	used := map[string]bool{}
	for _, p := range out {
		p.name = unused(used, p.call())
	}
	return out
}

// aloneIn reports whether the pattern matches no topics but the group's, or
// those that only can tell apart.
func (g *group) aloneIn(p rules.Pattern, all []*group) bool {
	for _, o := range all {
		if o != g && o.matched(p) > 0 && !g.tellsFrom(o) {
			return false
		}
	}
	return true
}

// matched counts the group's topics that a pattern matches.
func (g *group) matched(p rules.Pattern) (n int) {
	for _, topic := range g.topics {
		if _, ok := p.Match(topic, nil); ok {
			n++
		}
	}
	return n
}

// marks returns the member by which all messages of the group say what they are,
// and the words they say; false when not all do by the same member.
func (g *group) marks() (member string, words []string, ok bool) {
	member = g.units[0].mark.member
	for _, u := range g.units {
		if u.mark.member == "" || u.mark.member != member {
			return "", nil, false
		}
		if !slices.Contains(words, u.mark.word) {
			words = append(words, u.mark.word)
		}
	}
	slices.Sort(words)
	return member, words, len(words) <= onlyWordsMax
}

// onlyWordsMax bounds the words of an only.
const onlyWordsMax = 12

// tellsFrom reports whether messages of the group can be told from another's by
// the kind they say.
func (g *group) tellsFrom(o *group) bool {
	member, words, ok := g.marks()
	if !ok || g.units[0].format == formatSenML || g.units[0].format == formatSparkplug {
		return false
	}
	for _, u := range o.units {
		if u.mark.member == member && slices.Contains(words, u.mark.word) {
			return false
		}
	}
	return true
}

// choose finds out whether the pattern matches other topics too, and whether
// `only` keeps them out.
func (p *proposal) choose(all []*group) {
	for _, o := range all {
		n := o.matched(p.match)
		if o == p.group || n == 0 {
			continue
		}
		if p.tellsFrom(o) {
			p.member, p.words, _ = p.marks()
		} else {
			p.others += n
		}
	}
}

// valuesMax bounds the fields of a proposal. Who reads a sensor of more wants to
// choose.
const valuesMax = 24

// declare chooses the fields and their types.
func (p *proposal) declare() {
	p.nameBare()
	var bare value
	for _, f := range p.fields {
		d, ok := f.declare()
		switch {
		case f.path == wholePath && len(p.fields) > 1:
			bare = value{field: f, declaration: d}
		case !ok:
		case p.stamp == "" && p.canStamp() && f.isStamp():
			p.stamp = f.path
		case f.path == p.member:
		case f.mayStamp():
			p.clockBy = max(p.clockBy, f.ticks.offBy)
		case f.isBytes(d):
			p.bytes = append(p.bytes, f.path)
		case f.isName(d):
			p.names = append(p.names, f.last())
		default:
			p.values = append(p.values, value{field: f, declaration: d})
		}
	}
	if len(p.values) == 1 && bare.field != nil && bare.kind == p.values[0].kind {
		p.values[0].take(bare.field)
		p.values[0].alsoBare = true
		p.values[0].declaration, _ = p.values[0].declare()
	}
	p.trim()
	p.nameValues()
}

// nameBare gives a value that has no name in the payload the one in the topic.
func (p *proposal) nameBare() {
	for _, f := range p.fields {
		switch {
		case f.path == wholePath:
			f.names = p.literals()
		case isGeneric(f.path):
			f.names = append(p.literals(), f.path)
		}
	}
}

func (p *proposal) canStamp() bool {
	return p.units[0].format != formatSenML && p.units[0].format != formatSparkplug
}

// trim leaves the fields out that are beyond valuesMax, texts and times
// first.
func (p *proposal) trim() {
	if len(p.values) <= valuesMax {
		return
	}
	byUse := slices.Clone(p.values)
	slices.SortStableFunc(byUse, func(a, b value) int { return a.rank() - b.rank() })
	keep := map[*field]bool{}
	for _, v := range byUse[:valuesMax] {
		keep[v.field] = true
	}
	p.left = len(p.values) - valuesMax
	p.values = slices.DeleteFunc(p.values, func(v value) bool { return !keep[v.field] })
}

func (v value) rank() int {
	if v.kind == rules.String || v.kind == rules.Time {
		return 1
	}
	return 0
}

// nameValues gives each field a name of its own: the name in the payload, and
// where two have the same one, that of what they are in before it.
func (p *proposal) nameValues() {
	for depth := 1; depth <= depthMax; depth++ {
		count := map[string]int{}
		for i := range p.values {
			if v := &p.values[i]; v.named == "" || len(v.names) >= depth {
				v.named = v.nameAt(max(depth, v.wordsMin()))
			}
			count[p.values[i].named]++
		}
		if len(count) == len(p.values) {
			break
		}
	}
	used := map[string]bool{}
	for i := range p.values {
		p.values[i].named = unused(used, cmp.Or(p.values[i].named, "value"))
	}
}

// wordsMin is how many of the last names it takes to say anything.
func (f *field) wordsMin() int {
	if n := len(f.names); n > 1 && (genericNames[f.last()] || len(f.name()) < 2 || isWordless(f.name())) {
		return 2
	}
	return 1
}

// nameAt joins the last names of a place.
func (f *field) nameAt(depth int) string {
	names := f.names[max(0, len(f.names)-depth):]
	if len(names) > 1 && genericNames[f.last()] {
		names = names[:len(names)-1]
	}
	parts := make([]string, len(names))
	for i, name := range names {
		if parts[i] = nameOf(name); i > 0 && isNumber(name) {
			parts[i] = name // an index
		}
	}
	return nameOf(strings.Trim(strings.Join(parts, "_"), "_"))
}

// isName reports whether a field says what a thing is and not how it is, or says
// texts that nobody compares with.
func (f *field) isName(d declaration) bool {
	if f.path == wholePath || d.kind == rules.Bool {
		return false
	}
	name := f.name()
	return nameHas(name, nameWords) || slices.Contains(radioNames, name) || strings.HasSuffix(name, "eui") || d.kind == rules.String && (name == "name" || stampNames[name] || f.tooMany)
}

// isBytes reports whether a field is a text that holds bytes.
func (f *field) isBytes(d declaration) bool {
	return d.kind == rules.String && f.path != wholePath && slices.Contains(bytesNames, f.name())
}

// listen finds the rhythm of the group.
func (p *proposal) listen(end time.Time) {
	var longest time.Duration
	expect := map[string][]string{}
	for _, u := range p.units {
		if !u.rhythm.told() {
			continue
		}
		if !u.rhythm.steady(end) {
			p.irregular = true
			return
		}
		longest = max(longest, u.rhythm.until(end))
		if labels, ok := p.match.Match(u.topic, nil); ok && len(u.topic) <= expectMaxBytes {
			expect[strings.Join(labels, "\x00")] = labels
		}
	}
	if longest == 0 {
		return
	}
	p.offlineAfter = silence(longest)
	if len(p.match.Labels()) == 0 || len(expect) > expectMax {
		return
	}
	for _, labels := range expect {
		p.expect = append(p.expect, labels)
	}
	slices.SortFunc(p.expect, slices.Compare[[]string])
}

// expectMax bounds the series that are expected. More are a fleet, whose list is
// kept elsewhere.
const expectMax = 40

// expectMaxBytes bounds the topics of what is expected, and with them the labels.
const expectMaxBytes = 256
