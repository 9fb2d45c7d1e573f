package learn

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tocsin-edge/tocsin/rules"
)

// A level is one of a pattern: text, or a label with text around it.
type level struct {
	prefix, label, suffix string // without a label the text is prefix
}

func (v level) String() string {
	if v.label == "" {
		return v.prefix
	}
	return v.prefix + "{" + v.label + "}" + v.suffix
}

// labelsMax is how many labels a pattern may have.
const labelsMax = 16

// pattern makes the group's topics one. Where a topic stands alone, an address
// in it becomes a label when alone reports that nothing else would match.
func (g *group) pattern(alone func(rules.Pattern) bool) ([]level, bool) {
	levels, ok := g.compile(true)
	if !ok {
		return nil, false
	}
	if p, err := rules.ParsePattern(text(levels)); err == nil && alone(p) {
		return levels, true
	}
	levels, ok = g.compile(false)
	if !ok {
		return nil, false
	}
	_, err := rules.ParsePattern(text(levels))
	return levels, err == nil
}

func text(levels []level) string {
	parts := make([]string, len(levels))
	for i, v := range levels {
		parts[i] = v.String()
	}
	return strings.Join(parts, "/")
}

// compile makes the levels of the pattern; general makes an address a label also
// where there is only one.
func (g *group) compile(general bool) ([]level, bool) {
	var out []level
	used := map[string]bool{}
	for i := range g.levels[0] {
		v, label := g.level(i, general)
		if label {
			v.label = unused(used, g.labelOf(i, out, v))
		}
		out = append(out, v)
	}
	return out, len(used) <= labelsMax
}

// level is one level of the pattern, and whether it is to have a label.
func (g *group) level(i int, general bool) (level, bool) {
	values := g.values(i)
	only := values[0]
	switch {
	case len(values) > 1:
		prefix, suffix := affixes(values)
		return level{prefix: prefix, suffix: suffix}, true
	case only == anyKind && g.units[0].format == formatSparkplug:
		return level{prefix: only}, false
	case strings.ContainsAny(only, "{}") || !writable(only):
		return level{}, true
	}
	if prefix, _, ok := cutAddress(only); ok && general {
		return level{prefix: prefix}, true
	}
	return level{prefix: only}, false
}

// values are what stands at a level, each once, in order.
func (g *group) values(i int) []string {
	var values []string
	for _, l := range g.levels {
		values = append(values, l[i])
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// separators are what parts of a name are put together with.
const separators = "_-:. "

// affixes are what all values begin and end with, up to a separator.
func affixes(values []string) (prefix, suffix string) {
	first, last := values[0], values[len(values)-1]
	n := 0
	for n < min(len(first), len(last)) && first[n] == last[n] {
		n++
	}
	prefix = first[:strings.LastIndexAny(first[:n], separators)+1]
	suffix = commonEnd(values)
	if at := strings.IndexAny(suffix, separators); at >= 0 {
		suffix = suffix[at:]
	} else {
		suffix = ""
	}
	for _, v := range values {
		if len(v) <= len(prefix)+len(suffix) {
			suffix = ""
		}
	}
	if strings.ContainsAny(prefix, "{}") || !writable(prefix) {
		prefix = ""
	}
	if strings.ContainsAny(suffix, "{}") || !writable(suffix) {
		suffix = ""
	}
	return prefix, suffix
}

func commonEnd(values []string) string {
	end := values[0]
	for _, v := range values[1:] {
		for !strings.HasSuffix(v, end) {
			end = end[1:]
		}
	}
	return end
}

// labelsByLevel are what the level after one of these words names.
var labelsByLevel = map[string]string{
	"n": "portal", "r": "portal", "frigate": "camera", "bttomqtt": "tag", "v3": "application", "router": "serial",
	"tele": "device", "stat": "device", "shellies": "device", "zigbee2mqtt": "device", "homie": "device",
	"rtl_433": "gateway", "teltonika": "imei", "application": "application", "spbv1.0": "group", "zwave": "place", anyKind: "node",
	"home": "gateway", "owntracks": "person", "ring": "location", "fleet": "machine", "binary_sensor": "entity", "sensor": "item",
}

// labelOf names the label of a level after those before it.
func (g *group) labelOf(i int, before []level, v level) string {
	if g.inRooms(i, v) {
		return "room"
	}
	if v.prefix != "" || v.suffix != "" {
		return "id"
	}
	if i == 0 {
		return "device"
	}
	if i == 1 && before[0].label == "" && labelsByLevel[strings.ToLower(before[0].prefix)] == "" && !slices.Contains(holders, strings.ToLower(before[0].prefix)) {
		return "device" // the first level is most often a brand
	}
	previous := before[i-1]
	if previous.label != "" {
		if i > 1 && before[i-2].prefix == anyKind {
			return "unit"
		}
		return "item"
	}
	word := strings.ToLower(previous.prefix)
	if name := labelsByLevel[word]; name != "" {
		return name
	}
	if _, err := strconv.Atoi(word); err == nil {
		return "device"
	}
	one := singular(word)
	switch name := rules.LabelOf(one); {
	case name == "" || strings.HasSuffix(name, "_name") || one == word && quantityOf(name) == "" && !slices.Contains(holders, word):
		return "device"
	case len(name) > 12 || strings.ContainsAny(name, "_0123456789"):
		return "id"
	case quantityOf(name) != "" && !isNumber(g.values(i)[0]):
		return "id"
	default:
		return name
	}
}

// holders are levels that say what the next one names.
var holders = []string{"device", "zone", "partition", "tank", "application", "camera", "channel", "house", "phase", "node", "group",
	"unit", "room", "rooms", "site", "sites", "plant", "machine", "machines", "zones", "line", "lines", "freezer", "freezers", "devices", "fleet"}

// singular is one of what a word in the plural means.
func singular(word string) string {
	switch {
	case strings.HasSuffix(word, "ies"):
		return strings.TrimSuffix(word, "ies") + "y"
	case strings.HasSuffix(word, "ss") || strings.HasSuffix(word, "us"):
		return word
	}
	return strings.TrimSuffix(word, "s")
}

// inRooms reports whether most of what the label stands for are places in a
// house.
func (g *group) inRooms(i int, v level) bool {
	values := g.values(i)
	rooms := 0
	for _, value := range values {
		value = strings.TrimSuffix(strings.TrimPrefix(value, v.prefix), v.suffix)
		words := strings.Split(nameOf(value), "_")
		if last := words[len(words)-1]; last == "room" || slices.Contains(roomWords, last) {
			rooms++
		}
	}
	return 2*rooms > len(values)
}

// nameMaxBytes bounds a name.
const nameMaxBytes = 64

// unused returns name, or the first of name_2, name_3 … that is not in used, and
// puts it there.
func unused(used map[string]bool, name string) string {
	free := name
	for n := 2; used[free]; n++ {
		suffix := "_" + strconv.Itoa(n)
		free = strings.TrimRight(name[:min(len(name), nameMaxBytes-len(suffix))], "_") + suffix
	}
	used[free] = true
	return free
}
