package agent

import (
	"context"
	"time"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/rules"
)

// Alerts tells how each alert stands. It is for while Run runs, as are all that
// ask or order.
func (a *Agent) Alerts(ctx context.Context) (status.Alerts, error) {
	out := status.Alerts{Instances: []status.Standing{}, Unheard: []status.Unheard{}}
	err := a.inquire(ctx, func(d *dispatch.Dispatcher, now notify.Moment) {
		var list []rules.Standing
		list, out.Omitted = d.Engine().Standings(now.At)
		for _, s := range list {
			standing := status.Standing{Instance: s.Instance, State: s.State.String(), For: s.For, Undecided: s.Undecided}
			standing.Incident = openIncident(s.Incident, now.At)
			out.Instances = append(out.Instances, standing)
		}
		for _, u := range d.Engine().Unheard() {
			out.Unheard = append(out.Unheard, status.Unheard(u))
		}
	})
	return out, err
}

// openIncident is nil when there is none.
func openIncident(i rules.Incident, now time.Duration) *status.Incident {
	if i.ID == 0 {
		return nil
	}
	out := incident(i, now)
	return &out
}

// Why tells how the instances of an alert stand, and why.
func (a *Agent) Why(ctx context.Context, q api.Question) (status.Why, error) {
	var labels []rules.Label
	for _, l := range q.Labels {
		labels = append(labels, rules.Label(l))
	}
	var why status.Why
	var refused error
	err := a.inquire(ctx, func(d *dispatch.Dispatcher, now notify.Moment) {
		var told []rules.Explanation
		if told, why.Omitted, refused = d.Engine().Explain(q.Alert, labels, now.At); refused != nil {
			refused = &api.Refusal{Cause: refused}
		}
		for _, x := range told {
			why.Instances = append(why.Instances, explanation(x, now.At))
		}
	})
	if err == nil {
		err = refused
	}
	return why, err
}

func explanation(x rules.Explanation, now time.Duration) status.Explanation {
	out := status.Explanation{Instance: x.Instance, State: x.State.String(), For: x.For, Incident: openIncident(x.Incident, now)}
	for _, s := range x.Stages {
		out.Levels = append(out.Levels, level(s))
	}
	return out
}

func level(s rules.Stage) status.Level {
	l := status.Level{
		Severity: string(s.Severity), State: s.State.String(), For: s.For, Left: s.Left, Waits: s.Waits,
		When: condition(s.When),
	}
	if s.Clear != nil {
		clear := condition(*s.Clear)
		l.Clear = &clear
	}
	return l
}

func condition(x rules.Explained) status.Condition {
	return status.Condition{Part: part(x.Part), Counts: x.Counts.String()}
}

func part(p rules.Part) status.Part {
	out := status.Part{Text: p.Text, Joint: string(p.Joint), Said: p.Said}
	switch {
	case p.Value.Why != rules.Known:
		out.Reason = p.Value.Why.String()
	case p.Kind == rules.Bool:
		out.Value = p.Value.Bool
	case p.Kind == rules.String:
		out.Value = p.Value.Str
	case p.Kind != 0:
		out.Value = p.Value.Num
	}
	if p.Source != nil {
		out.Source = &status.Source{Heard: p.Source.Heard, Age: p.Source.Age}
	}
	if w := p.Window; w != nil {
		out.Window = &status.Window{Length: w.Length, Seen: w.Seen, Samples: w.Samples, SamplesMin: w.SamplesMin}
	}
	if p.Held != nil {
		out.Held = &status.Held{Truth: p.Held.Truth.String(), For: p.Held.For}
	}
	for _, inner := range p.Parts {
		out.Parts = append(out.Parts, part(inner))
	}
	return out
}
