package rules

import (
	"fmt"
	"strconv"
	"strings"
)

// Bounds of a path into a payload.
const (
	pathMaxBytes = 256
	pathMaxSteps = 16
	pathMaxIndex = 65_535
)

// wholePath is the path to the payload itself.
const wholePath = "."

// stepKind is what a step of a path goes to.
type stepKind uint8

const (
	memberStep  stepKind = iota // the member of an object with a key
	elementStep                 // the element of an array at an index
	anyStep                     // every member or element
	matchStep                   // those members or elements in which a member says a value
)

// pathStep goes from a JSON value to one inside it.
type pathStep struct {
	kind  stepKind
	key   string // of memberStep; of matchStep the member to look at, "" for the element itself
	index int    // of elementStep, counted from 0
	value string // of matchStep
}

// wild tells steps that may lead to several values.
func (s pathStep) wild() bool { return s.kind == anyStep || s.kind == matchStep }

// parsePath reads a path such as engine.oil[0].p, ["key with.dots"].value,
// sensors[name=kitchen].temp or *.Battery. Names are separated by dots; an
// element of an array is its index in brackets; a key with blanks, dots,
// brackets or quotes is in brackets and quotes of either kind. By itself
// between dots, or in brackets, * is every member or element; in brackets,
// key=value is those in which the member key says value, and =value those that
// say it themselves. The path . is the payload itself. Nothing else has a
// meaning: ? | # @ \ are parts of names like any letter. The error, like a
// PatternError, says where.
func parsePath(text string) ([]pathStep, *PatternError) {
	if text == "" || len(text) > pathMaxBytes {
		return nil, &PatternError{0, len(text), fmt.Sprintf("the path is %d bytes long", len(text)),
			fmt.Sprintf("Write between 1 and %d, such as \"engine.oil[0].p\".", pathMaxBytes)}
	}
	if text == wholePath {
		return nil, nil
	}
	var steps []pathStep
	for at := 0; at < len(text); {
		if len(steps) == pathMaxSteps {
			return nil, &PatternError{at, len(text) - at, fmt.Sprintf("the path has more than %d steps", pathMaxSteps), "Shorten it."}
		}
		read := parseName
		if text[at] == '[' {
			read = parseBracket
		}
		step, next, err := read(text, at)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step)
		at = next
	}
	return steps, nil
}

// parseName reads a name at text[at:], with the dot before it save at the
// start, and returns the offset behind it.
func parseName(text string, at int) (pathStep, int, *PatternError) {
	start := at
	if at > 0 {
		if text[at] != '.' {
			return pathStep{}, 0, &PatternError{at, len(text) - at, fmt.Sprintf("%q follows a bracket without a dot", text[at:]), `Write it as "[0].name".`}
		}
		start++
	}
	length := strings.IndexAny(text[start:], ".[]\"' \t\r\n")
	if length < 0 {
		length = len(text) - start
	}
	end := start + length
	switch {
	case end < len(text) && text[end] != '.' && text[end] != '[':
		return pathStep{}, 0, &PatternError{end, 1, fmt.Sprintf("%q cannot stand in a bare name", text[end:end+1]),
			`Quote the key and put it in brackets, such as "['key with.dots'].value".`}
	case length == 0:
		return pathStep{}, 0, &PatternError{at, 1, "a name is missing", `Write names with one dot between them, such as "engine.oil[0].p".`}
	case start == 0 && text[:end] == "$":
		return pathStep{}, 0, &PatternError{0, 1, "a path begins at the payload without being told", "Leave out the $ and what separates it from the first name."}
	case text[start:end] == "*":
		return pathStep{kind: anyStep}, end, nil
	}
	return pathStep{key: text[start:end]}, end, nil
}

// parseBracket reads [index], [*], ["key"] or [key=value] at text[at:] and
// returns the offset behind it.
func parseBracket(text string, at int) (pathStep, int, *PatternError) {
	key, quoted, next, err := parseWord(text, at+1, "=]")
	if err != nil {
		return pathStep{}, 0, err
	}
	switch {
	case next < len(text) && text[next] == '=':
		return parseMatch(text, at, key, next+1)
	case next == len(text):
		return pathStep{}, 0, &PatternError{at, len(text) - at, "[ is not closed", `Write the index and ], such as "oil[0]".`}
	case quoted:
		return pathStep{key: key}, next + 1, nil
	case key == "*":
		return pathStep{kind: anyStep}, next + 1, nil
	}
	index, bad := strconv.ParseUint(key, 10, 32)
	if bad != nil || index > pathMaxIndex {
		return pathStep{}, 0, &PatternError{at + 1, len(key), fmt.Sprintf("%q is not an index", key),
			fmt.Sprintf(`Write a number from 0 to %d, quote a key, such as "['key']", or choose an element by what it says, such as "[name=kitchen]".`, pathMaxIndex)}
	}
	return pathStep{kind: elementStep, index: int(index)}, next + 1, nil
}

// parseMatch reads the value of [key=value], which begins at text[at:]; the
// bracket is at open.
func parseMatch(text string, open int, key string, at int) (pathStep, int, *PatternError) {
	value, quoted, next, err := parseWord(text, at, "]")
	switch {
	case err != nil:
		return pathStep{}, 0, err
	case next == len(text):
		return pathStep{}, 0, &PatternError{open, len(text) - open, "[ is not closed", `Write the value and ], such as "[name=kitchen]".`}
	case value == "" && !quoted:
		return pathStep{}, 0, &PatternError{at, 0, "what the member is to say is missing", `Write it behind the =, such as "[name=kitchen]".`}
	}
	return pathStep{kind: matchStep, key: key, value: value}, next + 1, nil
}

// parseWord reads a word in a bracket at text[at:], in quotes of either kind or
// bare up to one of the ends, and returns the offset of the end behind it, or
// the length of text when there is none.
func parseWord(text string, at int, ends string) (word string, quoted bool, next int, err *PatternError) {
	if at < len(text) && (text[at] == '"' || text[at] == '\'') {
		word, after, closed := strings.Cut(text[at+1:], text[at:at+1])
		if !closed || after == "" || !strings.Contains(ends, after[:1]) {
			return "", true, 0, &PatternError{at - 1, len(text) - at + 1, "the quoted key is not closed", `Close it with the same quote and ], such as "['key with.dots']".`}
		}
		return word, true, len(text) - len(after), nil
	}
	length := strings.IndexAny(text[at:], ends)
	if length < 0 {
		return text[at:], false, len(text), nil
	}
	return text[at : at+length], false, at + length, nil
}

// pathTo writes the path to a member of the payload.
func pathTo(key string) string {
	if steps, err := parsePath(key); err == nil && len(steps) == 1 && steps[0] == (pathStep{key: key}) {
		return key
	}
	return "['" + key + "']"
}
