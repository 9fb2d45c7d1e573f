package modemtest

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// form tells the four ways to write an extended command apart (V.250 5.4).
type form uint8

const (
	execute form = iota // AT+CSQ, and every basic command
	read                // AT+CMGF?
	test                // AT+CMGF=?
	set                 // AT+CMGF=0
)

// command is one command of a command line.
type command struct {
	name string // upper case with its prefix: "E", "&F", "+CMGS", "^CURC"
	form form
	args []argument // of set; a basic command has its number here
}

// argument is one parameter of a command: a number, a bare word or a string.
type argument struct {
	text   string // without the quotes
	quoted bool
}

// text returns the parameter at i as written, or "" when it was left out.
func (c command) text(i int) string {
	if i >= len(c.args) {
		return ""
	}
	return c.args[i].text
}

// number returns the parameter at i, or otherwise when it was left out. It
// is not ok when something else than a decimal number was written there.
func (c command) number(i, otherwise int) (n int, ok bool) {
	text := c.text(i)
	if text == "" {
		return otherwise, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && !c.args[i].quoted
}

// commandText returns what follows "AT" in a line as typed. Whatever comes
// before it is noise to a modem, and a line without it is no command at all.
func commandText(line string) (string, bool) {
	at := indexFold(line, "AT")
	if at < 0 {
		return "", false
	}
	return line[at+len("AT"):], true
}

// indexFold is strings.Index whatever the case. Folding the whole line first
// would move its octets, if it is not UTF-8.
func indexFold(line, part string) int {
	for i := range len(line) - len(part) + 1 {
		if strings.EqualFold(line[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}

// parseCommands splits the text after "AT" into commands (V.250 5.2). With an
// error it returns the commands before the mistake, which a modem still
// carries out.
func parseCommands(text string) ([]command, error) {
	var commands []command
	for rest := strings.TrimLeft(text, " ;"); rest != ""; rest = strings.TrimLeft(rest, " ;") {
		c, after, err := parseCommand(rest)
		if err != nil {
			return commands, err
		}
		commands = append(commands, c)
		rest = after
	}
	return commands, nil
}

func parseCommand(text string) (command, string, error) {
	if strings.ContainsRune("+^$#%*", rune(text[0])) {
		return parseExtended(text)
	}
	return parseBasic(text)
}

// parseBasic reads a letter, perhaps after & or \, and the number behind it
// (V.250 5.3); Sn= and Sn? name their register in the command's name.
func parseBasic(text string) (command, string, error) {
	at := 0
	if text[0] == '&' || text[0] == '\\' {
		at = 1
	}
	if at >= len(text) || !isLetter(text[at]) {
		return command{}, "", fmt.Errorf("%q is no command", text)
	}
	name := strings.ToUpper(text[:at+1])
	number, rest := leadingDigits(text[at+1:])
	switch {
	case name == "D":
		return parseDial(text[at+1:])
	case name == "S":
		return parseRegister(number, rest)
	case number == "":
		return command{name: name}, rest, nil
	}
	return command{name: name, args: []argument{{text: number}}}, rest, nil
}

// parseDial reads a dial string, which a semicolon ends (V.250 6.3.1): it asks
// for voice, and is part of the parameter here.
func parseDial(text string) (command, string, error) {
	end := strings.IndexByte(text, ';') + 1
	if end == 0 {
		end = len(text)
	}
	return command{name: "D", args: []argument{{text: text[:end]}}}, text[end:], nil
}

func parseRegister(number, rest string) (command, string, error) {
	c := command{name: "S" + number}
	if strings.HasPrefix(rest, "?") {
		c.form = read
		return c, rest[1:], nil
	}
	if !strings.HasPrefix(rest, "=") {
		return c, rest, nil
	}
	value, rest := leadingDigits(rest[1:])
	c.form, c.args = set, []argument{{text: value}}
	return c, rest, nil
}

func parseExtended(text string) (command, string, error) {
	end := 1
	for end < len(text) && isNameByte(text[end]) {
		end++
	}
	if end == 1 {
		return command{}, "", fmt.Errorf("%q has no name", text)
	}
	c := command{name: strings.ToUpper(text[:end])}
	tail, rest, err := untilSemicolon(text[end:])
	if err != nil {
		return command{}, "", err
	}
	tail = strings.TrimSpace(tail)
	switch {
	case tail == "":
	case tail == "?":
		c.form = read
	case tail == "=?":
		c.form = test
	case tail[0] == '=':
		c.form, c.args = set, splitArguments(tail[1:])
	default:
		return command{}, "", fmt.Errorf("%q after %s", tail, c.name)
	}
	return c, rest, nil
}

var errOpenQuote = errors.New("a string without its closing quote")

// untilSemicolon cuts text at the first semicolon outside quotes.
func untilSemicolon(text string) (before, after string, err error) {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == ';' && !quoted:
			return text[:i], text[i+1:], nil
		}
	}
	if quoted {
		return "", "", errOpenQuote
	}
	return text, "", nil
}

// splitArguments cuts at commas outside quotes; the quotes are balanced.
func splitArguments(text string) []argument {
	var args []argument
	quoted, from := false, 0
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			quoted = !quoted
		case text[i] == ',' && !quoted:
			args = append(args, newArgument(text[from:i]))
			from = i + 1
		}
	}
	return append(args, newArgument(text[from:]))
}

func newArgument(text string) argument {
	text = strings.TrimSpace(text)
	if len(text) >= 2 && text[0] == '"' && text[len(text)-1] == '"' {
		return argument{text: text[1 : len(text)-1], quoted: true}
	}
	return argument{text: text}
}

func leadingDigits(text string) (digits, rest string) {
	end := 0
	for end < len(text) && isDigit(text[end]) {
		end++
	}
	return text[:end], text[end:]
}

func isLetter(b byte) bool { return b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' }

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// isNameByte allows the characters V.250 5.4.1 allows in a name, but for %,
// which some makers use to begin one.
func isNameByte(b byte) bool {
	return isLetter(b) || isDigit(b) || strings.IndexByte("!-./:_", b) >= 0
}
