package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// loadFields reads the names and types of the values, from fields or value.
func (l *sensorLoader) loadFields() {
	switch {
	case l.Has("fields") && l.Has("value"):
		l.Add(block.Mistake(l.Range("value"), "Conflicting arguments",
			"A sensor has fields or a value, not both. Keep value if the payload is one value, fields if it is an object."))
	case l.Has("value"):
		l.loadField("", l.Range("value"), l.Expr("value"))
	case l.Need("fields", "Write fields = { name = type } if the payload is an object, or value = type if it is one value."):
		l.loadEachField()
	}
}

func (l *sensorLoader) loadEachField() {
	pairs := l.Pairs("fields")
	if items, diags := hcl.ExprMap(l.Expr("fields")); len(items) == 0 && !diags.HasErrors() {
		l.Add(block.Mistake(l.Range("fields"), "Invalid value", "fields is empty. Write fields = { name = type }, such as { celsius = number }."))
	}
	if len(pairs) > fieldsMax {
		l.Add(block.Mistake(pairs[fieldsMax].KeyRange, "Too many fields",
			fmt.Sprintf("A sensor has at most %d fields, and here are %d. Split it into several sensors on the same topic.", fieldsMax, len(pairs))))
		pairs = pairs[:fieldsMax]
	}
	for _, p := range pairs {
		l.declared = append(l.declared, p.Key)
		if problem, remedy := nameProblem(p.Key); problem != "" {
			if name := snakeCase(p.Key); name != p.Key && isSnakeCase(name) {
				remedy += fmt.Sprintf(" If the payload says %q, add path = { %s = %q }.", p.Key, name, pathTo(p.Key))
			}
			l.Add(block.Mistake(p.KeyRange, "Invalid name", fmt.Sprintf("The field's name %q %s. %s", p.Key, problem, remedy)))
			continue
		}
		l.loadField(p.Key, p.KeyRange, p.Value)
	}
}

func (l *sensorLoader) loadField(name string, rng hcl.Range, typ hcl.Expression) {
	if kind := l.kindOf(typ, fieldTitle(name)); kind != 0 {
		l.sensor.Fields = append(l.sensor.Fields, Field{Name: name, Kind: kind, Range: rng})
	}
}

// kindOf reads the name of a type; 0 when it is none.
func (l *sensorLoader) kindOf(typ hcl.Expression, what string) Kind {
	word := hcl.ExprAsKeyword(typ)
	if near := foreignTypes[word]; near != 0 {
		l.Add(block.Mistake(typ.Range(), "Invalid value", fmt.Sprintf(
			"%s has the type %s, which is none of number, bool, string and time. Did you mean %s?", what, word, near)))
		return 0
	}
	word = l.KeywordOf(typ, what, Number.String(), Bool.String(), String.String(), Time.String())
	for _, kind := range []Kind{Number, Bool, String, Time} {
		if word == kind.String() {
			return kind
		}
	}
	return 0
}

// foreignTypes are the names other languages have for our types.
var foreignTypes = map[string]Kind{
	"boolean": Bool, "binary": Bool,
	"int": Number, "integer": Number, "float": Number, "double": Number, "decimal": Number,
	"text": String, "str": String,
	"timestamp": Time, "datetime": Time, "date": Time,
}

// pathTo writes the path to a member of the payload.
func pathTo(key string) string {
	if steps, err := parsePath(key); err == nil && len(steps) == 1 && steps[0] == memberStep(key) {
		return key
	}
	return "['" + key + "']"
}

// loadPaths finds where in a payload each field is.
func (l *sensorLoader) loadPaths() {
	written := l.writtenPaths()
	l.sensor.whole = l.sensor.Field("") >= 0 && written[""] == nil
	for i := range l.sensor.Fields {
		f := &l.sensor.Fields[i]
		steps := []pathStep{memberStep(f.Name)}
		if e := written[f.Name]; e != nil {
			f.Path, steps = l.loadPath(e, f.Name)
		} else if l.sensor.whole {
			steps = nil
		}
		l.sensor.paths.add(steps, i)
	}
}

// writtenPaths returns the expressions in path by field.
func (l *sensorLoader) writtenPaths() map[string]hcl.Expression {
	switch {
	case !l.Has("path"):
		return nil
	case l.Has("value"):
		return map[string]hcl.Expression{"": l.Expr("path")}
	}
	written := map[string]hcl.Expression{}
	for _, p := range l.Pairs("path") {
		if l.isField(p, "path") {
			written[p.Key] = p.Value
		}
	}
	return written
}

func (l *sensorLoader) loadPath(e hcl.Expression, field string) (string, []pathStep) {
	what := "path"
	if field != "" {
		what = "The path of " + field
	}
	text, ok := l.StringOf(e, what)
	if !ok {
		return "", nil
	}
	steps, err := parsePath(text)
	if err != nil {
		l.addTextError("Invalid path", e, text, err)
	}
	return text, steps
}

// loadValid reads the range of numbers that is believed.
func (l *sensorLoader) loadValid() {
	switch {
	case !l.Has("valid"):
	case l.Has("value"):
		l.loadRange(l.Expr("valid"), "")
	default:
		for _, p := range l.Pairs("valid") {
			if l.isField(p, "valid") {
				l.loadRange(p.Value, p.Key)
			}
		}
	}
}

// isField complains unless p, an entry of the argument, is for a field.
func (l *sensorLoader) isField(p block.Pair, argument string) bool {
	if len(l.declared) == 0 || slices.Contains(l.declared, p.Key) {
		return true
	}
	remedy := fmt.Sprintf("The fields are %s.", strings.Join(l.declared, ", "))
	if near := block.Suggest(p.Key, l.declared); near != "" {
		remedy = fmt.Sprintf("Did you mean %s?", near)
	}
	l.Add(block.Mistake(p.KeyRange, "Unknown field", fmt.Sprintf("%s is for %s, which is not one of the fields. %s", argument, p.Key, remedy)))
	return false
}

// loadRange reads the range [least, greatest] of a field.
func (l *sensorLoader) loadRange(e hcl.Expression, field string) {
	i := l.sensor.Field(field)
	if i < 0 {
		return // its own mistake was told
	}
	f := &l.sensor.Fields[i]
	if f.Kind != Number {
		l.Add(block.Mistake(e.Range(), "Invalid range", fmt.Sprintf("Only a number has a valid range, and %s is a %s. Remove it.", fieldTitle(field), f.Kind)))
		return
	}
	bounds, diags := hcl.ExprList(e)
	if diags.HasErrors() || len(bounds) != 2 {
		l.Add(block.Mistake(e.Range(), "Invalid range", fmt.Sprintf("The valid range of %s is two numbers. Write the least and the greatest, such as [-40, 150].", fieldTitle(field))))
		return
	}
	least, leastOK := l.NumberOf(bounds[0], "The least valid "+fieldTitle(field))
	greatest, greatestOK := l.NumberOf(bounds[1], "The greatest valid "+fieldTitle(field))
	switch {
	case !leastOK || !greatestOK:
	case least > greatest:
		l.Add(block.Mistake(e.Range(), "Invalid range", fmt.Sprintf("No %s lies between %v and %v. Write the smaller number first: [%[3]v, %[2]v].", fieldTitle(field), least, greatest)))
	default:
		f.Valid = &[2]float64{least, greatest}
	}
}

// fieldTitle names a field in diagnostics.
func fieldTitle(name string) string {
	if name == "" {
		return "value"
	}
	return name
}
