package command

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tocsin-edge/tocsin/agent/phrase"
)

// Parse reads a text in the words of a language, and of English. It is false when
// the text as a whole is no command: when there is a word too many, when it is
// longer than a text of one segment, or when it asks whether (OK?) rather than
// what (STATUS?).
func Parse(text string, l phrase.Language, switches []Switch) (Command, bool) {
	if utf8.RuneCountInString(text) > textMax {
		return Command{}, false
	}
	s := read(text)
	p := parser{tokens: s.tokens, language: l}
	p.dropCourtesy()
	if len(s.tokens) == 0 && s.question {
		return Command{Kind: Help}, true
	}
	tokens := p.tokens
	c, ok := p.command()
	if !ok {
		c, ok = turn(tokens, switches)
	}
	if !ok || s.question && !c.Kind.asks() {
		return Command{}, false
	}
	return c, true
}

// asks reports whether a command only wants to know.
func (k Kind) asks() bool {
	return slices.Contains([]Kind{Status, List, More, Why, Help}, k)
}

// A parser takes tokens from the front of a sentence.
type parser struct {
	tokens   []string
	language phrase.Language
}

// dropCourtesy takes what is merely polite off both ends.
func (p *parser) dropCourtesy() {
	for p.take(phrase.Courtesy) {
	}
	for p.dropLast(phrase.Courtesy) {
	}
}

// dropLast drops a word of that meaning, if it is the last one.
func (p *parser) dropLast(unwanted phrase.Word) bool {
	for n := 1; n <= min(phrase.WordsMax, len(p.tokens)); n++ {
		begins := len(p.tokens) - n
		if w, _ := p.language.Means(strings.Join(p.tokens[begins:], " ")); w == unwanted {
			p.tokens = p.tokens[:begins]
			return true
		}
	}
	return false
}

// front is what the longest word means that the tokens begin with, and of how
// many of them it is.
func (p *parser) front() (w phrase.Word, n int) {
	for n := min(phrase.WordsMax, len(p.tokens)); n > 0; n-- {
		if w, ok := p.language.Means(strings.Join(p.tokens[:n], " ")); ok {
			return w, n
		}
	}
	return "", 0
}

// take takes a word of that meaning, if it is next.
func (p *parser) take(want phrase.Word) bool {
	w, n := p.front()
	if n > 0 && w == want {
		p.tokens = p.tokens[n:]
		return true
	}
	return false
}

// command reads all tokens as one command that is not a switch's.
func (p *parser) command() (c Command, ok bool) {
	w, n := p.front()
	p.tokens = p.tokens[n:]
	switch w {
	case phrase.OK:
		c.Kind = Ack
		p.which(&c)
	case phrase.Why:
		c.Kind = Why
		p.number(&c)
	case phrase.Mute:
		c.Kind = Mute
		p.which(&c)
		p.howLong(&c)
		p.code(&c)
	case phrase.Unmute:
		c.Kind = Unmute
		p.which(&c)
	case "":
		p.bareNumber(&c)
	default:
		c.Kind = alone[w]
	}
	return c, c.Kind != 0 && len(p.tokens) == 0
}

// bareNumber reads a code, or 17, or 17 OK.
func (p *parser) bareNumber(c *Command) {
	if p.code(c) {
		c.Kind = Confirm
		return
	}
	p.number(c)
	if len(c.Numbers) == 1 {
		c.Kind = Ack
		p.take(phrase.OK)
	}
}

// alone are the commands of which nothing more can be said.
var alone = map[phrase.Word]Kind{
	phrase.Status: Status, phrase.List: List, phrase.More: More, phrase.Stop: Stop, phrase.Start: Start, phrase.Help: Help,
}

// which reads the incidents that are meant.
func (p *parser) which(c *Command) {
	if p.take(phrase.All) {
		c.All = true
		return
	}
	for p.numbers(c) {
	}
}

// number reads at most one incident.
func (p *parser) number(c *Command) {
	if given := *p; p.numbers(c) && len(c.Numbers) > 1 {
		*p = given
	}
}

// numbers reads 17, or 17,18: incidents, unless it is how long something lasts.
func (p *parser) numbers(c *Command) bool {
	if len(p.tokens) == 0 || p.unit(1) > 0 {
		return false
	}
	var all []int
	for text := range strings.SplitSeq(p.tokens[0], ",") {
		n, err := strconv.Atoi(text)
		if err != nil || len(text) > 2 || n < 1 || n > numberMax {
			return false
		}
		all = append(all, n)
	}
	for _, n := range all {
		if !slices.Contains(c.Numbers, n) {
			c.Numbers = append(c.Numbers, n)
		}
	}
	p.tokens = p.tokens[1:]
	return true
}

// howLong reads 2h, for 2 hours, or until it is clear.
func (p *parser) howLong(c *Command) {
	if p.take(phrase.Clear) {
		c.UntilClear = true
		return
	}
	given := *p
	p.take(phrase.For)
	c.For = p.duration()
	if c.For < time.Minute || c.For > forMax {
		c.For, *p = 0, given
	}
}

// duration reads amounts of ever smaller units, 1 h 30 min, to the minute.
func (p *parser) duration() time.Duration {
	minutes, last := 0.0, math.Inf(1)
	for len(p.tokens) > 0 {
		unit := p.unit(1).Minutes()
		amount, ok := amountOf(p.tokens[0])
		if !ok || unit == 0 || unit >= last {
			break
		}
		minutes += amount * unit
		last = unit
		p.tokens = p.tokens[2:]
	}
	return time.Duration(math.Round(minutes)) * time.Minute
}

// unit is the unit of time that the token at i is, and 0 when it is none.
func (p *parser) unit(i int) time.Duration {
	if i >= len(p.tokens) {
		return 0
	}
	w, _ := p.language.Means(p.tokens[i])
	return units[w]
}

var units = map[phrase.Word]time.Duration{
	phrase.Minute: time.Minute, phrase.Hour: time.Hour, phrase.Day: 24 * time.Hour, phrase.Week: 7 * 24 * time.Hour,
}

// amountOf reads 90, or 1.5 as it is written in any language.
func amountOf(text string) (float64, bool) {
	whole, fraction, _ := strings.Cut(strings.Replace(text, ",", ".", 1), ".")
	if !isDigits(whole) || len(whole) > 4 || fraction != "" && !isDigits(fraction) {
		return 0, false
	}
	amount, err := strconv.ParseFloat(whole+"."+fraction, 64)
	return amount, err == nil
}

func isDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// code reads a one-time code.
func (p *parser) code(c *Command) bool {
	if len(p.tokens) == 0 || len(p.tokens[0]) != codeLen || !isDigits(p.tokens[0]) {
		return false
	}
	c.Code, p.tokens = p.tokens[0], p.tokens[1:]
	return true
}

// turn reads the word of a switch, with a code or without.
func turn(tokens []string, switches []Switch) (Command, bool) {
	c := Command{Kind: Turn}
	if n := len(tokens) - 1; n > 0 {
		last := parser{tokens: tokens[n:]}
		if last.code(&c) {
			tokens = tokens[:n]
		}
	}
	written := strings.Join(tokens, "")
	for _, s := range switches {
		for _, word := range []string{s.On, s.Off} {
			if written != "" && phrase.Fold(word) == written {
				c.Switch, c.On, c.Word = s.Name, word == s.On, word
				return c, true
			}
		}
	}
	return Command{}, false
}
