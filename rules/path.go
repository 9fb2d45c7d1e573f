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

// pathStep goes from a JSON value to one inside it.
type pathStep struct {
	key   string // a member of an object
	index int    // an element of an array, counted from 0; -1 for a member
}

func memberStep(key string) pathStep { return pathStep{key: key, index: -1} }

// parsePath reads a path such as engine.oil[0].p, ["key with.dots"].value or
// ["it's"]. Names are separated by dots; an element of an array is its index in
// brackets; a key with blanks, dots, brackets or quotes is in brackets and
// quotes of either kind. Nothing else has a meaning: * ? | # @ \ are parts of
// names like any letter. The error, like a PatternError, says where.
func parsePath(text string) ([]pathStep, *PatternError) {
	if text == "" || len(text) > pathMaxBytes {
		return nil, &PatternError{0, len(text), fmt.Sprintf("the path is %d bytes long", len(text)),
			fmt.Sprintf("Write between 1 and %d, such as \"engine.oil[0].p\".", pathMaxBytes)}
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
	}
	return memberStep(text[start:end]), end, nil
}

// parseBracket reads [index], ["key"] or ['key'] at text[at:] and returns the
// offset behind it.
func parseBracket(text string, at int) (pathStep, int, *PatternError) {
	inner := text[at+1:]
	if inner != "" && (inner[0] == '"' || inner[0] == '\'') {
		key, after, closed := strings.Cut(inner[1:], inner[:1])
		if !closed || !strings.HasPrefix(after, "]") {
			return pathStep{}, 0, &PatternError{at, len(text) - at, "the quoted key is not closed", `Close it with the same quote and ], such as "['key with.dots']".`}
		}
		return memberStep(key), len(text) - len(after) + 1, nil
	}
	digits, after, closed := strings.Cut(inner, "]")
	if !closed {
		return pathStep{}, 0, &PatternError{at, len(text) - at, "[ is not closed", `Write the index and ], such as "oil[0]".`}
	}
	index, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || index > pathMaxIndex {
		return pathStep{}, 0, &PatternError{at + 1, len(digits), fmt.Sprintf("%q is not an index", digits),
			fmt.Sprintf(`Write a number from 0 to %d, or quote a key, such as "['key']".`, pathMaxIndex)}
	}
	return pathStep{index: int(index)}, len(text) - len(after), nil
}

// A pathTree is the paths of all fields of a sensor, merged, so that one walk
// over a payload finds everything.
type pathTree struct {
	branches []pathBranch
	ends     []int // the fields whose path ends here
	below    []int // those and the fields whose path goes on from here
}

type pathBranch struct {
	step pathStep
	tree *pathTree
}

// add makes field be found at steps.
func (t *pathTree) add(steps []pathStep, field int) {
	t.below = append(t.below, field)
	if len(steps) == 0 {
		t.ends = append(t.ends, field)
		return
	}
	for _, b := range t.branches {
		if b.step == steps[0] {
			b.tree.add(steps[1:], field)
			return
		}
	}
	branch := pathBranch{steps[0], new(pathTree)}
	t.branches = append(t.branches, branch)
	branch.tree.add(steps[1:], field)
}

// find cuts the fields' values out of the JSON value that begins at text[at]
// and returns the offset behind it. values[i] becomes the JSON of field i and
// stays "" if it is not there; text must be valid JSON.
func (t *pathTree) find(text string, at int, values []string) int {
	// Of members with the same key the last one counts, as in the parsers of
	// JavaScript, Python and Go: what an earlier one held is forgotten.
	for _, field := range t.below {
		values[field] = ""
	}
	var end int
	switch {
	case text[at] == '{' && t.branches != nil:
		end = t.findMembers(text, at, values)
	case text[at] == '[' && t.branches != nil:
		end = t.findElements(text, at, values)
	default:
		end = skipValue(text, at)
	}
	for _, field := range t.ends {
		values[field] = text[at:end]
	}
	return end
}

func (t *pathTree) findMembers(text string, at int, values []string) int {
	at = skipBlanks(text, at+1)
	for text[at] != '}' {
		end := skipString(text, at)
		key := text[at:end]
		at = skipBlanks(text, end)
		at = skipBlanks(text, at+len(":"))
		at = t.member(key).findOrSkip(text, at, values)
		at = skipSeparator(text, at)
	}
	return at + 1
}

func (t *pathTree) findElements(text string, at int, values []string) int {
	at = skipBlanks(text, at+1)
	for index := 0; text[at] != ']'; index++ {
		at = t.element(index).findOrSkip(text, at, values)
		at = skipSeparator(text, at)
	}
	return at + 1
}

// findOrSkip is find for a tree that may be nil: nobody asked for the value.
func (t *pathTree) findOrSkip(text string, at int, values []string) int {
	if t == nil {
		return skipValue(text, at)
	}
	return t.find(text, at, values)
}

// member returns the tree behind the member with a key in JSON's quotes.
func (t *pathTree) member(quoted string) *pathTree {
	key := unquote(quoted)
	for i := range t.branches {
		if b := &t.branches[i]; b.step.index < 0 && b.step.key == key {
			return b.tree
		}
	}
	return nil
}

func (t *pathTree) element(index int) *pathTree {
	for i := range t.branches {
		if b := &t.branches[i]; b.step.index == index {
			return b.tree
		}
	}
	return nil
}
