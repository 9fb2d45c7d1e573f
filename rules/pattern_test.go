package rules

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func pattern(t testing.TB, text string) Pattern {
	t.Helper()
	p, err := ParsePattern(text)
	if err != nil {
		t.Fatalf("ParsePattern(%q): %s", text, err.Problem)
	}
	return p
}

func TestAPatternSubscribesToWhatItsLabelsStandFor(t *testing.T) {
	for _, tt := range []struct{ pattern, filter, labels string }{
		{"garage/door", "garage/door", ""},
		{"site/{site}/freezer/{n}", "site/+/freezer/+", "site n"},
		{"zigbee2mqtt/smoke_{room}", "zigbee2mqtt/+", "room"},
		{"plant/{line}-{cell}.temp/raw", "plant/+/raw", "line cell"},
		{"fleet/{machine}/{rest...}", "fleet/+/#", "machine rest"},
		{"{everything...}", "#", "everything"},
		{"home/{_}/BTtoMQTT/{tag}", "home/+/BTtoMQTT/+", "tag"},
		{"fleet/{machine}/x_{_}/{_...}", "fleet/+/+/#", "machine"},
		{"/neuron/{node}", "/neuron/+", "node"},
		{"$SYS/broker/{what...}", "$SYS/broker/#", "what"},
		{"tele/Küche/{n}/", "tele/Küche/+/", "n"},
	} {
		p := pattern(t, tt.pattern)
		if got := p.Filter(); got != tt.filter {
			t.Errorf("%s: filter %q, want %q", tt.pattern, got, tt.filter)
		}
		if got := strings.Join(p.Labels(), " "); got != tt.labels {
			t.Errorf("%s: labels %q, want %q", tt.pattern, got, tt.labels)
		}
	}
}

var matches = []struct {
	pattern, topic string
	want           []string // nil: no match
}{
	{"garage/door", "garage/door", []string{}},
	{"garage/door", "garage/door/", nil},
	{"garage/door", "garage", nil},
	{"garage/door", "Garage/door", nil},
	{"site/{site}/freezer/{n}", "site/a/freezer/3", []string{"a", "3"}},
	{"site/{site}/freezer/{n}", "site/a/freezer/3/raw", nil},
	{"site/{site}/freezer/{n}", "site//freezer/3", nil},
	{"site/{site}/freezer/{n}", "site/a/freezer/", nil},
	{"zigbee2mqtt/smoke_{room}", "zigbee2mqtt/smoke_landing", []string{"landing"}},
	{"zigbee2mqtt/smoke_{room}", "zigbee2mqtt/smoke_", nil},
	{"zigbee2mqtt/smoke_{room}", "zigbee2mqtt/leak_landing", nil},
	{"zigbee2mqtt/{room}_smoke", "zigbee2mqtt/_smoke", nil},
	{"zigbee2mqtt/a{room}a", "zigbee2mqtt/a", nil},
	{"zigbee2mqtt/a{room}a", "zigbee2mqtt/aa", nil},
	{"zigbee2mqtt/a{room}a", "zigbee2mqtt/aaa", []string{"a"}},
	{"{device}/status/smoke:0", "shelly-1/status/smoke:0", []string{"shelly-1"}},
	{"{a}_{b}", "x_y_z", []string{"x", "y_z"}},
	{"{a}_{b}", "_y_z", []string{"_y", "z"}},
	{"{a}_{b}", "_z", nil},
	{"{a}_{b}", "x_", nil},
	{"{a}_{b}_c", "1_2_c", []string{"1", "2"}},
	{"{a}_{b}_c", "1_c", nil},
	{"{a}é{b}", "éé1", []string{"é", "1"}},
	{"fleet/{machine}/{rest...}", "fleet/7/engine/oil", []string{"7", "engine/oil"}},
	{"fleet/{machine}/{rest...}", "fleet/7//", []string{"7", "/"}},
	{"fleet/{machine}/{rest...}", "fleet/7/", nil},
	{"fleet/{machine}/{rest...}", "fleet/7", nil},
	{"{all...}", "a", []string{"a"}},
	{"{all...}", "$SYS/uptime", nil},
	{"{first}/uptime", "$SYS/uptime", nil},
	{"{first}x/uptime", "$x/uptime", nil},
	{"$SYS/{what}", "$SYS/uptime", []string{"uptime"}},
	{"/neuron/{node}", "/neuron/plc1", []string{"plc1"}},
	{"home/{_}/BTtoMQTT/{tag}", "home/gw2/BTtoMQTT/A4C1", []string{"A4C1"}},
	{"home/{_}/BTtoMQTT/{tag}", "home//BTtoMQTT/A4C1", nil},
	{"{_}_{room}_{_}", "z_hall_2", []string{"hall"}},
	{"{room}-{_}", "hall-2", []string{"hall"}},
	{"fleet/{machine}/{_...}", "fleet/7/a/b", []string{"7"}},
	{"fleet/{machine}/{_...}", "fleet/7/", nil},
	{"fleet/{machine}/{_...}", "fleet/7", nil},
	{"{_...}", "a/b", []string{}},
	{"{_}/uptime", "$SYS/uptime", nil},
	{"a/{b}", "a/+", nil},
	{"a/{b}", "a/#", nil},
	{"a/{b}", "a/x\x00", nil},
	{"a/{b}", "a/\xff", nil},
	{"a/{b...}", "a/" + strings.Repeat("b", topicMaxBytes), nil},
	{"a/{b...}", "a/" + strings.Repeat("b/", topicMaxLevels), nil},
	{"{b}", "", nil},
}

func TestAPatternMatchesWholeLevelsAndNamesWhatItFinds(t *testing.T) {
	for _, tt := range matches {
		got, ok := pattern(t, tt.pattern).Match(tt.topic, []string{})
		if ok != (tt.want != nil) || ok && !slices.Equal(got, tt.want) {
			t.Errorf("%s on %.60q: got %q, %v, want %q", tt.pattern, tt.topic, got, ok, tt.want)
		}
		if !ok && len(got) != 0 {
			t.Errorf("%s on %.60q: no match, but labels %q", tt.pattern, tt.topic, got)
		}
	}
}

func TestMatchAppendsAndAllocatesNothing(t *testing.T) {
	p := pattern(t, "fleet/{machine}/smoke_{room}/{rest...}")
	into := make([]string, 1, 8)
	into[0] = "kept"
	got, _ := p.Match("fleet/7/smoke_cab/a/b", into)
	if want := []string{"kept", "7", "cab", "a/b"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if n := testing.AllocsPerRun(100, func() { p.Match("fleet/7/smoke_cab/a/b", into) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestAMistakeInATopicIsFoundWhereItStands(t *testing.T) {
	long := strings.Repeat("a/", topicMaxLevels)
	for _, tt := range []struct{ text, part, problem, remedy string }{
		{"", "", "the topic is empty", "Write a topic"},
		{"site/+/freezer", "+", "the wildcard + has no name", "Write {name}"},
		{"site/#", "#", "the wildcard # has no name", "Write {name...}"},
		{"site/{n}#", "#", "the wildcard # has no name", "Write {name...}"},
		{"site/{n}/{n}", "n", "the label {n} is there twice", "a name of its own"},
		{"site/{Room}", "Room", "the label {Room} is not in lower snake case", "Write room."},
		{"site/{livingRoom2}", "livingRoom2", "the label {livingRoom2} is not in lower snake case", "Write living_room2."},
		{"site/{2nd-floor}", "2nd-floor", "the label {2nd-floor} is not in lower snake case", "Write n2nd_floor."},
		{"site/{}", "", "the label {} is empty", "Write a name"},
		{"site/{...}", "", "the label {} is empty", "Write a name"},
		{"site/{sensor}", "sensor", "the label {sensor} has a meaning of its own", "such as sensor_name"},
		{"site/{true}", "true", "the label {true} is a word of the language", "true_state"},
		{"site/{" + strings.Repeat("r", 65) + "}", strings.Repeat("r", 65), "is longer than 64 bytes", "shorter"},
		{"site/{room", "{room", "{ is not closed", "and }"},
		{"site/{room/x}", "{room", "{ is not closed", "and }"},
		{"site/room}", "}", "} closes nothing", "Write {"},
		{"a{b}}c", "}", "} closes nothing", "Write {"},
		{"a{b{c}}", "b{c", "is not in lower snake case", "Write b_c."},
		{"site/{a}{b}", "{", "two labels touch", "literal text between"},
		{"site/{rest...}/x", "/x", "{rest...} takes all levels", "Move it to the end"},
		{"site/{_...}/x", "/x", "{_...} takes all levels", "Move it to the end"},
		{"site/x{_...}", "x{_...}", "{_...} shares its level", "{_}"},
		{"site/{_}{a}", "{", "two labels touch", "literal text between"},
		{"site/{__}", "__", "is not in lower snake case", "Write a name"},
		{"site/x{rest...}", "x{rest...}", "{rest...} shares its level", "{rest}"},
		{"site/{rest...}x", "{rest...}x", "{rest...} shares its level", "{rest}"},
		{"site/{a}-{rest...}", "{a}-{rest...}", "{rest...} shares its level", "{rest}"},
		{"${room}/x", "${room}", "no wildcard subscription sees", "$SYS"},
		{"$share/g/a/{b}", "$share", "shared subscription", "without $share"},
		{"a\x00b", "\x00", "U+0000", "Leave it out"},
		{"a\xff", "a\xff", "not valid UTF-8", "UTF-8"},
		{strings.Repeat("x", topicMaxBytes+1), strings.Repeat("x", topicMaxBytes+1), "1025 bytes long, at most 1024", "shorter"},
		{long, long, "65 levels, at most 64", "{rest...}"},
		{"{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/{q}", "q", "more than 16 labels", "{rest...}"},
	} {
		_, err := ParsePattern(tt.text)
		if err == nil {
			t.Errorf("%.40q: no mistake, want %q", tt.text, tt.problem)
			continue
		}
		if !strings.Contains(err.Problem, tt.problem) || !strings.Contains(err.Remedy, tt.remedy) {
			t.Errorf("%.40q: got %q, %q, want %q, %q", tt.text, err.Problem, err.Remedy, tt.problem, tt.remedy)
		}
		if got := tt.text[err.Offset : err.Offset+err.Length]; got != tt.part {
			t.Errorf("%.40q: the mistake is at %q, want %q", tt.text, got, tt.part)
		}
	}
}

// filterMatches is MQTT 3.1.1 §4.7 written out.
func filterMatches(filter, topic string) bool {
	if topic[0] == '$' && (filter[0] == '+' || filter[0] == '#') {
		return false
	}
	f, n := strings.Split(filter, "/"), strings.Split(topic, "/")
	for i, level := range f {
		switch {
		case level == "#":
			return len(n) >= i
		case i >= len(n) || level != "+" && level != n[i]:
			return false
		}
	}
	return len(f) == len(n)
}

func FuzzParsePatternSaysWhereTheMistakeIs(f *testing.F) {
	for _, tt := range matches {
		f.Add(tt.pattern)
	}
	f.Add("{a}{b")
	f.Add("a/{b...}/{c}")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePattern(text)
		if err != nil {
			if err.Offset < 0 || err.Length < 0 || err.Offset+err.Length > len(text) {
				t.Errorf("%q: mistake at %d+%d, outside the text", text, err.Offset, err.Length)
			}
			if err.Problem == "" || err.Remedy == "" {
				t.Errorf("%q: mistake without problem or remedy: %+v", text, err)
			}
			return
		}
		// A pattern matches its own text with something in place of each label.
		filled := text
		filled = strings.NewReplacer("{_}", "ÿ", "{_...}", "ÿ").Replace(filled)
		for _, label := range p.Labels() {
			filled = strings.Replace(filled, "{"+label+"}", "ÿ", 1)
			filled = strings.Replace(filled, "{"+label+"...}", "ÿ", 1)
		}
		if _, ok := p.Match(filled, nil); !ok && len(filled) <= topicMaxBytes {
			t.Errorf("%q does not match %q", text, filled)
		}
	})
}

func FuzzWhatMatchesIsSubscribedTo(f *testing.F) {
	for _, tt := range matches {
		f.Add(tt.pattern, tt.topic)
	}
	f.Fuzz(func(t *testing.T, text, topic string) {
		p, err := ParsePattern(text)
		if err != nil {
			return
		}
		labels, ok := p.Match(topic, nil)
		if !ok {
			return
		}
		if !filterMatches(p.Filter(), topic) {
			t.Errorf("%q matches %q, its filter %q does not", text, topic, p.Filter())
		}
		filled := text
		for i, name := range p.Labels() {
			if labels[i] == "" || !utf8.ValidString(labels[i]) {
				t.Errorf("%q on %q: label %s is %q", text, topic, name, labels[i])
			}
			filled = strings.NewReplacer("{"+name+"}", labels[i], "{"+name+"...}", labels[i]).Replace(filled)
		}
		if filled != topic && !strings.Contains(text, "{_") {
			t.Errorf("%q with labels %q is %q, want %q", text, labels, filled, topic)
		}
	})
}
