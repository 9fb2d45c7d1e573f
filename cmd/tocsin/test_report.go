package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/tocsin-edge/tocsin/agent/rehearsal"
	"github.com/tocsin-edge/tocsin/agent/rehearsal/scenario"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// say prints one test: a line when it went as expected, and what did not.
func (r *testReport) say(result scenario.Result) {
	verdict := "ok  "
	if len(result.Failures) > 0 {
		verdict = "FAIL"
	}
	fmt.Fprintf(r.out, "%s  %s  (%s)\n", verdict, result.Test.Name, block.FormatDuration(result.Took))
	if r.flags.verbose {
		for _, e := range result.Timeline {
			fmt.Fprintf(r.out, "      %-8s %s\n", block.FormatDuration(e.At), happened(e))
		}
	}
	for _, f := range result.Failures {
		r.sayFailure(f)
	}
	if r.apart = len(result.Failures) > 0; r.apart {
		fmt.Fprintln(r.out)
	}
}

// happened is an event in words.
func happened(e scenario.Event) string {
	switch {
	case e.Transition != nil:
		return fmt.Sprintf("alert  %s: %s", e.Transition.Instance, moved(*e.Transition))
	case e.Text != nil:
		return "text   " + addressed(*e.Text) + waited(*e.Text)
	case e.Failed != nil:
		return "text   " + addressed(*e.Failed) + "  (failed)"
	case e.Recalled != nil:
		return "text   " + addressed(*e.Recalled) + "  (not sent: taken back)"
	case e.Reply != nil:
		return fmt.Sprintf("reply  from %s: %s  (%s)", cmp.Or(e.Reply.Contact, e.Reply.From), oneLine(e.Reply.Body), e.Reply.Did)
	}
	return "       " + e.Step
}

// addressed says to whom a text is, what it reads and whether their phone rings.
func addressed(t rehearsal.Text) string {
	rings := ""
	if t.Call {
		rings = " and rings"
	}
	return fmt.Sprintf("to %s%s: %s", t.Contact, rings, oneLine(t.Body))
}

// moved says a transition: firing, kept back by power_lost.
func moved(t rules.Transition) string {
	what := t.To.String()
	switch {
	case t.Released:
		what += ", no longer kept back"
	case t.Acked && t.Incident.Acked != nil:
		what += ", acknowledged by " + t.Incident.Acked.By
	case t.Acked:
		what += ", no longer acknowledged"
	case t.Rises():
		what += ", now " + string(t.Incident.Severity)
	}
	if by := t.Incident.SuppressedBy; t.To == rules.Firing && len(by) > 0 {
		what += ", kept back by " + strings.Join(by, " and ")
	}
	if t.Shadow {
		what += " (shadow)"
	}
	return what
}

// waited says how long a text could not be sent.
func waited(t rehearsal.Text) string {
	if t.Sent == t.Created {
		return ""
	}
	return fmt.Sprintf("  (waited %s)", block.FormatDuration(t.Sent-t.Created))
}

func oneLine(body string) string { return strings.ReplaceAll(body, "\n", " / ") }

func (r *testReport) sayFailure(f scenario.Failure) {
	fmt.Fprintf(r.out, "\n  on %s line %d, at %s:\n", f.Range.Filename, f.Range.Start.Line, block.FormatDuration(f.At))
	fmt.Fprintf(r.out, "  %d: %s\n\n", f.Range.Start.Line, sourceLine(r.sources, f.Range))
	fmt.Fprintf(r.out, "  %s %s\n", f.Wanted, f.Happened)
	if strings.HasSuffix(f.Happened, ":") {
		for _, t := range f.Texts {
			fmt.Fprintf(r.out, "    %-8s %s%s\n", block.FormatDuration(t.Sent), addressed(t), waited(t))
		}
	}
}

// testsJSON is the answer of `tocsin test --json`. Times are seconds since the
// test began.
type testsJSON struct {
	Passed int        `json:"passed"`
	Failed int        `json:"failed"`
	Tests  []testJSON `json:"tests"`
}

type testJSON struct {
	Name     string        `json:"name"`
	File     string        `json:"file"`
	Line     int           `json:"line"`
	OK       bool          `json:"ok"`
	Seconds  float64       `json:"seconds"`
	Failures []failureJSON `json:"failures,omitempty"`
	Timeline []eventJSON   `json:"timeline,omitempty"`
}

type failureJSON struct {
	At       float64     `json:"at"`
	Since    float64     `json:"since"`
	File     string      `json:"file"`
	Line     int         `json:"line"`
	Wanted   string      `json:"wanted"`
	Happened string      `json:"happened"`
	Texts    []eventJSON `json:"texts,omitempty"`
}

type eventJSON struct {
	At       float64 `json:"at"`
	Kind     string  `json:"kind"` // step, alert, text, failed, recalled or reply
	Step     string  `json:"step,omitempty"`
	Instance string  `json:"instance,omitempty"`
	From     string  `json:"from,omitempty"` // a state, or a phone
	To       string  `json:"to,omitempty"`   // likewise
	Contact  string  `json:"contact,omitempty"`
	Body     string  `json:"body,omitempty"`
	Call     bool    `json:"call,omitempty"`
	Did      string  `json:"did,omitempty"` // what a reply led to
	Waited   float64 `json:"waited,omitempty"`
}

func newTestJSON(r scenario.Result, timeline bool) testJSON {
	t := testJSON{
		Name: r.Test.Name, File: r.Test.Range.Filename, Line: r.Test.Range.Start.Line,
		OK: len(r.Failures) == 0, Seconds: r.Took.Seconds(),
	}
	for _, f := range r.Failures {
		t.Failures = append(t.Failures, newFailureJSON(f))
	}
	if timeline {
		for _, e := range r.Timeline {
			t.Timeline = append(t.Timeline, newEventJSON(e))
		}
	}
	return t
}

func newFailureJSON(f scenario.Failure) failureJSON {
	out := failureJSON{
		At: f.At.Seconds(), Since: f.Since.Seconds(), File: f.Range.Filename, Line: f.Range.Start.Line,
		Wanted: f.Wanted, Happened: f.Happened,
	}
	for _, t := range f.Texts {
		out.Texts = append(out.Texts, newTextJSON("text", t))
	}
	return out
}

func newEventJSON(e scenario.Event) eventJSON {
	switch {
	case e.Transition != nil:
		t := e.Transition
		return eventJSON{At: e.At.Seconds(), Kind: "alert", Instance: t.Instance, From: t.From.String(), To: t.To.String()}
	case e.Text != nil:
		return newTextJSON("text", *e.Text)
	case e.Failed != nil:
		return newTextJSON("failed", *e.Failed)
	case e.Recalled != nil:
		return newTextJSON("recalled", *e.Recalled)
	case e.Reply != nil:
		return eventJSON{At: e.At.Seconds(), Kind: "reply", From: e.Reply.From, Contact: e.Reply.Contact, Body: e.Reply.Body, Did: e.Reply.Did}
	}
	return eventJSON{At: e.At.Seconds(), Kind: "step", Step: e.Step}
}

func newTextJSON(kind string, t rehearsal.Text) eventJSON {
	return eventJSON{
		At: t.Sent.Seconds(), Kind: kind, Instance: t.Subject, Contact: t.Contact, To: t.To, Body: t.Body, Call: t.Call,
		Waited: (t.Sent - t.Created).Seconds(),
	}
}
