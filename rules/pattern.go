package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of topics and of the patterns that match them. Labels become part of
// store keys and of texts, so a topic longer than anybody would name a sensor
// is not worth the 65,535 bytes MQTT allows it (3.1.1 §4.7.3).
const (
	topicMaxBytes  = 1024
	topicMaxLevels = 64
	labelsMax      = 16
)

// Pattern is a topic with named levels. {name} stands for one level, or for
// part of one with literal text around it, and {name...} for all levels that
// are left; what they stand for are the labels of the reading. {_} and {_...}
// stand for what does not matter: they match as labels do and are none, so that
// the same sensor heard through two gateways is one.
//
//	site/{site}/freezer/{n}
//	zigbee2mqtt/smoke_{room}
//	fleet/{machine}/{rest...}
//	home/{_}/BTtoMQTT/{tag}
//
// A label is never empty. Where several share a level, each takes as little
// as it can: {a}_{b} splits x_y_z into x and y_z. A topic that begins with $
// is matched only by a pattern that spells its first level out (MQTT 3.1.1
// §4.7.2). A pattern has no way to match a brace, save by a label.
type Pattern struct {
	levels []patternLevel // without the one that is {name...}
	rest   restOfTopic
	labels []string
	text   string
}

// anonymous is the name of what matches like a label and is none.
const anonymous = "_"

// restOfTopic says how a pattern ends.
type restOfTopic uint8

const (
	noRest      restOfTopic = iota
	labelRest               // in {name...}
	ignoredRest             // in {_...}
)

// String is the pattern as it was written.
func (p Pattern) String() string { return p.text }

// patternLevel is the literal text of one level: before its first label,
// between each and the next, and after its last. A level without labels is
// one literal.
type patternLevel struct {
	literals []string
	ignored  []bool // which of its labels are {_}; as long as there are labels
}

// PatternError is a mistake in the text of a pattern.
type PatternError struct {
	Offset, Length int    // the bytes of the text that are wrong
	Problem        string // object and fact, a clause without a full stop
	Remedy         string // what to write instead, a sentence
}

func (e *PatternError) Error() string { return e.Problem }

// Filter returns the MQTT filter that subscribes to every topic the pattern
// matches (3.1.1 §4.7.1): + for a level that holds a label, # for {name...}.
// It may let through more than Match accepts.
func (p Pattern) Filter() string {
	levels := make([]string, 0, len(p.levels)+1)
	for _, l := range p.levels {
		if l.labelled() {
			levels = append(levels, "+")
		} else {
			levels = append(levels, l.literals[0])
		}
	}
	if p.rest != noRest {
		levels = append(levels, "#")
	}
	return strings.Join(levels, "/")
}

// Labels returns the names of the labels in the order they are written.
func (p Pattern) Labels() []string { return slices.Clone(p.labels) }

// labelCount is the length of Labels.
func (p Pattern) labelCount() int { return len(p.labels) }

// Match reports whether the pattern matches topic and, if so, appends what its
// labels stand for to into, as substrings of topic in the order of Labels. A
// topic with wildcards, NUL or broken UTF-8, or one beyond our bounds of 1024
// bytes and 64 levels, is matched by no pattern.
func (p Pattern) Match(topic string, into []string) ([]string, bool) {
	if !isTopic(topic) || topic[0] == '$' && p.opensWithLabel() {
		return into, false
	}
	labels, left, more := into, topic, true
	for _, l := range p.levels {
		if !more {
			return into, false
		}
		var level string
		var ok bool
		level, left, more = strings.Cut(left, "/")
		if labels, ok = l.match(level, labels); !ok {
			return into, false
		}
	}
	switch {
	case p.rest == labelRest && left != "":
		return append(labels, left), true
	case p.rest == ignoredRest && left != "":
		return labels, true
	case p.rest != noRest || more:
		return into, false
	}
	return labels, true
}

func (p Pattern) opensWithLabel() bool {
	return len(p.levels) == 0 || p.levels[0].labelled()
}

func (l patternLevel) labelled() bool { return len(l.literals) > 1 }

// match appends what the labels of l stand for in level to into.
func (l patternLevel) match(level string, into []string) ([]string, bool) {
	last := len(l.literals) - 1
	if last == 0 {
		return into, level == l.literals[0]
	}
	level, begins := strings.CutPrefix(level, l.literals[0])
	level, ends := strings.CutSuffix(level, l.literals[last])
	if !begins || !ends || level == "" {
		return into, false
	}
	for i, literal := range l.literals[1:last] {
		// From 1: a label holds at least one byte.
		at := strings.Index(level[1:], literal)
		if at < 0 {
			return into, false
		}
		if !l.ignored[i] {
			into = append(into, level[:1+at])
		}
		level = level[1+at+len(literal):]
		if level == "" {
			return into, false
		}
	}
	if l.ignored[last-1] {
		return into, true
	}
	return append(into, level), true
}

// isTopic reports whether topic is a topic name (MQTT 3.1.1 §4.7.3) within our
// bounds.
func isTopic(topic string) bool {
	return topic != "" && len(topic) <= topicMaxBytes &&
		strings.Count(topic, "/") < topicMaxLevels &&
		!strings.ContainsAny(topic, "+#\x00") && utf8.ValidString(topic)
}

// ParsePattern reads a pattern. The error is the first mistake in text.
func ParsePattern(text string) (Pattern, *PatternError) {
	if err := patternTextError(text); err != nil {
		return Pattern{}, err
	}
	p := Pattern{text: text}
	offset := 0
	for level := range strings.SplitSeq(text, "/") {
		if err := p.addLevel(level, offset); err != nil {
			return Pattern{}, err
		}
		offset += len(level) + len("/")
	}
	return p, p.dollarError(text)
}

// patternTextError finds what is wrong with text as a whole.
func patternTextError(text string) *PatternError {
	switch levels := strings.Count(text, "/") + 1; {
	case text == "":
		return &PatternError{0, 0, "the topic is empty", `Write a topic, such as "site/{site}/freezer/{n}".`}
	case len(text) > topicMaxBytes:
		return &PatternError{0, len(text), fmt.Sprintf("the topic is %d bytes long, at most %d are allowed", len(text), topicMaxBytes),
			"Write a shorter topic."}
	case levels > topicMaxLevels:
		return &PatternError{0, len(text), fmt.Sprintf("the topic has %d levels, at most %d are allowed", levels, topicMaxLevels),
			"Gather the last levels in one label, such as {rest...}."}
	case !utf8.ValidString(text):
		return &PatternError{0, len(text), "the topic is not valid UTF-8", "Save the file as UTF-8."}
	}
	if at := strings.IndexByte(text, 0); at >= 0 {
		return &PatternError{at, 1, "a topic cannot hold the character U+0000", "Leave it out."}
	}
	return nil
}

// dollarError finds a pattern over topics beginning with $ that can never see
// one of them.
func (p *Pattern) dollarError(text string) *PatternError {
	first, _, _ := strings.Cut(text, "/")
	switch {
	case first == "$share":
		return &PatternError{0, len(first), "$share/ begins a shared subscription, not a topic",
			"Write the topic itself, without $share and the name of the group."}
	case text[0] == '$' && p.opensWithLabel():
		return &PatternError{0, len(first), "no wildcard subscription sees topics that begin with $",
			"Spell the first level out, such as $SYS."}
	}
	return nil
}

// addLevel parses one level, which begins at offset in the text of the pattern.
func (p *Pattern) addLevel(level string, offset int) *PatternError {
	if p.rest != noRest {
		return &PatternError{offset - 1, len(level) + 1, fmt.Sprintf("{%s...} takes all levels that are left, so none can follow it", p.restName()),
			"Move it to the end, or leave out the dots to match one level."}
	}
	var l patternLevel
	for left := level; ; {
		at := offset + len(level) - len(left)
		literal, inner, found := strings.Cut(left, "{")
		if err := literalError(literal, at); err != nil {
			return err
		}
		if found && literal == "" && l.literals != nil {
			return &PatternError{at, len("{"), "two labels touch, so where one ends cannot be told",
				"Put literal text between them, or use one label for both."}
		}
		l.literals = append(l.literals, literal)
		if !found {
			break
		}
		brace := at + len(literal)
		name, after, closed := strings.Cut(inner, "}")
		if !closed {
			return &PatternError{brace, 1 + len(inner), "{ is not closed within its level", "Write the name of a label and }, such as {room}."}
		}
		name, rest := strings.CutSuffix(name, "...")
		if name != anonymous {
			if err := p.addLabel(name, brace+1); err != nil {
				return err
			}
		}
		if rest {
			return p.addRest(name, level, offset)
		}
		l.ignored = append(l.ignored, name == anonymous)
		left = after
	}
	p.levels = append(p.levels, l)
	return nil
}

// restName is what stands before the dots of {name...}.
func (p *Pattern) restName() string {
	if p.rest == ignoredRest {
		return anonymous
	}
	return p.labels[len(p.labels)-1]
}

// addRest ends the pattern with the level that is {name...}.
func (p *Pattern) addRest(name, level string, offset int) *PatternError {
	if level != "{"+name+"...}" {
		return &PatternError{offset, len(level), fmt.Sprintf("{%s...} shares its level with other text", name),
			fmt.Sprintf("Give it a level of its own at the end, or write {%s} to match part of this one.", name)}
	}
	p.rest = labelRest
	if name == anonymous {
		p.rest = ignoredRest
	}
	return nil
}

func (p *Pattern) addLabel(name string, offset int) *PatternError {
	if problem, remedy := labelProblem(name); problem != "" {
		return &PatternError{offset, len(name), fmt.Sprintf("the label {%s} %s", name, problem), remedy}
	}
	if slices.Contains(p.labels, name) {
		return &PatternError{offset, len(name), fmt.Sprintf("the label {%s} is there twice", name), "Give the second one a name of its own."}
	}
	if len(p.labels) == labelsMax {
		return &PatternError{offset, len(name), fmt.Sprintf("the topic has more than %d labels", labelsMax),
			"Gather levels in one label, such as {rest...}."}
	}
	p.labels = append(p.labels, name)
	return nil
}

// literalError finds what cannot be matched literally in text, which begins at
// offset.
func literalError(text string, offset int) *PatternError {
	at := strings.IndexAny(text, "+#}")
	if at < 0 {
		return nil
	}
	switch text[at] {
	case '+':
		return &PatternError{offset + at, 1, "the wildcard + has no name", "Write {name} for the level, with a name of your choice."}
	case '#':
		return &PatternError{offset + at, 1, "the wildcard # has no name", "Write {name...} for the levels that are left, with a name of your choice."}
	}
	return &PatternError{offset + at, 1, "} closes nothing", "Write { before the name of the label, such as {room}."}
}
