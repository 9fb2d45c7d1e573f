package modem

import (
	"maps"
	"strings"
	"unicode"

	"github.com/warthog618/sms/encoding/gsm7"
)

// gsmAlphabet encodes the GSM 7-bit default alphabet with its extension table
// (3GPP 23.038 clause 6.2.1): one septet a character, two for those of the
// extension table. Its tables are only read.
var gsmAlphabet = gsm7.NewEncoder()

// clean makes of any string a text that can be sent: line ends become LF,
// every other control character a blank, bytes that are no UTF-8 a question
// mark. Blanks and line ends around the text are dropped.
func clean(text string) string {
	text = strings.ToValidUTF8(text, "?")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	text = strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}

// transliterate replaces what the GSM alphabet lacks by what reads the same in
// it: typographic quotes, dashes and blanks, signs, and accented Latin letters.
// What has no such replacement stays. A cleaned text stays a cleaned text.
func transliterate(text string) string {
	given := []rune(text)
	plain := make([]rune, 0, len(given))
	for i, r := range given {
		switch {
		case r == '°':
			plain = appendDegrees(plain, given[i+1:])
		case unicode.Is(unicode.Mn, r):
			plain = appendMark(plain, r)
		default:
			if alike, ok := lookalikes[r]; ok {
				plain = append(plain, []rune(alike)...)
			} else {
				plain = append(plain, r)
			}
		}
	}
	return strings.TrimSpace(string(plain))
}

// appendDegrees writes a degree sign, which the alphabet lacks, as people do on
// a keyboard without one: 21 °C as 21 C, 90° as 90 deg.
func appendDegrees(text, after []rune) []rune {
	if len(text) > 0 && !unicode.IsSpace(text[len(text)-1]) {
		text = append(text, ' ')
	}
	if len(after) > 0 && (after[0] == 'C' || after[0] == 'F') {
		return text
	}
	return append(text, 'd', 'e', 'g')
}

// appendMark puts a combining mark on the letter before it where the alphabet
// has the two as one, drops it from any other Latin letter, and keeps it on
// letters of other scripts.
func appendMark(text []rune, mark rune) []rune {
	if mark == variationSelector || len(text) == 0 {
		return text
	}
	letter := text[len(text)-1]
	if composed, ok := compositions[[2]rune{letter, mark}]; ok {
		text[len(text)-1] = composed
		return text
	}
	if unicode.Is(unicode.Latin, letter) {
		return text
	}
	return append(text, mark)
}

// variationSelector asks for the coloured picture of the character before it.
const variationSelector = '\ufe0f'

// compositions are the letters with marks that the GSM alphabet has, by the
// two code points that some keyboards write them with.
var compositions = map[[2]rune]rune{
	{'a', '\u0308'}: 'ä', {'o', '\u0308'}: 'ö', {'u', '\u0308'}: 'ü', {'A', '\u0308'}: 'Ä', {'O', '\u0308'}: 'Ö', {'U', '\u0308'}: 'Ü',
	{'n', '\u0303'}: 'ñ', {'N', '\u0303'}: 'Ñ', {'a', '\u030a'}: 'å', {'A', '\u030a'}: 'Å',
	{'a', '\u0300'}: 'à', {'e', '\u0300'}: 'è', {'i', '\u0300'}: 'ì', {'o', '\u0300'}: 'ò', {'u', '\u0300'}: 'ù',
	{'e', '\u0301'}: 'é', {'E', '\u0301'}: 'É', {'C', '\u0327'}: 'Ç',
}

// lookalikes are the replacements of single characters.
var lookalikes = func() map[rune]string {
	table := map[rune]string{
		'…': "...", '×': "x", '÷': "/", '·': ".", '•': "*", '¦': "|", '‰': " per mille",
		'±': "+/-", '≈': "~", '≠': "!=", '≤': "<=", '≥': ">=", '−': "-",
		'←': "<-", '→': "->", '⇒': "=>", '⇐': "<=",
		'¹': "1", '²': "2", '³': "3", '½': "1/2", '¼': "1/4", '¾': "3/4",
		'µ': "u", 'μ': "u", '℃': "C", '℉': "F", '\u2126': "Ω", '№': "No.",
		'©': "(C)", '®': "(R)", '™': "(TM)", '¢': "c", 'ª': "a", 'º': "o",
		'Œ': "OE", 'œ': "oe", 'Ĳ': "IJ", 'ĳ': "ij", 'Þ': "Th", 'þ': "th", 'ẞ': "SS", 'ﬁ': "fi", 'ﬂ': "fl",
		'\u00ad': "", '\u200b': "", '\u200c': "", '\u200d': "", '\u2060': "", '\ufeff': "",
	}
	maps.Copy(table, eachTo(`"`, "“”„‟«»″〝〞"))
	maps.Copy(table, eachTo(`'`, "‘’‚‛‹›′`´ʹʻʼˈ"))
	maps.Copy(table, eachTo("-", "‐‑‒–—―⁃"))
	maps.Copy(table, eachTo(" ", "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"))
	maps.Copy(table, eachTo("\n", "\u2028\u2029"))
	for base, accented := range map[string]string{
		"A": "ÁÀÂÃĀĂĄǍ", "a": "áâãāăąǎ", "C": "ĆĈĊČ", "c": "çćĉċč", "D": "ĎĐÐ", "d": "ďđð",
		"E": "ÈÊËĒĔĖĘĚ", "e": "êëēĕėęě", "G": "ĜĞĠĢ", "g": "ĝğġģ", "H": "ĤĦ", "h": "ĥħ",
		"I": "ÌÍÎÏĨĪĬĮİ", "i": "íîïĩīĭįı", "J": "Ĵ", "j": "ĵ", "K": "Ķ", "k": "ķĸ",
		"L": "ĹĻĽĿŁ", "l": "ĺļľŀł", "N": "ŃŅŇŊ", "n": "ńņňŉŋ", "O": "ÓÒÔÕŌŎ", "o": "óôõōŏ", "Ö": "Ő", "ö": "ő",
		"R": "ŔŖŘ", "r": "ŕŗř", "S": "ŚŜŞŠȘ", "s": "śŝşšș", "T": "ŢŤŦȚ", "t": "ţťŧț",
		"U": "ÙÚÛŨŪŬŮŲ", "u": "úûũūŭůų", "Ü": "Ű", "ü": "ű", "W": "ŴẀẂẄ", "w": "ŵẁẃẅ",
		"Y": "ÝŶŸỲ", "y": "ýÿŷỳ", "Z": "ŹŻŽ", "z": "źżž",
	} {
		maps.Copy(table, eachTo(base, accented))
	}
	return table
}()

func eachTo(plain, fancy string) map[rune]string {
	m := make(map[rune]string)
	for _, r := range fancy {
		m[r] = plain
	}
	return m
}
