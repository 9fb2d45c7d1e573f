package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/tocsin-edge/tocsin/rules/block"
)

const (
	// expansionMax bounds what variables, locals and modules add to the
	// configuration, all together, in bytes of text.
	expansionMax = 1 << 23
	// literalCost is how many such bytes an element of a value counts for: in
	// place it is a part of a syntax tree.
	literalCost = 8
)

// expand turns the configuration with its variables, locals and modules into
// one without, as if it had been written out.
func (l *loader) expand(root *source) {
	top := l.newScope(root, "", nil)
	l.instances[""] = root
	l.giveValues(top)
	all := top.unfold()
	for _, s := range all {
		for _, b := range s.source.blocks {
			if s.instance != "" && !l.spend(b.CloseBraceRange.End.Byte-b.TypeRange.Start.Byte, b.DefRange()) {
				return
			}
			l.blocks[b.Type] = append(l.blocks[b.Type], s.instantiate(b))
		}
	}
}

func (l *loader) newScope(src *source, instance string, above *scope) *scope {
	return &scope{
		l: l, source: src, instance: instance, above: above,
		variables: map[string]meaning{}, given: map[string]hcl.Range{},
		locals: map[string]*local{}, calls: map[string]*call{},
	}
}

// outside is the scope of what is fixed before there are variables and locals:
// defaults and the values given to variables.
func (s *scope) outside() *scope { return s.l.newScope(nil, s.instance, nil) }

// giveValues gives the configuration's own variables their values.
func (l *loader) giveValues(top *scope) {
	given := l.assignments(top.source.variables)
	for _, v := range top.source.variables {
		top.variables[v.name] = meaning{kind: broken} // until it has a value
		switch a, ok := given[v.name]; {
		case ok:
			if e := l.valueOf(a, v); e != nil {
				top.give(v, e, view{scope: top.outside()}, a.from)
			}
		case v.fallback != nil || !l.partial: // its value may be in what could not be read
			top.fallBack(v, missingValue(v))
		}
	}
}

// unfold works out what is in the scope, whose variables have their values, and
// returns it with the scopes inside it.
func (s *scope) unfold() []*scope {
	s.validate()
	s.declareLocals()
	s.declareCalls()
	for _, a := range s.source.locals {
		view{scope: s}.local(a.Name)
	}
	all := []*scope{s}
	for _, b := range s.source.calls {
		c := s.calls[label(b)]
		if c.block != b {
			continue
		}
		s.prepare(c)
		if c.failed {
			continue
		}
		for _, i := range c.instances {
			all = append(all, s.enter(c, i).unfold()...)
		}
	}
	return all
}

// spend counts against expansionMax, and complains the first time it does not
// suffice.
func (l *loader) spend(bytes int, at hcl.Range) bool {
	before := l.spent
	l.spent += bytes
	if l.spent <= expansionMax {
		return true
	}
	if before <= expansionMax {
		l.add(block.Mistake(at, "Configuration too large", fmt.Sprintf(
			"Once variables, locals and modules are in place, more than %d MiB are added up to here. Use fewer instances, or a label in a sensor's topic.", expansionMax>>20)))
	}
	return false
}

// A silence is a place at which a mistake was reported, so that whatever is
// found there later, in the same instance, follows from it.
type silence struct {
	at       hcl.Range
	instance string
}

func (s *scope) hush(at hcl.Range) {
	for n := at.Start.Line; n <= at.End.Line; n++ {
		here := line{at.Filename, n}
		s.l.hushed[here] = append(s.l.hushed[here], silence{at, s.instance})
	}
}

// knows complains when a reference leads nowhere and reports whether it leads
// somewhere. While the configuration is partial it holds its tongue: what is
// missing may be in the part that could not be read.
func (l *loader) knows(ref block.Ref) bool {
	module, own := block.Unqualify(ref.Name)
	src := l.instances[module]
	if src != nil && src.find(ref.Kind, own) != nil {
		return true
	}
	if l.partial || src == nil {
		return false
	}
	l.add(block.Mistake(ref.Range, "Unknown "+ref.Kind, fmt.Sprintf("There is no %s.%s%s. %s", ref.Kind, own, inside(module), l.nearest(ref.Kind, own, module, src))))
	return false
}

func inside(module string) string {
	if module == "" {
		return ""
	}
	return " in this module"
}

// find returns the first block of a kind with that name, nil when there is none.
func (s *source) find(kind, name string) *hclsyntax.Block {
	for _, b := range s.blocks {
		if b.Type == kind && label(b) == name {
			return b
		}
	}
	return nil
}

// nearest says what a reference that leads nowhere may have meant.
func (l *loader) nearest(kind, name, module string, src *source) string {
	var known []string
	for _, b := range src.blocks {
		if b.Type == kind {
			known = append(known, label(b))
		}
	}
	if near := block.Suggest(name, known); near != "" {
		return fmt.Sprintf("Did you mean %s.%s, on %s?", kind, near, place(src.find(kind, near).DefRange()))
	}
	if module != "" && l.instances[""].find(kind, name) != nil {
		return fmt.Sprintf("A module sees its own blocks only. Declare variable %q { type = %s } in it, and write %s = %s.%s where it is called.", name, kind, name, kind, name)
	}
	if len(known) == 0 {
		return fmt.Sprintf("There are no %s blocks at all. Write %s %q { … }.", kind, kind, name)
	}
	return fmt.Sprintf("There is %s.", someOf(known))
}

func isReferable(kind string) bool { return slices.Contains(referable, kind) }

// iterates tells whether v has elements to go through.
func iterates(v cty.Value) bool { return !v.IsNull() && v.CanIterateElements() }

func textValue(text string) cty.Value { return cty.StringVal(text) }

// keyText is a key of an object or a list as a text.
func keyText(key cty.Value) string {
	text, err := convert.Convert(key, cty.String)
	if err != nil || text.IsNull() || !text.IsKnown() {
		return ""
	}
	return text.AsString()
}
