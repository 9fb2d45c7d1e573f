package rules

import (
	"fmt"
	"strings"
)

// nameMaxBytes bounds the name of a sensor, a field or a label.
const nameMaxBytes = 64

// nameProblem says what keeps name from naming a sensor, a field or a label,
// as the end of a sentence that begins with the name, and what to write
// instead. Both are empty when nothing does.
func nameProblem(name string) (problem, remedy string) {
	switch {
	case name == "":
		return "is empty", "Write a name in lower snake case, such as oil_kpa."
	case len(name) > nameMaxBytes:
		return fmt.Sprintf("is longer than %d bytes", nameMaxBytes), "Choose a shorter name."
	case snakeCase(name) == "":
		return "is not in lower snake case", "Write a name such as oil_kpa."
	case !isSnakeCase(name):
		return "is not in lower snake case", "Write " + snakeCase(name) + "."
	case expressionWords[name]:
		return "is a word of the language", "Choose another name, such as " + name + "_state."
	}
	return "", ""
}

// labelProblem is nameProblem for a label. A label is used bare in messages
// and conditions, so it cannot be named like what stands beside it there.
func labelProblem(name string) (problem, remedy string) {
	if expressionRoots[name] {
		return "has a meaning of its own in expressions", "Choose another name, such as " + name + "_name."
	}
	return nameProblem(name)
}

// expressionWords are the keywords of HCL expressions and templates.
var expressionWords = map[string]bool{
	"true": true, "false": true, "null": true,
	"for": true, "in": true, "if": true, "else": true, "endif": true, "endfor": true,
}

// expressionRoots are the names that conditions and messages begin with to
// reach outside the alert.
var expressionRoots = map[string]bool{
	"each": true, "local": true, "module": true, "sensor": true, "switch": true, "var": true,
}

// isSnakeCase reports whether name is a lower-case ASCII letter followed by
// such letters, digits and single underscores between them.
func isSnakeCase(name string) bool {
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z':
		case i == 0:
			return false
		case c >= '0' && c <= '9':
		case c != '_' || name[i-1] == '_' || i == len(name)-1:
			return false
		}
	}
	return name != ""
}

// snakeCase turns name into the nearest name that isSnakeCase accepts, "Oil
// level" into oil_level; "" if it has no letter or digit of ASCII.
func snakeCase(name string) string {
	var b strings.Builder
	gap, lower := false, false
	for _, c := range name {
		upper := c >= 'A' && c <= 'Z'
		if !upper && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') {
			gap, lower = true, false
			continue
		}
		if b.Len() == 0 && c >= '0' && c <= '9' {
			b.WriteByte('n')
		} else if b.Len() > 0 && (gap || upper && lower) {
			b.WriteByte('_')
		}
		b.WriteString(strings.ToLower(string(c)))
		gap, lower = false, !upper
	}
	return b.String()
}
