package phrase

import (
	"fmt"
	"maps"
	"strings"
)

// load reads all languages, each on top of English.
func load() map[string]Language {
	languages := map[string]Language{}
	for _, name := range Languages {
		english := languages[Languages[0]]
		l := Language{phrases: maps.Clone(english.phrases), replies: maps.Clone(english.replies)}
		if l.phrases == nil {
			l = Language{map[string]string{}, map[string]Word{}}
		}
		for _, e := range mustRead("words/" + name + ".txt") {
			l.phrases[e.name] = e.text
		}
		for _, e := range mustRead("replies/" + name + ".txt") {
			for written := range strings.SplitSeq(e.text, ",") {
				l.replies[plain(written)] = Word(e.name)
			}
		}
		languages[name] = l
	}
	return languages
}

// mustRead reads a file that is part of the program, and panics when it is not as
// it must be.
func mustRead(name string) []entry {
	text, err := files.ReadFile(name)
	if err != nil {
		panic("phrase: " + err.Error())
	}
	entries, err := parse(string(text))
	if err != nil {
		panic("phrase: " + name + ": " + err.Error())
	}
	return entries
}

// An entry is a line of a file: name = text.
type entry struct{ name, text string }

// parse reads entries, each with a name of its own, between lines that are empty
// or begin with #.
func parse(text string) (entries []entry, err error) {
	seen := map[string]bool{}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		name, text, _ := strings.Cut(line, "=")
		e := entry{strings.TrimSpace(name), strings.TrimSpace(text)}
		switch {
		case !isName(e.name) || e.text == "":
			return nil, fmt.Errorf("line %d: %q is not a name, an equals sign and a text", number, line)
		case seen[e.name]:
			return nil, fmt.Errorf("line %d: %s is there twice", number, e.name)
		}
		seen[e.name] = true
		entries = append(entries, e)
	}
	return entries, nil
}

// isName reports whether text is made of small letters and underscores.
func isName(text string) bool {
	return text != "" && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz_") == ""
}
