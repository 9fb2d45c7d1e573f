package scenario

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/tocsin-edge/tocsin/agent/rehearsal"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// The bounds of the time between the values of one publish.
const (
	everyMin = time.Millisecond
	everyMax = 31 * 24 * time.Hour
)

// valueName is what json and payload call the value whose turn it is.
const valueName = "value"

// A publication is one publish block: runs of like payloads, one every so often.
type publication struct {
	message rehearsal.Message // without its payload
	every   time.Duration
	runs    []run
}

// A run is a payload that is published so many times, or as many silences.
type run struct {
	payload []byte
	silent  bool
	count   int
}

// publish reads a publish block.
func (l *loader) publish(r *block.Reader) step {
	l.checkTopic(r)
	p := &publication{
		message: rehearsal.Message{Topic: r.Label(), QoS: byte(r.Int("qos", 0, 2, 1)), Retain: r.Bool("retained", false), Dup: r.Bool("dup", false)},
		every:   r.Duration("every", everyMin, everyMax),
	}
	p.runs = l.runs(r)
	n := p.length()
	l.messages = min(l.messages+n, messagesMax+1)
	switch {
	case n > 1 && !r.Has("every"):
		r.Add(block.Mistake(r.Range("values"), "Missing argument", `Write how far apart the values are, such as every = "1m".`))
	case !r.Has("values") && r.Has("every"):
		r.Add(block.Mistake(r.Range("every"), "Conflicting arguments", "There is one message only. Write several values, or leave every out."))
	case n > 0 && p.every > atMax/time.Duration(n):
		r.Add(block.Mistake(r.Range("values"), "Invalid value", "These values go on for more than ten years. Write fewer, or a shorter every."))
	}
	return step{"", func(player *player, at time.Duration) { player.begin(p, at) }}
}

// checkTopic complains about a topic that cannot be published to, and warns of
// one that nobody reads.
func (l *loader) checkTopic(r *block.Reader) {
	topic, read := r.Label(), false
	if topic == "" {
		return
	}
	if !l.router.Route(topic, func(int, []string) { read = true }) {
		r.Add(block.Mistake(r.Header(), "Invalid topic", fmt.Sprintf("Nothing can be published to %q. Write a topic without wildcards, such as \"home/cellar/freezer\".", topic)))
		return
	}
	for _, s := range l.config.Rules.Switches {
		read = read || s.Topic == topic
	}
	if read {
		return
	}
	rng := r.Header()
	r.Add(&hcl.Diagnostic{Severity: hcl.DiagWarning, Subject: &rng, Summary: "Unread topic", Detail: fmt.Sprintf("No sensor reads %q. %s", topic, l.nearestTopic(topic))})
}

// nearestTopic says which topic may be meant.
func (l *loader) nearestTopic(topic string) string {
	var all []string
	for _, s := range l.config.Rules.Sensors {
		all = append(all, s.Pattern.String())
	}
	if near := block.Suggest(topic, all); near != "" {
		return fmt.Sprintf("Did you mean %q?", near)
	}
	if first, _, ok := strings.Cut(topic, "/"); ok {
		for _, pattern := range all {
			if strings.HasPrefix(pattern, first+"/") {
				return fmt.Sprintf("There is %q.", pattern)
			}
		}
	}
	return "Nothing will come of this message."
}

// runs reads what is published.
func (l *loader) runs(r *block.Reader) []run {
	var given []string
	for _, name := range []string{"value", "values", "json", "payload"} {
		if r.Has(name) {
			given = append(given, name)
		}
	}
	switch strings.Join(given, " ") {
	case "":
		r.Add(block.Mistake(r.Header(), "Missing argument", `Write what is published: value = -18.5, json = { smoke = true }, payload = "…", or values = "-18x10 -11x25".`))
	case "value":
		return single(l.scalar(r, cty.NilVal))
	case "json", "payload":
		return single(l.payload(r, cty.NilVal))
	case "values", "values json", "values payload":
		return l.series(r)
	default:
		r.Add(block.Mistake(r.Range(given[1]), "Conflicting arguments", fmt.Sprintf(
			"What is published is said twice, by %s and %s. Keep one of them; only values goes with json or payload.", given[0], given[1])))
	}
	return nil
}

func single(payload []byte, ok bool) []run {
	if !ok {
		return nil
	}
	return []run{{payload: payload, count: 1}}
}

// series reads values, and what is made of each.
func (l *loader) series(r *block.Reader) []run {
	text, ok := r.Text("values")
	if !ok {
		return nil
	}
	tokens, err := parseValues(text)
	if err != nil {
		r.Add(block.Mistake(r.Range("values"), "Invalid values", err.Error()+"."))
		return nil
	}
	var runs []run
	for _, t := range tokens {
		next := run{silent: t.silent, count: t.count}
		switch {
		case t.silent:
		case r.Has("json") || r.Has("payload"):
			if next.payload, ok = l.payload(r, t.value()); !ok {
				return nil // one complaint is enough
			}
		default:
			next.payload = []byte(t.text)
		}
		runs = append(runs, next)
	}
	return runs
}

// payload is json or payload, for one of the values if there are any.
func (l *loader) payload(r *block.Reader, value cty.Value) ([]byte, bool) {
	if r.Has("payload") {
		return l.scalar(r, value)
	}
	v, ok := fold(r, "json", value)
	if !ok {
		return nil, false
	}
	text, err := ctyjson.SimpleJSONValue{Value: v}.MarshalJSON()
	if err != nil {
		r.Add(block.Mistake(r.Range("json"), "Invalid value", "This cannot be written as JSON: "+err.Error()+"."))
	}
	return text, err == nil
}

// scalar is the argument that is written, value or payload, as a text.
func (l *loader) scalar(r *block.Reader, value cty.Value) ([]byte, bool) {
	name := "value"
	if r.Has("payload") {
		name = "payload"
	}
	v, ok := fold(r, name, value)
	if !ok {
		return nil, false
	}
	text, err := convert.Convert(v, cty.String)
	if err != nil || text.IsNull() {
		r.Add(block.Mistake(r.Range(name), "Invalid value", name+" is a number, a text, true or false. For anything else write json = …."))
		return nil, false
	}
	return []byte(text.AsString()), true
}

// fold evaluates an argument, in which the name value may stand for one of the
// values.
func fold(r *block.Reader, name string, value cty.Value) (cty.Value, bool) {
	e := r.Expr(name)
	if d := computes(e); d != nil {
		r.Add(d)
		return cty.NilVal, false
	}
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{}}
	if value != cty.NilVal {
		ctx.Variables[valueName] = value
	}
	for _, t := range e.Variables() {
		if t.RootName() == valueName && value != cty.NilVal {
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
		switch n.(type) {
		case *hclsyntax.ForExpr, *hclsyntax.SplatExpr, *hclsyntax.FunctionCallExpr:
			found = block.Mistake(n.Range(), "Invalid value", "What is published is written out, without for and without functions.")
		}
		return nil
	})
	return found
}

// length is how many messages and silences there are.
func (p *publication) length() int {
	n := 0
	for _, r := range p.runs {
		n += r.count // of at most countMax altogether
	}
	return n
}
