package scenario

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// The bounds of repeat notation.
const (
	tokensMax = 10_000    // written in one values
	countMax  = 1_000_000 // messages of one values, silences included
)

// unknownWord is what a publisher says that does not know.
const unknownWord = "unavailable"

// A token is one value of repeat notation, and how often it comes.
type token struct {
	text    string // of the payload
	unknown bool
	silent  bool
	count   int
}

// parseValues reads repeat notation: values parted by blanks, each perhaps with
// x and how often it comes, as in "-18x10 -11 ?x3 _x5 ONx2". ? is a publisher
// that does not know and _ one that says nothing. The error reads as a
// diagnostic's detail, without its full stop.
func parseValues(text string) ([]token, error) {
	words := strings.Fields(text)
	if len(words) > tokensMax {
		return nil, fmt.Errorf("there are %d values. Write at most %d; x repeats one, as in -18x10", len(words), tokensMax)
	}
	var tokens []token
	total := 0
	for _, w := range words {
		t, err := parseToken(w)
		if err != nil {
			return nil, err
		}
		if total += t.count; total > countMax {
			return nil, fmt.Errorf("these are more than %d messages. Write fewer, with a longer every", countMax)
		}
		tokens = append(tokens, t)
	}
	return tokens, nil
}

func parseToken(word string) (token, error) {
	t := token{text: word, count: 1}
	if at := strings.LastIndexByte(word, 'x'); at >= 0 && isDigits(word[at+1:]) {
		n, err := strconv.Atoi(word[at+1:])
		switch {
		case at == 0:
			return t, fmt.Errorf("%s repeats nothing. Write the value before the x, as in -18x10", word)
		case err != nil || n < 1 || n > countMax:
			return t, fmt.Errorf("%s repeats %s times. Write from 1 to %d", word, word[at+1:], countMax)
		}
		t.text, t.count = word[:at], n
	}
	switch t.text {
	case "?":
		t.text, t.unknown = unknownWord, true
	case "_":
		t.text, t.silent = "", true
	}
	return t, nil
}

func isDigits(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// value is what the token stands for inside json and payload: a number or a bool
// where it reads as one, null where it is unknown.
func (t token) value() cty.Value {
	if t.unknown {
		return cty.NullVal(cty.DynamicPseudoType)
	}
	if n, err := strconv.ParseFloat(t.text, 64); err == nil && !math.IsInf(n, 0) && !math.IsNaN(n) {
		return cty.NumberFloatVal(n)
	}
	switch t.text {
	case "true":
		return cty.True
	case "false":
		return cty.False
	}
	return cty.StringVal(t.text)
}
