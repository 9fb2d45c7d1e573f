package rules

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// unitMax bounds a unit, in characters.
const unitMax = 16

// loadMeasure reads what is said of a number alone: its scale, offset, unit and
// valid range.
func (l *sensorLoader) loadMeasure(f *Field, o fieldOptions) {
	if e := o["scale"]; e != nil && l.isNumber(f, e, "Invalid scale", "is scaled") {
		l.loadScale(f, e)
	}
	if e := o["offset"]; e != nil && l.isNumber(f, e, "Invalid offset", "has an offset") {
		f.scale.offset, _ = l.NumberOf(e, titled("offset", f))
	}
	if e := o["unit"]; e != nil && l.isNumber(f, e, "Invalid unit", "has a unit") {
		l.loadUnit(f, e)
	}
	if e := o["valid"]; e != nil && l.isNumber(f, e, "Invalid range", "has a valid range") {
		l.loadRange(f, e)
	}
	if e := o["stuck_after"]; e != nil {
		l.loadStuck(f, e)
	}
}

// loadStuck reads how long a number may stay exactly the same. Said once for all
// fields it is about the numbers among them.
func (l *sensorLoader) loadStuck(f *Field, e hcl.Expression) {
	if f.Name != "" && e == l.Expr("stuck_after") && f.Kind != Number {
		return
	}
	if l.isNumber(f, e, "Invalid duration", "gets stuck") {
		f.StuckAfter, _ = l.DurationOf(e, titled("stuck_after", f), holdMin, silenceMax)
	}
}

// isNumber complains about what only a number can have.
func (l *sensorLoader) isNumber(f *Field, e hcl.Expression, summary, has string) bool {
	if f.Kind != Number {
		l.Add(block.Mistake(e.Range(), summary, fmt.Sprintf("Only a number %s, and %s is a %s. Remove it.", has, fieldTitle(f.Name), f.Kind)))
	}
	return f.Kind == Number
}

func (l *sensorLoader) loadScale(f *Field, e hcl.Expression) {
	factor, ok := l.NumberOf(e, titled("scale", f))
	if !ok {
		return
	}
	if factor == 0 {
		l.Add(block.Mistake(e.Range(), "Invalid scale", "Scaled by 0 every reading is 0. Write what the number in the payload is multiplied by, such as 0.1 for tenths."))
		return
	}
	f.scale = scaleOf(factor)
}

func (l *sensorLoader) loadUnit(f *Field, e hcl.Expression) {
	unit, ok := l.StringOf(e, titled("unit", f))
	switch {
	case !ok:
	case strings.TrimSpace(unit) == "" || utf8.RuneCountInString(unit) > unitMax:
		l.Add(block.Mistake(e.Range(), "Invalid unit", fmt.Sprintf(`A unit has between 1 and %d characters. Write one such as "C" or "kPa", or leave it out.`, unitMax)))
	default:
		f.Unit = unit
	}
}

// loadRange reads the range [least, greatest] of a field.
func (l *sensorLoader) loadRange(f *Field, e hcl.Expression) {
	title := fieldTitle(f.Name)
	bounds, diags := hcl.ExprList(e)
	if _, isName := e.(*hclsyntax.ScopeTraversalExpr); isName { // var.limits
		var ok bool
		if bounds, ok = l.ItemsOf(e, titled("valid", f)); !ok {
			return
		}
	} else if diags.HasErrors() {
		bounds = nil
	}
	if len(bounds) != 2 {
		l.Add(block.Mistake(e.Range(), "Invalid range", fmt.Sprintf("The valid range of %s is two numbers. Write the least and the greatest, such as [-40, 150].", title)))
		return
	}
	least, leastOK := l.NumberOf(bounds[0], "The least valid "+title)
	greatest, greatestOK := l.NumberOf(bounds[1], "The greatest valid "+title)
	switch {
	case !leastOK || !greatestOK:
	case least > greatest:
		l.Add(block.Mistake(e.Range(), "Invalid range", fmt.Sprintf("No %s lies between %v and %v. Write the smaller number first: [%[3]v, %[2]v].", title, least, greatest)))
	default:
		f.Valid = &[2]float64{least, greatest}
	}
}
