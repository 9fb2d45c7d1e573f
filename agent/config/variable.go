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

// A variable is one variable block: what an installer may choose.
type variable struct {
	name        string
	block       *hclsyntax.Block
	constraint  constraint
	fallback    hclsyntax.Expression // its default; nil: it must be given a value
	sensitive   bool                 // no diagnostic may quote it
	description string
	validations []validation
}

// A validation is what a value must satisfy besides its type.
type validation struct {
	condition, message hclsyntax.Expression
}

func (v *variable) title() string { return fmt.Sprintf("variable %q", v.name) }

// isText tells the variables whose values are written without quotes on a
// command line.
func (v *variable) isText() bool { return v.constraint.typ == cty.String }

// readVariable reads a variable block.
func (l *loader) readVariable(b *hclsyntax.Block) *variable {
	r := block.Open(b, l.ctx)
	v := &variable{name: r.Label(), block: b, constraint: anything}
	if e := expression(r, "type"); e != nil {
		var d *hcl.Diagnostic
		if v.constraint, d = constraintOf(e); d != nil {
			r.Add(d)
		}
	}
	v.fallback = expression(r, "default")
	v.description, _ = r.Text("description")
	v.sensitive = r.Bool("sensitive", false)
	for _, n := range r.Blocks("validation") {
		wanted := n.Need("condition", `Write what its value must satisfy, such as condition = length(var.`+v.name+`) > 0.`)
		wanted = n.Need("error_message", "Write what to tell whoever gives another value.") && wanted
		check := validation{expression(n, "condition"), expression(n, "error_message")}
		if wanted {
			v.validations = append(v.validations, check)
		}
	}
	l.add(block.Within(b, r.Close())...)
	return v
}

// expression is an argument as a syntax tree, nil when it is absent.
func expression(r *block.Reader, name string) hclsyntax.Expression {
	e, _ := r.Expr(name).(hclsyntax.Expression)
	return e
}

// give gives a variable of a scope its value, which e is where p is. from says
// whose word that is.
func (s *scope) give(v *variable, e hclsyntax.Expression, p view, from string) {
	if v.sensitive {
		s.l.mask(e.Range())
	}
	value, ok := p.constant(e, v.name)
	if ok && v.sensitive {
		s.l.hide(value, true)
	}
	if !ok {
		s.variables[v.name] = meaning{kind: broken}
		return
	}
	converted, err := v.constraint.convert(value)
	if err != nil {
		s.l.add(block.Mistake(e.Range(), "Invalid value", fmt.Sprintf("%s %v.%s%s", v.name, err, v.described(), s.which())))
		s.variables[v.name] = meaning{kind: broken}
		return
	}
	s.variables[v.name] = meaning{kind: fixed, value: converted, secret: v.sensitive || p.secret(e), from: from}
	s.given[v.name] = e.Range()
}

// which says which of several instances a complaint about a value speaks of,
// nothing where there is only one.
func (s *scope) which() string {
	if !strings.HasSuffix(s.instance, "]") {
		return ""
	}
	return fmt.Sprintf(" (In module.%s.)", s.instance)
}

// described is the variable's description as a sentence of its own, "" when
// there is none.
func (v *variable) described() string {
	if v.description == "" {
		return ""
	}
	return fmt.Sprintf(" It is described so: %s", sentence(v.description))
}

// fallBack gives a variable its default, or complains with missing when it has
// none.
func (s *scope) fallBack(v *variable, missing *hcl.Diagnostic) {
	if v.fallback != nil {
		s.give(v, v.fallback, view{scope: s.outside()}, "its default")
		return
	}
	s.l.add(missing)
	s.variables[v.name] = meaning{kind: broken}
}

// missingValue says every way to give one of the configuration's variables its
// value.
func missingValue(v *variable) *hcl.Diagnostic {
	example := v.name + " = …"
	return block.Mistake(v.block.DefRange(), "Missing value", fmt.Sprintf(
		"%s has no value and no default.%s Write %s into a file that ends in %s, set the environment variable %s%s, or give --var '%s=…'.",
		v.title(), v.described(), example, varsSuffix, envPrefix, v.name, v.name))
}

// validate checks the values of a scope's variables.
func (s *scope) validate() {
	for _, v := range s.source.variables {
		for _, check := range v.validations {
			if s.variables[v.name].kind == fixed {
				s.check(v, check)
			}
		}
	}
}

// check complains when a value does not satisfy a validation. What others say of
// the value then follows from that.
func (s *scope) check(v *variable, check validation) {
	if !mentions(check.condition, "var", v.name) {
		s.l.add(block.Mistake(check.condition.Range(), "Invalid condition", fmt.Sprintf(
			"This condition does not look at var.%s, so it says nothing about it.", v.name)))
		return
	}
	holds, ok := s.validationPart(check.condition, "condition", cty.Bool, "is true or false")
	if !ok || holds.True() {
		return
	}
	if message, ok := s.validationPart(check.message, "error_message", cty.String, "is a text in quotes"); ok {
		s.l.add(block.Mistake(s.given[v.name], "Invalid value", fmt.Sprintf("%s So wants %s, on %s.%s",
			sentence(message.AsString()), v.title(), place(check.condition.Range()), s.which())))
	}
	s.variables[v.name] = meaning{kind: broken}
}

// validationPart folds an argument of a validation, which must be of that type.
func (s *scope) validationPart(e hclsyntax.Expression, what string, typ cty.Type, is string) (cty.Value, bool) {
	v, ok := view{scope: s}.constant(e, what)
	if ok && (v.IsNull() || v.Type() != typ) {
		s.l.add(block.Mistake(e.Range(), "Invalid value", fmt.Sprintf("%s %s, and this is %s.", what, is, described(v))))
		return v, false
	}
	return v, ok
}

// mentions tells whether e reads root.name.
func mentions(e hclsyntax.Expression, root, name string) bool {
	return slices.ContainsFunc(e.Variables(), func(t hcl.Traversal) bool {
		return t.RootName() == root && stepName(t, 1) == name
	})
}

// stepName is the name of a step of a traversal, "" when it is not one of
// letters.
func stepName(t hcl.Traversal, i int) string {
	if i >= len(t) {
		return ""
	}
	attr, _ := t[i].(hcl.TraverseAttr)
	return attr.Name
}
