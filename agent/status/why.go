package status

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"
)

// Why is how instances of one alert stand, and why.
type Why struct {
	Instances []Explanation `json:"instances"`
	Omitted   int           `json:"omitted"` // instances that were asked for, too
}

// Explanation is how one instance of an alert stands, and why.
type Explanation struct {
	Instance string        `json:"instance"`
	State    string        `json:"state"`  // ok, pending, firing or clearing
	For      time.Duration `json:"for_ns"` // 0 when it was never anything else
	Incident *Incident     `json:"incident,omitempty"`
	Levels   []Level       `json:"levels"`
}

// Level is one level of an alert; most alerts have one.
type Level struct {
	Severity string        `json:"severity"`
	State    string        `json:"state"`
	For      time.Duration `json:"for_ns"`
	Left     time.Duration `json:"left_ns,omitempty"` // until a pending one fires or a clearing one is over
	Waits    bool          `json:"waits_for_message,omitempty"`
	When     Condition     `json:"when"`
	Clear    *Condition    `json:"clear_when,omitempty"`
}

// Condition is a condition as it stands. While it is unknown it counts as what
// it last was.
type Condition struct {
	Part
	Counts string `json:"counts_as"` // true, false or unknown
}

// Part is one part of a condition, and the parts that make it what it is.
type Part struct {
	Text   string  `json:"text"`
	Joint  string  `json:"joint,omitempty"`  // all or any of its parts make it true
	Value  any     `json:"value"`            // null while it is unknown
	Said   string  `json:"said,omitempty"`   // the value in words
	Reason string  `json:"reason,omitempty"` // it is unknown
	Source *Source `json:"source,omitempty"` // of what a sensor says
	Window *Window `json:"window,omitempty"`
	Held   *Held   `json:"held,omitempty"`
	Parts  []Part  `json:"parts,omitempty"`
}

// Source is the sensor behind a part.
type Source struct {
	Heard bool          `json:"heard"`
	Age   time.Duration `json:"age_ns,omitempty"` // of its last message
}

// Window is how much of its window a function has seen.
type Window struct {
	Length     time.Duration `json:"length_ns"`
	Seen       time.Duration `json:"seen_ns"`
	Samples    int           `json:"samples,omitempty"`
	SamplesMin int           `json:"samples_min,omitempty"`
}

// Held is since when the condition inside a function is what it is.
type Held struct {
	Truth string        `json:"truth"`
	For   time.Duration `json:"for_ns"`
}

// WriteText writes it for a person at a terminal, as trees in lines of 80
// columns where words allow.
func (w Why) WriteText(out io.Writer) error {
	var p page
	for i, x := range w.Instances {
		if i > 0 {
			p.WriteByte('\n')
		}
		x.write(&p)
	}
	if w.Omitted > 0 {
		p.section("", fmt.Sprintf("… and %s; name the one you mean.", count(w.Omitted, "more instance")))
	}
	_, err := io.WriteString(out, p.String())
	return err
}

func (x Explanation) write(p *page) {
	p.line("", x.Instance+" "+stands(x.State, x.For)+".")
	if x.Incident != nil {
		p.paragraph(x.Incident.Message)
		p.paragraph(x.Incident.flags())
	}
	for _, l := range x.Levels {
		l.write(p, len(x.Levels) > 1)
	}
}

// stands says for how long something has been in a state.
func stands(state string, d time.Duration) string {
	if d == 0 {
		return "is " + state
	}
	return "has been " + state + " for " + lasting(d)
}

func (l Level) write(p *page, several bool) {
	if several {
		p.section("", fmt.Sprintf("Its level %s %s.", l.Severity, stands(l.State, l.For)))
	}
	p.paragraph(l.outlook())
	p.section("", "It fires when this is true:")
	l.When.write(p)
	if l.Clear != nil {
		p.section("", "It is over when that is false and this is true:")
		l.Clear.write(p)
	}
}

// outlook says what happens next by itself.
func (l Level) outlook() string {
	switch {
	case l.State == "pending" && l.Waits:
		return "The gateway has restarted: it fires after the next message that confirms it."
	case l.State == "pending":
		return "If nothing changes it fires in " + lasting(l.Left) + "."
	case l.State == "clearing":
		return "If nothing changes it is over in " + lasting(l.Left) + "."
	}
	return ""
}

func (c Condition) write(p *page) {
	c.Part.write(p, 1)
	switch {
	case c.Reason == "over":
		p.branch(1, "What is over counts as false.")
	case c.Reason != "" && c.Counts != "unknown":
		p.branch(1, "While it is unknown it counts as what it last was: "+c.Counts+".")
	}
}

func (part Part) write(p *page, depth int) {
	p.branch(depth, part.name()+": "+list(part.says(), part.background()))
	for _, inner := range part.Parts {
		inner.write(p, depth+1)
	}
}

// name is what the part is called; what is joined is told below.
func (part Part) name() string {
	switch part.Joint {
	case "all":
		return "all of these"
	case "any":
		return "any of these"
	}
	return part.Text
}

// says is what the part says, or why it says nothing. A sensor as a whole says
// nothing by itself.
func (part Part) says() string {
	switch {
	case part.Reason == "" && part.Value == nil:
		return ""
	case part.Reason == "":
		return part.Said
	case part.Reason == "over": // an event, which nothing is wrong with
		return "over"
	}
	return list("unknown", part.cause())
}

// cause says why the part is unknown, unless a part of it says so.
func (part Part) cause() string {
	w := part.Window
	switch {
	case part.Source != nil && !part.Source.Heard, part.Held != nil && part.Held.Truth == "unknown":
		return "" // said in its background
	case part.Source != nil:
		return cmp.Or(sensorCauses[part.Reason], part.Reason)
	case w != nil && part.Reason == "unobserved" && w.Seen*2 >= w.Length && w.Samples < w.SamplesMin:
		return fmt.Sprintf("it wants %d samples and has %d", w.SamplesMin, w.Samples)
	case w != nil && part.Reason == "unobserved":
		return fmt.Sprintf("it wants to watch for %s", lasting(w.Length/2))
	case slices.ContainsFunc(part.Parts, Part.silent):
		return ""
	}
	return cmp.Or(causes[part.Reason], part.Reason)
}

// silent tells whether the part is unknown, or a sensor that was never heard.
func (part Part) silent() bool {
	return part.Reason != "" || part.Source != nil && !part.Source.Heard
}

// Why what a sensor says is unknown, by reason.
var sensorCauses = map[string]string{
	"missing":      "its last message does not have it",
	"null":         "its last message says null",
	"not_a_number": "its last message says something else than its type",
	"unavailable":  "its publisher says it does not know",
	"out_of_range": "it is outside its valid range",
	"bad_payload":  "its last message cannot be read",
	"too_old":      "its last message was too old",
	"stuck":        "it has been the same for too long",
}

// Why the outcome of a calculation is unknown, by reason.
var causes = map[string]string{
	"missing":      "it was never known",
	"not_a_number": "the result is no number",
	"out_of_range": "the result is too large",
	"unobserved":   "it has not watched for long enough",
}

// background is what else there is to know of the part.
func (part Part) background() string {
	switch s, w, h := part.Source, part.Window, part.Held; {
	case s != nil && !s.Heard:
		return "nothing heard yet"
	case s != nil:
		return "heard " + lasting(s.Age) + " ago"
	case w != nil && w.Seen < w.Length:
		return "watched for " + lasting(w.Seen)
	case h != nil && h.Truth == "unknown":
		return "its condition was never known"
	case h != nil:
		return fmt.Sprintf("its condition has been %s for %s", h.Truth, lasting(h.For))
	}
	return ""
}
