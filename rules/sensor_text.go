package rules

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// addTextError complains about a part of the text that e was folded to.
func (l *sensorLoader) addTextError(summary string, e hcl.Expression, text string, err *PatternError) {
	l.Add(block.Mistake(rangeWithin(e, text, err.Offset, err.Length), summary, capital(err.Problem)+". "+err.Remedy))
}

// capital writes the first letter of an ASCII word as a capital.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// rangeWithin returns the range of length bytes at offset in text, or that of
// all of e when text does not stand there literally.
func rangeWithin(e hcl.Expression, text string, offset, length int) hcl.Range {
	rng := e.Range()
	literal, ok := e.(*hclsyntax.TemplateExpr)
	if !ok || !literal.IsStringLiteral() || rng.End.Byte-rng.Start.Byte != len(text)+len(`""`) || length == 0 {
		return rng
	}
	rng.Start = advance(rng.Start, `"`+text[:offset])
	rng.End = advance(rng.Start, text[offset:offset+length])
	return rng
}

// advance returns the position behind text, which begins at p and has no line
// ends. Columns count what a reader sees as characters.
func advance(p hcl.Pos, text string) hcl.Pos {
	whole := func(data []byte, _ bool) (int, []byte, error) { return len(data), data, nil }
	scanner := hcl.NewRangeScanner([]byte(text), "", whole)
	if scanner.Scan() {
		p.Column += scanner.Range().End.Column - hcl.InitialPos.Column
	}
	p.Byte += len(text)
	return p
}
