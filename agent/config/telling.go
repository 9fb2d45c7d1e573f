package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// A telling says who is told of one severity of an alert, and when.
type telling struct {
	route    *notify.Route
	manner   notify.Manner
	severity rules.Severity
}

func (l *loader) telling(alert string, severity rules.Severity) telling {
	route := l.config.People.Routes[alert]
	if route == nil {
		route = &notify.Route{}
	}
	return telling{route, l.config.People.Manners[severity], severity}
}

// whom says who is texted, and until they answer how often and who else: text Alice
// and Bob (warning); until somebody answers, again every 10 minutes, and after 5
// minutes ring and text Carol. With known those who are told first are "them".
func (t telling) whom(known, leveled bool) string {
	if t.manner.Digest {
		return t.inDigest(known, leveled)
	}
	first, later := t.steps()
	text := reached((&notify.Route{Steps: first}).Everybody(), t.severity, known)
	if len(first) > 0 && first[0].After > 0 {
		text = "after " + inWords(first[0].After) + " " + text
	}
	if leveled {
		text += fmt.Sprintf(" (%s)", t.severity)
	}
	if further := t.unanswered(first, later); len(further) > 0 {
		text += "; until somebody answers, " + strings.Join(further, ", and ")
	}
	return text
}

// inDigest says who reads of it once a day.
func (t telling) inDigest(known, leveled bool) string {
	text := reached(t.route.Everybody(), t.severity, known) + " in the digest at " + t.route.Digest.String()
	if leveled {
		text += fmt.Sprintf(" (%s)", t.severity)
	}
	return text
}

// steps are those that come first, together, and those after them.
func (t telling) steps() (first, later []notify.Step) {
	all := t.route.Steps
	for i, s := range all {
		if s.After > all[0].After {
			return all[:i], all[i:]
		}
	}
	return all, nil
}

// unanswered says what happens until somebody answers.
func (t telling) unanswered(first, later []notify.Step) (said []string) {
	alike := !slices.ContainsFunc(first, func(s notify.Step) bool { return !slices.Equal(t.repeat(s), t.repeat(first[0])) })
	for i, s := range first {
		again := repeated(t.repeat(s))
		if !alike && again != "" {
			again += " for " + people(s.Notify)
		}
		if again != "" && (i == 0 || !alike) {
			said = append(said, again)
		}
	}
	for _, s := range later {
		text := fmt.Sprintf("after %s %s", inWords(s.After), reached(s.Notify, t.severity, false))
		if repeat := t.repeat(s); !alike || !slices.Equal(repeat, t.repeat(first[0])) {
			text += ", " + orOnce(repeated(repeat))
		}
		said = append(said, text)
	}
	return said
}

// repeat is how often those of a step are told again.
func (t telling) repeat(s notify.Step) []time.Duration { return t.route.Pauses(s.Repeat, t.manner) }

// reached says how people are reached: ring and text Alice, text Bob. Phones ring for
// what is critical only.
func reached(told []notify.Addressee, severity rules.Severity, known bool) string {
	var rung, texted []notify.Addressee
	for _, a := range told {
		if a.Call && severity == rules.Critical {
			rung = append(rung, a)
		} else {
			texted = append(texted, a)
		}
	}
	switch {
	case len(rung) == 0:
		return "text " + them(texted, known)
	case len(texted) == 0:
		return "ring and text " + them(rung, known)
	}
	return "ring and text " + people(rung) + ", text " + people(texted)
}

func them(told []notify.Addressee, known bool) string {
	return choose(known, "them", people(told))
}

// repeated says how often something is told again: again after 2, 5, 10 and then
// every 30 minutes. It is "" for never.
func repeated(pauses []time.Duration) string {
	if len(pauses) == 0 {
		return ""
	}
	last := len(pauses) - 1
	every := "every " + inWords(pauses[last])
	if last == 0 {
		return "again " + every
	}
	var before []string
	for _, p := range pauses[:last] {
		before = append(before, inWords(p))
	}
	if counts, ok := inMinutes(pauses[:last]); ok && pauses[last]%time.Minute == 0 && pauses[last] < time.Hour {
		before = counts
	}
	return "again after " + strings.Join(before, ", ") + " and then " + every
}

// inMinutes are the minutes of durations that are all a number of them below an
// hour, so that the unit can be said once.
func inMinutes(all []time.Duration) (counts []string, ok bool) {
	for _, d := range all {
		if d%time.Minute != 0 || d >= time.Hour {
			return nil, false
		}
		counts = append(counts, strconv.Itoa(int(d/time.Minute)))
	}
	return counts, true
}

func orOnce(repeated string) string { return choose(repeated == "", "once", repeated) }

// waits says what holds the texts of an alert back. What is critical waits for
// nothing, and the digest has a time of its own.
func (l *loader) waits(a *rules.Alert) (said []string) {
	calm := slices.DeleteFunc(slices.Clone(a.Levels), func(level *rules.Level) bool {
		return level.Severity == rules.Critical || l.config.People.Manners[level.Severity].Digest
	})
	if len(calm) == 0 {
		return nil
	}
	unless := choose(isCritical(a), ", unless it is critical", "")
	t := l.telling(a.Name, calm[0].Severity)
	if wait := t.route.FirstWait(t.severity, t.manner); wait > 0 {
		said = append(said, fmt.Sprintf("The first text waits %s for others%s.", inWords(wait), unless))
	}
	if held := heldBack(t.route.Everybody()); t.manner.Quiet && held != "" {
		said = append(said, "Held "+held+unless+".")
	}
	return said
}

// heldBack says until when quiet hours hold texts, "" when nobody has any: until
// 07:00 in quiet hours; in the quiet hours of Alice and Bob.
func heldBack(told []notify.Addressee) string {
	var resting []notify.Addressee
	ends := map[notify.TimeOfDay]bool{}
	var end notify.TimeOfDay
	for _, a := range told {
		for _, s := range a.Quiet {
			end = s.To
			ends[end] = true
		}
		if len(a.Quiet) > 0 {
			resting = append(resting, a)
		}
	}
	if len(resting) == 0 {
		return ""
	}
	hours := "in quiet hours"
	if len(resting) < len(told) {
		hours = "in the quiet hours of " + people(resting)
	}
	if len(ends) == 1 {
		return "until " + end.String() + " " + hours
	}
	return hours
}

// lapse says when an acknowledgement of an alert lapses.
func (l *loader) lapse(a *rules.Alert) (said []string) {
	if route := l.config.People.Routes[a.Name]; route != nil && route.AckTimeout > 0 {
		said = append(said, fmt.Sprintf("An answer counts for %s.", inWords(route.AckTimeout)))
	}
	return said
}

// people lists people as one speaks of them: Alice, Bob and Night shift.
func people(told []notify.Addressee) string {
	var all []string
	for _, c := range told {
		_, own := block.Unqualify(c.Name)
		all = append(all, capital(spaced(own)))
	}
	return listed(all)
}
