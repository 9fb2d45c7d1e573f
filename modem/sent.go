package modem

// AsSent is what a phone shows of text: with the replacements that make it fit
// the GSM 7-bit alphabet where they suffice, otherwise as it is. It says nothing
// of the end that a text of more than [PartsMax] parts loses.
func AsSent(text string) string {
	text = clean(text)
	plain := transliterate(text)
	if _, err := gsmAlphabet.Encode([]byte(plain)); err != nil || plain == "" {
		return text
	}
	return plain
}
