package phrase

import (
	"strings"
	"unicode"
)

// A Word is what somebody means by a word that they answer with.
type Word string

// The words.
const (
	OK       Word = "ok"
	All      Word = "all"
	Status   Word = "status"
	List     Word = "list"
	More     Word = "more"
	Why      Word = "why"
	Mute     Word = "mute"
	Unmute   Word = "unmute"
	Stop     Word = "stop"
	Start    Word = "start"
	Help     Word = "help"
	For      Word = "for"      // for 2 hours
	Clear    Word = "clear"    // until it is clear
	Minute   Word = "minute"   // of a duration, as the next three
	Hour     Word = "hour"     //
	Day      Word = "day"      //
	Week     Word = "week"     //
	Courtesy Word = "courtesy" // please, thanks
)

// WordsMax is of how many words, with blanks between them, one Word consists at
// most.
const WordsMax = 4

// Means is what written means in the language, or in English, which is
// understood in all of them. written is folded, and has one blank between words.
func (l Language) Means(written string) (Word, bool) {
	w, ok := l.known().replies[written]
	return w, ok
}

// Fold makes alike what differs by the keyboard it was written with and not in
// what it says: letters become capitals without accents, characters of full width
// those of ASCII, and characters that cannot be seen are dropped. Letters of other
// scripts that look like Latin ones stay what they are.
func Fold(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r >= '！' && r <= '～' {
			r -= '！' - '!' // the forms of full width are ASCII, elsewhere
		}
		// By way of the small letter, because some capitals, like that of the
		// kelvin, are others' twins.
		r = unicode.ToUpper(unicode.ToLower(r))
		if base, ok := unaccented[r]; ok {
			b.WriteString(base)
		} else if !unicode.In(r, unicode.Mark, unicode.Cf) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// unaccented are the Latin letters without which no word of ours can be written.
var unaccented = func() map[rune]string {
	table := map[rune]string{'ß': "SS", 'ẞ': "SS", 'Œ': "OE", 'Æ': "AE"}
	for base, accented := range map[string]string{
		"A": "ÁÀÂÄÃÅ", "C": "Ç", "E": "ÉÈÊË", "I": "ÍÌÎÏ", "N": "Ñ", "O": "ÓÒÔÖÕ", "U": "ÚÙÛÜ", "Y": "ÝŸ",
	} {
		for _, r := range accented {
			table[r] = base
		}
	}
	return table
}()

// plain is what a person may write, folded: words with one blank between them.
func plain(text string) string {
	return strings.Join(strings.FieldsFunc(Fold(text), func(r rune) bool { return !unicode.IsLetter(r) }), " ")
}
