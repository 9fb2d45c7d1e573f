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
	namedBlocks  = []string{"mqtt", "modem", "contact", "schedule", "policy", "severity", "sensor", "switch", "alert", "silence", "heartbeat"}
	singleBlocks = []string{"site", "broker", "limits"}
	laterBlocks  = []string{"recorder", "api"}
)

// templateBlocks are what an installer's templates are made of.
var templateBlocks = []string{"variable", "locals", "module"}

// gatewayBlocks say how the gateway is connected, how much it texts, and what is
// usual on all of it; modules have none.
var gatewayBlocks = []string{"site", "broker", "mqtt", "modem", "severity", "heartbeat", "limits"}

// nameMaxBytes bounds a name; names are part of keys, topics and texts.
const nameMaxBytes = 64

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// collect sorts the blocks of one file by what they are for.
func (l *loader) collect(src *source, body *hclsyntax.Body) {
	for _, a := range inOrder(body.Attributes) {
		l.add(block.Mistake(a.NameRange, "Unsupported argument", fmt.Sprintf(
			"%s stands outside of any block. Move it into one, such as site { %s = … }.", a.Name, a.Name)))
	}
	for _, b := range body.Blocks {
		switch {
		case src.path != "." && slices.Contains(gatewayBlocks, b.Type):
			l.add(block.Mistake(b.TypeRange, "Unsupported block", fmt.Sprintf(
				"A module has no block %s: there is one gateway, whatever modules it uses. Move it into the configuration's own directory.", b.Type)))
		case slices.Contains(namedBlocks, b.Type), slices.Contains(singleBlocks, b.Type):
			src.blocks = append(src.blocks, b)
		case b.Type == "variable":
			src.variables = append(src.variables, l.readVariable(b))
		case b.Type == "locals":
			l.collectLocals(src, b)
		case b.Type == "module":
			src.calls = append(src.calls, b)
		case slices.Contains(laterBlocks, b.Type):
			l.add(block.NotYet(b.TypeRange, "The block "+b.Type))
		default:
			l.add(unknownBlock(b))
		}
	}
}

// collectLocals takes the entries of one locals block.
func (l *loader) collectLocals(src *source, b *hclsyntax.Block) {
	l.checkSingleName(b)
	for _, n := range b.Body.Blocks {
		l.add(block.Mistake(n.TypeRange, "Argument expected", fmt.Sprintf("locals has entries and no blocks. Write %s = ….", n.Type)))
	}
	for _, a := range inOrder(b.Body.Attributes) {
		if !snakeCase.MatchString(a.Name) {
			l.add(block.Mistake(a.NameRange, "Invalid name", fmt.Sprintf("%q is not in lower snake case. Write %s.", a.Name, nameLike(a.Name))))
		}
		src.locals = append(src.locals, a)
	}
}

func unknownBlock(b *hclsyntax.Block) *hcl.Diagnostic {
	known := slices.Sorted(slices.Values(slices.Concat(namedBlocks, singleBlocks, templateBlocks)))
	remedy := fmt.Sprintf("The blocks are %s.", strings.Join(known, ", "))
	if near := block.Suggest(b.Type, slices.Concat(known, laterBlocks)); near != "" {
		remedy = fmt.Sprintf("Did you mean %s?", near)
	}
	return block.Mistake(b.TypeRange, "Unsupported block", fmt.Sprintf("There is no block %s. %s", b.Type, remedy))
}

// checkBlocks complains about labels and about what exists twice in one
// directory.
func (l *loader) checkBlocks(src *source) {
	l.checkNames(slices.Concat(src.blocks, blocksOf(src.variables), src.calls))
	seen := map[string]hcl.Range{}
	for _, a := range src.locals {
		first, twice := seen[a.Name]
		if twice {
			l.add(block.Mistake(a.NameRange, "Duplicate name", fmt.Sprintf(
				"local.%s already exists, on %s. Give one of them another name.", a.Name, place(first))))
			continue
		}
		seen[a.Name] = a.NameRange
	}
	for _, v := range src.variables {
		if v.name == sourceArgument || v.name == forEachArgument {
			l.add(block.Mistake(v.block.LabelRanges[0], "Invalid name", fmt.Sprintf("%s is an argument of every module block. Choose another name for the variable.", v.name)))
		}
	}
}

func blocksOf(variables []*variable) []*hclsyntax.Block {
	var all []*hclsyntax.Block
	for _, v := range variables {
		all = append(all, v.block)
	}
	return all
}

// checkNames complains about names, and about two blocks of one type with the
// same.
func (l *loader) checkNames(blocks []*hclsyntax.Block) {
	seen := map[[2]string]hcl.Range{}
	for _, b := range blocks {
		single := slices.Contains(singleBlocks, b.Type)
		id := [2]string{b.Type, label(b)}
		if single {
			id[1] = ""
		}
		first, twice := seen[id]
		if single {
			l.checkSingleName(b)
			if twice {
				l.add(block.Mistake(b.DefRange(), "Duplicate block", fmt.Sprintf(
					"There is a %s block already, on %s. Keep one of them.", b.Type, place(first))))
			}
		} else {
			l.checkName(b)
			if twice && label(b) != "" {
				l.add(block.Mistake(b.DefRange(), "Duplicate name", fmt.Sprintf(
					"%s %q already exists, on %s. Give one of them another name.", b.Type, label(b), place(first))))
			}
		}
		if !twice {
			seen[id] = b.DefRange()
		}
	}
}

// checkSingleName complains about the label of a block that has none.
func (l *loader) checkSingleName(b *hclsyntax.Block) {
	if len(b.Labels) > 0 {
		l.add(block.Mistake(b.LabelRanges[0], "Unexpected label", fmt.Sprintf(
			"A %s block has no name. Write %s { … }.", b.Type, b.Type)))
	}
}

func (l *loader) checkName(b *hclsyntax.Block) {
	switch name := label(b); {
	case b.Type == "sensor" && !strings.ContainsRune(name, '.'):
		// rules complains about names that it gives a meaning to
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

// find returns the first block of a type with that name, as they are after
// expansion, nil when there is none.
func (l *loader) find(typ, name string) *hclsyntax.Block {
	for _, b := range l.blocks[typ] {
		if label(b) == name {
			return b
		}
	}
	return nil
}
