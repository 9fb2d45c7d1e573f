package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/modem"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// Message is what an alert's alarm takes on the air, at its longest.
type Message struct {
	Alert      string
	Example    string // the longest text that is to be expected, values made up
	Characters int    // of Example
	Parts      int    // of which each is paid for
	Cut        bool   // there are more than modem.PartsMax, and the end is cut off
	Encoding   string // modem.EncodingGSM (160 characters, 153 in each of several parts) or EncodingUCS2 (70 and 67)
	Because    string // the characters that keep it from GSM's alphabet; "" when it is in that
	Sent       string // Example as the phone shows it, where signs such as ° are replaced; else ""
}

// What the longest text is reckoned with where nothing says more.
const (
	numberAssumed = "-8888.8"           // four significant digits
	textAssumed   = "xxxxxxxxxxxxxxxx"  // a label, or what a sensor says in words
	timeAssumed   = "2026-03-01T07:30Z" // times have one form
	spanAssumed   = "23 h 59 min"       // ages and times to go
)

// messages reckons the alarm of each alert, of one with levels the costliest.
func (l *loader) messages() {
	for _, a := range l.config.Rules.Alerts {
		var costliest Message
		for _, text := range l.alarms(a) {
			if l.config.Site.Name != "" {
				text = l.config.Site.Name + ": " + text
			}
			m := messageOf(a.Name, text)
			if cmp.Or(m.Parts-costliest.Parts, m.Characters-costliest.Characters) > 0 {
				costliest = m
			}
		}
		l.config.Messages = append(l.config.Messages, costliest)
	}
}

func messageOf(alert, text string) Message {
	m := Message{Alert: alert, Example: text, Characters: utf8.RuneCountInString(text)}
	m.Parts, m.Encoding = modem.Segments(text)
	m.Cut = m.Parts > modem.PartsMax
	if m.Encoding == modem.EncodingUCS2 {
		m.Because = oddCharacters(text)
	} else if sent := modem.AsSent(text); sent != text {
		m.Sent = sent
	}
	return m
}

// oddCharacters are the characters of text that neither are in GSM's alphabet
// nor look like any that is, each once.
func oddCharacters(text string) string {
	var odd strings.Builder
	for _, r := range text {
		if _, encoding := modem.Segments(string(r)); encoding == modem.EncodingUCS2 && !strings.ContainsRune(odd.String(), r) {
			odd.WriteRune(r)
		}
	}
	return odd.String()
}

// alarms are the longest message of each level of an alert that is to be
// expected.
func (l *loader) alarms(a *rules.Alert) []string {
	body := l.find("alert", a.Name).Body
	s := sampler{loader: l}
	for _, sensor := range l.config.Rules.Sensors {
		if slices.Contains(sensorsNamed(body), sensor.Name) {
			s.sensors = append(s.sensors, sensor)
		}
	}
	var all []string
	for _, level := range a.Levels {
		all = append(all, s.alarm(a, level, body))
	}
	return all
}

// alarm is the longest text of one level.
func (s sampler) alarm(a *rules.Alert, level *rules.Level, body *hclsyntax.Body) string {
	for _, b := range []*hclsyntax.Body{levelBody(a, level, body), body} {
		if message := b.Attributes["message"]; message != nil {
			return s.sample(message.Expr) + s.silence(a)
		}
	}
	var labels []string
	for _, name := range a.Labels {
		labels = append(labels, s.label(name))
	}
	text := block.Spoken(a.Name)
	if len(labels) > 0 {
		text += " (" + strings.Join(labels, ", ") + ")"
	}
	if a.Leveled {
		text += ": " + string(level.Severity)
	}
	return text + s.silence(a)
}

// silence is the longest end of an alarm that tells of a sensor's silence.
func (s sampler) silence(a *rules.Alert) string {
	longest := ""
	for _, sensor := range a.Heeds() {
		if a.OnOffline == rules.Fire {
			longest = longer(longest, fmt.Sprintf(" (%s silent for %s)", block.Spoken(sensor.Name), spanAssumed))
		}
	}
	return longest
}

// A sampler makes up the longest texts of one alert.
type sampler struct {
	*loader
	sensors []*rules.Sensor // that the alert uses
}

// label is the longest value of a label: of those that are expected, when they
// are known.
func (s sampler) label(name string) string {
	longest := ""
	for _, sensor := range s.sensors {
		at := slices.Index(sensor.Pattern.Labels(), name)
		if at < 0 {
			continue
		}
		for _, values := range sensor.Expect {
			longest = longer(longest, values[at])
		}
	}
	return cmp.Or(longest, textAssumed)
}

// sample is the longest that an expression is to be expected as, as a text.
func (s sampler) sample(e hclsyntax.Expression) string {
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		if !e.Val.IsNull() && e.Val.Type() == cty.String {
			return e.Val.AsString()
		}
		return literalWords(e.Val)
	case *hclsyntax.TemplateExpr:
		return strings.Join(s.samples(e.Parts), "")
	case *hclsyntax.TemplateWrapExpr:
		return s.sample(e.Wrapped)
	case *hclsyntax.ParenthesesExpr:
		return s.sample(e.Expression)
	case *hclsyntax.ConditionalExpr:
		return longer(s.sample(e.TrueResult), s.sample(e.FalseResult))
	case *hclsyntax.ScopeTraversalExpr:
		return s.sampleOfName(e.Traversal)
	case *hclsyntax.FunctionCallExpr:
		return s.sampleOfCall(e)
	case *hclsyntax.BinaryOpExpr:
		if n, ok := numberOf(e); ok {
			return literalWords(n)
		}
		if _, number := calculations[e.Op]; !number {
			return "false"
		}
	case *hclsyntax.UnaryOpExpr:
		if e.Op == hclsyntax.OpLogicalNot {
			return "false"
		}
		if n, ok := numberOf(e); ok {
			return literalWords(n)
		}
	}
	return numberAssumed
}

func (s sampler) samples(all []hclsyntax.Expression) []string {
	var out []string
	for _, e := range all {
		out = append(out, s.sample(e))
	}
	return out
}

func longer(a, b string) string {
	return choose(utf8.RuneCountInString(a) >= utf8.RuneCountInString(b), a, b)
}

// sampleOfName is the longest value of a sensor's field; what is no sensor is a
// label.
func (s sampler) sampleOfName(t hcl.Traversal) string {
	if t.RootName() != "sensor" {
		return choose(t.RootName() == "switch", "false", s.label(t.RootName()))
	}
	f := s.field(t)
	if f == nil {
		return numberAssumed
	}
	switch f.Kind {
	case rules.Bool:
		return "false"
	case rules.String:
		return textAssumed
	case rules.Time:
		return timeAssumed
	}
	return sampleOfRange(f.Valid)
}

// field finds the field of a sensor that a traversal reads, nil when there is
// none.
func (l *loader) field(t hcl.Traversal) *rules.Field {
	for _, s := range l.config.Rules.Sensors {
		if s.Name != stepName(t, 1) {
			continue
		}
		if i := s.Field(stepName(t, 2)); i >= 0 {
			return &s.Fields[i]
		}
	}
	return nil
}

// sampleOfRange is the longest number of a range in four significant digits.
func sampleOfRange(valid *[2]float64) string {
	if valid == nil {
		return numberAssumed
	}
	longest := ""
	for _, bound := range valid {
		longest = longer(longest, fourDigits(bound))
	}
	return longest
}

// fourDigits writes a number with four significant digits, or as many as its
// whole part has: the longest that is near n.
func fourDigits(n float64) string {
	const significant = 4
	whole := strconv.FormatFloat(n, 'f', 0, 64)
	digits := len(strings.TrimPrefix(whole, "-"))
	return strconv.FormatFloat(n, 'f', max(0, significant-digits), 64)
}

// sampleOfCall is the longest that a function is to be expected to yield.
func (s sampler) sampleOfCall(e *hclsyntax.FunctionCallExpr) string {
	args := s.samples(e.Args)
	switch e.Name {
	case "age", "eta":
		return spanAssumed
	case "known", "between", "contains", "offline", "changed", "held", "happened":
		return "false"
	case "default", "min", "max":
		longest := ""
		for _, arg := range args {
			longest = longer(longest, arg)
		}
		return longest
	case "format":
		return sampleOfFormat(args)
	case "join":
		if len(args) > 1 {
			return strings.Join(args[1:], args[0])
		}
	case "upper":
		return strings.ToUpper(args[0])
	case "lower", "abs", "round", "floor", "ceil", "previous", "avg_over", "min_over", "max_over":
		return args[0]
	}
	return numberAssumed
}

// verb is a verb of format, or a percent sign.
var verb = regexp.MustCompile(`%%|%[-+ #0-9.]*[a-zA-Z]`)

// sampleOfFormat puts each argument in the place of its verb.
func sampleOfFormat(args []string) string {
	if len(args) == 0 {
		return ""
	}
	next := 0
	return verb.ReplaceAllStringFunc(args[0], func(v string) string {
		if v == "%%" {
			return "%"
		}
		if next++; next < len(args) {
			return args[next]
		}
		return ""
	})
}
