package rules

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// renderedMaxBytes bounds a rendered message, in bytes of UTF-8; more is cut
// and ends in "...".
const renderedMaxBytes = 2 << 10

// Template is a compiled text with ${…} in it. It keeps no state: one Template
// serves every instance of an alert, from any goroutine.
type Template struct{ parts []messagePart }

// compileTemplate compiles what `message` and `cleared` hold: a text, usually
// in quotes. The Template is nil when there are errors, also when they are in
// the block of a sensor it reads.
func compileTemplate(e hcl.Expression, s *Scope) (*Template, hcl.Diagnostics) {
	c := &compiler{scope: s}
	root := c.root(e)
	if root == nil {
		return nil, c.diags
	}
	parts := c.message(root)
	if !c.sound() {
		return nil, c.diags
	}
	s.wakeups = append(s.wakeups, c.standing...)
	for _, p := range c.said {
		s.Sensors[p.slot].told = true
	}
	return &Template{parts: parts}, nil
}

func (c *compiler) message(e hclsyntax.Expression) []messagePart {
	switch e := block.Bare(e).(type) {
	case *hclsyntax.TemplateExpr:
		return c.messageParts(e)
	case *hclsyntax.TemplateWrapExpr:
		return []messagePart{c.messagePart(e.Wrapped)}
	}
	before := len(c.said)
	x := c.expression(e)
	if !x.broken() && x.kind != String {
		c.mistake(e, "Not a text", fmt.Sprintf("%s is %s, and a message is a text. Write it in quotes, as in \"Freezer ${sensor.freezer} C\".",
			nameAtStart(e), noun(x)))
	}
	return []messagePart{{oneLine(x.printed()), c.said[before:]}}
}

// messagePart compiles what stands in ${…}.
func (c *compiler) messagePart(e hclsyntax.Expression) messagePart {
	before := len(c.said)
	x := c.expression(e)
	return messagePart{oneLine(x.printed()), c.said[before:]}
}

func (c *compiler) messageParts(e *hclsyntax.TemplateExpr) []messagePart {
	var parts []messagePart
	literal := 0
	for _, part := range e.Parts {
		if text, ok := literalPart(part); ok {
			parts = append(parts, messagePart{print: literalPrinter(text)})
			literal += len(text)
		} else {
			parts = append(parts, c.messagePart(part))
		}
	}
	if literal > renderedMaxBytes {
		c.mistake(e, "Message too long", fmt.Sprintf("This text is %d bytes long, and a message has at most %d.", literal, renderedMaxBytes))
	}
	return parts
}

// literalPart is the text of a part of a template that stands outside ${…}.
func literalPart(e hclsyntax.Expression) (string, bool) {
	lit, ok := e.(*hclsyntax.LiteralValueExpr)
	if !ok || lit.Val.IsNull() || lit.Val.Type() != cty.String {
		return "", false
	}
	return lit.Val.AsString(), true
}

// quotedTemplate compiles a quoted text that is used as a value.
func (c *compiler) quotedTemplate(e *hclsyntax.TemplateExpr) expr {
	var parts []printer
	var made []expr
	broken := false
	for _, part := range e.Parts {
		x := c.expression(part)
		broken = broken || x.broken()
		parts, made = append(parts, x.printed()), append(made, x)
	}
	if broken {
		return expr{}
	}
	return stringExpr(concatenation(parts)).from(made...)
}

// quotedValue compiles "${x}". HCL takes it for x itself, whatever its type; we
// accept it only where x is a text and that makes no difference.
func (c *compiler) quotedValue(e *hclsyntax.TemplateWrapExpr) expr {
	x := c.expression(e.Wrapped)
	if x.broken() || x.kind == String {
		return x
	}
	return c.mistake(e, "Needless quotes", fmt.Sprintf("%s is %s, and quotes do not make it a text here. Write it without the quotes and ${ }.",
		nameAtStart(e.Wrapped), noun(x)))
}

// Render fills in the template.
//
// Numbers have four significant digits, but never fewer than their whole part,
// and no exponent from 1e-9 to 2^53. Bools are true or false. Times are
// UTC in RFC 3339, to the minute. Durations read as people say them: 45 s, 12
// min, 26 h. What is unknown is what was last known, with its age, as in "-11 (4
// min ago)", or "?". In what was filled in, and so may come from a sensor, line
// breaks and other control characters are spaces.
func (t *Template) Render(f *Frame) string {
	var text []byte
	for i := range t.parts {
		text = t.parts[i].append(text, f)
		if len(text) > renderedMaxBytes {
			return string(cutText(text, renderedMaxBytes-len(cutMark))) + cutMark
		}
	}
	return string(text)
}

const cutMark = "..."

// cutText is at most n bytes of text, without half a character at the end.
func cutText(text []byte, n int) []byte {
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// oneLine prints as p does, without control characters.
func oneLine(p printer) printer {
	return func(dst []byte, f *Frame) ([]byte, Reason) {
		from := len(dst)
		dst, why := p(dst, f)
		if bytes.ContainsFunc(dst[from:], isControl) {
			dst = append(dst[:from], plainText(string(dst[from:]))...)
		}
		return dst, why
	}
}

// plainText is s with a space for each line break and each other character
// that a reader cannot see but a phone obeys.
func plainText(s string) string {
	return string(bytes.Map(func(r rune) rune {
		if isControl(r) {
			return ' '
		}
		return r
	}, []byte(s)))
}

// isControl tells control characters, the line and paragraph separators of
// Unicode and the marks that turn the direction of writing.
func isControl(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || unicode.Is(unicode.Bidi_Control, r)
}

const (
	significantDigits = 4
	plainNumberMin    = 1e-9
	plainNumberMax    = 1 << 53 // beyond it a float64 has no exact whole part
)

func numberText(v float64) string { return string(appendNumber(nil, v)) }

// appendNumber appends v for people: 0.3 for 0.30000000000000004, 123456 for
// 123456, 0.0000001 for 1e-7.
func appendNumber(dst []byte, v float64) []byte {
	size := math.Abs(v)
	switch {
	case v == 0:
		return append(dst, '0')
	case size < plainNumberMin || size > plainNumberMax:
		return strconv.AppendFloat(dst, v, 'g', significantDigits, 64)
	}
	digits := significantDigits - 1 - exponentOf(v)
	if digits <= 0 {
		return strconv.AppendFloat(dst, v, 'f', 0, 64)
	}
	return trimZeros(strconv.AppendFloat(dst, v, 'f', digits, 64))
}

// exponentOf is the decimal exponent of v once it is rounded to the
// significant digits: 3 for 999.96.
func exponentOf(v float64) int {
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], v, 'e', significantDigits-1, 64)
	exponent, _ := strconv.Atoi(string(text[bytes.IndexByte(text, 'e')+1:]))
	return exponent
}

// trimZeros drops the zeros at the end of a number with a decimal point.
func trimZeros(text []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimRight(text, "0"), []byte{'.'})
}

// timeTextMax is the first second of the year 10000, which RFC 3339 cannot say.
const timeTextMax = 253_402_300_800

// appendTime appends a time given in seconds since 1970: 2026-03-01T07:30Z.
func appendTime(dst []byte, seconds float64) []byte {
	if seconds < 0 || seconds >= timeTextMax {
		return appendNumber(dst, seconds)
	}
	return time.Unix(int64(seconds), 0).UTC().AppendFormat(dst, "2006-01-02T15:04Z")
}

// appendDuration appends a duration given in seconds: 12 min, or never.
func appendDuration(dst []byte, seconds float64) []byte {
	if seconds < 0 {
		return appendDuration(append(dst, '-'), -seconds)
	}
	if seconds >= eternity {
		return append(dst, "never"...)
	}
	return append(dst, roughly(time.Duration(seconds*float64(time.Second)))...)
}
