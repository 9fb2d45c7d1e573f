package rules

import "time"

// The functions of this file tell how a sensor would read a text, for whoever
// proposes a sensor for what was heard.

// ReadNumber reads a number as a field of that type does, without its words.
func ReadNumber(text string) (float64, bool) {
	n, why := parseNumber(text)
	return n, why == Known
}

// ReadBool reads a bool as a field of that type does without on and off.
func ReadBool(text string) (value, ok bool) {
	value, why := parseBool(text)
	return value, why == Known
}

// ReadTime reads a time as a field of that type does, in UTC if it says no zone.
func ReadTime(text string) (time.Time, bool) {
	t, why := parseInstant(text, time.UTC)
	return t, why == Known
}

// SaysUnknown reports whether text is a word by which publishers say that they
// do not know, such as "unavailable" or "nan".
func SaysUnknown(text string) bool {
	why := whyNoValue(trimBlanks(text))
	return why == Null || why == Unavailable
}

// IsJSON reports whether text is one JSON value that a sensor would read.
func IsJSON(text string) bool { return isJSON(text) }

// IsTopic reports whether a pattern may match topic.
func IsTopic(topic string) bool { return isTopic(topic) }

// NameOf returns the name for a sensor or a field that is nearest to text, ""
// when text has no letter or digit of ASCII.
func NameOf(text string) string {
	name := snakeCase(text)
	if len(name) > nameMaxBytes {
		name = name[:nameMaxBytes]
	}
	for name != "" && name[len(name)-1] == '_' {
		name = name[:len(name)-1]
	}
	if expressionWords[name] {
		name += "_state"
	}
	return name
}

// LabelOf is NameOf for a label.
func LabelOf(text string) string {
	name := NameOf(text)
	if expressionRoots[name] {
		name += "_name"
	}
	return name
}
