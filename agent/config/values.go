package config

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// varsSuffix ends the names of the files that give variables their values.
const varsSuffix = ".vars.hcl"

// envPrefix begins the environment variables that do.
const envPrefix = "TOCSIN_VAR_"

// An assignment gives a variable its value: an expression of a vars file, or a
// text from the environment or the command line.
type assignment struct {
	expr hclsyntax.Expression
	text string // when expr is nil
	from string // home.vars.hcl line 3, TOCSIN_VAR_phone, --var phone
}

// assignments collects the values of the configuration's own variables: those
// of the vars files in the order of their names, then those of the environment,
// then those of the command line. The last one wins.
func (l *loader) assignments(variables []*variable) map[string]assignment {
	given := map[string]assignment{}
	l.fromFiles(variables, given)
	l.fromEnvironment(variables, given)
	for _, name := range slices.Sorted(maps.Keys(l.options.Vars)) {
		if !declares(variables, name) {
			l.add(wholeMistake("Unknown variable", fmt.Sprintf("--var %s=…: there is no variable %q. %s", name, name, variableInstead(name, variables))))
			continue
		}
		given[name] = assignment{text: l.options.Vars[name], from: "--var " + name}
	}
	return given
}

func (l *loader) fromFiles(variables []*variable, given map[string]assignment) {
	names, err := filesEnding(l.dir, isVarsFile)
	if err != nil {
		return // said when its configuration was to be read
	}
	for _, name := range names {
		body := l.parseFile(name)
		if body == nil {
			continue
		}
		for _, b := range body.Blocks {
			l.add(block.Mistake(b.DefRange(), "Unexpected block", fmt.Sprintf(
				"%s gives variables their values, such as phone = \"+353871234567\". Move the %s block into a file that ends in .hcl alone.", name, b.Type)))
		}
		for _, a := range inOrder(body.Attributes) {
			if !declares(variables, a.Name) {
				l.warn(a.NameRange, "Unknown variable", fmt.Sprintf("There is no variable %q, so this value has no effect. %s", a.Name, variableInstead(a.Name, variables)))
				continue
			}
			given[a.Name] = assignment{expr: a.Expr, from: place(a.NameRange)}
		}
	}
}

func (l *loader) fromEnvironment(variables []*variable, given map[string]assignment) {
	for _, entry := range slices.Sorted(slices.Values(os.Environ())) {
		key, value, _ := strings.Cut(entry, "=")
		name, ours := strings.CutPrefix(key, envPrefix)
		switch {
		case !ours:
		case declares(variables, name):
			given[name] = assignment{text: value, from: key}
		default:
			l.add(&hcl.Diagnostic{Severity: hcl.DiagWarning, Summary: "Unknown variable", Detail: fmt.Sprintf(
				"%s is set, and there is no variable %q, so it has no effect. %s", key, name, variableInstead(name, variables))})
		}
	}
}

func declares(variables []*variable, name string) bool {
	return slices.ContainsFunc(variables, func(v *variable) bool { return v.name == name })
}

// variableInstead says what to write in place of a name that no variable has.
func variableInstead(name string, variables []*variable) string {
	var names []string
	for _, v := range variables {
		names = append(names, v.name)
	}
	if near := block.Suggest(name, names); near != "" {
		return fmt.Sprintf("Did you mean %s?", near)
	}
	return fmt.Sprintf("To have one, write variable %q { }.", nameLike(name))
}

// inOrder lists arguments as they stand in the source.
func inOrder(attributes hclsyntax.Attributes) []*hclsyntax.Attribute {
	return slices.SortedFunc(maps.Values(attributes), func(a, b *hclsyntax.Attribute) int {
		return cmp.Compare(a.SrcRange.Start.Byte, b.SrcRange.Start.Byte)
	})
}

// valueOf reads what was given to a variable: the text itself where the
// variable is one, otherwise an expression, as in --var 'limits={cellar=-15}'.
func (l *loader) valueOf(a assignment, v *variable) hclsyntax.Expression {
	if a.expr != nil {
		return a.expr
	}
	l.sources[a.from] = &hcl.File{Bytes: []byte(a.text), Body: &hclsyntax.Body{}}
	if v.sensitive {
		l.hide(textValue(a.text), false)
		l.mask(wholeRange(a.text, a.from))
	}
	if v.isText() {
		return textLiteral(a.text, a.from)
	}
	e, d := parseExpression(a.text, a.from)
	if d != nil {
		d.Detail = fmt.Sprintf("%s is not a text, so its value is read as an expression. Give variable %q { type = string } if it is one. %s", v.title(), v.name, d.Detail)
		l.add(d)
	}
	return e
}

func textLiteral(text, file string) hclsyntax.Expression {
	return literal(textValue(text), wholeRange(text, file))
}

// wholeRange is the range of all of a text that is not a file.
func wholeRange(text, file string) hcl.Range {
	end := hcl.Pos{Line: 1, Column: 1 + len(text), Byte: len(text)}
	return hcl.Range{Filename: file, Start: hcl.InitialPos, End: end}
}

func isVarsFile(name string) bool { return strings.HasSuffix(name, varsSuffix) }

// isConfigFile tells the files that hold configuration. Hidden files are an
// editor's own.
func isConfigFile(name string) bool {
	return filepath.Ext(name) == ".hcl" && !isVarsFile(name) && !isScenarioFile(name)
}
