// Package command reads what people answer by text.
//
// It is pure, and takes every text for one that somebody made up to do harm: it
// is strict, takes bounded time, and has no effect. What is not wholly understood
// is no command, so that a sentence which has an OK in it acknowledges nothing.
package command

import (
	"fmt"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/agent/phrase"
)

// Kind is what a command does.
type Kind uint8

// The kinds of commands.
const (
	Ack     Kind = iota + 1 // acknowledge All, or Numbers; neither: the latest
	Status                  // how the gateway is
	List                    // what fires
	More                    // what did not fit
	Why                     // the values behind the one of Numbers; none: the latest
	Mute                    // silence All, or Numbers, or what the sender is told; For, or UntilClear, or for as long as is usual
	Unmute                  // end silences, of All, or of Numbers, or of what the sender is told
	Turn                    // set Switch to On
	Stop                    // text the sender no more
	Start                   // text the sender again
	Help                    // what can be said
	Confirm                 // what wanted the Code
)

// Bounds of what is understood.
const (
	textMax   = 160                  // characters
	numberMax = 99                   // of an incident, from 1
	forMax    = 400 * 24 * time.Hour // of a silence, as far as it is understood
	codeLen   = 4                    // digits of a one-time code
)

// A Command is what somebody wants.
type Command struct {
	Kind       Kind
	Numbers    []int         // of incidents, in the order they were written, each once
	All        bool          // every incident
	For        time.Duration // whole minutes; 0: it was not said
	UntilClear bool
	Switch     string // the name of the switch
	On         bool   // what it becomes
	Word       string // by which the switch is set, as configured
	Code       string // four digits; "" when there was none
}

// A Switch is one that is set by text. Its words are of letters and digits.
type Switch struct {
	Name    string
	On, Off string // the words that set it; "" for none
}

// words are the first words of commands, as String writes them.
var words = map[Kind]string{
	Ack: "OK", Status: "STATUS", List: "LIST", More: "MORE", Why: "WHY", Mute: "MUTE", Unmute: "UNMUTE",
	Stop: "STOP", Start: "START", Help: "HELP",
}

// String writes the command as somebody might send it, in English. Parse reads
// the same command from it in any language, given the switches.
func (c Command) String() string {
	said := []string{words[c.Kind], c.Word}
	if c.All {
		said = append(said, "ALL")
	}
	for _, n := range c.Numbers {
		said = append(said, fmt.Sprint(n))
	}
	if hours := c.For / time.Hour; hours > 0 {
		said = append(said, fmt.Sprintf("%dh", hours))
	}
	if minutes := c.For % time.Hour / time.Minute; minutes > 0 {
		said = append(said, fmt.Sprintf("%dmin", minutes))
	}
	if c.UntilClear {
		said = append(said, "CLEAR")
	}
	return strings.Join(strings.Fields(strings.Join(append(said, c.Code), " ")), " ")
}

// Taken reports whether word cannot set a switch, because it says something else
// in some language.
func Taken(word string) bool {
	for _, name := range phrase.Languages {
		l := phrase.In(name)
		if _, ok := Parse(word, l, nil); ok {
			return true
		}
		if _, ok := l.Means(strings.Join(read(word).tokens, " ")); ok {
			return true
		}
	}
	return false
}
