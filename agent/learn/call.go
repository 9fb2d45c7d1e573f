package learn

import (
	"slices"
	"strings"
)

// plainWords are levels and parts of them that are in many topics and tell
// nothing.
var plainWords = []string{
	"state", "status", "sensor", "binary_sensor", "sensors", "device", "devices", "controls", "tele", "stat", "value", "event", "events",
	"json", "data", "up", "telemetry", "messages", "home", "application", "homie", "v1", "v3", "values", "sp_bv1_0", "topic", "alarm", "rpc",
}

// literals are the words of the topic that do not vary.
func (p *proposal) literals() []string {
	var words []string
	for i, v := range p.levels {
		word := strings.Trim(v.prefix, separators)
		if v.label != "" {
			word = strings.Trim(v.prefix+v.suffix, separators)
		}
		word = nameOf(word)
		if v.prefix != anyKind && word != "" && !isWordless(word) && !isCode(v.prefix) && !(i == 0 && len(word) == 1) {
			words = append(words, word)
		}
	}
	return words
}

// call names the sensor by its topic, its kind and, where neither says what it
// is, by what it measures.
func (p *proposal) call() string {
	all := p.literals()
	words := slices.DeleteFunc(slices.Clone(all), func(w string) bool { return slices.Contains(plainWords, w) })
	if len(words) == 0 {
		words = all
	}
	if len(words) == 1 && len(all) > 1 && words[0] != all[len(all)-1] {
		words = append(words, all[len(all)-1])
	}
	if n := len(words); n > 2 {
		words = []string{words[n-2], words[n-1]}
	}
	if len(p.words) > 0 {
		words = append(words[:min(1, len(words))], nameOf(p.words[0]))
	} else if last := p.levels[len(p.levels)-1]; last.label != "" && last.prefix+last.suffix == "" && !p.isValue() {
		words = append(words, p.main())
	}
	words = slices.Compact(words)
	name := nameOf(strings.Join(words, "_"))
	if name == "" {
		return "sensor"
	}
	return name
}

// main is the field that is most likely what the sensor is for.
func (p *proposal) main() string {
	for _, v := range p.values {
		if quantityOf(v.named) != "" && !isOwn(v.named) {
			return v.named
		}
	}
	for _, v := range p.values {
		if !isOwn(v.named) {
			return v.named
		}
	}
	return p.values[0].named
}

// isValue reports whether the sensor is one value and not fields.
func (p *proposal) isValue() bool {
	return len(p.values) == 1 && (p.values[0].path == wholePath || genericNames[p.values[0].last()] || p.values[0].alsoBare)
}
