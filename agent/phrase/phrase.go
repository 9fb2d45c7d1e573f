// Package phrase is what the gateway says to people in words of its own, in
// their language, and the words that it understands from them.
package phrase

import (
	"embed"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

//go:embed words replies
var files embed.FS

// Languages are those there are words for, English first.
var Languages = []string{"en", "de", "es", "fr"}

// A Language is one in which the gateway speaks and understands. The zero Language
// is English.
type Language struct {
	phrases map[string]string // by name; English where there is no translation
	replies map[string]Word   // by what is written, as plain makes it; those of English among them
}

var all = load()

// In is the language of that name; one that is not among Languages is English.
func In(name string) Language {
	if l, ok := all[name]; ok {
		return l
	}
	return all[Languages[0]]
}

// known is the language itself, or English in place of the zero Language.
func (l Language) known() Language {
	if l.phrases == nil {
		return all[Languages[0]]
	}
	return l
}

// Say says a phrase, in which each name of names, given as name and value in turn,
// is filled in. It panics when there is no such phrase: phrases are not input.
func (l Language) Say(phrase string, names ...any) string {
	text, ok := l.known().phrases[phrase]
	if !ok {
		panic("phrase: there is no phrase " + phrase)
	}
	var pairs []string
	for i := 0; i+1 < len(names); i += 2 {
		pairs = append(pairs, fmt.Sprintf("{%v}", names[i]), fmt.Sprint(names[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Duration says how long something takes, rounded as people say it: 45 s, 12 min,
// 3 h, 2 d. The units are understood in all of Languages.
func Duration(d time.Duration) string {
	switch {
	case d < 90*time.Second:
		return fmt.Sprintf("%d s", d.Round(time.Second)/time.Second)
	case d < 90*time.Minute:
		return fmt.Sprintf("%d min", d.Round(time.Minute)/time.Minute)
	case d < 36*time.Hour:
		return fmt.Sprintf("%d h", d.Round(time.Hour)/time.Hour)
	}
	return fmt.Sprintf("%d d", d.Round(24*time.Hour)/(24*time.Hour))
}

// Name is the name of a person or a thing as one says it: night_shift is Night shift.
func Name(name string) string {
	name = strings.ReplaceAll(name, "_", " ")
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}
