package modem

import (
	"regexp"
	"strings"
	"unicode/utf16"
)

// AsSent is what a phone shows of text: with the replacements that make it fit
// the GSM 7-bit alphabet where they suffice, otherwise as it is, and without
// what Split leaves out to make it fit one part. It says nothing of the end that
// a text of more than [PartsMax] parts loses.
func AsSent(text string) string {
	shown, _ := rendering(text, 0)
	return shown
}

// rendering is what a phone shows of text, and whether the GSM 7-bit alphabet
// has all of it. It is empty when text is.
func rendering(text string, alter Alteration) (shown string, inGSM bool) {
	text = clean(text)
	if plain := transliterate(text); plain != "" && gsmLength(plain) > 0 {
		return fitted(plain, gsmLength, septetsAlone), true
	}
	if alter&AsPlain != 0 && text != "" {
		return fitted(transcribe(text), gsmLength, septetsAlone), true
	}
	return fitted(text, ucs2Length, octetsAlone), false
}

// gsmLength is the length of text in the GSM 7-bit alphabet, 0 when it lacks a
// character of it.
func gsmLength(text string) int {
	data, err := gsmAlphabet.Encode([]byte(text))
	if err != nil {
		return 0
	}
	return len(data)
}

// ucs2Length is the length of text in UCS-2.
func ucs2Length(text string) int { return 2 * len(utf16.Encode([]rune(text))) }

var blankRuns = regexp.MustCompile(` *\n[ \n]*|  +`)

// fitted is text without double blanks, empty lines and, if need be, the
// punctuation at its end, when that makes it short enough to be one part, and
// otherwise text.
func fitted(text string, length func(string) int, alone int) string {
	if length(text) <= alone {
		return text
	}
	tight := blankRuns.ReplaceAllStringFunc(text, func(run string) string {
		if strings.Contains(run, "\n") {
			return "\n"
		}
		return " "
	})
	for _, shorter := range []string{tight, strings.TrimRight(tight, " .,;")} {
		if shorter != "" && length(shorter) <= alone {
			return shorter
		}
	}
	return text
}
