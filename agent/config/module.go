package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// The bounds of modules.
const (
	modulesDepthMax = 8     // modules inside modules
	instancesMax    = 1_000 // of all modules of a configuration
	instanceKeyMax  = 64    // bytes of one key of for_each
	instancePathMax = 256   // bytes of freezer["cellar"], with the modules around it
)

// The arguments of a module block that are not values of the module's
// variables.
const (
	sourceArgument  = "source"
	forEachArgument = "for_each"
)

// A call is one module block in one scope.
type call struct {
	block     *hclsyntax.Block
	source    *source
	loops     bool // it has a for_each
	instances []instance
	state     workState
	failed    bool
}

// An instance is one use of a module by one call.
type instance struct {
	path       string // freezer["cellar"]
	key, value cty.Value
}

// declareCalls makes the scope's module blocks known by name.
func (s *scope) declareCalls() {
	for _, b := range s.source.calls {
		if name := label(b); s.calls[name] == nil {
			s.calls[name] = &call{block: b}
		}
	}
}

// prepare reads what a call uses and finds how often.
func (s *scope) prepare(c *call) {
	if c.state != untouched {
		return
	}
	c.state = underWay
	r := block.Open(c.block, s.l.ctx)
	c.source = s.sourceOf(r)
	c.instances, c.loops = s.instancesOf(r)
	for _, name := range c.arguments() {
		r.Has(name)
	}
	s.l.add(block.Within(c.block, r.Close())...)
	for _, i := range c.instances {
		s.l.instances[i.path] = c.source
	}
	c.failed = c.source == nil || c.instances == nil
	c.state = done
}

// arguments are the names of the values that the module takes; those that are
// written, while nobody knows.
func (c *call) arguments() []string {
	var names []string
	if c.source == nil {
		for name := range c.block.Body.Attributes {
			names = append(names, name)
		}
		return names
	}
	for _, v := range c.source.variables {
		names = append(names, v.name)
	}
	return names
}

// sourceOf reads the directory that a module block names, nil when it cannot be
// used.
func (s *scope) sourceOf(r *block.Reader) *source {
	if !r.Need(sourceArgument, `Write the directory of the module, such as source = "./modules/freezer".`) {
		return nil
	}
	e := expression(r, sourceArgument)
	v, ok := view{scope: s}.constant(e, sourceArgument)
	if !ok {
		return nil
	}
	if v.IsNull() || v.Type() != cty.String {
		s.l.add(block.Mistake(e.Range(), "Invalid value", fmt.Sprintf("source is a directory, and this is %s. Write it in quotes, such as \"./modules/freezer\".", described(v))))
		return nil
	}
	path, err := s.l.localDirectory(s.source.path, v.AsString())
	if err != nil {
		s.l.add(block.Mistake(e.Range(), "Invalid source", sentence(err.Error())))
		return nil
	}
	if d := s.nesting(path, e.Range()); d != nil {
		s.l.add(d)
		return nil
	}
	return s.l.readSource(path, e.Range())
}

// localDirectory resolves the source of a module that is called in the
// directory from, both relative to the configuration's own directory. A module is
// below that directory and stays there, whatever links say.
func (l *loader) localDirectory(from, given string) (string, error) {
	if !strings.HasPrefix(given, "./") && !strings.HasPrefix(given, "../") {
		if strings.ContainsAny(given, ":@?") || filepath.IsAbs(given) {
			return "", fmt.Errorf("%q is not a directory of this configuration; modules are local: copy it below %s and write source = \"./modules/%s\"", given, l.dir, nameLike(filepath.Base(given)))
		}
		return "", fmt.Errorf("%q does not say that it is a directory; write source = %q", given, "./"+given)
	}
	path := filepath.Join(from, given)
	if !filepath.IsLocal(path) {
		return "", fmt.Errorf("%q leads out of %s; a module is below it: copy it to ./modules/%s", given, l.dir, nameLike(filepath.Base(given)))
	}
	if path == "." {
		return "", fmt.Errorf("%q is the configuration itself; name the directory of a module", given)
	}
	real, err := below(l.dir, path)
	if err != nil {
		return "", fmt.Errorf("%q: %w", given, err)
	}
	return real, nil
}

// below follows the links of a path below dir and returns where it leads,
// relative to dir. It must be a directory there.
func below(dir, path string) (string, error) {
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", errors.New(cause(err))
	}
	real, err := filepath.EvalSymlinks(filepath.Join(root, path))
	if errors.Is(err, fs.ErrNotExist) {
		return "", errors.New("there is no such directory")
	}
	if err != nil {
		return "", fmt.Errorf("it cannot be read: %s", strings.TrimPrefix(cause(err), "EvalSymlinks: "))
	}
	info, err := os.Stat(real)
	if err == nil && !info.IsDir() {
		return "", errors.New("it is a file; name the directory that holds it")
	}
	relative, err := filepath.Rel(root, real)
	if err != nil || !filepath.IsLocal(relative) || relative == "." {
		return "", fmt.Errorf("it is a link that leads out of %s; a module is below it", dir)
	}
	return relative, nil
}

// nesting complains about a module that would be inside itself, or too deep
// inside others.
func (s *scope) nesting(path string, rng hcl.Range) *hcl.Diagnostic {
	depth, trail := 1, []string{"./" + path}
	for up := s; up != nil; up = up.above {
		trail = append(trail, "./"+up.source.path)
		depth++
		if up.source.path == path {
			return block.Mistake(rng, "Circular modules", fmt.Sprintf("This module would be inside itself: %s. Remove one of these calls.", reversed(trail)))
		}
	}
	if depth > modulesDepthMax+1 {
		return block.Mistake(rng, "Modules too deep", fmt.Sprintf("Modules are at most %d deep inside each other, and this is one more. Call it further out.", modulesDepthMax))
	}
	return nil
}

func reversed(trail []string) string {
	var b strings.Builder
	for i := len(trail) - 1; i >= 0; i-- {
		b.WriteString(trail[i])
		if i > 0 {
			b.WriteString(" → ")
		}
	}
	return b.String()
}

// instancesOf finds the instances of a call: one without for_each, otherwise
// one for each element. It returns nil after a mistake.
func (s *scope) instancesOf(r *block.Reader) (all []instance, loops bool) {
	path := block.Qualify(s.instance, r.Label())
	e := expression(r, forEachArgument)
	if e == nil {
		return s.bounded(r, []instance{{path: path}}), false
	}
	v, ok := view{scope: s}.constant(e, forEachArgument)
	if !ok {
		return nil, true
	}
	pairs, problem := eachOf(v)
	if problem != "" {
		s.l.add(block.Mistake(e.Range(), "Invalid for_each", problem))
		return nil, true
	}
	all = []instance{}
	for _, p := range pairs {
		all = append(all, instance{fmt.Sprintf("%s[%q]", path, p[0].AsString()), p[0], p[1]})
	}
	return s.bounded(r, all), true
}

// eachOf lists the keys and values of for_each: those of an object, or the texts
// of a list as both.
func eachOf(v cty.Value) (pairs [][2]cty.Value, problem string) {
	const remedy = `Write an object, such as { cellar = -15, kitchen = -12 }, or a list of texts.`
	if !iterates(v) {
		return nil, fmt.Sprintf("for_each is %s. %s", described(v), remedy)
	}
	named := v.Type().IsObjectType() || v.Type().IsMapType()
	seen := map[string]bool{}
	for key, value := range v.Elements() {
		if !named {
			key = value
		}
		if key.IsNull() || key.Type() != cty.String {
			return nil, fmt.Sprintf("A list for for_each has texts, and in this one is %s. %s", described(key), remedy)
		}
		name := key.AsString()
		if problem := keyProblem(name); problem != "" {
			return nil, fmt.Sprintf("The key %q %s", name, problem)
		}
		if seen[name] {
			return nil, fmt.Sprintf("%q stands there twice. Keep one of them: each instance is known by its key.", name)
		}
		seen[name] = true
		pairs = append(pairs, [2]cty.Value{key, value})
	}
	return pairs, ""
}

// keyProblem says what keeps a text from being the key of an instance, which is
// part of names in the store and in status.
func keyProblem(key string) string {
	odd := func(r rune) bool { return !unicode.IsPrint(r) || strings.ContainsRune(`/"\`, r) }
	switch {
	case key == "":
		return "is empty. Write a name, such as cellar."
	case len(key) > instanceKeyMax:
		return fmt.Sprintf("is longer than %d bytes. Choose a shorter one.", instanceKeyMax)
	case !utf8.ValidString(key) || strings.ContainsFunc(key, odd):
		return fmt.Sprintf("is part of names, so it has no slash, backslash, quotation mark or control character. Write %q, and what it stands for as its value.", nameLike(key))
	}
	return ""
}

// bounded complains about more instances, or longer names of them, than there
// may be.
func (s *scope) bounded(r *block.Reader, all []instance) []instance {
	for _, i := range all {
		if len(i.path) > instancePathMax {
			s.l.add(block.Mistake(r.Header(), "Name too long", fmt.Sprintf("%s is longer than %d bytes. Choose shorter names for the modules.", i.path, instancePathMax)))
			return nil
		}
	}
	if s.l.instanceCount += len(all); s.l.instanceCount > instancesMax {
		s.l.add(block.Mistake(r.Header(), "Too many instances", fmt.Sprintf(
			"All modules together have more than %d instances. Use a label in a sensor's topic instead: one alert then watches every sensor of a kind.", instancesMax)))
		return nil
	}
	return all
}

// enter makes the scope of one instance, with the call's arguments as the
// values of its variables.
func (s *scope) enter(c *call, i instance) *scope {
	inner := s.l.newScope(c.source, i.path, s)
	p := view{scope: s, key: i.key, value: i.value}
	if !c.loops {
		p.key, p.value = cty.NilVal, cty.NilVal
	}
	for _, v := range c.source.variables {
		if a := c.block.Body.Attributes[v.name]; a != nil {
			inner.give(v, a.Expr, p, place(a.NameRange))
			continue
		}
		inner.fallBack(v, block.Mistake(c.block.DefRange(), "Missing argument", fmt.Sprintf(
			"module %q wants %s.%s Write %s = ….", label(c.block), v.name, v.described(), v.name)))
	}
	return inner
}

// inModule finds module.freezer["cellar"].alert.warm, a block inside a module,
// and how many steps say so.
func (p view) inModule(t hcl.Traversal) (m meaning, steps int) {
	if p.source == nil {
		return p.nowhere(t), 0
	}
	c := p.scope.calls[stepName(t, 1)]
	if c == nil {
		return p.wrong(t.SourceRange(), "Unknown module", fmt.Sprintf("There is no module %q%s. %s", stepName(t, 1), inside(p.instance), p.moduleInstead(stepName(t, 1)))), 0
	}
	if c.state == underWay {
		return p.wrong(t.SourceRange(), "Circular modules", fmt.Sprintf("What module %q is made from cannot name what is inside it.", label(c.block))), 0
	}
	p.scope.prepare(c)
	if c.failed {
		return meaning{kind: broken}, 0
	}
	path, steps, problem := c.instanceIn(t)
	kind, own := stepName(t, steps), stepName(t, steps+1)
	switch {
	case problem != "":
		return p.wrong(t.SourceRange(), "Invalid reference", problem), 0
	case own == "" || !isReferable(kind):
		return p.wrong(t.SourceRange(), "Invalid reference", fmt.Sprintf("Write which block inside the module is meant, such as %s.alert.some_name.", written(t[:2]))), 0
	}
	ref := reference{kind, block.Qualify(path, own)}
	if !p.l.knows(block.Ref{Kind: kind, Name: ref.name, Range: t.SourceRange()}) {
		return meaning{kind: broken}, 0
	}
	return meaning{kind: fixed, value: ref.value()}, steps + 2
}

func (p view) moduleInstead(name string) string {
	var known []string
	for _, b := range p.source.calls {
		known = append(known, label(b))
	}
	if near := block.Suggest(name, known); near != "" {
		return fmt.Sprintf("Did you mean module.%s?", near)
	}
	if len(known) == 0 {
		return "There are no module blocks here."
	}
	return fmt.Sprintf("There is %s.", someOf(known))
}

// instanceIn finds which instance of the call t means, and how many steps of t
// say so.
func (c *call) instanceIn(t hcl.Traversal) (path string, steps int, problem string) {
	if !c.loops {
		return c.instances[0].path, 2, ""
	}
	var keys []string
	for _, i := range c.instances {
		keys = append(keys, i.key.AsString())
	}
	key := ""
	if len(t) > 2 {
		index, ok := t[2].(hcl.TraverseIndex)
		if ok {
			key = keyText(index.Key)
		}
		for i, k := range keys {
			if ok && k == key {
				return c.instances[i].path, 3, ""
			}
		}
	}
	if len(keys) == 0 {
		return "", 0, fmt.Sprintf("module %q has no instances: its for_each is empty.", label(c.block))
	}
	if near := block.Suggest(key, keys); key != "" && near != "" {
		return "", 0, fmt.Sprintf("module %q has no instance %q. Did you mean %q?", label(c.block), key, near)
	}
	return "", 0, fmt.Sprintf("module %q has an instance for each of %s. Write which, such as module.%s[%q].", label(c.block), someOf(keys), label(c.block), keys[0])
}
