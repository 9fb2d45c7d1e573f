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

// Named blocks have one label, single ones none and stand once at most.
var (
	namedBlocks  = []string{"mqtt", "modem", "contact", "policy", "sensor", "alert"}
	singleBlocks = []string{"site", "broker"}
	laterBlocks  = []string{
		"schedule", "severity", "switch", "silence", "heartbeat", "limits", "recorder", "api", "variable", "locals", "module",
	}
)

// nameMaxBytes bounds a name; names are part of keys, topics and texts.
const nameMaxBytes = 64

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// collect sorts the blocks of one file by type.
func (l *loader) collect(body *hclsyntax.Body) {
	for _, a := range body.Attributes {
		l.add(block.Mistake(a.NameRange, "Unsupported argument", fmt.Sprintf(
			"%s stands outside of any block. Move it into one, such as site { %s = … }.", a.Name, a.Name)))
	}
	for _, b := range body.Blocks {
		switch {
		case slices.Contains(namedBlocks, b.Type), slices.Contains(singleBlocks, b.Type):
			l.blocks[b.Type] = append(l.blocks[b.Type], b)
		case slices.Contains(laterBlocks, b.Type):
			l.add(block.NotYet(b.TypeRange, "The block "+b.Type))
		default:
			l.add(unknownBlock(b))
		}
	}
}

func unknownBlock(b *hclsyntax.Block) *hcl.Diagnostic {
	known := slices.Sorted(slices.Values(slices.Concat(namedBlocks, singleBlocks)))
	remedy := fmt.Sprintf("The blocks are %s.", strings.Join(known, ", "))
	if near := block.Suggest(b.Type, slices.Concat(known, laterBlocks)); near != "" {
		remedy = fmt.Sprintf("Did you mean %s?", near)
	}
	return block.Mistake(b.TypeRange, "Unsupported block", fmt.Sprintf("There is no block %s. %s", b.Type, remedy))
}

// checkBlocks complains about labels and about blocks that exist twice.
func (l *loader) checkBlocks() {
	for _, typ := range namedBlocks {
		l.checkNames(typ)
	}
	for _, typ := range singleBlocks {
		l.checkSingle(typ)
	}
}

func (l *loader) checkNames(typ string) {
	seen := map[string]hcl.Range{}
	for _, b := range l.blocks[typ] {
		if typ != "sensor" { // rules checks the names it gives meaning to
			l.checkName(b)
		}
		first, twice := seen[label(b)]
		switch {
		case !twice:
			seen[label(b)] = b.DefRange()
		case label(b) != "":
			l.add(block.Mistake(b.DefRange(), "Duplicate name", fmt.Sprintf(
				"%s %q already exists, on %s. Give one of them another name.", typ, label(b), place(first))))
		}
	}
}

func (l *loader) checkSingle(typ string) {
	for i, b := range l.blocks[typ] {
		if len(b.Labels) > 0 {
			l.add(block.Mistake(b.LabelRanges[0], "Unexpected label", fmt.Sprintf(
				"A %s block has no name. Write %s { … }.", typ, typ)))
		}
		if i > 0 {
			l.add(block.Mistake(b.DefRange(), "Duplicate block", fmt.Sprintf(
				"There is a %s block already, on %s. Keep one of them.", typ, place(l.blocks[typ][0].DefRange()))))
		}
	}
}

func (l *loader) checkName(b *hclsyntax.Block) {
	switch name := label(b); {
	case len(b.Labels) == 0:
		l.add(block.Mistake(b.DefRange(), "Missing name", fmt.Sprintf(
			"A %s block has a name. Write %s \"some_name\" { … }.", b.Type, b.Type)))
	case len(b.Labels) > 1:
		l.add(block.Mistake(b.LabelRanges[1], "Unexpected label", fmt.Sprintf(
			"A %s block has one name only. Write %s %q { … }.", b.Type, b.Type, name)))
	case len(name) > nameMaxBytes:
		l.add(block.Mistake(b.LabelRanges[0], "Invalid name", fmt.Sprintf("This name is longer than %d bytes. Choose a shorter one.", nameMaxBytes)))
	case !snakeCase.MatchString(name):
		l.add(block.Mistake(b.LabelRanges[0], "Invalid name", fmt.Sprintf(
			"%q is not in lower snake case, so it cannot be referred to. Write %q.", name, nameLike(name))))
	}
}

// label returns the name of a block, "" when it has none.
func label(b *hclsyntax.Block) string {
	if len(b.Labels) == 0 {
		return ""
	}
	return b.Labels[0]
}

// place says where something is, as a diagnostic's heading does.
func place(r hcl.Range) string { return fmt.Sprintf("%s line %d", r.Filename, r.Start.Line) }

// nameLike turns any text into a name in lower snake case.
func nameLike(text string) string {
	name := slug(text, "_")
	switch {
	case name == "":
		return "some_name"
	case name[0] < 'a':
		return "n" + name
	}
	return name
}

// slug reduces text to lower-case ASCII letters and digits, with sep for each
// run of anything else between them.
func slug(text, sep string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9')
	})
	return strings.Join(words, sep)
}

// find returns the first block of a type with that name, nil when there is
// none.
func (l *loader) find(typ, name string) *hclsyntax.Block {
	for _, b := range l.blocks[typ] {
		if label(b) == name {
			return b
		}
	}
	return nil
}

// exists complains when a reference leads nowhere and reports whether it leads
// somewhere. While the configuration is partial it holds its tongue: what is
// missing may be in the part that could not be read.
func (l *loader) exists(ref block.Ref) bool {
	if l.find(ref.Kind, ref.Name) != nil {
		return true
	}
	if l.partial {
		return false
	}
	l.add(block.Mistake(ref.Range, "Unknown "+ref.Kind, fmt.Sprintf("There is no %s. %s", ref, l.nearest(ref))))
	return false
}

// nearest says what a reference that leads nowhere may have meant.
func (l *loader) nearest(ref block.Ref) string {
	var names []string
	for _, b := range l.blocks[ref.Kind] {
		names = append(names, label(b))
	}
	if near := block.Suggest(ref.Name, names); near != "" {
		return fmt.Sprintf("Did you mean %s.%s, on %s?", ref.Kind, near, place(l.find(ref.Kind, near).DefRange()))
	}
	if len(names) == 0 {
		return fmt.Sprintf("There are no %s blocks at all. Write %s %q { … }.", ref.Kind, ref.Kind, ref.Name)
	}
	return fmt.Sprintf("There is %s.", strings.Join(names, ", "))
}
