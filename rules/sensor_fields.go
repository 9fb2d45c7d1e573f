package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// fieldOptions are what is said of one field beside its type, by the name of
// the argument that says it.
type fieldOptions map[string]hcl.Expression

// optionNames are the arguments that say something of one field. A sensor
// declared with value has them as they are; of a sensor with fields each is an
// object by field, unless it stands with the field itself: oil = { type =
// number, path = "engine.oil" }. encoding, endian, exact and stuck_after, and of
// fields in bytes also path, may be said once for all.
var optionNames = []string{
	"path", "extract", "on", "off", "words", "invalid", "exact", "scale", "offset", "unit", "valid",
	"stuck_after", "encoding", "at", "size", "format", "endian", "mask", "bit",
}

// loadFields reads the names and types of the values, from fields or value, and
// gathers what else is said of each.
func (l *sensorLoader) loadFields() {
	switch {
	case l.Has("fields") && l.Has("value"):
		l.Add(block.Mistake(l.Range("value"), "Conflicting arguments",
			"A sensor has fields or a value, not both. Keep value if the payload is one value, fields if it is an object."))
	case l.Has("value"):
		l.loadValue()
	case l.Need("fields", "Write fields = { name = type } if the payload is an object, or value = type if it is one value."):
		l.loadEachField()
	}
	l.gatherOptions()
}

// loadValue reads a type that stands alone. Its options are arguments.
func (l *sensorLoader) loadValue() {
	e := l.Expr("value")
	if isObject(e) {
		l.Add(block.Mistake(e.Range(), "Invalid value",
			"value takes a type. Write value = number and what else there is to say as arguments of the sensor, such as scale = 0.1."))
		return
	}
	l.loadField("", e.Range(), e, nil)
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
		if l.fieldNameIsWrong(p) {
			continue
		}
		if isObject(p.Value) {
			l.loadDescribedField(p)
		} else {
			l.loadField(p.Key, p.KeyRange, p.Value, nil)
		}
	}
}

func (l *sensorLoader) fieldNameIsWrong(p block.Pair) bool {
	problem, remedy := nameProblem(p.Key)
	if problem == "" {
		return false
	}
	if name := snakeCase(p.Key); name != p.Key && isSnakeCase(name) {
		remedy += fmt.Sprintf(" If the payload says %q, add path = { %s = %q }.", p.Key, name, pathTo(p.Key))
	}
	l.Add(block.Mistake(p.KeyRange, "Invalid name", fmt.Sprintf("The field's name %q %s. %s", p.Key, problem, remedy)))
	return true
}

// loadDescribedField reads a field written as oil = { type = number, … }.
func (l *sensorLoader) loadDescribedField(p block.Pair) {
	options := fieldOptions{}
	var typ hcl.Expression
	for _, o := range l.PairsOf(p.Value, p.Key, p.Key+" = { type = number }") {
		switch {
		case o.Key == "type":
			typ = o.Value
		case slices.Contains(optionNames, o.Key):
			options[o.Key] = o.Value
		default:
			l.Add(block.Mistake(o.KeyRange, "Unsupported argument", fmt.Sprintf("Nothing called %s can be said of a field. %s", o.Key, insteadOfOption(o.Key))))
		}
	}
	if typ == nil {
		l.Add(block.Mistake(p.KeyRange, "Missing type", fmt.Sprintf("%s has no type. Write type = number, bool, string or time.", p.Key)))
		return
	}
	l.loadField(p.Key, p.KeyRange, typ, options)
}

func insteadOfOption(name string) string {
	if near := block.Suggest(name, append([]string{"type"}, optionNames...)); near != "" {
		return fmt.Sprintf("Did you mean %s?", near)
	}
	return fmt.Sprintf("Write type and any of %s.", strings.Join(optionNames, ", "))
}

func isObject(e hcl.Expression) bool {
	_, diags := hcl.ExprMap(e)
	return !diags.HasErrors()
}

func (l *sensorLoader) loadField(name string, rng hcl.Range, typ hcl.Expression, options fieldOptions) {
	kind := l.kindOf(typ, fieldTitle(name))
	if kind == 0 {
		return
	}
	if options == nil {
		options = fieldOptions{}
	}
	l.sensor.Fields = append(l.sensor.Fields, Field{Name: name, Kind: kind, Range: rng, zone: l.sensor.zone})
	l.options = append(l.options, options)
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

// gatherOptions adds to the options of each field what the arguments of the
// sensor say of it.
func (l *sensorLoader) gatherOptions() {
	for _, name := range optionNames {
		switch {
		case !l.Has(name):
		case l.Has("value"):
			for i := range l.options {
				l.options[i][name] = l.Expr(name)
			}
		case name == "encoding" || name == "endian" || name == "exact" || name == "stuck_after":
			l.gatherForAll(name)
		case name == "path" && !isObject(l.Expr("path")) && l.anyInBytes():
			l.gatherForBytes(name)
		default:
			l.gatherByField(name)
		}
	}
}

// gatherForAll reads an argument that says the same of every field, unless it
// is an object by field.
func (l *sensorLoader) gatherForAll(name string) {
	if isObject(l.Expr(name)) {
		l.gatherByField(name)
		return
	}
	for i := range l.options {
		if l.options[i][name] == nil {
			l.options[i][name] = l.Expr(name)
		}
	}
}

// anyInBytes reports whether a field is in bytes.
func (l *sensorLoader) anyInBytes() bool {
	return l.Has("at") || slices.ContainsFunc(l.options, func(o fieldOptions) bool { return o["at"] != nil })
}

// gatherForBytes reads the path that all fields in bytes have which say none.
func (l *sensorLoader) gatherForBytes(name string) {
	for _, o := range l.options {
		if o["at"] != nil && o[name] == nil {
			o[name] = l.Expr(name)
		}
	}
}

func (l *sensorLoader) gatherByField(name string) {
	example := "name"
	if len(l.declared) > 0 {
		example = l.declared[0]
	}
	for _, p := range l.PairsOf(l.Expr(name), name, fmt.Sprintf("%s = { %s = … }", name, example)) {
		if !l.isField(p, name) {
			continue
		}
		i := l.sensor.Field(p.Key)
		switch {
		case i < 0: // its own mistake was told
		case l.options[i][name] != nil:
			l.Add(block.Mistake(p.KeyRange, "Said twice", fmt.Sprintf("The field %s itself says %s, on line %d. Keep one of them.",
				p.Key, name, l.options[i][name].Range().Start.Line)))
		default:
			l.options[i][name] = p.Value
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

// fieldTitle names a field in diagnostics.
func fieldTitle(name string) string {
	if name == "" {
		return "value"
	}
	return name
}
