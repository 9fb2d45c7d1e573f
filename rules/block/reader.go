// Package block reads the arguments of one HCL block and collects every
// mistake it meets.
//
// A reader is asked for the arguments its block may have. What is absent comes
// back as the zero value; what is wrong comes back as the zero value and leaves
// a diagnostic at the range of the offending text, which says what to write
// instead. Close adds a diagnostic for everything nobody asked for.
package block

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Reader reads one block. It is for one goroutine.
type Reader struct {
	block     *hclsyntax.Block
	ctx       *hcl.EvalContext
	title     string
	arguments []string // asked for, in the order of asking
	blocks    []string // asked for, in the order of asking
	later     []string
	nested    []*Reader
	diags     hcl.Diagnostics
	closed    bool
}

// Open starts reading b. Expressions that are folded at load may use what ctx
// holds; ctx may be nil. In diagnostics the block is named as the user wrote
// it: alert "door".
func Open(b *hclsyntax.Block, ctx *hcl.EvalContext) *Reader {
	return &Reader{block: b, ctx: ctx, title: title(b)}
}

func title(b *hclsyntax.Block) string {
	words := []string{b.Type}
	for _, label := range b.Labels {
		words = append(words, strconv.Quote(label))
	}
	return strings.Join(words, " ")
}

// Title names the block as the user wrote it: alert "door".
func (r *Reader) Title() string { return r.title }

// Label returns the block's first label, "" when it has none.
func (r *Reader) Label() string {
	if len(r.block.Labels) == 0 {
		return ""
	}
	return r.block.Labels[0]
}

// Header returns the range of the block's type and labels.
func (r *Reader) Header() hcl.Range { return r.block.DefRange() }

// Has reports whether the argument is written in the block.
func (r *Reader) Has(name string) bool { return r.argument(name) != nil }

// Range returns the range of the argument's value, or of the block's header
// when the argument is absent.
func (r *Reader) Range(name string) hcl.Range {
	if a := r.argument(name); a != nil {
		return a.Expr.Range()
	}
	return r.Header()
}

// Wrong reports whether a mistake was already found in the argument's value.
func (r *Reader) Wrong(name string) bool {
	a := r.argument(name)
	return a != nil && slices.ContainsFunc(r.diags, func(d *hcl.Diagnostic) bool {
		return d.Severity == hcl.DiagError && d.Subject != nil && a.Expr.Range().Overlaps(*d.Subject)
	})
}

// Expr returns the argument unevaluated, nil when it is absent.
func (r *Reader) Expr(name string) hcl.Expression {
	if a := r.argument(name); a != nil {
		return a.Expr
	}
	return nil
}

// Need complains when the argument is absent and reports whether it is there.
// remedy is a sentence that says what to write.
func (r *Reader) Need(name, remedy string) bool {
	if r.Has(name) {
		return true
	}
	r.Add(Mistake(r.Header(), "Missing argument", fmt.Sprintf("%s has no %s. %s", r.title, name, remedy)))
	return false
}

// Later names arguments and nested blocks of the language that this version
// does not have yet, so that Close does not call them unknown.
func (r *Reader) Later(names ...string) { r.later = append(r.later, names...) }

// Block returns a reader of the only nested block of that type, nil when there
// is none. A second one is a mistake. What the nested reader finds is part of
// what Close of r returns, unless the caller closed it before.
func (r *Reader) Block(typ string) *Reader {
	all := r.Blocks(typ)
	if len(all) == 0 {
		return nil
	}
	for _, more := range all[1:] {
		r.Add(Mistake(more.Header(), "Duplicate block", fmt.Sprintf(
			"%s already has the block %s, on line %d. Keep one of them.", r.title, typ, all[0].Header().Start.Line)))
		more.ignore()
	}
	return all[0]
}

// Blocks returns a reader of each nested block of that type, which takes no
// label, in the order of the source. What they find is part of what Close of r
// returns, unless the caller closed them before.
func (r *Reader) Blocks(typ string) []*Reader {
	all := r.open(typ)
	for _, n := range all {
		n.checkLabels()
	}
	return all
}

// Named is Blocks for nested blocks that have one label. Their Label is "" when
// it is missing, which is a mistake.
func (r *Reader) Named(typ string) []*Reader {
	all := r.open(typ)
	for _, n := range all {
		n.checkName()
	}
	return all
}

func (r *Reader) open(typ string) []*Reader {
	r.blocks = ask(r.blocks, typ)
	var all []*Reader
	for _, b := range r.block.Body.Blocks {
		if b.Type == typ {
			n := Open(b, r.ctx)
			n.title += " of " + r.title
			all = append(all, n)
		}
	}
	r.nested = append(r.nested, all...)
	return all
}

// ignore says that nothing more is to be said of the block.
func (r *Reader) ignore() { r.closed, r.diags = true, nil }

// checkLabels complains about labels of a nested block that takes none.
func (r *Reader) checkLabels() {
	if len(r.block.Labels) > 0 {
		r.Add(Mistake(r.block.LabelRanges[0], "Unexpected label",
			fmt.Sprintf("A %s block inside another one has no name. Write %s { … }.", r.block.Type, r.block.Type)))
	}
}

// checkName complains about a nested block that lacks its one label.
func (r *Reader) checkName() {
	switch typ := r.block.Type; {
	case len(r.block.Labels) == 0:
		r.Add(Mistake(r.Header(), "Missing name", fmt.Sprintf("A %s block has a name. Write %s \"some_name\" { … }.", typ, typ)))
	case len(r.block.Labels) > 1:
		r.Add(Mistake(r.block.LabelRanges[1], "Unexpected label", fmt.Sprintf(
			"A %s block has one name only. Write %s %q { … }.", typ, typ, r.Label())))
	}
}

// Add records mistakes the caller found.
func (r *Reader) Add(diags ...*hcl.Diagnostic) { r.diags = append(r.diags, diags...) }

// Close complains about every argument and nested block nobody asked for and
// returns everything that was found, in the order of the source. A second call
// returns nothing.
func (r *Reader) Close() hcl.Diagnostics {
	if r.closed {
		return nil
	}
	r.closed = true
	for _, a := range r.block.Body.Attributes {
		if !slices.Contains(r.arguments, a.Name) {
			r.Add(r.unexpectedArgument(a))
		}
	}
	for _, b := range r.block.Body.Blocks {
		if !slices.Contains(r.blocks, b.Type) {
			r.Add(r.unexpectedBlock(b))
		}
	}
	for _, n := range r.nested {
		r.Add(n.Close()...)
	}
	slices.SortStableFunc(r.diags, bySource)
	return r.diags
}

func bySource(a, b *hcl.Diagnostic) int { return offset(a) - offset(b) }

func offset(d *hcl.Diagnostic) int {
	if d.Subject == nil {
		return 0
	}
	return d.Subject.Start.Byte
}

func (r *Reader) unexpectedArgument(a *hclsyntax.Attribute) *hcl.Diagnostic {
	switch {
	case slices.Contains(r.blocks, a.Name):
		return Mistake(a.NameRange, "Block expected", fmt.Sprintf(
			`%s is a block of %s, not an argument. Write %s { … } without "=".`, a.Name, r.title, a.Name))
	case slices.Contains(r.later, a.Name):
		return NotYet(a.NameRange, fmt.Sprintf("The argument %s of %s", a.Name, r.block.Type))
	}
	return Mistake(a.NameRange, "Unsupported argument", fmt.Sprintf(
		"%s takes no argument %s. %s", r.title, a.Name, r.instead(a.Name, r.arguments, "arguments")))
}

func (r *Reader) unexpectedBlock(b *hclsyntax.Block) *hcl.Diagnostic {
	switch {
	case slices.Contains(r.arguments, b.Type):
		return Mistake(b.TypeRange, "Argument expected", fmt.Sprintf(
			"%s is an argument of %s, not a block. Write %s = ….", b.Type, r.title, b.Type))
	case slices.Contains(r.later, b.Type):
		return NotYet(b.TypeRange, fmt.Sprintf("The block %s of %s", b.Type, r.block.Type))
	}
	return Mistake(b.TypeRange, "Unsupported block", fmt.Sprintf(
		"%s takes no block %s. %s", r.title, b.Type, r.instead(b.Type, r.blocks, "blocks")))
}

// instead says what to write in place of a name nobody knows.
func (r *Reader) instead(given string, known []string, noun string) string {
	if near := Suggest(given, known); near != "" {
		return fmt.Sprintf("Did you mean %s?", near)
	}
	if len(known) == 0 {
		return fmt.Sprintf("It takes no %s; remove it.", noun)
	}
	return fmt.Sprintf("Its %s are %s.", noun, join(known, "and"))
}

// argument looks the argument up and remembers that it was asked for.
func (r *Reader) argument(name string) *hclsyntax.Attribute {
	r.arguments = ask(r.arguments, name)
	return r.block.Body.Attributes[name]
}

func ask(asked []string, name string) []string {
	if slices.Contains(asked, name) {
		return asked
	}
	return append(asked, name)
}

// Within marks diagnostics as found while b was read, in Extra. What they speak
// of may be written elsewhere, such as in a local that b uses.
func Within(b *hclsyntax.Block, diags hcl.Diagnostics) hcl.Diagnostics {
	for _, d := range diags {
		d.Extra = b
	}
	return diags
}

// Mistake returns an error diagnostic at rng. The summary is a short name such
// as "Invalid duration"; the detail says object, fact and what to write
// instead.
func Mistake(rng hcl.Range, summary, detail string) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &rng}
}

// NotYet returns the diagnostic for a part of the language that this version
// does not have: "The block schedule" is not available in this version.
func NotYet(rng hcl.Range, what string) *hcl.Diagnostic {
	return Mistake(rng, "Not available yet", what+" is not available in this version of tocsin. Remove it or upgrade.")
}
