package rules

import (
	"fmt"
	"strings"

	"github.com/tocsin-edge/tocsin/rules/block"
	"github.com/tocsin-edge/tocsin/rules/sparkplug"
)

// The levels of a Sparkplug topic.
const (
	kindLevel    = 2
	nodeLevels   = 4 // namespace/group/kind/node
	deviceLevels = 5 // …/device
)

const sparkplugTopic = `Write topic = "spBv1.0/{group}/{_}/{node}/{device}", or the same without the device for the metrics of edge nodes.`

// checkSparkplug complains unless the topic lets the messages of birth, data
// and death through: they differ in the third level, which must not be a label.
func (l *sensorLoader) checkSparkplug() {
	if l.sensor.Format != formatSparkplug || l.Wrong("topic") || !l.Has("topic") {
		return
	}
	p := l.sensor.Pattern
	levels := strings.Split(p.text, "/")
	switch {
	case p.rest != noRest || len(levels) != nodeLevels && len(levels) != deviceLevels || levels[0] != sparkplug.Namespace:
		l.Add(block.Mistake(l.Range("topic"), "Invalid topic", "This is no topic of a Sparkplug edge node or device. "+sparkplugTopic))
	case levels[kindLevel] != "{"+anonymous+"}":
		l.Add(block.Mistake(l.Range("topic"), "Invalid topic", fmt.Sprintf(
			"The third level says what a message is: a birth, data or a death. A sensor needs all of them. Write {_} instead of %s.", levels[kindLevel])))
	}
}

// ofDevices tells a sensor of Sparkplug devices from one of edge nodes.
func (s *Sensor) ofDevices() bool { return len(s.Pattern.levels) == deviceLevels }

// nodePatterns match the births and deaths of the edge nodes that the sensor's
// devices are behind: with a node all its devices die. Their labels are the
// first ones of the sensor's pattern.
func (s *Sensor) nodePatterns() []Pattern {
	if s.Format != formatSparkplug || !s.ofDevices() {
		return nil
	}
	var patterns []Pattern
	for _, kind := range []sparkplug.Kind{sparkplug.NodeBirth, sparkplug.NodeDeath} {
		levels := strings.Split(s.Pattern.text, "/")[:nodeLevels]
		levels[kindLevel] = string(kind)
		if p, err := ParsePattern(strings.Join(levels, "/")); err == nil {
			patterns = append(patterns, p)
		}
	}
	return patterns
}

// Filters returns the MQTT filters that subscribe to all the sensor reads: that
// of its pattern and, for the devices of Sparkplug, those of the births and
// deaths of their edge nodes.
func (s *Sensor) Filters() []string {
	filters := []string{s.Pattern.Filter()}
	for _, p := range s.nodePatterns() {
		filters = append(filters, p.Filter())
	}
	return filters
}
