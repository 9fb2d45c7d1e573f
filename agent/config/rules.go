package config

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// rules hands sensors and alerts to their package and resolves what they refer
// to outside of it.
func (l *loader) rules() {
	set, diags := rules.Load(slices.Concat(l.blocks["sensor"], l.blocks["alert"]), l.ctx)
	l.config.Rules = set
	if l.partial {
		diags = slices.DeleteFunc(diags, unknownSensor)
	}
	l.add(diags...)
	for _, b := range l.blocks["sensor"] {
		for _, ref := range block.Open(b, l.ctx).Refs("mqtt", "mqtt") {
			l.exists(ref)
		}
	}
	l.notify()
}

// unknownSensor reports whether a diagnostic misses a sensor, which may be in
// the part of the configuration that could not be read.
func unknownSensor(d *hcl.Diagnostic) bool { return d.Summary == "Unknown sensor" }

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
