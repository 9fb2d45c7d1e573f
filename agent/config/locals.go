package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// A local is one entry of a locals block. It is worked out when it is first
// looked at, so that the order of the entries does not matter.
type local struct {
	attribute *hclsyntax.Attribute
	meaning   meaning
	state     workState
}

// workState tells what was worked out, and what is being worked out, from what
// was not yet.
type workState uint8

const (
	untouched workState = iota
	underWay
	done
)

// expandedPartsMax bounds an expression once locals are put in place, in
// operators, names and literals: ten locals that each name the one before ten
// times are ten billion. It is as large as an expression of a rule may be.
const expandedPartsMax = 4096

// localsDepthMax bounds how many locals are made one from the other.
const localsDepthMax = 100

// declareLocals makes the locals of the source known in the scope. Each must be
// there only once.
func (s *scope) declareLocals() {
	for _, a := range s.source.locals {
		if s.locals[a.Name] == nil {
			s.locals[a.Name] = &local{attribute: a}
		}
	}
}

func (p view) local(name string) (meaning, []string) {
	found := p.locals[name]
	if found == nil {
		var known []string
		for _, a := range p.source.locals {
			known = append(known, a.Name)
		}
		return meaning{}, known
	}
	switch {
	case found.state == underWay:
		return p.circle(found), nil
	case found.state == untouched && len(p.l.workingOn) >= localsDepthMax:
		return p.wrong(found.attribute.Expr.Range(), "Expression too large", fmt.Sprintf(
			"More than %d locals are made one from the other up to here. Write out some of them.", localsDepthMax)), nil
	case found.state == untouched:
		found.state = underWay
		p.l.workingOn = append(p.l.workingOn, found)
		found.meaning = p.scope.workOut(found.attribute)
		p.l.workingOn = p.l.workingOn[:len(p.l.workingOn)-1]
		found.state = done
	}
	return found.meaning, nil
}

// circle complains of a local that is needed to work itself out.
func (p view) circle(l *local) meaning {
	var path []string
	for _, other := range p.l.workingOn[slices.Index(p.l.workingOn, l):] {
		path = append(path, "local."+other.attribute.Name)
	}
	path = append(path, path[0])
	p.l.add(block.Mistake(l.attribute.Expr.Range(), "Circular locals", fmt.Sprintf(
		"local.%s is made from itself: %s. Write out one of them.", l.attribute.Name, strings.Join(path, " → "))))
	return meaning{kind: broken}
}

// workOut finds what an entry of locals stands for: a value when nothing in it
// depends on sensors, otherwise the expression itself.
func (s *scope) workOut(a *hclsyntax.Attribute) meaning {
	p := view{scope: s}
	m := p.fold(a.Expr, "local."+a.Name)
	m.from = place(a.NameRange)
	if m.kind != live {
		return m
	}
	w := substitution{view: p}
	m.expr = enclosed(w.rewrite(a.Expr))
	m.span, m.uses = a.Expr.Range(), w.uses
	switch m.parts = partsOf(a.Expr) + w.parts; {
	case w.failed:
		m.kind = broken
	case m.parts > expandedPartsMax:
		s.l.add(block.Mistake(a.Expr.Range(), "Expression too large", fmt.Sprintf(
			"With everything in place that it names, local.%s has more than %d parts. Divide it among several alerts.", a.Name, expandedPartsMax)))
		m.kind = broken
	}
	return m
}

// enclosed puts brackets around what would otherwise become part of another
// operator's operand.
func enclosed(e hclsyntax.Expression) hclsyntax.Expression {
	switch e.(type) {
	case *hclsyntax.BinaryOpExpr, *hclsyntax.ConditionalExpr:
		return &hclsyntax.ParenthesesExpr{Expression: e, SrcRange: e.Range()}
	}
	return e
}
