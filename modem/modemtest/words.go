package modemtest

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// words is one statement, read from the front; it keeps the first mistake.
type words struct {
	rest  []string
	wrong error
}

func (w *words) fail(format string, a ...any) {
	if w.wrong == nil {
		w.wrong = fmt.Errorf(format, a...)
	}
	w.rest = nil
}

func (w *words) end() {
	if len(w.rest) > 0 {
		w.fail("nothing may follow here, but %q does", strings.Join(w.rest, " "))
	}
}

func (w *words) next(what string) string {
	if len(w.rest) == 0 {
		w.fail("%s is missing", what)
		return ""
	}
	word := w.rest[0]
	w.rest = w.rest[1:]
	return word
}

func (w *words) one(what string, of ...string) string {
	word := w.next(what)
	if w.wrong == nil && !slices.Contains(of, word) {
		w.fail("%q is not %s; there are %v", word, what, of)
		return ""
	}
	return word
}

func (w *words) remainder(what string) string {
	text := strings.Join(w.rest, " ")
	w.rest = nil
	if text == "" {
		w.fail("%s is missing", what)
	}
	return text
}

func (w *words) number(what string, least, most int) int {
	word := w.next(what)
	n, err := strconv.Atoi(word)
	if w.wrong == nil && (err != nil || n < least || n > most) {
		w.fail("%q is not %s from %d to %d", word, what, least, most)
	}
	if w.wrong != nil {
		return least
	}
	return n
}

// numbers reads numbers with commas between them: 1,3.
func (w *words) numbers(what string, least, most int) []int {
	var list []int
	for item := range strings.SplitSeq(w.next(what), ",") {
		one := &words{rest: []string{item}}
		n := one.number(what, least, most)
		if one.wrong != nil {
			w.fail("%w", one.wrong)
		}
		list = append(list, n)
	}
	return list
}

// indications reads what +CNMI=? answers: (0-2),(0,2),(0,2),(0-1),(0,1).
func (w *words) indications() string {
	text := w.next("the lists of +CNMI=?")
	if w.wrong == nil && !indicationLists.MatchString(text) {
		w.fail("%q is not five lists of numbers such as (0-2),(0,2),(0,2),(0-1),(0,1)", text)
	}
	return text
}

var indicationLists = regexp.MustCompile(`^(\([0-9]([,-][0-9])*\),){4}\([0-9]([,-][0-9])*\)$`)

// octet reads a number up to 255, in decimal or, after 0x, hexadecimal.
func (w *words) octet(what string) byte {
	word := w.next(what)
	n, err := strconv.ParseUint(word, 0, 8)
	if w.wrong == nil && err != nil {
		w.fail("%q is not %s from 0 to 0xff", word, what)
	}
	return byte(n)
}

func (w *words) octets() []byte {
	word := w.next("a TPDU")
	octets, err := hex.DecodeString(word)
	if w.wrong == nil && (err != nil || len(octets) > submitMaxOctets) {
		w.fail("%q is not the hexadecimal digits of at most %d octets", word, submitMaxOctets)
	}
	return octets
}

// order reads the parts of a text: 3,1,2.
func (w *words) order() []int { return w.numbers("a part", 1, partsMax) }

func (w *words) probability() float64 {
	word := w.next("a probability")
	p, err := strconv.ParseFloat(word, 64)
	if w.wrong == nil && (err != nil || !(p > 0 && p <= 1)) {
		w.fail("%q is not a probability above 0 and up to 1", word)
	}
	return p
}

func (w *words) duration() time.Duration {
	word := w.next("a duration")
	d, err := time.ParseDuration(word)
	if w.wrong == nil && (err != nil || d <= 0 || d > scriptWaitMax) {
		w.fail("%q is not a duration above 0 and up to %v, such as 90s", word, scriptWaitMax)
	}
	return d
}

func (w *words) outage() time.Duration {
	if len(w.rest) == 0 {
		return outageUsual
	}
	return w.duration()
}
