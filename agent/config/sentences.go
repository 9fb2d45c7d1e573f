package config

import (
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// sentences says every alert in words.
func (l *loader) sentences() {
	for _, a := range l.config.Rules.Alerts {
		l.config.Sentences = append(l.config.Sentences, l.say(a))
	}
}

// say says one alert in words, its conditions as they are written: If
// sensor.freezer > -12 for 20m, text Alice and Bob; clear when sensor.freezer < -15.
func (l *loader) say(a *rules.Alert) string {
	body := l.find("alert", a.Name).Body
	return fmt.Sprintf("If %s%s, text %s; clear %s.",
		l.source(body, "when"), lasting(a.For), names(l.config.Notify[a.Name]), l.sayClear(a, body))
}

func (l *loader) sayClear(a *rules.Alert, body *hclsyntax.Body) string {
	switch {
	case body.Attributes["clear_when"] != nil:
		return "when " + l.source(body, "clear_when") + lasting(a.ClearFor)
	case a.ClearFor > 0:
		return "when that has been over" + lasting(a.ClearFor)
	}
	return "when that is over"
}

// source returns an argument's expression as it is written, in one line and
// without comments.
func (l *loader) source(body *hclsyntax.Body, argument string) string {
	rng := body.Attributes[argument].Expr.Range()
	src := rng.SliceBytes(l.sources[rng.Filename].Bytes)
	tokens, _ := hclsyntax.LexExpression(src, rng.Filename, hcl.InitialPos)
	var b strings.Builder
	last := hclsyntax.Token{Type: hclsyntax.TokenOParen}
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenComment, hclsyntax.TokenNewline, hclsyntax.TokenEOF:
			continue
		}
		if t.Range.Start.Byte > last.Range.End.Byte && last.Type != hclsyntax.TokenOParen && t.Type != hclsyntax.TokenCParen {
			b.WriteByte(' ')
		}
		b.Write(t.Bytes)
		last = t
	}
	return b.String()
}

// lasting says how long something has to last, nothing when it need not.
func lasting(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return " for " + block.FormatDuration(d)
}

// names lists people as one speaks of them: Alice, Bob and Night shift.
func names(people []*notify.Contact) string {
	var all []string
	for _, c := range people {
		all = append(all, capital(strings.ReplaceAll(c.Name, "_", " ")))
	}
	if len(all) < 2 {
		return strings.Join(all, "")
	}
	last := len(all) - 1
	return strings.Join(all[:last], ", ") + " and " + all[last]
}
