package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func routerOf(t testing.TB, patterns ...string) *Router {
	t.Helper()
	var sensors []*Sensor
	for _, text := range patterns {
		sensors = append(sensors, &Sensor{Pattern: pattern(t, text)})
	}
	return NewRouter(sensors)
}

// routed returns what Route visits, sorted: "2 a b" is sensor 2 with labels.
func routed(r *Router, topic string) (visits []string, ok bool) {
	ok = r.Route(topic, func(sensor int, labels []string) {
		visits = append(visits, strings.TrimSpace(fmt.Sprint(sensor, " ", strings.Join(labels, " "))))
	})
	slices.Sort(visits)
	return visits, ok
}

func TestATopicReachesEverySensorThatReadsIt(t *testing.T) {
	r := routerOf(t,
		"zigbee2mqtt/{device}",         // 0
		"zigbee2mqtt/smoke_{room}",     // 1
		"zigbee2mqtt/smoke_kitchen",    // 2
		"{prefix}/smoke_{where}",       // 3
		"{all...}",                     // 4
		"zigbee2mqtt/{rest...}",        // 5
		"zigbee2mqtt/{a}/availability", // 6
		"zigbee2mqtt/{b}/availability", // 7
		"$SYS/{what...}",               // 8
		"zigbee2mqtt/smoke_kitchen",    // 9
		"zigbee2mqtt",                  // 10
		"{_}/smoke_{where}",            // 11
		"elsewhere/{_...}",             // 12
	)
	for _, tt := range []struct{ topic, want string }{
		{"zigbee2mqtt/smoke_kitchen", "0 smoke_kitchen|1 kitchen|11 kitchen|2|3 zigbee2mqtt kitchen|4 zigbee2mqtt/smoke_kitchen|5 smoke_kitchen|9"},
		{"zigbee2mqtt/door", "0 door|4 zigbee2mqtt/door|5 door"},
		{"zigbee2mqtt/door/availability", "4 zigbee2mqtt/door/availability|5 door/availability|6 door|7 door"},
		{"zigbee2mqtt", "10|4 zigbee2mqtt"},
		{"zigbee2mqtt/", "4 zigbee2mqtt/"},
		{"$SYS/broker/uptime", "8 broker/uptime"},
		{"$x/smoke_y", ""},
		{"elsewhere/smoke_y", "11 y|12|3 elsewhere y|4 elsewhere/smoke_y"},
	} {
		got, ok := routed(r, tt.topic)
		if !ok || strings.Join(got, "|") != tt.want {
			t.Errorf("%s: got %q, %v, want %q", tt.topic, strings.Join(got, "|"), ok, tt.want)
		}
	}
}

func TestWhatIsNoTopicReachesNobody(t *testing.T) {
	r := routerOf(t, "{all...}", "a/{b}")
	for _, topic := range []string{
		"", "a/+", "#", "a/\x00", "a/\xc3", strings.Repeat("a", topicMaxBytes+1), strings.Repeat("/", topicMaxLevels),
		strings.Repeat("a/", 32_767),
	} {
		if got, ok := routed(r, topic); ok || got != nil {
			t.Errorf("%.20q (%d bytes): got %q, %v, want nobody and false", topic, len(topic), got, ok)
		}
	}
}

func TestRoutingAllocatesNothing(t *testing.T) {
	r := routerOf(t, manyPatterns()...)
	visits := 0
	visit := func(_ int, labels []string) { visits += len(labels) }
	n := testing.AllocsPerRun(1000, func() { r.Route("site/7/line/3/smoke_hall", visit) })
	if n != 0 || visits == 0 {
		t.Errorf("%v allocations, %d labels, want 0 and some", n, visits)
	}
}

func FuzzTheRouterAgreesWithEachPattern(f *testing.F) {
	for _, tt := range matches {
		f.Add(tt.pattern, "a/{b}", "a/{b...}", tt.topic)
	}
	f.Add("{a}/x", "{a}-{b}/{c}", "{a...}", "1-2/x")
	f.Fuzz(func(t *testing.T, a, b, c, topic string) {
		var patterns, want []string
		for _, text := range []string{a, b, c} {
			p, err := ParsePattern(text)
			if err != nil {
				continue
			}
			if labels, ok := p.Match(topic, nil); ok {
				want = append(want, strings.TrimSpace(fmt.Sprint(len(patterns), " ", strings.Join(labels, " "))))
			}
			patterns = append(patterns, text)
		}
		got, _ := routed(routerOf(t, patterns...), topic)
		if !slices.Equal(got, want) {
			t.Errorf("%q on %q: got %q, want %q", patterns, topic, got, want)
		}
	})
}

// manyPatterns are 1,000 patterns, several of which match one topic.
func manyPatterns() []string {
	out := []string{"site/{site}/line/{line}/smoke_{room}", "site/7/{rest...}", "{root}/{site}/line/3/{device}"}
	for i := range 997 {
		out = append(out, fmt.Sprintf("site/%d/line/{line}/sensor_%d", i, i))
	}
	return out
}

func BenchmarkRouteAmongAThousandSensors(b *testing.B) {
	r := routerOf(b, manyPatterns()...)
	visit := func(int, []string) {}
	b.ReportAllocs()
	for b.Loop() {
		r.Route("site/7/line/3/smoke_hall", visit)
	}
}
