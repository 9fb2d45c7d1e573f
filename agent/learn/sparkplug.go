package learn

import (
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/sparkplug"
)

// anyKind is the third level of the topic of a Sparkplug sensor, which reads
// births, data and deaths alike.
const anyKind = "{_}"

// A node is an edge node or a device: what its birth said of its metrics.
type node struct {
	names map[uint64]string // by alias
	types map[string]sparkplug.Type
}

// hearSparkplug takes in a message of an edge node or device, and reports whether
// it is one.
func (l *Learner) hearSparkplug(m Message) bool {
	t, ok := sparkplug.ParseTopic(m.Topic)
	if !ok {
		return false
	}
	switch t.Kind {
	case sparkplug.NodeBirth, sparkplug.DeviceBirth:
		l.hearBirth(m, t)
		l.hearMetrics(m, t)
	case sparkplug.NodeData, sparkplug.DeviceData:
		l.hearMetrics(m, t)
	}
	return true
}

func sparkplugTopic(t sparkplug.Topic) string {
	topic := sparkplug.Namespace + "/" + t.Group + "/" + anyKind + "/" + t.Node
	if t.Device != "" {
		topic += "/" + t.Device
	}
	return topic
}

func (l *Learner) hearBirth(m Message, t sparkplug.Topic) {
	topic := sparkplugTopic(t)
	if l.nodes[topic] == nil && len(l.nodes) >= unitsMax {
		return
	}
	n := &node{map[uint64]string{}, map[string]sparkplug.Type{}}
	_, ok := sparkplug.Read(m.Payload, func(s sparkplug.Metric) {
		if len(n.types) >= fieldsMax || !isMetricName(s.Name) {
			return
		}
		name := strings.Clone(s.Name)
		n.types[name] = s.Type
		if s.HasAlias {
			n.names[s.Alias] = name
		}
	})
	if ok {
		l.nodes[topic] = n
	}
}

func isMetricName(name string) bool {
	return name != "" && len(name) <= pathMax && utf8.ValidString(name) && writable(name) && nameOf(name) != ""
}

// isProtocolMetric tells the metrics that are the protocol's own.
func isProtocolMetric(name string) bool {
	return name == "bdSeq" || strings.HasPrefix(name, "Node Control/") || strings.HasPrefix(name, "Device Control/") || strings.HasPrefix(name, "Properties/")
}

func (l *Learner) hearMetrics(m Message, t sparkplug.Topic) {
	topic := sparkplugTopic(t)
	born := l.nodes[topic]
	if born == nil {
		born = &node{}
	}
	heard := m.Topic
	m.Topic = topic
	var u *unit
	unnamedMetric := false
	_, ok := sparkplug.Read(m.Payload, func(s sparkplug.Metric) {
		name := s.Name
		if name == "" && s.HasAlias {
			name = born.names[s.Alias]
		}
		switch {
		case isProtocolMetric(name):
		case !isMetricName(name):
			unnamedMetric = true
		default:
			if u == nil {
				u = l.unit(m, formatSparkplug, mark{}, "")
			}
			if u != nil {
				l.sawMetric(u, m, &s, name, born.types[name])
			}
		}
	})
	if !ok {
		l.passed.add(broken, heard)
	} else if unnamedMetric && u == nil {
		l.passed.add(unnamed, heard)
	}
}

func (l *Learner) sawMetric(u *unit, m Message, s *sparkplug.Metric, name string, birth sparkplug.Type) {
	p := place{name, strings.Split(name, "/")}
	if is, ok := s.Bool(); ok {
		l.sawJSON(u, m, p, gjson.Result{Type: map[bool]gjson.Type{true: gjson.True, false: gjson.False}[is]})
	} else if text, ok := s.Text(); ok && utf8.ValidString(text) {
		l.saw(u, m, p, text, true)
	} else if n, ok := s.Number(birth); ok {
		if text := numeral(n); validNumber(text) {
			l.saw(u, m, p, text, false)
		}
	}
}

func validNumber(text string) bool {
	_, ok := rules.ReadNumber(text)
	return ok
}
