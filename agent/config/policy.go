package config

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// The bounds of how often and when people are told.
const (
	stepsMax      = 10
	afterMax      = 24 * time.Hour
	repeatMin     = time.Minute
	repeatMax     = 24 * time.Hour
	pausesMax     = notify.RepeatMax
	ackTimeoutMin = time.Minute
	ackTimeoutMax = 7 * 24 * time.Hour
	bundleMax     = 15 * time.Minute
)

// never is what repeat is where nothing is told again.
const never = "never"

// noDigest is the digest of a route that says no time for it.
const noDigest = notify.TimeOfDay(-1)

// asSeverity is the bundle of a route that says none.
const asSeverity = time.Duration(-1)

// A policy is one policy block. Its route may lack a digest.
type policy struct {
	name  string
	route *notify.Route
	idle  []hcl.Range // of steps that tell nobody new
}

func (l *loader) readPolicies() {
	for _, b := range l.blocks["policy"] {
		r := block.Open(b, l.ctx)
		p := policy{name: r.Label(), route: &notify.Route{
			AckTimeout: r.Duration("ack_timeout", ackTimeoutMin, ackTimeoutMax),
			Digest:     noDigest,
			Bundle:     asSeverity,
		}}
		for _, s := range l.steps(r) {
			if len(anew(p.route.Steps, s.Step)) == 0 {
				p.idle = append(p.idle, s.at)
			}
			p.route.Steps = joined(p.route.Steps, s.Step)
		}
		if at, ok := timeOfDay(r, "digest"); ok {
			p.route.Digest = at
		}
		l.policies = append(l.policies, p)
		l.found(b, r.Close()...)
	}
}

// A writtenStep is a step and where it is written.
type writtenStep struct {
	notify.Step
	at hcl.Range
}

// steps reads whom a policy tells and when, the earliest first: its notify, which
// is at once, or its step blocks.
func (l *loader) steps(r *block.Reader) []writtenStep {
	blocks := r.Blocks("step")
	if len(blocks) == 0 {
		r.Need("notify", "Write whom it tells, such as notify = [contact.alice], or step blocks that tell others later.")
		return []writtenStep{{l.step(r), r.Header()}}
	}
	for _, name := range []string{"notify", "call", "flash"} {
		if r.Has(name) {
			r.Add(block.Mistake(r.Range(name), "Conflicting arguments", fmt.Sprintf(
				"The steps of %s say that, each for itself. Move %s into a step, or remove it.", r.Title(), name)))
		}
	}
	if len(blocks) > stepsMax {
		r.Add(block.Mistake(blocks[stepsMax].Header(), "Too many steps", fmt.Sprintf("%s has %d steps. Write %d at most.", r.Title(), len(blocks), stepsMax)))
	}
	usual := pauses(r)
	var all []writtenStep
	for _, n := range blocks {
		n.Need("notify", "Write whom it tells, such as notify = [contact.alice].")
		s := l.step(n)
		s.After = n.Duration("after", 0, afterMax)
		if s.Repeat == nil {
			s.Repeat = usual
		}
		all = append(all, writtenStep{s, n.Header()})
	}
	slices.SortStableFunc(all, func(a, b writtenStep) int { return cmp.Compare(a.After, b.After) })
	return all
}

// step reads what a policy without steps and a step have in common.
func (l *loader) step(r *block.Reader) notify.Step {
	s := notify.Step{Repeat: pauses(r)}
	call, flash := r.Bool("call", false), r.Bool("flash", false)
	for _, ref := range r.Refs("notify", "contact") {
		if l.knows(ref) {
			s.Notify = notify.Merge(s.Notify, notify.Addressee{Contact: l.contactOf(ref), Call: call, Flash: flash})
		}
	}
	return s
}

// pauses reads repeat: nil when it is not said, empty for "never".
func pauses(r *block.Reader) []time.Duration {
	if !r.Has("repeat") {
		return nil
	}
	e := r.Expr("repeat")
	if items, diags := hcl.ExprList(e); !diags.HasErrors() {
		return pausesOf(r, e, items)
	}
	v, ok := r.ValueOf(e, "repeat")
	switch {
	case !ok:
		return nil
	case v.Type() == cty.String && v.AsString() == never:
		return []time.Duration{}
	case isNoDuration(v):
		r.Add(block.Mistake(e.Range(), "Invalid duration", `repeat is how long it takes until something is told again. Write a duration such as "10m", a list of them, or "never".`))
		return nil
	}
	return pausesOf(r, e, []hcl.Expression{e})
}

// isNoDuration tells the values that were meant as something else: "none", false.
func isNoDuration(v cty.Value) bool {
	if v.Type() != cty.String {
		return v.Type() == cty.Bool
	}
	_, err := block.ParseDuration(v.AsString())
	return err != nil
}

// pausesOf reads the pauses before each repeat.
func pausesOf(r *block.Reader, e hcl.Expression, items []hcl.Expression) []time.Duration {
	switch {
	case len(items) == 0:
		r.Add(block.Mistake(e.Range(), "Invalid duration", `repeat is an empty list. Write "never" if nothing is to be told again.`))
	case len(items) > pausesMax:
		r.Add(block.Mistake(e.Range(), "Invalid duration", fmt.Sprintf(
			"repeat has %d pauses, and nothing is repeated more than %d times. Write fewer; the last one counts for all that follow.", len(items), pausesMax)))
		return nil
	}
	var all []time.Duration
	for _, item := range items {
		if d, ok := r.DurationOf(item, "repeat", repeatMin, repeatMax); ok {
			all = append(all, d)
		}
	}
	return all
}

// bundle reads how long a first text waits for others, and says whether it is
// there and right.
func bundle(r *block.Reader) (time.Duration, bool) {
	if !r.Has("bundle") {
		return 0, false
	}
	return r.DurationOf(r.Expr("bundle"), "bundle", 0, bundleMax)
}

// callOf is where a policy says that phones ring.
func callOf(policy *hclsyntax.Block) hcl.Range {
	bodies := []*hclsyntax.Body{policy.Body}
	for _, n := range policy.Body.Blocks {
		bodies = append(bodies, n.Body)
	}
	for _, body := range bodies {
		if a := body.Attributes["call"]; a != nil {
			return a.SrcRange
		}
	}
	return policy.DefRange()
}
