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
// What has no such replacement stays, and no number becomes another. A cleaned
// text stays a cleaned text.
func transliterate(text string) string {
	given := []rune(text)
	var p plainText
	for i, r := range given {
		switch alike, known := lookalikes[r]; {
		case r == '°':
			p.degrees(given[i+1:])
		case r == '·' && p.endsIn(isDigit):
			p.given(r) // a decimal point to some, a multiplication to others
		case unicode.Is(unicode.Mn, r):
			p.mark(r)
		case known:
			p.alike(alike)
		default:
			p.given(r)
		}
	}
	return strings.TrimSpace(string(p.runes))
}

// plainText is a text on its way into the GSM alphabet.
type plainText struct {
	runes  []rune
	number bool // it ends in a number that was not given as one
}

func (p *plainText) endsIn(is func(rune) bool) bool {
	return len(p.runes) > 0 && is(p.runes[len(p.runes)-1])
}

func isDigit(r rune) bool        { return !notDigit(r) }
func isPoint(r rune) bool        { return r == '.' || r == ',' }
func isPartOfNumber(r rune) bool { return isDigit(r) || isPoint(r) }

// given appends a character of the text itself.
func (p *plainText) given(r rune) {
	if p.number && isDigit(r) {
		p.runes = append(p.runes, ' ') // m²3 is not m23
	}
	p.runes, p.number = append(p.runes, r), p.number && isPoint(r)
}

// alike appends a replacement. Its digits stay apart from those of the text: 10²
// becomes 10^2, 1½ becomes 1 1/2.
func (p *plainText) alike(s string) {
	if s == "" {
		return
	}
	if p.endsIn(isPartOfNumber) && isDigit(rune(s[0])) {
		apart := ' '
		if len(s) == 1 && p.endsIn(isDigit) {
			apart = '^'
		}
		p.runes = append(p.runes, apart)
	}
	p.runes = append(p.runes, []rune(s)...)
	p.number = p.endsIn(isDigit)
}

// degrees writes a degree sign, which the alphabet lacks, as people do on a
// keyboard without one: 21 °C as 21 C, 90° as 90 deg.
func (p *plainText) degrees(after []rune) {
	if n := len(p.runes); n > 0 && !unicode.IsSpace(p.runes[n-1]) {
		p.given(' ')
	}
	if len(after) == 0 || after[0] != 'C' && after[0] != 'F' {
		p.alike("deg")
	}
}

// mark puts a combining mark on the letter before it where the alphabet has the
// two as one, drops it from any other Latin letter, and keeps it on letters of
// other scripts.
func (p *plainText) mark(mark rune) {
	if mark == variationSelector || len(p.runes) == 0 {
		return
	}
	letter := &p.runes[len(p.runes)-1]
	if composed, ok := compositions[[2]rune{*letter, mark}]; ok {
		*letter = composed
	} else if !unicode.Is(unicode.Latin, *letter) {
		p.given(mark)
	}
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
	// Greek capitals that look like Latin ones: with them a text in capitals
	// fits, since the alphabet has the others.
	for greek, latin := range map[string]string{
		"ΑΆ": "A", "Β": "B", "ΕΈ": "E", "Ζ": "Z", "ΗΉ": "H", "ΙΊΪ": "I", "Κ": "K", "Μ": "M", "Ν": "N",
		"ΟΌ": "O", "Ρ": "P", "Τ": "T", "ΥΎΫ": "Y", "Χ": "X", "Ώ": "Ω",
	} {
		maps.Copy(table, eachTo(latin, greek))
	}
	maps.Copy(table, eachTo("OK", "✓✔✅☑"))
	maps.Copy(table, eachTo("X", "✗✘❌✖"))
	maps.Copy(table, eachTo("!", "⚠❗"))
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
