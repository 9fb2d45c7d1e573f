package mqtt

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTheSubscriptionsAreTheFewestThatBringEverything(t *testing.T) {
	for _, c := range []struct {
		name       string
		give, want []Filter
	}{
		{"none", nil, nil},
		{"twice the same, at the higher quality", []Filter{{"a", 0}, {"a", 2}}, []Filter{{"a", 2}}},
		{"a narrow one first", []Filter{{"a/b", 2}, {"c", 0}, {"a/#", 1}}, []Filter{{"a/#", 2}, {"c", 0}}},
		{"a wide one first", []Filter{{"a/+", 0}, {"a/b", 1}}, []Filter{{"a/+", 1}}},
		{"# covers its parent", []Filter{{"a/#", 1}, {"a", 1}}, []Filter{{"a/#", 1}}},
		{"one swallows several", []Filter{{"a/b", 0}, {"c/d", 1}, {"+/+", 0}}, []Filter{{"+/+", 1}}},
		{"overlaps stay", []Filter{{"a/+/c", 1}, {"+/b/c", 0}}, []Filter{{"a/+/c", 1}, {"+/b/c", 0}}},
		{"# does not reach $", []Filter{{"#", 1}, {"$SYS/#", 0}, {"+/x", 1}}, []Filter{{"#", 1}, {"$SYS/#", 0}}},
		{"empty levels are levels", []Filter{{"/a", 1}, {"a", 1}, {"+/a", 0}}, []Filter{{"+/a", 1}, {"a", 1}}},
		{"+ is one level", []Filter{{"+", 1}, {"a/b", 1}}, []Filter{{"+", 1}, {"a/b", 1}}},
	} {
		if got := minimal(slices.Clone(c.give)); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// matches is §4.7 as it reads, for comparison.
func matches(filter, topic string) bool {
	f, t := strings.Split(filter, "/"), strings.Split(topic, "/")
	if strings.HasPrefix(topic, "$") && (f[0] == "+" || f[0] == "#") {
		return false
	}
	for len(f) > 0 && f[0] != "#" {
		if len(t) == 0 || f[0] != "+" && f[0] != t[0] {
			return false
		}
		f, t = f[1:], t[1:]
	}
	return len(f) > 0 || len(t) == 0
}

func TestReducedFiltersMatchExactlyWhatAllOfThemMatched(t *testing.T) {
	level := rapid.SampledFrom([]string{"a", "b", "", "$s"})
	filter := rapid.Custom(func(t *rapid.T) Filter {
		levels := rapid.SliceOfN(rapid.OneOf(level, rapid.Just("+")), 1, 4).Draw(t, "levels")
		if rapid.Bool().Draw(t, "rest") {
			levels[len(levels)-1] = "#"
		}
		topic := strings.Join(levels, "/")
		return Filter{topic, byte(rapid.IntRange(0, 2).Draw(t, "qos"))}
	})
	best := func(filters []Filter, topic string) int {
		qos := -1
		for _, f := range filters {
			if matches(f.Topic, topic) {
				qos = max(qos, int(f.QoS))
			}
		}
		return qos
	}
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(filter, 0, 8).Draw(t, "filters")
		few := minimal(slices.Clone(all))
		for i, a := range few {
			for j, b := range few {
				if i != j && covers(a.Topic, b.Topic) {
					t.Fatalf("%q is left over beside %q", b.Topic, a.Topic)
				}
			}
		}
		for range 20 {
			topic := strings.Join(rapid.SliceOfN(level, 1, 5).Draw(t, "topic"), "/")
			got, want := best(few, topic), best(all, topic)
			if (got < 0) != (want < 0) || got < want {
				t.Fatalf("%q: quality of service %d through %v, %d through %v", topic, got, few, want, all)
			}
		}
	})
}

func FuzzCoveringIsMatchingEverything(f *testing.F) {
	f.Add("a/#", "a/+/b", "a/x/b")
	f.Add("+/#", "$SYS/a", "$SYS/a")
	f.Fuzz(func(t *testing.T, wide, narrow, topic string) {
		if checkFilter(Filter{wide, 0}) != nil || checkFilter(Filter{narrow, 0}) != nil || topic == "" || strings.ContainsAny(topic, "+#") {
			t.Skip()
		}
		if covers(wide, narrow) && matches(narrow, topic) && !matches(wide, topic) {
			t.Errorf("%q is said to cover %q, but does not match %q", wide, narrow, topic)
		}
	})
}
