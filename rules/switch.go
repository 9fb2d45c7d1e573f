package rules

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/tocsin-edge/tocsin/rules/block"
)

// Switch is an on or off that outlives restarts, such as armed or away, one
// `switch` block.
type Switch struct {
	Name    string
	Default bool   // until it is first set
	Topic   string // whose payloads set it, read as those of a declared bool; "" for none
	Range   hcl.Range
}

// loadSwitch reads a `switch` block and reports every mistake in it.
func loadSwitch(b *hclsyntax.Block, ctx *hcl.EvalContext) (*Switch, hcl.Diagnostics) {
	r := block.Open(b, ctx)
	s := &Switch{Name: r.Label(), Default: r.Bool("default", false), Range: r.Header()}
	if text, ok := r.Text("topic"); ok {
		s.Topic = switchTopic(r, text)
	}
	r.Later("sms")
	return s, r.Close()
}

// switchTopic is the topic that sets a switch. There is one switch, so there is
// no telling apart the topics that a label would stand for.
func switchTopic(r *block.Reader, text string) string {
	pattern, err := ParsePattern(text)
	switch {
	case err != nil:
		(&sensorLoader{Reader: r}).addTextError("Invalid topic", r.Expr("topic"), text, err)
		return ""
	case len(pattern.Labels()) > 0:
		r.Add(block.Mistake(r.Range("topic"), "Invalid topic", fmt.Sprintf(
			"A switch is set by one topic, and {%s} stands for many. Write the topic in full.", pattern.Labels()[0])))
		return ""
	case pattern.Filter() != text:
		r.Add(block.Mistake(r.Range("topic"), "Invalid topic", "A switch is set by one topic, and {_} stands for many. Write the topic in full."))
		return ""
	}
	return pattern.Filter()
}
