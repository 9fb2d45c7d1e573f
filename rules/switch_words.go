package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// switchWordMax bounds a word that sets a switch, in characters: it is typed on a
// phone.
const switchWordMax = 12

// switchWords reads the two words by which a text sets a switch, in capitals, and
// where they are written.
func (s *Switch) switchWords(r *block.Reader) {
	e := r.Expr("sms")
	if e == nil {
		return
	}
	items, ok := r.ItemsOf(e, "sms")
	if !ok {
		return
	}
	if len(items) != len(s.Words) {
		r.Add(block.Mistake(e.Range(), "Invalid value", fmt.Sprintf(
			`sms takes two words, the first of which sets the switch on and the second off, and this has %d. Write sms = ["AWAY", "HOME"].`, len(items))))
		return
	}
	var words [2]string
	for i, item := range items {
		words[i] = switchWord(r, item)
		s.WordRanges[i] = item.Range()
	}
	switch {
	case words[0] == "" || words[1] == "":
	case words[0] == words[1]:
		r.Add(block.Mistake(items[1].Range(), "Duplicate name", fmt.Sprintf("%q sets the switch on already. Write another word that sets it off.", words[1])))
	default:
		s.Words = words
	}
}

// switchWord reads one of the words, "" when it cannot be one.
func switchWord(r *block.Reader, e hcl.Expression) string {
	text, ok := r.StringOf(e, "sms")
	if !ok {
		return ""
	}
	word := strings.ToUpper(text)
	fact := ""
	switch n := utf8.RuneCountInString(word); {
	case n == 0:
		fact = "is empty"
	case strings.ContainsFunc(word, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }):
		fact = "is not made of letters and digits alone"
	case !strings.ContainsFunc(word, unicode.IsLetter):
		fact = "is a number, and numbers answer alarms"
	case n > switchWordMax:
		fact = fmt.Sprintf("has %d characters, more than %d", n, switchWordMax)
	default:
		return word
	}
	r.Add(block.Mistake(e.Range(), "Invalid word", fmt.Sprintf(`%q %s. Write one short word, such as "AWAY".`, text, fact)))
	return ""
}

// repeatedWords complains about words that set a switch before this one.
func (s *Switch) repeatedWords(before []*Switch) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for i, word := range s.Words {
		at := slices.IndexFunc(before, func(b *Switch) bool { return word != "" && slices.Contains(b.Words[:], word) })
		if at >= 0 {
			diags = append(diags, block.Mistake(s.WordRanges[i], "Duplicate name", fmt.Sprintf(
				"%q sets switch.%s already, on line %d. Write another word.", word, before[at].Name, before[at].Range.Start.Line)))
		}
	}
	return diags
}
