package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// A source is what one directory holds: the configuration's own, or that of a
// module. It is read once, however often the module is used.
type source struct {
	path      string // relative to the configuration's directory; "." for itself
	blocks    []*hclsyntax.Block
	variables []*variable
	locals    []*hclsyntax.Attribute
	calls     []*hclsyntax.Block
}

// A scope is one instance of a source: what its names stand for.
type scope struct {
	l         *loader
	source    *source
	instance  string // freezer["cellar"]; "" for the configuration's own
	above     *scope // where the module is called
	variables map[string]meaning
	given     map[string]hcl.Range // where each variable got its value
	locals    map[string]*local
	calls     map[string]*call
}

// A meaning is what a name, with everything behind it, stands for.
type meaning struct {
	kind   meaningKind
	value  cty.Value            // fixed: known when the configuration is loaded
	secret bool                 // fixed: no diagnostic may quote it
	expr   hclsyntax.Expression // live: depends on what sensors say
	from   string               // where it was defined or given, for people
	span   hcl.Range            // live: where expr is written
	parts  int                  // live: of the expression, once everything in it is put in place
	uses   []use                // live: what was put in place inside expr
}

type meaningKind uint8

const (
	foreign meaningKind = iota // none of our names: a label, a member of a payload, or a mistake that others report
	fixed
	live
	broken // a mistake that was reported
)

// A view is a scope as it is seen from one place in it.
type view struct {
	*scope
	key, value cty.Value // of each; cty.NilVal where there is none
}

// resolve finds what a traversal stands for, and complains when it is ours and
// stands for nothing.
func (p view) resolve(t hcl.Traversal) meaning {
	m, steps := p.base(t)
	return p.follow(m, t, steps)
}

// base finds what the first steps of a traversal stand for, those that are a
// name of ours, and how many they are.
func (p view) base(t hcl.Traversal) (m meaning, steps int) {
	const ofName = 2 // var.phone
	root := t.RootName()
	switch {
	case root == "var":
		return p.ofScope(t, "variable", p.variable), ofName
	case root == "local":
		return p.ofScope(t, "local", p.local), ofName
	case root == "each":
		return p.each(t), ofName
	case root == "module":
		return p.inModule(t)
	case isReferable(root) && stepName(t, 1) != "":
		ref := reference{root, block.Qualify(p.instance, stepName(t, 1))}
		return meaning{kind: fixed, value: ref.value()}, ofName
	}
	return meaning{}, 0
}

// ofScope finds var.name and local.name.
func (p view) ofScope(t hcl.Traversal, what string, find func(string) (meaning, []string)) meaning {
	if p.source == nil {
		return p.nowhere(t)
	}
	name := stepName(t, 1)
	if name == "" {
		return p.wrong(t.SourceRange(), "Missing name", fmt.Sprintf("Write which %s, such as %s.some_name.", what, t.RootName()))
	}
	m, known := find(name)
	if m.kind == foreign {
		return p.wrong(t.SourceRange(), "Unknown "+what, fmt.Sprintf("There is no %s %q%s. %s", what, name, inside(p.instance), instead(t.RootName(), name, known)))
	}
	return m
}

// nowhere complains of a name where there are none yet.
func (p view) nowhere(t hcl.Traversal) meaning {
	return p.wrong(t.SourceRange(), "Invalid value", fmt.Sprintf(
		"%s stands for nothing here: this value is fixed before there are any. Write the value itself.", written(t)))
}

func instead(root, name string, known []string) string {
	if near := block.Suggest(name, known); near != "" {
		return fmt.Sprintf("Did you mean %s.%s?", root, near)
	}
	if root == "var" {
		return fmt.Sprintf("To have one, write variable %q { }.", nameLike(name))
	}
	return fmt.Sprintf("To have one, write locals { %s = … }.", nameLike(name))
}

func (p view) variable(name string) (meaning, []string) {
	m, ok := p.scope.variables[name]
	if ok {
		return m, nil
	}
	var known []string
	for _, v := range p.source.variables {
		known = append(known, v.name)
	}
	return meaning{}, known
}

func (p view) each(t hcl.Traversal) meaning {
	if p.key == cty.NilVal {
		return p.wrong(t.SourceRange(), "Invalid value",
			"each is known where a module with for_each is called, in that block's arguments. Pass it on, as in name = each.key, and declare a variable for it in the module.")
	}
	switch stepName(t, 1) {
	case "key":
		return meaning{kind: fixed, value: p.key}
	case "value":
		return meaning{kind: fixed, value: p.value}
	}
	return p.wrong(t.SourceRange(), "Invalid value", "each has a key and a value. Write each.key or each.value.")
}

// follow goes from what the first steps of t stand for to what all of it does.
func (p view) follow(m meaning, t hcl.Traversal, steps int) meaning {
	rest := t[min(steps, len(t)):]
	switch {
	case len(rest) == 0 || m.kind == broken || m.kind == foreign:
		return m
	case m.kind == live:
		return p.followLive(m, t, rest)
	}
	for i, step := range rest {
		if ref, ok := referenceIn(m.value); ok {
			return p.followReference(ref, m, t, rest[i:])
		}
		next, diags := hcl.Traversal{step}.TraverseRel(m.value)
		if diags.HasErrors() {
			return p.wrong(step.SourceRange(), "Unknown member", fmt.Sprintf("%s is %s %s", written(t[:steps+i]), described(m.value), memberInstead(m.value, step)))
		}
		m.value = next
	}
	return m
}

// reaches tells whether what follows the first steps of t goes on from a
// sensor that a value refers to.
func (m meaning) reaches(rest hcl.Traversal) bool {
	for _, step := range rest {
		if _, ok := referenceIn(m.value); ok {
			return true
		}
		next, diags := hcl.Traversal{step}.TraverseRel(m.value)
		if diags.HasErrors() {
			return false
		}
		m.value = next
	}
	return false
}

// followLive reads a field of a local that stands for a sensor.
func (p view) followLive(m meaning, t, rest hcl.Traversal) meaning {
	sensor, ok := block.Bare(m.expr).(*hclsyntax.ScopeTraversalExpr)
	if !ok {
		return p.wrong(rest[0].SourceRange(), "Unknown member", fmt.Sprintf("%s is an expression and has nothing inside. Write %[1]s.", written(t[:2])))
	}
	m.expr = &hclsyntax.ScopeTraversalExpr{Traversal: slices.Concat(sensor.Traversal, rest), SrcRange: t.SourceRange()}
	return m
}

// followReference reads a field of the sensor that a value refers to.
func (p view) followReference(ref reference, m meaning, t, rest hcl.Traversal) meaning {
	if !slices.Contains(sensing, ref.kind) {
		return p.wrong(rest[0].SourceRange(), "Unknown member", fmt.Sprintf("This is %s, which stands for a block as a whole and has nothing inside.", p.plainly(ref)))
	}
	m.kind, m.expr, m.parts = live, ref.traversal(rest, t.SourceRange()), 1
	return m
}

// memberInstead ends a sentence about a value that has not the member wanted.
func memberInstead(v cty.Value, step hcl.Traverser) string {
	if !iterates(v) || !(v.Type().IsObjectType() || v.Type().IsMapType()) {
		return "and has no such part."
	}
	var known []string
	for key := range v.Elements() {
		known = append(known, key.AsString())
	}
	name := stepKey(hcl.Traversal{step}, 0)
	slices.Sort(known)
	if near := block.Suggest(name, known); near != "" {
		return fmt.Sprintf("without %q. Did you mean %q?", name, near)
	}
	if len(known) == 0 {
		return "with nothing in it."
	}
	return fmt.Sprintf("without %q. It has %s.", name, someOf(known))
}

// namesListed is how many names one diagnostic lists.
const namesListed = 12

func someOf(names []string) string {
	if more := len(names) - namesListed; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:namesListed], ", "), more)
	}
	return strings.Join(names, ", ")
}

// wrong reports a mistake and returns the meaning of what has it.
func (p view) wrong(rng hcl.Range, summary, detail string) meaning {
	p.l.add(block.Mistake(rng, summary, detail))
	return meaning{kind: broken}
}

// plainly is a reference as one writes it inside the scope.
func (s *scope) plainly(ref reference) string {
	module, own := block.Unqualify(ref.name)
	if module == s.instance {
		return ref.kind + "." + own
	}
	return ref.String()
}

// written renders a traversal as the user wrote it, up to its first index.
func written(t hcl.Traversal) string {
	words := []string{t.RootName()}
	for i := 1; i < len(t) && stepName(t, i) != ""; i++ {
		words = append(words, stepName(t, i))
	}
	return strings.Join(words, ".")
}
