package rules

import (
	"strings"

	"github.com/tidwall/gjson"
)

// jsonMaxDepth bounds how deep objects and arrays nest. Checking JSON recurses
// once a level, and 256 KiB of "[" would grow the stack by tens of megabytes.
const jsonMaxDepth = 128

// isJSON reports whether text is one JSON value (RFC 8259) that nests no deeper
// than jsonMaxDepth.
func isJSON(text string) bool {
	return !tooDeep(text) && gjson.Valid(text)
}

// tooDeep reports whether text nests deeper than jsonMaxDepth, if it is JSON.
func tooDeep(text string) bool {
	// Counting is many times faster than looking for strings, and enough for
	// nearly every payload.
	if strings.Count(text, "{")+strings.Count(text, "[") <= jsonMaxDepth {
		return false
	}
	depth := 0
	for at := 0; at < len(text); at++ {
		switch text[at] {
		case '"':
			at = skipString(text, at) - 1
		case '{', '[':
			if depth++; depth > jsonMaxDepth {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}

// skipValue returns the offset behind the value that begins at text[at], which
// must be valid JSON.
func skipValue(text string, at int) int {
	switch text[at] {
	case '"':
		return skipString(text, at)
	case '{', '[':
		return skipNested(text, at)
	}
	for at < len(text) && !isBlank(text[at]) && text[at] != ',' && text[at] != ']' && text[at] != '}' {
		at++
	}
	return at
}

// skipNested returns the offset behind the object or array that begins at
// text[at].
func skipNested(text string, at int) int {
	for depth := 0; ; at++ {
		switch text[at] {
		case '"':
			at = skipString(text, at) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return at + 1
			}
		}
	}
}

// skipString returns the offset behind the string that begins with the quote
// at text[at], or the length of text if nothing ends it.
func skipString(text string, at int) int {
	for at++; at < len(text); at++ {
		switch text[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(text)
}

// skipSeparator returns the offset of the next key, element or closing bracket.
func skipSeparator(text string, at int) int {
	at = skipBlanks(text, at)
	if text[at] == ',' {
		at = skipBlanks(text, at+1)
	}
	return at
}

func skipBlanks(text string, at int) int {
	for at < len(text) && isBlank(text[at]) {
		at++
	}
	return at
}

// isBlank reports whether c is white space to JSON (RFC 8259 §2).
func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// trimBlanks returns text without the blanks around it.
func trimBlanks(text string) string { return strings.Trim(text, " \t\n\r") }

// unquote returns what a JSON string says. A lone surrogate becomes U+FFFD. It
// allocates only if the string holds an escape.
func unquote(quoted string) string {
	if strings.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	return gjson.Parse(quoted).Str
}
