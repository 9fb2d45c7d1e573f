package scenario

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// The names that json and payload know.
const (
	valueName = "value" // the value whose turn it is
	nowName   = "now"   // the true time of the message, in seconds since 1970
)

// A payload is what is published: always the same, or made when it is.
type payload struct {
	fixed []byte
	made  func(now time.Time) []byte // nil when it is always the same
}

func (p payload) at(now time.Time) []byte {
	if p.made != nil {
		return p.made(now)
	}
	return p.fixed
}

// payload reads the argument of that name, for one of the values if there are
// any. One that looks at the time was found sound at noon; it is
// at any time, since nothing is divided by it.
func (l *loader) payload(r *block.Reader, name string, value cty.Value) (payload, bool) {
	e := r.Expr(name)
	v, ok := fold(r, e, value)
	if !ok {
		return payload{}, false
	}
	write := asText
	if name == "json" {
		write = asJSON
	}
	text, err := write(v)
	switch {
	case err != nil:
		r.Add(block.Mistake(e.Range(), "Invalid value", name+" "+err.Error()+"."))
		return payload{}, false
	case !looksAtTime(e):
		return payload{fixed: text}, true
	}
	return payload{made: func(now time.Time) []byte {
		v, _ := e.Value(meanings(value, now))
		text, _ := write(v)
		return text
	}}, true
}

// asJSON writes a value as JSON. The error is a sentence without its subject.
func asJSON(v cty.Value) ([]byte, error) {
	text, err := ctyjson.SimpleJSONValue{Value: v}.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("cannot be written as JSON: %w", err)
	}
	return text, nil
}

// asText writes a value as it is. The error is a sentence without its subject.
func asText(v cty.Value) ([]byte, error) {
	text, err := convert.Convert(v, cty.String)
	if err != nil || text.IsNull() {
		return nil, errors.New("is a number, a text, true or false. For anything else write json = …")
	}
	return []byte(text.AsString()), nil
}

// meanings is what the names mean at that time.
func meanings(value cty.Value, now time.Time) *hcl.EvalContext {
	known := map[string]cty.Value{nowName: cty.NumberFloatVal(float64(now.UnixMilli()) / 1000)}
	if value != cty.NilVal {
		known[valueName] = value
	}
	return &hcl.EvalContext{Variables: known}
}

func looksAtTime(e hcl.Expression) bool {
	return slices.ContainsFunc(e.Variables(), func(t hcl.Traversal) bool { return t.RootName() == nowName })
}

// fold evaluates an argument as at noon, when most tests start.
func fold(r *block.Reader, e hcl.Expression, value cty.Value) (cty.Value, bool) {
	if d := computes(e); d != nil {
		r.Add(d)
		return cty.NilVal, false
	}
	ctx := meanings(value, noon)
	for _, t := range e.Variables() {
		if _, known := ctx.Variables[t.RootName()]; known {
			continue
		}
		detail := fmt.Sprintf("%s means nothing here. A text is quoted.", t.RootName())
		if t.RootName() == valueName {
			detail = `value stands for one of the values, and there are none. Write values = "…" and every = "…" beside it.`
		}
		r.Add(block.Mistake(t.SourceRange(), "Invalid value", detail))
		return cty.NilVal, false
	}
	v, diags := e.Value(ctx)
	if !diags.HasErrors() && !tame(v) {
		diags = diags.Append(block.Mistake(e.Range(), "Invalid number", "No publisher sends numbers this small or this large. Write one between 1e-300 and 1e300."))
	}
	r.Add(diags...)
	return v, !diags.HasErrors()
}

// tame tells whether every number can be written in some three hundred digits.
func tame(v cty.Value) bool {
	err := cty.Walk(v, func(_ cty.Path, v cty.Value) (bool, error) {
		if v.IsNull() || v.Type() != cty.Number {
			return true, nil
		}
		if size := math.Abs(float(v)); size != 0 && (size < 1e-300 || size > 1e300) || size == 0 && v.AsBigFloat().Sign() != 0 {
			return false, errors.New("out of all proportion")
		}
		return true, nil
	})
	return err == nil
}

func float(v cty.Value) float64 {
	n, _ := v.AsBigFloat().Float64()
	return n
}

// computes complains about what could be of any size; what is published is
// written out.
func computes(e hcl.Expression) *hcl.Diagnostic {
	var found *hcl.Diagnostic
	node, ok := e.(hclsyntax.Expression)
	if !ok {
		return nil
	}
	_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		switch n := n.(type) {
		case *hclsyntax.ForExpr, *hclsyntax.SplatExpr, *hclsyntax.FunctionCallExpr:
			found = block.Mistake(n.Range(), "Invalid value", "What is published is written out, without for and without functions.")
		case *hclsyntax.BinaryOpExpr:
			if looksAtTime(n.RHS) && (n.Op == hclsyntax.OpDivide || n.Op == hclsyntax.OpModulo) {
				found = block.Mistake(n.Range(), "Invalid value", "Nothing is divided by the time. Write now, now - 600 or now * 1000.")
			}
		}
		return nil
	})
	return found
}
