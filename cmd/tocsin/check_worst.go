package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/rules"
	"github.com/tocsin-edge/tocsin/rules/block"
)

// A burden is how many texts one contact is sent at most, besides answers to their
// own.
type burden struct {
	Contact   string `json:"contact"`
	Day       int    `json:"texts_a_day"` // that are not critical; 0 where there are none
	Critical  int    `json:"texts_a_day_if_critical,omitempty"`
	Beats     int    `json:"heartbeats_a_day,omitempty"`
	Incidents []cost `json:"incidents"` // that nobody answers, the costliest first

	pace notify.Rate
}

type cost struct {
	Alert string `json:"alert"`
	Texts int    `json:"texts"`
}

// burdens is what the configuration can cost each contact whom it tells of
// anything.
func burdens(cfg *config.Config) []burden {
	all := []burden{}
	for _, c := range cfg.People.Contacts {
		if b := burdenOf(cfg, c); len(b.Incidents)+b.Beats > 0 {
			all = append(all, b)
		}
	}
	return all
}

func burdenOf(cfg *config.Config, c *notify.Contact) burden {
	b := burden{Contact: c.Name, Beats: beatsADay(cfg, c), Incidents: []cost{}, pace: cfg.People.Pace(c)}
	calm, critical := false, false
	for _, a := range allAlerts(cfg) {
		if texts := cfg.People.WorstIncident(c, a); texts > 0 {
			b.Incidents = append(b.Incidents, cost{a.Name, texts})
			calm = calm || a.Levels[0].Severity != rules.Critical // the least urgent
			critical = critical || a.Severity == rules.Critical
		}
	}
	slices.SortStableFunc(b.Incidents, func(x, y cost) int { return cmp.Compare(y.Texts, x.Texts) })
	if calm {
		b.Day = cfg.People.WorstDay(c, false)
	}
	if critical {
		b.Critical = cfg.People.WorstDay(c, true)
	}
	return b
}

// beatsADay is how many texts a contact is sent a day as signs of life.
func beatsADay(cfg *config.Config, c *notify.Contact) (texts int) {
	const day = 24 * time.Hour
	for _, h := range cfg.Heartbeats {
		switch {
		case !slices.ContainsFunc(h.Notify, func(a notify.Addressee) bool { return a.Contact == c }):
		case h.At >= 0:
			texts++
		default:
			texts += int((day + h.Every - 1) / h.Every)
		}
	}
	return texts
}

// writeBurdens says how many texts there are in the worst case.
func writeBurdens(w io.Writer, cfg *config.Config) {
	all := burdens(cfg)
	if len(all) == 0 {
		return
	}
	column := 0
	for _, b := range all {
		column = max(column, utf8.RuneCountInString(b.Contact))
	}
	fmt.Fprintln(w, "In the worst case, besides answers to their own texts:")
	for _, b := range all {
		status.Fill(w, fmt.Sprintf("  %-*s  ", column, b.Contact), b.words())
	}
	if l := limitsInWords(cfg.People.Limits); l != "" {
		status.Fill(w, "", l)
	}
}

// words says a burden: at most 112 texts a day (14 in 3h); one incident of door: up
// to 2.
func (b burden) words() string {
	var said []string
	calm := fmt.Sprintf("at most %s a day (%d in %s)", count(b.Day, "text"), b.pace.Texts, block.FormatDuration(b.pace.Per))
	const storm = "if critical alerts fire anew every minute"
	switch {
	case b.Day > 0 && b.Critical > 0:
		said = append(said, fmt.Sprintf("%s of what is not critical, %d in all %s", calm, b.Critical, storm))
	case b.Critical > 0:
		said = append(said, fmt.Sprintf("at most %s a day %s", count(b.Critical, "text"), storm))
	case b.Day > 0:
		said = append(said, calm)
	}
	if len(b.Incidents) > 0 {
		said = append(said, fmt.Sprintf("one incident of %s: up to %d", b.Incidents[0].Alert, b.Incidents[0].Texts))
	}
	if b.Beats > 0 {
		said = append(said, count(b.Beats, "heartbeat")+" a day")
	}
	return strings.Join(said, "; ")
}

// limitsInWords says what the whole gateway sends at most, "" when that has no
// limit.
func limitsInWords(l notify.Limits) string {
	var said []string
	if l.TextsPerHour > 0 {
		said = append(said, count(l.TextsPerHour, "text")+" an hour")
	}
	if l.TextsPerDay > 0 {
		said = append(said, count(l.TextsPerDay, "text")+" a day")
	}
	if len(said) == 0 {
		return ""
	}
	return "The gateway sends " + strings.Join(said, " and ") + " at most; beyond that only what is critical, and that less often."
}
