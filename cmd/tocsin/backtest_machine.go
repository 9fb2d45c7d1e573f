package main

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/tocsin-edge/tocsin/agent/rehearsal/backtest"
)

// backtestJSON is the answer of `tocsin backtest --json`. Durations are seconds.
type backtestJSON struct {
	Files     []playedJSON       `json:"files"`
	From      time.Time          `json:"from"`
	To        time.Time          `json:"to"`
	Readings  int                `json:"readings"`
	Unmatched int                `json:"unmatched"`
	Unknown   map[string]int     `json:"unknown"`
	Alerts    []alertJSON        `json:"alerts"`
	People    []personJSON       `json:"people"`
	Changes   []changeJSON       `json:"changes,omitempty"`
	Texts     []personChangeJSON `json:"texts_changed,omitempty"`
}

type playedJSON struct {
	Name            string `json:"name"`
	Rows            int    `json:"rows"`
	Readings        int    `json:"readings"`
	Bad             int    `json:"bad"`
	OutOfOrder      int    `json:"out_of_order"`
	FirstBad        string `json:"first_bad,omitempty"`
	FirstOutOfOrder string `json:"first_out_of_order,omitempty"`
}

type alertJSON struct {
	Name     string       `json:"name"`
	Severity string       `json:"severity"`
	Count    int          `json:"count"`
	Seconds  float64      `json:"seconds"`
	Texts    int          `json:"texts"`
	Night    int          `json:"texts_at_night"`
	Firings  []firingJSON `json:"firings"`
}

type firingJSON struct {
	Instance string    `json:"instance"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Lasts    bool      `json:"lasts,omitempty"` // not over at the end of the history
	Seconds  float64   `json:"seconds"`
	Texts    int       `json:"texts"`
	Night    int       `json:"texts_at_night"`
}

type personJSON struct {
	Name  string `json:"name"`
	Texts int    `json:"texts"`
	Night int    `json:"texts_at_night"`
}

type changeJSON struct {
	Alert   string          `json:"alert"`
	Before  int             `json:"firings_before"`
	After   int             `json:"firings_after"`
	Same    int             `json:"same"`
	Gone    []firingJSON    `json:"gone"`
	New     []firingJSON    `json:"new"`
	Shifted [][2]firingJSON `json:"shifted"`
}

type personChangeJSON struct {
	Name   string     `json:"name"`
	Before personJSON `json:"before"`
	After  personJSON `json:"after"`
}

func writeBacktestJSON(w io.Writer, r *backtest.Report) error {
	doc := backtestJSON{From: r.From, To: r.To, Readings: r.Readings, Unmatched: r.Unmatched, Unknown: r.Unknown}
	for _, f := range r.Files {
		doc.Files = append(doc.Files, playedJSON(f))
	}
	for _, a := range r.Outcome.Alerts {
		doc.Alerts = append(doc.Alerts, alertJSON{a.Name, string(a.Severity), a.Count, a.Lasted.Seconds(), a.Texts, a.Night, firingsJSON(a.Firings)})
	}
	for _, p := range r.Outcome.People {
		doc.People = append(doc.People, personJSON(*p))
	}
	if r.Other != nil {
		doc.addChanges(r)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(doc)
}

func (doc *backtestJSON) addChanges(r *backtest.Report) {
	alerts, people := backtest.Changes(r.Outcome, r.Other)
	for _, c := range alerts {
		out := changeJSON{Alert: c.Alert, Same: c.Same, Gone: firingsJSON(c.Gone), New: firingsJSON(c.New), Shifted: [][2]firingJSON{}}
		if c.Here != nil {
			out.Before = c.Here.Count
		}
		if c.There != nil {
			out.After = c.There.Count
		}
		for _, pair := range c.Shifted {
			out.Shifted = append(out.Shifted, [2]firingJSON{newFiringJSON(pair[0]), newFiringJSON(pair[1])})
		}
		doc.Changes = append(doc.Changes, out)
	}
	for _, p := range people {
		doc.Texts = append(doc.Texts, personChangeJSON{p.Name, personJSON(p.Here), personJSON(p.There)})
	}
}

func firingsJSON(all []*backtest.Firing) []firingJSON {
	out := []firingJSON{}
	for _, f := range all {
		out = append(out, newFiringJSON(f))
	}
	return out
}

func newFiringJSON(f *backtest.Firing) firingJSON {
	return firingJSON{f.Instance, f.Start, f.End, f.Lasts, f.Duration().Seconds(), f.Texts, f.Night}
}

// writeBacktestCSV writes a line for each firing.
func writeBacktestCSV(to io.Writer, r *backtest.Report) error {
	buffered := bufio.NewWriter(to)
	w := csv.NewWriter(buffered)
	_ = w.Write([]string{"alert", "instance", "severity", "start", "end", "seconds", "lasts", "texts", "texts_at_night"}) // Error tells
	for _, a := range r.Outcome.Alerts {
		for _, f := range a.Firings {
			_ = w.Write([]string{
				a.Name, f.Instance, string(a.Severity), f.Start.Format(time.RFC3339), f.End.Format(time.RFC3339),
				strconv.FormatFloat(f.Duration().Seconds(), 'f', -1, 64), strconv.FormatBool(f.Lasts), strconv.Itoa(f.Texts), strconv.Itoa(f.Night),
			})
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return buffered.Flush()
}
