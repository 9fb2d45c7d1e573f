package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// formatPassesMax is how often the library's formatter may change its own
// result until it is content.
const formatPassesMax = 4

// Format returns the text of one configuration file in canonical form: the
// indentation, the spaces and the alignment of the equals signs, nothing else.
// Formatting what is formatted changes nothing. A file with a syntax error is
// not formatted; the diagnostics say where, and the file quotes it.
func Format(src []byte, name string) ([]byte, *hcl.File, hcl.Diagnostics) {
	if err := checkText(src); err != nil {
		rng := hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos}
		return nil, &hcl.File{Bytes: src}, hcl.Diagnostics{block.Mistake(rng, "Unreadable file", fmt.Sprintf("%s: %s.", name, cause(err)))}
	}
	p := parse(src, name)
	if p.diags.HasErrors() {
		return nil, p.file, p.diags
	}
	out := src
	for range formatPassesMax {
		next := hclwrite.Format(out)
		if string(next) == string(out) {
			break
		}
		out = next
	}
	return out, p.file, p.diags
}
