package rules

// A pathTree is the paths of all that a sensor looks for, merged, so that one
// walk over a payload finds everything.
type pathTree struct {
	branches []pathBranch
	wild     bool  // a branch may lead to several values
	ends     []int // what is found here
	below    []int // that and what is found further in
}

type pathBranch struct {
	step pathStep
	tree *pathTree
}

// add makes target be found at steps.
func (t *pathTree) add(steps []pathStep, target int) {
	t.below = append(t.below, target)
	if len(steps) == 0 {
		t.ends = append(t.ends, target)
		return
	}
	for _, b := range t.branches {
		if b.step == steps[0] {
			b.tree.add(steps[1:], target)
			return
		}
	}
	branch := pathBranch{steps[0], new(pathTree)}
	t.branches = append(t.branches, branch)
	t.wild = t.wild || branch.step.wild()
	branch.tree.add(steps[1:], target)
}

// childrenMax is how many members or elements a step such as * looks at.
const childrenMax = 1000

// pathWalk is one walk over a JSON text, which must be valid.
type pathWalk struct {
	text  string
	found []string // the JSON of each target, "" for none
	known func(target int, json string) bool
	kept  []string // what earlier children had, by recursion
}

// find cuts what the tree looks for out of the value that begins at text[at]
// and returns the offset behind that value.
func (w *pathWalk) find(t *pathTree, at int) int {
	// Of members with the same key the last one counts, as in the parsers of
	// JavaScript, Python and Go: what an earlier one held is forgotten.
	for _, target := range t.below {
		w.found[target] = ""
	}
	var end int
	switch {
	case w.text[at] == '{' && t.branches != nil:
		end = w.findMembers(t, at)
	case w.text[at] == '[' && t.branches != nil:
		end = w.findElements(t, at)
	default:
		end = skipValue(w.text, at)
	}
	for _, target := range t.ends {
		w.found[target] = w.text[at:end]
	}
	return end
}

func (w *pathWalk) findMembers(t *pathTree, at int) int {
	at = skipBlanks(w.text, at+1)
	for place := 0; w.text[at] != '}'; place++ {
		end := skipString(w.text, at)
		step := pathStep{key: unquote(w.text[at:end])}
		at = skipBlanks(w.text, end)
		at = skipBlanks(w.text, at+len(":"))
		at = w.findChild(t, step, place, at)
		at = skipSeparator(w.text, at)
	}
	return at + 1
}

func (w *pathWalk) findElements(t *pathTree, at int) int {
	at = skipBlanks(w.text, at+1)
	for place := 0; w.text[at] != ']'; place++ {
		at = w.findChild(t, pathStep{kind: elementStep, index: place}, place, at)
		at = skipSeparator(w.text, at)
	}
	return at + 1
}

// findChild looks into one member or element, the child of that place, which
// begins at text[at]; step is the one that leads to it and to no other. It
// returns the offset behind the child.
func (w *pathWalk) findChild(t *pathTree, step pathStep, place, at int) int {
	end := -1
	for i := range t.branches {
		switch b := &t.branches[i]; {
		case b.step == step:
			end = w.find(b.tree, at)
			if !t.wild {
				return end
			}
		case b.step.wild() && place < childrenMax && w.fits(b.step, at):
			end = w.findAlso(b.tree, at)
		}
	}
	if end < 0 {
		return skipValue(w.text, at)
	}
	return end
}

// findAlso is find for one of several children that a step leads to: the first
// one that makes a target known counts.
func (w *pathWalk) findAlso(t *pathTree, at int) int {
	mark := len(w.kept)
	for _, target := range t.below {
		w.kept = append(w.kept, w.found[target])
	}
	end := w.find(t, at)
	for i, target := range t.below {
		earlier, now := w.kept[mark+i], w.found[target]
		if earlier != "" && (now == "" || w.known(target, earlier) || !w.known(target, now)) {
			w.found[target] = earlier
		}
	}
	w.kept = w.kept[:mark]
	return end
}

// fits reports whether a step that may lead to several children leads to the
// one that begins at text[at].
func (w *pathWalk) fits(s pathStep, at int) bool {
	switch {
	case s.kind == anyStep:
		return true
	case s.key == "":
		return says(w.text[at:skipValue(w.text, at)], s.value)
	case w.text[at] != '{':
		return false
	}
	return says(member(w.text, at, s.key), s.value)
}

// member returns the JSON of the last member with that key of the object that
// begins at text[at], "" if it has none.
func member(text string, at int, key string) (found string) {
	at = skipBlanks(text, at+1)
	for text[at] != '}' {
		end := skipString(text, at)
		is := unquote(text[at:end]) == key
		at = skipBlanks(text, end)
		at = skipBlanks(text, at+len(":"))
		end = skipValue(text, at)
		if is {
			found = text[at:end]
		}
		at = skipSeparator(text, end)
	}
	return found
}

// says reports whether a JSON scalar, "" for none, is the given word: a string
// or a literal by its letters, a number by its value.
func says(scalar, word string) bool {
	switch {
	case scalar == "" || scalar[0] == '{' || scalar[0] == '[':
		return false
	case scalar[0] == '"':
		return unquote(scalar) == word
	case scalar == word:
		return true
	}
	have, why := parseNumber(scalar)
	want, whyNot := parseNumber(word)
	return why == Known && whyNot == Known && have == want
}
