package config

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

const (
	// nestingMax bounds how deep the parser and everything after it recurse.
	// Every level of an expression takes at least one token.
	nestingMax = 1000
	// syntaxErrorsMax bounds the syntax errors that are reported of one file.
	syntaxErrorsMax = 20
)

// syntaxError marks a diagnostic that others on its line may follow from.
const syntaxError = "syntax error"

// A parsed file holds the blocks of every line that could be understood.
type parsed struct {
	file    *hcl.File
	diags   hcl.Diagnostics
	skipped []int // lines whose value was not understood
	whole   bool  // what is not skipped is all there; else file.Body says nothing
}

// parse reads one file. A syntax error is reported once, its line is blotted out
// and the file read again, so that one slip hides no other mistake and causes
// no made-up ones.
func parse(src []byte, name string) parsed {
	p := parsed{file: &hcl.File{Bytes: src, Body: &hclsyntax.Body{}}}
	readable := src
	for range syntaxErrorsMax {
		f, diags := parseOnce(readable, name)
		first := firstSyntaxError(diags)
		if first == nil {
			f.Bytes = src
			p.file, p.whole = f, true
			p.diags = append(p.diags, diags...)
			return p
		}
		at := first.Subject.Start
		if slices.Contains(p.skipped, at.Line) {
			return p
		}
		d := explain(first, readable)
		p.diags = append(p.diags, d)
		for _, line := range linesOf(d, readable, at) {
			p.skipped = append(p.skipped, line.Line)
			var ok bool
			if readable, ok = blot(readable, line.Byte); !ok {
				return p
			}
		}
	}
	return p
}

// linesOf are the lines, by a place in each, that a syntax error makes useless:
// its own, and that on which an expression goes on.
func linesOf(d *hcl.Diagnostic, src []byte, at hcl.Pos) []hcl.Pos {
	lines := []hcl.Pos{at}
	if end := bytes.IndexByte(src[at.Byte:], '\n'); d.Summary == severalLines && end >= 0 {
		lines = append(lines, hcl.Pos{Line: at.Line + 1, Column: 1, Byte: at.Byte + end + 1})
	}
	return lines
}

// parseOnce parses src unless that could exhaust the stack or the processor.
func parseOnce(src []byte, name string) (*hcl.File, hcl.Diagnostics) {
	tokens, _ := hclsyntax.LexConfig(src, name, hcl.InitialPos)
	if d := checkBounds(tokens); d != nil {
		return nil, hcl.Diagnostics{d}
	}
	return hclsyntax.ParseConfig(src, name, hcl.InitialPos)
}

// firstSyntaxError returns the error that comes first in the source, nil when
// there is none. An argument written twice breaks nothing.
func firstSyntaxError(diags hcl.Diagnostics) *hcl.Diagnostic {
	var first *hcl.Diagnostic
	for _, d := range diags {
		if d.Severity != hcl.DiagError || d.Summary == "Attribute redefined" || d.Subject == nil {
			continue
		}
		if first == nil || d.Subject.Start.Byte < first.Subject.Start.Byte {
			first = d
		}
	}
	return first
}

// blot overwrites the value of the argument on the line of the byte at, or the
// whole line when it holds no argument. Every other byte keeps its place. It
// declines when the line opens or closes what other lines belong to.
func blot(src []byte, at int) ([]byte, bool) {
	start := bytes.LastIndexByte(src[:at], '\n') + 1
	end := len(src)
	if n := bytes.IndexByte(src[at:], '\n'); n >= 0 {
		end = at + n
	}
	if !balanced(src[start:end]) {
		return src, false
	}
	out := bytes.Clone(src)
	if value := valueStart(src[start:end]); value > 0 {
		start += value
		out[start] = '0'
		start++
	}
	for i := start; i < end; i++ {
		if out[i] != '\r' {
			out[i] = ' '
		}
	}
	return out, true
}

// balanced reports whether a line closes every bracket and heredoc it opens,
// and no others.
func balanced(text []byte) bool {
	tokens, _ := hclsyntax.LexConfig(text, "", hcl.InitialPos)
	depth := 0
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen,
			hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl, hclsyntax.TokenOHeredoc:
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd:
			depth--
		}
		if depth < 0 {
			return false
		}
	}
	return depth == 0
}

// valueStart returns where the value begins on a line such as `for = 10m`, 0
// when the line is not one.
func valueStart(text []byte) int {
	name, value, found := bytes.Cut(text, []byte("="))
	if !found || !hclsyntax.ValidIdentifier(string(bytes.TrimSpace(name))) {
		return 0
	}
	trimmed := bytes.TrimLeft(value, " \t")
	if len(bytes.TrimSpace(trimmed)) == 0 {
		return 0
	}
	return len(text) - len(trimmed)
}

// checkBounds refuses what would nest too deep and numbers no reading can have:
// evaluating the template "${1e1000000000}" would take minutes.
func checkBounds(tokens hclsyntax.Tokens) *hcl.Diagnostic {
	var depth nesting
	for _, t := range tokens {
		if t.Type == hclsyntax.TokenNumberLit {
			if _, err := strconv.ParseFloat(string(t.Bytes), 64); err != nil {
				return tooMuch(t.Range, "Invalid number", "This number is too large. Write one below 1e308.")
			}
		}
		if depth.add(t); depth.total > nestingMax {
			return tooMuch(t.Range, "Expression too long", fmt.Sprintf(
				"This is nested or chained more than %d deep. Split it into several alerts or sensors.", nestingMax))
		}
	}
	return nil
}

func tooMuch(rng hcl.Range, summary, detail string) *hcl.Diagnostic {
	d := block.Mistake(rng, summary, detail)
	d.Extra = syntaxError
	return d
}

// nesting bounds the depth of the syntax tree at each token from above: the
// tokens since the last separator, summed over all open brackets.
type nesting struct {
	open  []int  // for each open bracket, here before it
	multi []bool // for each open bracket, whether a newline inside separates nothing
	here  int
	total int // here and all of open
}

func (n *nesting) add(t hclsyntax.Token) {
	switch t.Type {
	case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote,
		hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
		n.count()
		n.open = append(n.open, n.here)
		n.multi = append(n.multi, t.Type != hclsyntax.TokenOBrace)
		n.here = 0
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote,
		hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
		n.close()
	case hclsyntax.TokenComma:
		n.separate()
	case hclsyntax.TokenNewline, hclsyntax.TokenComment: // a comment holds its newline
		if last := len(n.multi) - 1; last < 0 || !n.multi[last] {
			n.separate()
		}
	default:
		n.count()
	}
}

func (n *nesting) count() { n.here++; n.total++ }

func (n *nesting) separate() { n.total -= n.here; n.here = 0 }

func (n *nesting) close() {
	n.separate()
	if last := len(n.open) - 1; last >= 0 {
		n.here = n.open[last]
		n.open, n.multi = n.open[:last], n.multi[:last]
	}
}

// parseExpression reads an expression that stands by itself, such as the value
// of --var.
func parseExpression(text, name string) (hclsyntax.Expression, *hcl.Diagnostic) {
	if err := checkText([]byte(text)); err != nil || len(text) > fileMaxBytes {
		return nil, block.Mistake(wholeRange("", name), "Unreadable value", "It is not text in UTF-8, or longer than a configuration file.")
	}
	tokens, _ := hclsyntax.LexExpression([]byte(text), name, hcl.InitialPos)
	if d := checkBounds(tokens); d != nil {
		return nil, d
	}
	e, diags := hclsyntax.ParseExpression([]byte(text), name, hcl.InitialPos)
	if first := firstSyntaxError(diags); first != nil {
		return nil, explain(first, []byte(text))
	}
	return e, nil
}
