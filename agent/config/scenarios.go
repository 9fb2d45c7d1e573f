package config

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// scenarioSuffix ends the names of the files that hold scenarios.
const scenarioSuffix = ".test.hcl"

// Scenarios reads every *.test.hcl file of dir, in the order of their names, and
// lets read take each `test` block and say what is wrong with it. Whatever else
// stands in these files is a mistake. The diagnostics are in the order of the
// source.
func Scenarios(dir string, read func(*hclsyntax.Block) hcl.Diagnostics) (Sources, hcl.Diagnostics) {
	l := &loader{dir: dir, sources: Sources{}, skipped: map[line]bool{}}
	names, err := filesEnding(dir, isScenarioFile)
	if err != nil {
		l.add(wholeMistake("Unreadable scenarios", fmt.Sprintf("%s: %s.", dir, cause(err))))
	}
	for _, name := range names {
		body := l.parseFile(name)
		if body == nil {
			continue
		}
		for _, a := range inOrder(body.Attributes) {
			l.add(block.Mistake(a.NameRange, "Unsupported argument", fmt.Sprintf("%s stands outside of any block. A file of scenarios holds test blocks.", a.Name)))
		}
		for _, b := range body.Blocks {
			if b.Type != "test" {
				l.add(block.Mistake(b.TypeRange, "Unsupported block", fmt.Sprintf(
					"%s holds test blocks, and this is a %s block. Move it into a file that ends in .hcl alone.", name, b.Type)))
				continue
			}
			l.found(b, read(b)...)
		}
	}
	return l.sources, l.told()
}

func isScenarioFile(name string) bool { return strings.HasSuffix(name, scenarioSuffix) }
