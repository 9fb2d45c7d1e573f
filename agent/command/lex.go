package command

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tocsin-edge/tocsin/agent/phrase"
)

// A sentence is a text as it was read.
type sentence struct {
	tokens   []string // runs of letters, and of digits with what is between them
	question bool
}

// class is what a character is good for.
type class uint8

const (
	blank  class = iota
	sign         // punctuation, emoji: without meaning, save between digits
	digit        // of ASCII
	letter       // and whatever else must not be overlooked
)

// read takes a text apart. Digits with nothing but signs between them are one
// token, so that 1.5 is not 1 and 5, nor 25.11. two incidents.
func read(text string) sentence {
	var s sentence
	last := blank     // class of the character before
	signs := ""       // since the last digit
	inNumber := false // nothing but signs since the last digit
	for _, r := range phrase.Fold(text) {
		now := classOf(r)
		s.question = s.question || r == '?'
		switch {
		case now == letter && last == letter || now == digit && last == digit:
			s.extend(string(r))
		case now == digit && inNumber:
			s.extend(signs + string(r))
		case now == letter || now == digit:
			s.tokens = append(s.tokens, string(r))
		case now == sign && inNumber:
			signs += string(r)
		}
		if now != sign {
			signs, inNumber = "", now == digit
		}
		last = now
	}
	return s
}

func (s *sentence) extend(more string) {
	s.tokens[len(s.tokens)-1] += more
}

func classOf(r rune) class {
	switch {
	case r >= '0' && r <= '9':
		return digit
	case unicode.IsSpace(r), unicode.IsControl(r):
		return blank
	case unicode.IsLetter(r), unicode.IsNumber(r), r == utf8.RuneError:
		return letter
	case strings.ContainsRune("%‰°<>+=", r), unicode.Is(unicode.Sc, r):
		return letter // 17 % and 17 € are no incidents, nor is <3
	}
	return sign
}
