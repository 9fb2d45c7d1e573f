package config

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// Diagnostics end up in logs and on screens that others see. So they quote
// neither the values of variables with sensitive = true, nor what env() yields,
// nor texts that are made from either.

// sensitive stands in the place of a secret.
const sensitive = "(sensitive)"

// secretWordMax is how long a secret may be that is only looked for as a word of
// its own: found inside others, "12" would leave nothing to read.
const secretWordMax = 3

// secret tells whether e is made from what must not be quoted. Its names are
// known to stand for something.
func (p view) secret(e hclsyntax.Expression) bool {
	return callsEnv(e) || slices.ContainsFunc(e.Variables(), func(t hcl.Traversal) bool {
		m, _ := p.base(t)
		return m.secret
	})
}

func callsEnv(e hclsyntax.Expression) (calls bool) {
	hclsyntax.VisitAll(e, func(n hclsyntax.Node) hcl.Diagnostics {
		call, ok := n.(*hclsyntax.FunctionCallExpr)
		calls = calls || ok && call.Name == "env"
		return nil
	})
	return calls
}

// onlyJoins tells a text that has what it names in it as it is, "It is
// ${var.pin}.": with that hidden the rest may be read.
func onlyJoins(e hclsyntax.Expression) bool {
	t, ok := e.(*hclsyntax.TemplateExpr)
	return ok && !slices.ContainsFunc(t.Parts, func(part hclsyntax.Expression) bool {
		switch part.(type) {
		case *hclsyntax.LiteralValueExpr, *hclsyntax.ScopeTraversalExpr:
			return false
		}
		return true
	})
}

// hide keeps the texts in v out of diagnostics, and its numbers where they are
// meant to be secret themselves and not only follow from what is.
func (l *loader) hide(v cty.Value, numbers bool) {
	switch {
	case v.IsNull():
	case iterates(v):
		for _, element := range v.Elements() {
			l.hide(element, numbers)
		}
	case v.Type() == cty.String, numbers && v.Type() == cty.Number:
		text, err := convert.Convert(v, cty.String)
		if err == nil && text.AsString() != "" {
			l.secrets[text.AsString()] = true
		}
	}
}

// mask hides what is written at rng when its line is quoted.
func (l *loader) mask(rng hcl.Range) {
	file := l.sources[rng.Filename]
	if file == nil || rng.End.Byte > len(file.Bytes) {
		return
	}
	masked := *file
	masked.Bytes = bytes.Clone(file.Bytes)
	for i, b := range masked.Bytes[rng.Start.Byte:rng.End.Byte] {
		if b != '\n' && b != '\r' {
			masked.Bytes[rng.Start.Byte+i] = '*'
		}
	}
	l.sources[rng.Filename] = &masked
}

// discreet is a diagnostic's text without the secrets in it, the longest first:
// one may be part of another.
func (l *loader) discreet(text string) string {
	for _, s := range slices.SortedFunc(maps.Keys(l.secrets), func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) }) {
		quoted := strconv.Quote(s)
		for _, form := range [...]string{s, quoted[1 : len(quoted)-1]} {
			text = withoutSecret(text, form)
		}
	}
	return text
}

func withoutSecret(text, secret string) string {
	if len(secret) > secretWordMax {
		return strings.ReplaceAll(text, secret, sensitive)
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, secret)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if text = after; endsInWord(before) || startsWithWord(after) {
			b.WriteString(secret)
		} else {
			b.WriteString(sensitive)
		}
	}
}

func startsWithWord(s string) bool { return s != "" && isWord(s[0]) }
func endsInWord(s string) bool     { return s != "" && isWord(s[len(s)-1]) }

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}
