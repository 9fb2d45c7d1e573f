package modem

import (
	"maps"
	"strings"
	"unicode"
)

// transcribe writes text in the GSM alphabet whatever it costs: Cyrillic and
// Greek as they sound, and a question mark for each run of what cannot be
// written. It is for networks that take no other alphabet.
func transcribe(text string) string {
	var plain strings.Builder
	lost := false
	for _, r := range transliterate(text) {
		written, ok := transcribed(r)
		switch {
		case ok:
			plain.WriteString(written)
		case !lost:
			plain.WriteByte('?')
		}
		lost = !ok
	}
	if plain := strings.TrimSpace(plain.String()); plain != "" {
		return plain
	}
	return "?"
}

// transcribed writes one character, "" for a mark on another.
func transcribed(r rune) (written string, ok bool) {
	switch sound, known := sounds[r]; {
	case known:
		return sound, true
	case unicode.Is(unicode.Mn, r):
		return "", true
	case gsmLength(string(r)) > 0:
		return string(r), true
	}
	return "", false
}

// sounds are the letters of other scripts as they are mostly written in Latin
// ones.
var sounds = func() map[rune]string {
	table := make(map[rune]string)
	for sound, letters := range map[string]string{
		"a": "аαά", "b": "бβ", "v": "в", "g": "гґγ", "d": "дδ", "e": "еёэєεέ", "zh": "ж", "z": "зζ",
		"i": "иіιίϊΐηή", "yi": "ї", "j": "јй", "k": "кκ", "l": "лλ", "lj": "љ", "m": "м", "n": "нν", "nj": "њ",
		"x": "ξ", "o": "оοόωώ", "p": "пπ", "r": "рρ", "s": "сσς", "t": "тτ", "th": "θ", "u": "уў",
		"y": "ыυύϋΰ", "f": "фφ", "ch": "хχ", "ps": "ψ", "c": "ц", "tch": "ч", "sh": "ш", "sch": "щ",
		"'": "ъь", "ju": "ю", "ja": "я", "dj": "ђ", "tj": "ћ", "dz": "џ", "gj": "ѓ", "kj": "ќ",
	} {
		maps.Copy(table, eachTo(sound, letters))
		for _, letter := range letters {
			if capital := unicode.ToUpper(letter); capital != letter && unicode.Is(unicode.Cyrillic, capital) {
				table[capital] = capitalised(sound)
			}
		}
	}
	return table
}()

func capitalised(s string) string {
	return strings.ToUpper(s[:1]) + s[1:]
}
