package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// writeWho tells people what becomes of an alarm, in lines of 80 columns where
// words allow. unknown is why it is not known what only an agent knows.
func writeWho(to io.Writer, a *rules.Alert, q notify.Question, answer notify.Answer, unknown string) error {
	w := bufio.NewWriter(to)
	instance := rules.Incident{Alert: q.Alert, Labels: q.Labels}.Instance()
	status.Fill(w, "", fmt.Sprintf("If %s (%s) fires on %s:", instance, q.Severity, q.At.Format("Monday 2 January 2006 at 15:04")))
	column := 0
	for _, p := range answer.People {
		column = max(column, utf8.RuneCountInString(p.Name))
	}
	for _, p := range answer.People {
		status.Fill(w, fmt.Sprintf("  %-*s  ", column, p.Name), prospect{p, q.At, answer.Steps}.words())
	}
	for _, d := range answer.Depends {
		status.Fill(w, "", fmt.Sprintf("Some of its instances are %s%s; name one with --label to know.", silencer(d), untilWhen(d, q.At)))
	}
	for _, parent := range a.SuppressedBy {
		status.Fill(w, "", keptBack(a, parent))
	}
	if unknown != "" {
		status.Fill(w, "", "Who has opted out by STOP, and what people have silenced, is not known: "+unknown+".")
	}
	return w.Flush()
}

// keptBack says what keeps the alarms of an alert back.
func keptBack(a, parent *rules.Alert) string {
	said := "Nobody is told while " + parent.Name + " fires"
	if shared := slices.DeleteFunc(slices.Clone(parent.Labels), func(label string) bool { return !slices.Contains(a.Labels, label) }); len(shared) > 0 {
		said += " with the same " + strings.Join(shared, " and ")
	}
	return said + "."
}

// A prospect is one contact's, told in words.
type prospect struct {
	notify.Prospect
	fires time.Time
	steps int
}

// words says when and how a contact is told, or why not.
func (p prospect) words() string {
	if p.Absent != "" {
		return "not told: " + p.absence()
	}
	said := []string{p.when()}
	for _, w := range p.Waits {
		said = append(said, p.wait(w))
	}
	return strings.Join(append(said, p.manner()...), "; ")
}

func (p prospect) absence() string {
	switch p.Absent {
	case notify.InShadow:
		return "the alert is in shadow"
	case notify.OptedOut:
		return "opted out by STOP"
	case notify.Silenced:
		return p.wait(p.Waits[len(p.Waits)-1])
	}
	return "is not named by the alert"
}

// when says when a contact is told, and in which step of several.
func (p prospect) when() string {
	said := "at once"
	if !p.At.Equal(p.fires) {
		said = "at " + clock(p.At, p.fires)
	}
	if len(p.Waits) > 0 && !p.inDigest() {
		said += " if it still fires"
	}
	if p.steps > 1 {
		said += fmt.Sprintf(", step %d of %d", p.Step, p.steps)
	}
	if p.After > 0 {
		said += fmt.Sprintf(", only if nobody answers within %s", block.FormatDuration(p.After))
	}
	return said
}

// inDigest tells whether the contact reads of it be it over by then or not.
func (p prospect) inDigest() bool {
	return slices.ContainsFunc(p.Waits, func(w notify.Wait) bool { return w.For == notify.ForDigest })
}

// wait says what the alarm waits for.
func (p prospect) wait(w notify.Wait) string {
	switch w.For {
	case notify.ForSilence, notify.ForMute:
		return silencer(w) + untilWhen(w, p.fires)
	case notify.ForQuiet:
		return "has quiet hours" + untilWhen(w, p.fires)
	case notify.ForDigest:
		return "in the digest of " + clock(w.Until, p.fires)
	}
	return "waits" + untilWhen(w, p.fires) + " for others to go with it"
}

// manner says how a contact is told, and how often again.
func (p prospect) manner() (said []string) {
	switch {
	case p.Call:
		said = append(said, "by a call, then a text")
	case p.Flash:
		said = append(said, "as a flash text")
	}
	if len(p.Repeat) > 0 {
		said = append(said, "again after "+pauses(p.Repeat)+" until somebody answers")
	}
	return said
}

// pauses says a list of pauses: 2m, 5m, then every 10m.
func pauses(all []time.Duration) string {
	var said []string
	for _, d := range all[:len(all)-1] {
		said = append(said, block.FormatDuration(d))
	}
	every := "every " + block.FormatDuration(all[len(all)-1])
	if len(said) == 0 {
		return every
	}
	return strings.Join(said, ", ") + ", then " + every
}

// silencer says on what account an alarm is silenced.
func silencer(w notify.Wait) string {
	if w.For == notify.ForMute {
		return "silenced by " + w.Name
	}
	return "silenced by silence." + w.Name
}

// untilWhen says when a wait ends.
func untilWhen(w notify.Wait, near time.Time) string {
	if w.Until.IsZero() {
		return " until it is over"
	}
	return " until " + clock(w.Until, near)
}

// clock says a time after another: 07:00, to the second within the hour, Mon 07:00
// on another day, and with the date when it is a week or more away.
func clock(t, near time.Time) string {
	layout := "15:04"
	if t.Second() != 0 && t.Sub(near) < time.Hour {
		layout = "15:04:05"
	}
	switch {
	case t.Sub(near) >= 6*24*time.Hour:
		layout = "2 Jan " + layout
	case t.YearDay() != near.YearDay():
		layout = "Mon " + layout
	}
	return t.Format(layout)
}
