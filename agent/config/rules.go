package config

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// rules hands sensors and alerts to their package and resolves what they refer
// to outside of it.
func (l *loader) rules() {
	set, diags := rules.Load(slices.Concat(l.blocks["sensor"], l.blocks["switch"], l.blocks["alert"]), l.ctx, l.config.Site.Zone)
	l.config.Rules = set
	l.switchWords()
	l.add(slices.DeleteFunc(diags, l.hearsay(diags))...)
	for _, b := range l.blocks["sensor"] {
		for _, ref := range block.Open(b, l.ctx).Refs("mqtt", "mqtt") {
			l.knows(ref)
		}
	}
	l.routes()
	l.routeOutage()
}

// hearsay tells the diagnostics that follow from others: a name is unknown
// because the block that declares it has a mistake, or was in a file that could
// not be read.
func (l *loader) hearsay(diags hcl.Diagnostics) func(*hcl.Diagnostic) bool {
	doubtful := map[string]bool{}
	for _, b := range l.blocks["sensor"] {
		doubtful[label(b)] = slices.ContainsFunc(diags, within(b))
	}
	return func(d *hcl.Diagnostic) bool {
		switch d.Summary {
		case "Unknown sensor", "Unknown switch", "Unknown alert":
			return l.partial
		case "Unknown field", "Unknown name":
			return slices.ContainsFunc(l.blocks["alert"], func(b *hclsyntax.Block) bool {
				return within(b)(d) && slices.ContainsFunc(sensorsNamed(b.Body), func(s string) bool { return doubtful[s] })
			})
		}
		return false
	}
}

// within tells the errors that were found in a block.
func within(b *hclsyntax.Block) func(*hcl.Diagnostic) bool {
	return func(d *hcl.Diagnostic) bool { return d.Severity == hcl.DiagError && d.Extra == b }
}

// sentence makes an error the detail of a diagnostic: "; " parts fact and
// remedy, which become sentences.
func sentence(text string) string {
	parts := strings.Split(strings.TrimSuffix(text, "."), "; ")
	for i, p := range parts {
		if i > 0 {
			p = capital(p)
		}
		parts[i] = p + "."
	}
	return strings.Join(parts, " ")
}

// capital writes the first letter of text as a capital.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
