package rules

import "strings"

// A wordList is what certain words, or certain numbers, of a payload mean.
type wordList struct {
	words []word
	exact bool // capitals count
	only  bool // nothing else has a meaning: on and off of a bool
}

// word is one of a wordList.
type word struct {
	text    string
	number  float64 // what text is as a number, to which any spelling is equal
	numeral bool
	means   Value
}

func newWord(text string, means Value) word {
	n, why := parseNumber(text)
	return word{text: text, number: n, numeral: why == Known, means: means}
}

// say is what text means, with blanks around it, and whether it is in the list.
func (l *wordList) say(text string) (Value, bool) {
	if len(l.words) == 0 {
		return Value{}, false
	}
	text = trimBlanks(text)
	n, why := parseNumber(text)
	for i := range l.words {
		w := &l.words[i]
		if w.numeral && why == Known && w.number == n || same(w.text, text, l.exact) {
			return w.means, true
		}
	}
	return Value{}, false
}

// sayNumber is say for a number.
func (l *wordList) sayNumber(n float64) (Value, bool) {
	for i := range l.words {
		if w := &l.words[i]; w.numeral && w.number == n {
			return w.means, true
		}
	}
	return Value{}, false
}

func same(a, b string, exact bool) bool {
	return a == b || !exact && strings.EqualFold(a, b)
}

// guards are what a device says when it has nothing to say: numbers such as 999
// or -127.99, which are out of range, and words such as "n/a", by which it is
// unavailable.
type guards struct {
	numbers []float64
	words   []string
	exact   bool // capitals count
}

// refuse is why text is not to be believed, Known if it is.
func (g *guards) refuse(text string) Reason {
	if len(g.words) == 0 && len(g.numbers) == 0 {
		return Known
	}
	text = trimBlanks(text)
	for _, w := range g.words {
		if same(w, text, g.exact) {
			return Unavailable
		}
	}
	if n, why := parseNumber(text); why == Known && g.refuseNumber(n) {
		return OutOfRange
	}
	return Known
}

// refuseNumber reports whether n is a guard value. Devices count in 32 bits:
// 127.99 may come as 127.98999786376953.
func (g *guards) refuseNumber(n float64) bool {
	for _, guard := range g.numbers {
		if n == guard || n == float64(float32(guard)) {
			return true
		}
	}
	return false
}
