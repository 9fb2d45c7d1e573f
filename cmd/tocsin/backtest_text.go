package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/agent/rehearsal/backtest"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// firingsShown is how many firings of one alert people are shown.
const firingsShown = 20

// minutes is how people read times.
const minutes = "2006-01-02 15:04"

// writeBacktest tells a report to people.
func writeBacktest(to io.Writer, r *backtest.Report, dir, other string) error {
	w := bufio.NewWriter(to)
	for _, f := range r.Files {
		writeFile(w, f)
	}
	fmt.Fprintf(w, "%s from %s to %s (%s).\n", count(r.Readings, "reading"),
		r.From.Format(minutes), r.To.Format(minutes+" MST"), days(r.To.Sub(r.From)))
	writeDoubts(w, r)
	writeAlerts(w, r.Outcome.Alerts)
	writePeople(w, r.Outcome)
	if r.Other != nil {
		writeChanges(w, r, dir, other)
	}
	return w.Flush()
}

// writeFile says what of a file could not be used.
func writeFile(w io.Writer, f backtest.Played) {
	if f.Bad > 0 {
		fmt.Fprintf(w, "%s: %s of %d left out, which cannot be read; the first: %s.\n", f.Name, count(f.Bad, "row"), f.Rows, f.FirstBad)
	}
	if f.OutOfOrder > 0 {
		fmt.Fprintf(w, "%s: %s of %d left out, out of order; the first: %s.\n", f.Name, count(f.OutOfOrder, "row"), f.Rows, f.FirstOutOfOrder)
	}
	if f.OutOfOrder > f.Rows/2 {
		fmt.Fprintf(w, "%s: most rows go back in time. Sort them by time first, the oldest on top.\n", f.Name)
	}
}

// writeDoubts says what of the readings came to nothing.
func writeDoubts(w io.Writer, r *backtest.Report) {
	if r.Unmatched > 0 {
		fmt.Fprintf(w, "%d of the readings are on topics that no sensor reads.\n", r.Unmatched)
	}
	var reasons []string
	for _, why := range slices.Sorted(maps.Keys(r.Unknown)) {
		reasons = append(reasons, fmt.Sprintf("%d %s", r.Unknown[why], why))
	}
	if len(reasons) > 0 {
		fmt.Fprintf(w, "Values that are unknown to the rules: %s.\n", strings.Join(reasons, ", "))
	}
}

// writeAlerts tells each alert that fired, and which did not.
func writeAlerts(w io.Writer, alerts []*backtest.Alert) {
	var never []string
	for _, a := range alerts {
		if a.Count == 0 {
			never = append(never, a.Name)
			continue
		}
		writeAlert(w, a)
	}
	if len(never) > 0 {
		fmt.Fprintf(w, "\nnever fired: %s\n", strings.Join(never, ", "))
	}
}

func writeAlert(w io.Writer, a *backtest.Alert) {
	fmt.Fprintf(w, "\n%s: %s, %s in all, %s, %d at night\n", a.Name, count(a.Count, "firing"), days(a.Lasted), count(a.Texts, "text"), a.Night)
	for i, f := range a.Firings {
		if i == firingsShown {
			fmt.Fprintf(w, "  … and %d more; --csv lists all\n", a.Count-i)
			break
		}
		fmt.Fprintf(w, "  %s\n", firing(f, a.Name))
	}
}

// firing is one in a line, with its labels where there are any.
func firing(f *backtest.Firing, alert string) string {
	line := fmt.Sprintf("%s to %s  %-9s", f.Start.Format(minutes), f.End.Format(minutes), days(f.Duration()))
	if f.Lasts {
		line = fmt.Sprintf("%s on                   %-9s", f.Start.Format(minutes), days(f.Duration()))
	}
	if labels := strings.TrimPrefix(f.Instance, alert); labels != "" {
		line += "  " + labels
	}
	return strings.TrimRight(line, " ")
}

func writePeople(w io.Writer, o *backtest.Outcome) {
	fmt.Fprintln(w)
	for _, p := range o.People {
		fmt.Fprintf(w, "%s: %s, %d at night\n", p.Name, count(p.Texts, "text"), p.Night)
	}
}

// writeChanges tells what going over from dir to other would change.
func writeChanges(w io.Writer, r *backtest.Report, dir, other string) {
	alerts, people := backtest.Changes(r.Outcome, r.Other)
	fmt.Fprintf(w, "\nWith %s instead of %s:\n", other, dir)
	if len(alerts)+len(people) == 0 {
		fmt.Fprintln(w, "  nothing would be different.")
		return
	}
	for _, c := range alerts {
		writeChange(w, c)
	}
	for _, p := range people {
		fmt.Fprintf(w, "  %s: %s instead of %d, %d at night instead of %d\n", p.Name, count(p.There.Texts, "text"), p.Here.Texts, p.There.Night, p.Here.Night)
	}
}

func writeChange(w io.Writer, c backtest.Change) {
	switch {
	case c.Here == nil:
		fmt.Fprintf(w, "  %s is new: %s\n", c.Alert, count(c.There.Count, "firing"))
	case c.There == nil:
		fmt.Fprintf(w, "  %s is gone: %s\n", c.Alert, count(c.Here.Count, "firing"))
	default:
		fmt.Fprintf(w, "  %s: %s instead of %d, %s instead of %d\n", c.Alert, count(c.There.Count, "firing"), c.Here.Count, count(c.There.Texts, "text"), c.Here.Texts)
	}
	shown := 0
	show := func(sign string, f *backtest.Firing) {
		if shown++; shown <= firingsShown {
			fmt.Fprintf(w, "    %s %s\n", sign, firing(f, c.Alert))
		}
	}
	for _, f := range c.Gone {
		show("-", f)
	}
	for _, f := range c.New {
		show("+", f)
	}
	for _, pair := range c.Shifted {
		show("~", pair[1])
	}
	if shown > firingsShown {
		fmt.Fprintf(w, "    … and %d more; --json lists all\n", shown-firingsShown)
	}
}

// days says a duration in its two largest units: 45s, 2h 5m, 3d 4h.
func days(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Hour:
		return block.FormatDuration(d.Round(time.Second))
	case d < day:
		return twoUnits(d.Round(time.Minute), time.Hour, "h", time.Minute, "m")
	}
	return twoUnits(d.Round(time.Hour), day, "d", time.Hour, "h")
}

func twoUnits(d, big time.Duration, bigName string, small time.Duration, smallName string) string {
	text := fmt.Sprintf("%d%s", d/big, bigName)
	if rest := d % big / small; rest > 0 {
		text += fmt.Sprintf(" %d%s", rest, smallName)
	}
	return text
}
