package rules

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// Bounds of what can be said of a field.
const (
	wordsMax        = 64
	extractMaxBytes = 256
)

// loadOptions reads what is said of each field beside its type.
func (l *sensorLoader) loadOptions() {
	for i := range l.sensor.Fields {
		f, o := &l.sensor.Fields[i], l.options[i]
		l.loadPaths(i, o["path"])
		l.loadExtract(f, o["extract"])
		l.loadWords(f, o)
		l.loadGuards(f, o)
		l.loadMeasure(f, o)
		l.loadLayout(f, o)
	}
	l.checkText()
	l.checkBytes()
}

// titled names an option of a field in diagnostics: "The path of oil"; of a
// value the option alone.
func titled(option string, f *Field) string {
	if f.Name == "" {
		return option
	}
	return "The " + option + " of " + f.Name
}

func (l *sensorLoader) loadExtract(f *Field, e hcl.Expression) {
	if e == nil {
		return
	}
	text, ok := l.StringOf(e, titled("extract", f))
	if !ok {
		return
	}
	x, err := regexp.Compile(text)
	switch {
	case len(text) > extractMaxBytes:
		l.Add(block.Mistake(e.Range(), "Invalid pattern", fmt.Sprintf("extract is %d bytes long. Write at most %d.", len(text), extractMaxBytes)))
	case err != nil:
		l.Add(block.Mistake(e.Range(), "Invalid pattern", fmt.Sprintf(
			`%s. Write a regular expression (RE2) with the value in parentheses, such as "usage=([0-9.]+)".`, regexpProblem(err))))
	case x.NumSubexp() != 1:
		l.Add(block.Mistake(e.Range(), "Invalid pattern", fmt.Sprintf(
			`The pattern has %d groups. Put the value, and it alone, in parentheses, such as "usage=([0-9.]+)"; a group of another purpose begins with (?:.`, x.NumSubexp())))
	default:
		f.extract = x
	}
}

// regexpProblem is what is wrong with a regular expression, as a sentence
// without its full stop.
func regexpProblem(err error) string {
	var e *syntax.Error
	if errors.As(err, &e) {
		return fmt.Sprintf("%q: %s", e.Expr, e.Code)
	}
	return capital(err.Error())
}

// loadWords reads on and off of a bool, or words of a number or string.
func (l *sensorLoader) loadWords(f *Field, o fieldOptions) {
	on, off, words := o["on"], o["off"], o["words"]
	f.words.exact = l.loadExact(f, o)
	switch {
	case f.Kind == Bool && words != nil:
		l.Add(block.Mistake(words.Range(), "Conflicting arguments", fmt.Sprintf(
			`%s is a bool. Write on = ["open"] and off = ["closed"] for the words that make it true and false.`, fieldTitle(f.Name))))
	case f.Kind != Bool && (on != nil || off != nil):
		l.Add(block.Mistake(firstOf(on, off).Range(), "Conflicting arguments", fmt.Sprintf(
			"Only a bool is on or off, and %s is a %s. %s", fieldTitle(f.Name), f.Kind, insteadOfOn(f.Kind))))
	case f.Kind == Bool && (on == nil) != (off == nil):
		l.Add(block.Mistake(firstOf(on, off).Range(), "Missing argument", fmt.Sprintf(
			"on and off replace the words that %s is read by, and a word in neither is unknown. Write both.", fieldTitle(f.Name))))
	case on != nil:
		f.words.only = true
		l.addWords(f, on, "on", Value{Bool: true})
		l.addWords(f, off, "off", Value{Bool: false})
	case words != nil:
		l.loadMeanings(f, words)
	}
}

func firstOf(a, b hcl.Expression) hcl.Expression {
	if a != nil {
		return a
	}
	return b
}

func insteadOfOn(k Kind) string {
	switch k {
	case Number:
		return "Write words = { open = 1, closed = 0 }, or declare it as a bool."
	case String:
		return `Compare it with ==, as in sensor.door.state == "open", or declare it as a bool.`
	}
	return "Remove it."
}

// loadExact reads whether capitals count in the words of a field.
func (l *sensorLoader) loadExact(f *Field, o fieldOptions) bool {
	e := o["exact"]
	if e == nil {
		return false
	}
	exact, _ := l.BoolOf(e, titled("exact", f))
	forAll := f.Name != "" && e == l.Expr("exact")
	if exact && !forAll && o["on"] == nil && o["words"] == nil && o["invalid"] == nil {
		l.Add(block.Mistake(e.Range(), "Conflicting arguments", "exact is about the words of on, off, words and invalid, and there are none. Write them, or leave exact out."))
	}
	return exact
}

// addWords reads a list of words that mean the same. Words may be numbers, as
// in on = [1, 2], and true or false.
func (l *sensorLoader) addWords(f *Field, e hcl.Expression, option string, means Value) {
	for _, item := range l.items(e, titled(option, f), `["open", "tripped"]`) {
		if text, ok := l.wordOf(item, "A word of "+option); ok {
			l.addWord(f, item.Range(), newWord(text, means))
		}
	}
}

// items reads a list that is not empty.
func (l *sensorLoader) items(e hcl.Expression, what, example string) []hcl.Expression {
	items, ok := l.ItemsOf(e, what)
	if ok && len(items) == 0 {
		l.Add(block.Mistake(e.Range(), "Invalid value", fmt.Sprintf("%s is an empty list. Write at least one, such as %s.", what, example)))
	}
	return items
}

// wordOf reads a word as a payload says it.
func (l *sensorLoader) wordOf(e hcl.Expression, what string) (string, bool) {
	v, ok := l.ValueOf(e, what)
	if !ok {
		return "", false
	}
	switch v.Type() {
	case cty.String:
		return v.AsString(), true
	case cty.Number:
		n, _ := v.AsBigFloat().Float64()
		return strconv.FormatFloat(n, 'g', -1, 64), true
	case cty.Bool:
		return boolText(v.True()), true
	}
	l.Add(block.Mistake(e.Range(), "Invalid value", fmt.Sprintf("%s is a text, a number, true or false. Write it as the payload says it.", what)))
	return "", false
}

// addWord complains about a word that has a meaning already, and about too many.
func (l *sensorLoader) addWord(f *Field, rng hcl.Range, w word) {
	if _, twice := f.words.say(w.text); twice {
		l.Add(block.Mistake(rng, "Duplicate name", fmt.Sprintf("The word %q is there twice. Keep one of them.", w.text)))
		return
	}
	if len(f.words.words) == wordsMax {
		l.Add(block.Mistake(rng, "Too many words", fmt.Sprintf("A field has at most %d words. Leave some out.", wordsMax)))
		return
	}
	f.words.words = append(f.words.words, w)
}

// loadMeanings reads words = { heavy = 2 } of a number, or of a string.
func (l *sensorLoader) loadMeanings(f *Field, e hcl.Expression) {
	if f.Kind == Time {
		l.Add(block.Mistake(e.Range(), "Conflicting arguments", fmt.Sprintf("No word is a time, and %s is one. Remove words.", fieldTitle(f.Name))))
		return
	}
	for _, p := range l.PairsOf(e, titled("words", f), exampleWords[f.Kind]) {
		what := fmt.Sprintf("The meaning of %q", p.Key)
		var means Value
		var ok bool
		if f.Kind == Number {
			means.Num, ok = l.NumberOf(p.Value, what)
		} else {
			means.Str, ok = l.StringOf(p.Value, what)
		}
		if ok {
			l.addWord(f, p.KeyRange, newWord(p.Key, means))
		}
	}
}

var exampleWords = map[Kind]string{
	Number: "words = { none = 0, mild = 1, heavy = 2 }",
	String: `words = { "0" = "ok", "1" = "warning" }`,
}

// loadGuards reads what the device says when it has nothing to say.
func (l *sensorLoader) loadGuards(f *Field, o fieldOptions) {
	e := o["invalid"]
	if e == nil {
		return
	}
	f.guards.exact = f.words.exact
	items := l.items(e, titled("invalid", f), `[999, "n/a"]`)
	if len(items) > wordsMax {
		l.Add(block.Mistake(items[wordsMax].Range(), "Too many words", fmt.Sprintf("A field has at most %d invalid values. Write valid = [least, greatest] for a range.", wordsMax)))
		items = items[:wordsMax]
	}
	for _, item := range items {
		v, ok := l.ValueOf(item, titled("invalid value", f))
		switch {
		case !ok:
		case v.Type() == cty.String:
			f.guards.words = append(f.guards.words, trimBlanks(v.AsString()))
		case v.Type() == cty.Number:
			n, _ := v.AsBigFloat().Float64()
			f.guards.numbers = append(f.guards.numbers, n)
		default:
			l.Add(block.Mistake(item.Range(), "Invalid value", "What is invalid is a number or a text, as the payload says it. Write it so, such as 999 or \"n/a\"."))
		}
	}
}
