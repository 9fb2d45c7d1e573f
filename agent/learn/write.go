package learn

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// Learned is what came of listening.
type Learned struct {
	HCL     []byte
	Topics  int // that are part of a sensor
	Sensors int
}

// Write makes the sensor blocks of all that was heard, in canonical form. The
// same messages give the same text.
func (l *Learner) Write() Learned {
	proposals := l.proposals()
	out := Learned{Sensors: len(proposals)}
	topics := map[string]bool{}
	for _, p := range proposals {
		for _, topic := range p.topics {
			topics[topic] = true
		}
	}
	out.Topics = len(topics)
	w := &writer{}
	l.writeHead(w, out)
	for _, p := range proposals {
		w.sensor(p)
	}
	w.silent(l.silent(topics))
	l.writePassed(w)
	formatted, _, diags := config.Format([]byte(w.String()), "learned.hcl")
	if diags.HasErrors() {
		panic("learn: what was written is no configuration: " + diags.Error())
	}
	out.HCL = formatted
	return out
}

// columns is how wide comments are.
const columns = 80

type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(w, format, args...)
	w.WriteByte('\n')
}

// comment writes a paragraph.
func (w *writer) comment(format string, args ...any) {
	line := "#"
	for _, word := range strings.Fields(fmt.Sprintf(format, args...)) {
		if utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > columns && line != "#" {
			w.line("%s", line)
			line = "#"
		}
		line += " " + word
	}
	w.line("%s", line)
}

func (l *Learner) writeHead(w *writer, out Learned) {
	w.comment("Learned from %s on %s%s: %s.", count(l.messages, "message"), count(out.Topics, "topic"), l.span(), count(out.Sensors, "sensor"))
	w.line("#")
	w.comment("Keep the sensors your alerts use, rename them, and remove the rest. What stands behind a field was seen of it, " +
		"which is less than there is: a range to believe in, valid = [least, greatest], is yours to write. " +
		"Without offline_after a sensor was heard too seldom, or too irregularly, to tell how long it may be silent.")
	if l.overUnits > 0 {
		w.line("#")
		w.comment("There were more than %d topics; %s on others were left out. Listen to fewer with --topic.", unitsMax, count(l.overUnits, "message"))
	}
	if l.fields >= fieldsAllMax {
		w.line("#")
		w.comment("There were more than %d values in all; others were left out. Listen to fewer topics with --topic.", fieldsAllMax)
	}
}

func (l *Learner) span() string {
	if d := l.ended.Sub(l.began).Round(time.Second); d > 0 {
		return " within " + about(d)
	}
	return ""
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// writePassed says what became part of no sensor, and why.
func (l *Learner) writePassed(w *writer) {
	for _, t := range passTexts {
		o := l.passed[t.why]
		if o == nil {
			continue
		}
		w.line("")
		w.comment("Left out as %s, %s: %s.", t.text, count(o.messages, "message"), listed(o.topics, len(o.topics) == passedTopics))
	}
}

// silent lists the topics that are part of no sensor although their messages
// were understood.
func (l *Learner) silent(used map[string]bool) []string {
	var topics []string
	for key := range l.units {
		if !used[key.topic] && !slices.Contains(topics, key.topic) {
			topics = append(topics, key.topic)
		}
	}
	slices.Sort(topics)
	return topics
}

func (w *writer) silent(topics []string) {
	if len(topics) == 0 {
		return
	}
	w.line("")
	w.comment("Left out because nothing was said that a field can hold: %s.",
		listed(topics[:min(len(topics), passedTopics)], len(topics) > passedTopics))
}

func listed(topics []string, more bool) string {
	var names []string
	for _, t := range topics {
		names = append(names, printable(t, columns))
	}
	text := strings.Join(names, ", ")
	if more {
		text += " …"
	}
	return text
}

// printable is text on one line, cut to so many characters.
func printable(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == utf8.RuneError || r == '\u2028' || r == '\u2029' || r == '\u0085' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	if utf8.RuneCountInString(text) > limit {
		return string([]rune(text)[:limit-1]) + "…"
	}
	return text
}

// quote writes a text of the configuration.
func quote(text string) string {
	return string(hclwrite.TokensForValue(cty.StringVal(text)).Bytes())
}

func quoteAll(texts []string) string {
	var out []string
	for _, t := range texts {
		out = append(out, quote(t))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (w *writer) sensor(p *proposal) {
	w.line("")
	w.about(p)
	w.line("")
	w.line("sensor %s {", quote(p.name))
	w.line("topic = %s", quote(text(p.levels)))
	w.source(p)
	w.values(p)
	w.presence(p)
	w.line("}")
}

// source writes which messages are read and how.
func (w *writer) source(p *proposal) {
	if f := p.units[0].format; f != formatAuto {
		w.line("decode = %s", quote(f))
	}
	switch {
	case len(p.words) == 1:
		w.line("only = { %s = %s }", p.member, quote(p.words[0]))
	case len(p.words) > 1:
		w.line("only = { %s = %s }", p.member, quoteAll(p.words))
	}
}

func (w *writer) values(p *proposal) {
	if p.isValue() {
		v := p.values[0]
		w.line("value = %s%s", v.kind, remark(v.seen))
		for _, o := range v.options(false) {
			w.line("%s", o)
		}
	} else {
		w.line("fields = {")
		for _, v := range p.values {
			options := v.options(true)
			if len(options) == 0 {
				w.line("%s = %s%s", v.named, v.kind, remark(v.seen))
			} else {
				w.line("%s = { type = %s, %s }%s", v.named, v.kind, strings.Join(options, ", "), remark(v.seen))
			}
		}
		w.line("}")
	}
	if p.stamp != "" {
		w.line("time = %s", stampPath(p.stamp))
	}
}

func remark(note string) string {
	if note == "" {
		return ""
	}
	return " # " + printable(note, columns)
}

// options are what is said of a field beside its type.
func (v value) options(named bool) (out []string) {
	switch {
	case v.alsoBare:
		out = append(out, "path = "+quoteAll([]string{v.path, wholePath}))
	case v.path != wholePath && !(named && v.path == v.named):
		out = append(out, "path = "+quote(v.path))
	}
	if len(v.on) > 0 {
		out = append(out, "on = "+quoteAll(v.on), "off = "+quoteAll(v.off))
	}
	if v.declaration.unit != "" {
		out = append(out, "unit = "+quote(v.declaration.unit))
	}
	return out
}

// stampPath writes payload.ts, or "['x y']" where that is no name.
func stampPath(path string) string {
	for name := range strings.SplitSeq(path, ".") {
		if !isIdentifier(name) {
			return quote(path)
		}
	}
	return "payload." + path
}

func isIdentifier(name string) bool {
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return name != ""
}

// presence writes how long the sensor may be silent, and which series it has.
func (w *writer) presence(p *proposal) {
	if p.offlineAfter == 0 {
		return
	}
	labels := p.match.Labels()
	if len(p.expect) > 0 && len(labels) == 1 {
		var values []string
		for _, e := range p.expect {
			values = append(values, e[0])
		}
		w.line("expect = %s", wrapped(quotedEach(values)))
	} else if len(p.expect) > 0 {
		w.line("expect = [")
		for _, e := range p.expect {
			var entries []string
			for i, label := range labels {
				entries = append(entries, label+" = "+quote(e[i]))
			}
			w.line("{ %s },", strings.Join(entries, ", "))
		}
		w.line("]")
	}
	w.line("offline_after = %s", quote(block.FormatDuration(p.offlineAfter)))
}

func quotedEach(texts []string) (out []string) {
	for _, t := range texts {
		out = append(out, quote(t))
	}
	return out
}

// wrapped writes a list, over several lines where one is too long.
func wrapped(items []string) string {
	if one := "[" + strings.Join(items, ", ") + "]"; len(one) < columns-len("  offline_after = ") {
		return one
	}
	return "[\n" + strings.Join(items, ",\n") + ",\n]"
}
