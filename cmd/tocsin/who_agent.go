package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/config"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/rules"
)

// ask adds to the question what only a running agent knows, and returns why that is
// not known, "" when it is.
func (f whoFlags) ask(ctx context.Context, cfg *config.Config, q *notify.Question, now time.Time) (unknown string) {
	s, err := api.Status(ctx, f.socket)
	switch {
	case errors.Is(err, api.ErrNoAgent):
		return fmt.Sprintf("%v on %s", api.ErrNoAgent, f.socket)
	case err != nil:
		return err.Error()
	case s.Site != cfg.Site.Name:
		return fmt.Sprintf("the agent on %s is that of site %q", f.socket, s.Site)
	}
	addKnown(q, cfg.People.Contacts, s, now.In(cfg.Site.Zone))
	return ""
}

// addKnown adds to the question who has opted out by STOP, and what people have
// silenced.
func addKnown(q *notify.Question, contacts []*notify.Contact, s status.Snapshot, now time.Time) {
	for _, c := range contacts {
		if slices.ContainsFunc(s.People, func(p status.Person) bool { return p.Name == c.Name && p.OptedOut }) {
			q.OptedOut = append(q.OptedOut, c.Phone)
		}
	}
	for _, silence := range s.Silences {
		if silence.Match != nil {
			q.Hushes = append(q.Hushes, hush(silence, now))
		}
	}
}

// hush is a silence that somebody made, as it concerns alarms to come.
func hush(s status.Silence, now time.Time) notify.Hush {
	h := notify.Hush{By: s.By, Match: notify.Match{Alerts: s.Match.Alerts, Labels: s.Match.Labels}}
	for _, severity := range s.Match.Severities {
		h.Match.Severity = append(h.Match.Severity, rules.Severity(severity))
	}
	if !s.UntilClear {
		h.Until = now.Add(s.Left)
	}
	return h
}
