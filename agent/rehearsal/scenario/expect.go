package scenario

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// An expectation is one expect block. What is nil was not written.
type expectation struct {
	rng    hcl.Range // of the block's header
	firing *names    // the alerts that fire, and no others
	flags  []*names  // the alerts with an incident that is marked so, and no others, by flags
	worst  *severity // of the most urgent incident
	told   *names    // the people who were told of something that is open, and no others
	sms    *number   // of texts
	smsTo  *names    // the people who were texted, and no others
	calls  *number   // of texts that rang
	callTo *names    // the people whose phones rang, and no others
	text   []glob    // each matches a text
	quiet  *flag     // nobody was texted
	on     *names    // switches that are on
	off    *names    // and that are off
}

type names struct {
	all []string
	rng hcl.Range
}

type number struct {
	n   int
	rng hcl.Range
}

type flag struct {
	set bool
	rng hcl.Range
}

// A glob is a text in which * stands for any text.
type glob struct {
	pattern string
	rng     hcl.Range
}

// expectation reads an expect block.
func (l *loader) expectation(r *block.Reader) *expectation {
	e := &expectation{rng: r.Header()}
	e.firing = references(r, "firing", "alert", append(alertNames(l.config.Rules.Alerts), rules.BrokerUnreachable))
	e.smsTo = references(r, "sms_to", "contact", contactNames(l.config.People.Contacts))
	e.callTo = references(r, "calls_to", "contact", contactNames(l.config.People.Contacts))
	e.told = references(r, "told", "contact", contactNames(l.config.People.Contacts))
	e.sms, e.calls = count(r, "sms"), count(r, "calls")
	if r.Has("quiet") {
		e.quiet = &flag{r.Bool("quiet", true), r.Range("quiet")}
	}
	e.on = references(r, "on", "switch", switchNames(l.config.Rules.Switches))
	e.off = references(r, "off", "switch", switchNames(l.config.Rules.Switches))
	e.flags, e.worst = l.flagged(r), l.severity(r)
	e.text = globs(r)
	if e.empty() {
		r.Add(block.Mistake(e.rng, "Nothing expected", "An expect that is empty proves nothing. Write sms = 0, or firing = [alert.some_name]."))
	}
	return e
}

// empty tells whether nothing is written.
func (e *expectation) empty() bool {
	lists := append([]*names{e.firing, e.told, e.smsTo, e.callTo, e.on, e.off}, e.flags...)
	written := func(n *names) bool { return n != nil }
	return !slices.ContainsFunc(lists, written) && e.worst == nil && e.sms == nil && e.calls == nil && e.quiet == nil && e.text == nil
}

// count reads how many there are to be, nil when nothing is written.
func count(r *block.Reader, name string) *number {
	if !r.Has(name) {
		return nil
	}
	return &number{r.Int(name, 0, math.MaxInt32, 0), r.Range(name)}
}

// globs reads text, which is one or several.
func globs(r *block.Reader) []glob {
	e := r.Expr("text")
	if e == nil {
		return nil
	}
	items, diags := hcl.ExprList(e)
	if diags.HasErrors() {
		items = []hcl.Expression{e}
	}
	var all []glob
	for _, item := range items {
		if pattern, ok := r.StringOf(item, "text"); ok {
			all = append(all, glob{pattern, item.Range()})
		}
	}
	return all
}

func (g glob) matches(text string) bool {
	parts := strings.Split(g.pattern, "*")
	text, ok := strings.CutPrefix(text, parts[0])
	if len(parts) == 1 {
		return ok && text == ""
	}
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return ok && strings.HasSuffix(text, parts[len(parts)-1])
}

func alertNames(alerts []*rules.Alert) []string {
	var all []string
	for _, a := range alerts {
		all = append(all, a.Name)
	}
	return all
}

func switchNames(switches []*rules.Switch) []string {
	var all []string
	for _, s := range switches {
		all = append(all, s.Name)
	}
	return all
}

func contactNames(contacts []*notify.Contact) []string {
	var all []string
	for _, c := range contacts {
		all = append(all, c.Name)
	}
	return all
}

// references reads an argument that names blocks of one kind: one, several in
// brackets, or none in empty brackets. It is nil when nothing is written.
func references(r *block.Reader, name, kind string, known []string) *names {
	e := r.Expr(name)
	if e == nil {
		return nil
	}
	items, diags := hcl.ExprList(e)
	if diags.HasErrors() {
		items = []hcl.Expression{e}
	}
	out := &names{rng: e.Range()}
	for _, item := range items {
		ref, err := referenceTo(item, kind, known)
		if err != nil {
			r.Add(block.Mistake(item.Range(), "Invalid reference", name+" "+sentenceEnd(err.Error())))
			continue
		}
		if !slices.Contains(out.all, ref) {
			out.all = append(out.all, ref)
		}
	}
	return out
}

// sentenceEnd gives a sentence its full stop, unless it is a question.
func sentenceEnd(s string) string {
	if strings.HasSuffix(s, "?") {
		return s
	}
	return s + "."
}

// referenceTo is the name of the block that e refers to: alert.warm, or
// module.freezer["cellar"].alert.warm. The error ends a sentence.
func referenceTo(e hcl.Expression, kind string, known []string) (string, error) {
	t, diags := hcl.AbsTraversalForExpr(e)
	if diags.HasErrors() {
		return "", fmt.Errorf("refers to blocks by kind and name. Write [%s], without quotes", example(kind, known))
	}
	module, rest := inModule(t)
	if len(rest) != 2 || attribute(rest, 0) != kind || attribute(rest, 1) == "" {
		return "", fmt.Errorf("cannot refer to this. Write [%s]", example(kind, known))
	}
	name := block.Qualify(module, attribute(rest, 1))
	if slices.Contains(known, name) {
		return name, nil
	}
	if near := block.Suggest(name, known); near != "" {
		return "", fmt.Errorf("names %s, which is not there. Did you mean %s?", spoken(kind, name), spoken(kind, near))
	}
	return "", fmt.Errorf("names %s, which is not there. There is %s", spoken(kind, name), example(kind, known))
}

// inModule cuts module.freezer["cellar"] off a traversal, and returns the
// instance's name.
func inModule(t hcl.Traversal) (module string, rest hcl.Traversal) {
	if attribute(t, 0) != "module" || attribute(t, 1) == "" {
		return "", t
	}
	module, rest = attribute(t, 1), t[2:]
	if len(rest) > 0 {
		if index, ok := rest[0].(hcl.TraverseIndex); ok && index.Key.Type().FriendlyName() == "string" {
			return fmt.Sprintf("%s[%q]", module, index.Key.AsString()), rest[1:]
		}
	}
	return module, rest
}

// attribute is the name of the i-th step, "" when it has none.
func attribute(t hcl.Traversal, i int) string {
	if i >= len(t) {
		return ""
	}
	switch step := t[i].(type) {
	case hcl.TraverseRoot:
		return step.Name
	case hcl.TraverseAttr:
		return step.Name
	}
	return ""
}

// spoken is a block's name as one writes a reference to it.
func spoken(kind, name string) string {
	module, own := block.Unqualify(name)
	if module == "" {
		return kind + "." + own
	}
	return "module." + module + "." + kind + "." + own
}

func example(kind string, known []string) string {
	if len(known) == 0 {
		return kind + ".some_name"
	}
	return spoken(kind, known[0])
}
