package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// silenceMax bounds how long a sensor may be silent, and how old a reading may
// be. Some report once a month.
const silenceMax = 400 * 24 * time.Hour

// loadPresence reads which series must exist and how long they may be silent.
func (l *sensorLoader) loadPresence() {
	s := l.sensor
	s.OfflineAfter = l.Duration("offline_after", holdMin, silenceMax)
	e := l.Expr("expect")
	labels := s.Pattern.Labels()
	switch {
	case e == nil && len(labels) == 0 && s.OfflineAfter > 0:
		s.Expect = [][]string{{}}
	case e == nil || l.Wrong("topic"):
	case len(labels) == 0:
		l.Add(block.Mistake(e.Range(), "Conflicting arguments", "expect lists what the labels of the topic stand for, and this topic has none. Remove it; with offline_after the sensor is expected all the same."))
	default:
		l.loadExpect(e, labels)
	}
}

func (l *sensorLoader) loadExpect(e hcl.Expression, labels []string) {
	items, ok := l.ItemsOf(e, "expect")
	if ok && len(items) == 0 {
		l.Add(block.Mistake(e.Range(), "Invalid value", "expect is an empty list. Write "+exampleOf(labels)+", or leave it out."))
	}
	if len(items) > SeriesMax {
		l.Add(block.Mistake(e.Range(), "Too many series", fmt.Sprintf("expect lists %d series, and a sensor has at most %d.", len(items), SeriesMax)))
		return
	}
	for _, item := range items {
		values, ok := l.expected(item, labels)
		switch {
		case !ok:
		case slices.ContainsFunc(l.sensor.Expect, func(v []string) bool { return slices.Equal(v, values) }):
			l.Add(block.Mistake(item.Range(), "Duplicate name", fmt.Sprintf("expect has %s twice. Keep one of them.", strings.Join(values, ", "))))
		default:
			l.sensor.Expect = append(l.sensor.Expect, values)
		}
	}
}

// expected reads one item of expect: the value of the only label, or an object
// of all.
func (l *sensorLoader) expected(e hcl.Expression, labels []string) ([]string, bool) {
	v, ok := l.ValueOf(e, "An item of expect")
	if !ok {
		return nil, false
	}
	values := make([]string, len(labels))
	switch typ := v.Type(); {
	case typ == cty.String && len(labels) == 1:
		values[0] = v.AsString()
	case typ.IsObjectType() || typ.IsMapType():
		if !fillLabels(v, labels, values) {
			return l.wrongExpected(e, "names not all labels of the topic and no others", labels)
		}
	default:
		return l.wrongExpected(e, "does not say the labels of the topic", labels)
	}
	for _, value := range values {
		if !isTopic(value) || len(value) > labelsMaxBytes {
			return l.wrongExpected(e, fmt.Sprintf("has %q for a label, which no topic can hold", value), labels)
		}
	}
	return values, true
}

// fillLabels takes the values of the labels from an object that has all of them
// and nothing else.
func fillLabels(v cty.Value, labels, values []string) bool {
	members := v.AsValueMap()
	for i, label := range labels {
		value, found := members[label]
		if !found || value.IsNull() || value.Type() != cty.String {
			return false
		}
		values[i] = value.AsString()
	}
	return len(members) == len(labels)
}

func (l *sensorLoader) wrongExpected(e hcl.Expression, fact string, labels []string) ([]string, bool) {
	l.Add(block.Mistake(e.Range(), "Invalid value", fmt.Sprintf("This item of expect %s. Write %s.", fact, exampleOf(labels))))
	return nil, false
}

// exampleOf is a list for expect.
func exampleOf(labels []string) string {
	if len(labels) == 1 {
		return fmt.Sprintf("[%q]", "some_"+labels[0])
	}
	var entries []string
	for _, label := range labels {
		entries = append(entries, fmt.Sprintf("%s = %q", label, "some_"+label))
	}
	return "[{ " + strings.Join(entries, ", ") + " }]"
}

// loadNature reads whether messages are events or say a state.
func (l *sensorLoader) loadNature() {
	s := l.sensor
	s.Event = l.Words("kind", "state", "event") == "event"
	s.Hold = l.Duration("hold", holdMin, holdMax)
	s.Retained = l.Bool("retained", !s.Event)
	switch {
	case s.Event && !l.Has("hold"):
		l.Add(block.Mistake(l.Range("kind"), "Missing argument", `An event is over as soon as it happened. Write how long it counts, such as hold = "1m".`))
	case !s.Event && l.Has("hold"):
		l.Add(block.Mistake(l.Range("hold"), "Conflicting arguments", `A state holds until the next message. Write kind = "event", or remove hold.`))
	case s.Event && s.Retained:
		l.Add(block.Mistake(l.Range("retained"), "Conflicting arguments", `A retained message says what was, so it is no event. Write kind = "state", or remove retained.`))
	}
}
