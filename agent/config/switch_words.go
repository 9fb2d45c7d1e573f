package config

import (
	"fmt"

	reply "github.com/tocsin-edge/tocsin/agent/command"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// switchWords complains about words that shall set a switch and say something else
// already when somebody texts them.
func (l *loader) switchWords() {
	for at, s := range l.config.Rules.Switches {
		for i, word := range s.Words {
			if word != "" && reply.Taken(word) {
				l.found(l.blocks["switch"][at], block.Mistake(s.WordRanges[i], "Invalid word", fmt.Sprintf(
					"People text %q for something else, in English or in another language. Write another word.", word)))
			}
		}
	}
}
