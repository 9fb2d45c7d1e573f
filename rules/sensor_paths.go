package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// pathsMax bounds the paths of one field, the first of which counts that makes
// it known.
const pathsMax = 8

// onlyMax bounds what a message must say to be a reading.
const onlyMax = 16

// loadPaths reads where in a payload a field is: the member of its own name,
// one path, or a list of them.
func (l *sensorLoader) loadPaths(field int, e hcl.Expression) {
	f := &l.sensor.Fields[field]
	switch format := l.sensor.Format; {
	case e == nil && format == formatSenML && f.Name == "":
		l.Add(block.Mistake(f.Range, "Missing argument", `A SenML pack holds several records. Write the name of the one to read, such as path = "temperature".`))
	case e == nil && format == formatSparkplug && f.Name == "":
		l.Add(block.Mistake(f.Range, "Missing argument", `A Sparkplug message holds several metrics. Write the name of the one to read, such as path = "Boiler/Temperature".`))
	case e == nil && (f.Name == "" || format == formatText):
		l.addTarget(target{field: field, whole: true}, nil)
	case e == nil:
		l.addTarget(target{field: field, name: f.Name}, []pathStep{{key: f.Name}})
	default:
		for _, item := range l.pathItems(e, titled("path", f)) {
			l.loadPath(field, item)
		}
	}
}

// pathItems returns the one path that e is, or those it lists.
func (l *sensorLoader) pathItems(e hcl.Expression, what string) []hcl.Expression {
	items, diags := hcl.ExprList(e)
	if diags.HasErrors() {
		return []hcl.Expression{e}
	}
	if len(items) == 0 || len(items) > pathsMax {
		l.Add(block.Mistake(e.Range(), "Invalid path", fmt.Sprintf("%s lists %d paths. Write between 1 and %d.", what, len(items), pathsMax)))
		return nil
	}
	return items
}

func (l *sensorLoader) loadPath(field int, e hcl.Expression) {
	f := &l.sensor.Fields[field]
	text, ok := l.StringOf(e, titled("path", f))
	if !ok {
		return
	}
	t, steps, err := l.targetOf(text)
	if err != nil {
		l.addTextError("Invalid path", e, text, err)
		return
	}
	if f.Path == "" {
		f.Path = text
	}
	t.field = field
	l.addTarget(t, steps)
}

// targetOf reads a path in the sense of the sensor's format.
func (l *sensorLoader) targetOf(text string) (target, []pathStep, *PatternError) {
	switch l.sensor.Format {
	case formatSparkplug:
		return target{name: text}, nil, lengthError(text)
	case formatSenML:
		name, unit, err := parseRecordName(text)
		return target{name: name, unit: unit}, nil, err
	}
	steps, err := parsePath(text)
	return target{whole: len(steps) == 0}, steps, err
}

// parseRecordName reads the name of a SenML record and, in brackets, its unit:
// temperature, [%RH] or node7:temperature[Cel].
func parseRecordName(text string) (name, unit string, err *PatternError) {
	if err := lengthError(text); err != nil {
		return "", "", err
	}
	name, unit, bracket := strings.Cut(text, "[")
	unit, closed := strings.CutSuffix(unit, "]")
	if bracket && (!closed || unit == "") {
		return "", "", &PatternError{len(name), len(text) - len(name), "the unit is not closed", `Write it in brackets at the end, such as "temperature[Cel]".`}
	}
	return name, unit, nil
}

// lengthError complains about a path that is empty or too long.
func lengthError(text string) *PatternError {
	if text != "" && len(text) <= pathMaxBytes {
		return nil
	}
	return &PatternError{0, len(text), fmt.Sprintf("the path is %d bytes long", len(text)), fmt.Sprintf("Write between 1 and %d.", pathMaxBytes)}
}

// addTarget makes the sensor look for something.
func (l *sensorLoader) addTarget(t target, steps []pathStep) {
	s := l.sensor
	switch s.Format {
	case formatSparkplug:
		if s.metrics == nil {
			s.metrics = map[string]metric{}
		}
		s.metrics[t.name] = metric{t.name, append(s.metrics[t.name].fields, t.field)}
	case formatSenML:
	default:
		s.paths.add(steps, len(s.targets))
		s.bare = s.bare || t.whole
	}
	s.targets = append(s.targets, t)
}

// loadReading reads where a message says its own time and number, and how old
// it may be.
func (l *sensorLoader) loadReading() {
	s := l.sensor
	s.time = Field{Kind: Time, zone: s.zone}
	s.scalar = Field{Kind: String}
	s.Partial = l.Bool("partial", false)
	s.timed = l.loadSaid("time", timeField, "payload.ts")
	s.sequenced = l.loadSaid("sequence", sequenceField, "payload.seq")
	s.MaxAge = l.Duration("max_age", holdMin, silenceMax)
	if s.MaxAge > 0 && !l.Has("time") {
		l.Add(block.Mistake(l.Range("max_age"), "Missing argument", "max_age is about the age a message says, and the sensor does not know where. Write time = payload.ts, with the name of the member that holds the time."))
	}
	if s.Format == formatSparkplug && l.Has("partial") {
		l.Add(block.Mistake(l.Range("partial"), "Conflicting arguments", "Sparkplug messages are always partial. Leave it out."))
	}
}

// loadOnly reads what a message must say to be a reading of the sensor, where
// others share its topic: only = { type = "new", "after.label" = ["person"] }.
func (l *sensorLoader) loadOnly() {
	e := l.Expr("only")
	if e == nil || l.sensor.Format == formatText || l.sensor.Format == formatBytes {
		return
	}
	if _, fixed := saidByFormat[l.sensor.Format]; fixed {
		l.Add(block.Mistake(e.Range(), "Conflicting arguments", fmt.Sprintf("A %s message is a reading of all it names. Remove only.", formatTitle(l.sensor.Format))))
		return
	}
	pairs := l.PairsOf(e, "only", `only = { type = "new" }`)
	if len(pairs) > onlyMax {
		l.Add(block.Mistake(pairs[onlyMax].KeyRange, "Too many conditions", fmt.Sprintf("only has at most %d entries. Leave some out.", onlyMax)))
		return
	}
	for _, p := range pairs {
		steps, err := parsePath(p.Key)
		if err != nil {
			l.Add(block.Mistake(p.KeyRange, "Invalid path", capital(err.Problem)+". "+err.Remedy))
			continue
		}
		l.addTarget(target{field: onlyField, only: len(l.sensor.only)}, steps)
		l.sensor.only = append(l.sensor.only, l.onlyWords(p))
	}
}

// onlyWords reads a word or a list of them.
func (l *sensorLoader) onlyWords(p block.Pair) wordList {
	list := wordList{exact: true}
	items, diags := hcl.ExprList(p.Value)
	if diags.HasErrors() {
		items = []hcl.Expression{p.Value}
	}
	if len(items) == 0 || len(items) > wordsMax {
		l.Add(block.Mistake(p.Value.Range(), "Invalid value", fmt.Sprintf("only lists %d words for %s. Write between 1 and %d.", len(items), p.Key, wordsMax)))
		return list
	}
	for _, item := range items {
		if text, ok := l.wordOf(item, "What "+p.Key+" is to say"); ok {
			list.words = append(list.words, newWord(text, Value{}))
		}
	}
	return list
}

// saidByFormat are the members that messages of a format say of themselves.
var saidByFormat = map[string]map[string]string{
	formatSparkplug: {"time": "timestamp", "sequence": "seq"},
	formatSenML:     {"time": "t"},
}

// loadSaid reads an argument that is a path into the payload, payload.ts or
// "ts", or a list of them, and reports whether there is one.
func (l *sensorLoader) loadSaid(name string, field int, example string) bool {
	e := l.Expr(name)
	if e == nil || l.sensor.Format == formatText || l.sensor.Format == formatBytes {
		return false
	}
	byFormat, fixed := saidByFormat[l.sensor.Format]
	for _, item := range l.pathItems(e, name) {
		steps, ok := l.payloadPath(item, name, example)
		switch {
		case !ok:
		case fixed:
			l.checkSaid(item, name, byFormat[name], steps)
		default:
			l.addTarget(target{field: field}, steps)
		}
	}
	return true
}

// checkSaid complains unless steps lead to the one member that the format has.
func (l *sensorLoader) checkSaid(e hcl.Expression, name, member string, steps []pathStep) {
	switch title := formatTitle(l.sensor.Format); {
	case member == "":
		l.Add(block.Mistake(e.Range(), "Conflicting arguments", fmt.Sprintf("%s messages have no %s. Remove it.", title, name)))
	case !slices.Equal(steps, []pathStep{{key: member}}):
		l.Add(block.Mistake(e.Range(), "Invalid path", fmt.Sprintf("The %s of a %s message is %s. Write %s = payload.%[3]s.", name, title, member, name)))
	}
}

// payloadPath reads payload.ts or "ts".
func (l *sensorLoader) payloadPath(e hcl.Expression, name, example string) ([]pathStep, bool) {
	if _, splat := e.(*hclsyntax.SplatExpr); splat {
		l.Add(block.Mistake(e.Range(), "Invalid path", fmt.Sprintf(`A path with * is written as a text. Write %s = "*.ts", without payload.`, name)))
		return nil, false
	}
	t, diags := hcl.AbsTraversalForExpr(e)
	if diags.HasErrors() || foldedRoots[t.RootName()] {
		text, ok := l.StringOf(e, name)
		if !ok {
			return nil, false
		}
		steps, err := parsePath(text)
		if err != nil {
			l.addTextError("Invalid path", e, text, err)
		}
		return steps, err == nil
	}
	if t.RootName() != "payload" {
		if !expressionRoots[t.RootName()] {
			example = "payload." + block.Written(t)
		}
		l.Add(block.Mistake(e.Range(), "Invalid path", fmt.Sprintf("%s is in the payload. Write %s = %s.", name, name, example)))
		return nil, false
	}
	return traversalSteps(t[1:]), true
}

// foldedRoots begin names that are known at load.
var foldedRoots = map[string]bool{"var": true, "local": true, "each": true, "module": true}

func traversalSteps(t hcl.Traversal) []pathStep {
	var steps []pathStep
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseAttr:
			steps = append(steps, pathStep{key: step.Name})
		case hcl.TraverseIndex:
			if step.Key.Type() == cty.String {
				steps = append(steps, pathStep{key: step.Key.AsString()})
				continue
			}
			n, _ := step.Key.AsBigFloat().Int64()
			steps = append(steps, pathStep{kind: elementStep, index: int(n)})
		}
	}
	return steps
}
