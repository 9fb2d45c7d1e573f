package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// An origin says where a block with everything in place comes from.
type origin struct {
	instance string // of the module it stands in; "" for none
	uses     []use
}

// add records mistakes and warnings.
func (l *loader) add(diags ...*hcl.Diagnostic) { l.diags = append(l.diags, diags...) }

// found records what was found while b was read.
func (l *loader) found(b *hclsyntax.Block, diags ...*hcl.Diagnostic) {
	l.add(block.Within(b, diags)...)
}

// A complaint is one diagnostic, and the blocks in which the same was found:
// a mistake in a module is found in each instance, one in a local wherever it
// is used.
type complaint struct {
	*hcl.Diagnostic
	in []*hclsyntax.Block
}

// told are the diagnostics as the user should see them: none that merely follows
// from another, none twice, names as they are written, in the order of the
// source.
func (l *loader) told() hcl.Diagnostics {
	type identity struct {
		severity        hcl.DiagnosticSeverity
		at              hcl.Range
		summary, detail string
	}
	var all []*complaint
	known := map[identity]*complaint{}
	for i, d := range l.diags {
		if l.follows(d, i) {
			continue
		}
		b, _ := d.Extra.(*hclsyntax.Block)
		d.Detail = l.unqualified(d.Detail, b)
		id := identity{d.Severity, subject(d), d.Summary, d.Detail}
		if known[id] == nil {
			known[id] = &complaint{Diagnostic: d}
			all = append(all, known[id])
		}
		if b != nil && !slices.Contains(known[id].in, b) {
			known[id].in = append(known[id].in, b)
		}
	}
	var out hcl.Diagnostics
	for _, c := range all {
		c.Detail = l.discreet(c.Detail + l.whereUsed(c) + l.whichInstance(c))
		out = append(out, c.Diagnostic)
	}
	slices.SortStableFunc(out, bySource)
	return out
}

// follows reports whether the i-th diagnostic merely follows from another: from
// a syntax error on its line, or from a name that stands for nothing.
func (l *loader) follows(d *hcl.Diagnostic, i int) bool {
	if d.Subject == nil || d.Extra == syntaxError {
		return false
	}
	if l.skipped[line{d.Subject.Filename, d.Subject.Start.Line}] {
		return true
	}
	return i >= l.expanded && l.silenced(d)
}

// silenced tells whether a mistake was reported before where d is.
func (l *loader) silenced(d *hcl.Diagnostic) bool {
	b, known := d.Extra.(*hclsyntax.Block)
	for n := d.Subject.Start.Line; n <= d.Subject.End.Line; n++ {
		for _, s := range l.hushed[line{d.Subject.Filename, n}] {
			if s.at.Overlaps(*d.Subject) && (!known || s.instance == l.origins[b].instance) {
				return true
			}
		}
	}
	return false
}

// unqualified gives the blocks of b's module the names they have inside it:
// sensor.temp for sensor.freezer["cellar"].temp.
func (l *loader) unqualified(text string, b *hclsyntax.Block) string {
	module := l.origins[b].instance
	if module == "" {
		return text
	}
	quoted := strings.ReplaceAll(module, `"`, `\"`)
	names := regexp.MustCompile(fmt.Sprintf(`((?:^|[^\w.])(?:(?:%s)\.)?)(?:%s|%s)\.([a-z])`,
		strings.Join(referable, "|"), regexp.QuoteMeta(module), regexp.QuoteMeta(quoted)))
	return names.ReplaceAllString(text, "$1$2")
}

// whereUsed says of a mistake in a local, or in a value with a name, where it
// comes from.
func (l *loader) whereUsed(c *complaint) string {
	if c.Subject == nil {
		return ""
	}
	for _, b := range c.in {
		for _, outer := range l.origins[b].uses {
			switch u := outer.leadingTo(*c.Subject, map[hcl.Range]bool{}); {
			case u == nil:
			case u.written == hcl.Range{}:
				return fmt.Sprintf(" (%s is from %s.)", u.name, u.from)
			default:
				return fmt.Sprintf(" (%s is used on %s, in %s.)", u.name, place(outer.at), l.unqualified(titleOf(b), b))
			}
		}
	}
	return ""
}

// leadingTo finds the use that put in place what is written at rng, in u and
// inside it; nil when none did. Places that were looked at are not looked at
// again.
func (u *use) leadingTo(rng hcl.Range, seen map[hcl.Range]bool) *use {
	if u.written == (hcl.Range{}) {
		if u.at == rng {
			return u
		}
		return nil
	}
	if seen[u.written] {
		return nil
	}
	seen[u.written] = true
	for i := range u.inside {
		if found := u.inside[i].leadingTo(rng, seen); found != nil {
			return found
		}
	}
	if u.written.Overlaps(rng) {
		return u
	}
	return nil
}

func titleOf(b *hclsyntax.Block) string {
	return fmt.Sprintf("%s %q", b.Type, label(b))
}

// whichInstance says in which instances of a module the mistake was found, when
// it is of their making.
func (l *loader) whichInstance(c *complaint) string {
	var all []string
	for _, b := range c.in {
		if i := l.origins[b].instance; i != "" && !slices.Contains(all, i) {
			all = append(all, i)
		}
	}
	switch len(all) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(" (In module.%s.)", all[0])
	}
	return fmt.Sprintf(" (In module.%s and %d more.)", all[0], len(all)-1)
}
