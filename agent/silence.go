package agent

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/rules"
)

// Silences tells what is silenced, and until when.
func (a *Agent) Silences(ctx context.Context) (out []status.Silence, err error) {
	err = a.inquire(ctx, func(d *dispatch.Dispatcher, now notify.Moment) { out = silences(d, now) })
	return out, err
}

func silences(d *dispatch.Dispatcher, now notify.Moment) []status.Silence {
	out, open := []status.Silence{}, d.Engine().Open()
	for _, s := range d.Ledger().Silences(now) {
		out = append(out, silence(s, open, now.At))
	}
	return out
}

func silence(s notify.Silence, open []rules.Incident, now time.Duration) status.Silence {
	out := status.Silence{
		ID: s.ID, Window: s.Window, What: silencedWords(s, open), By: s.By,
		Ago: now - s.Since, UntilClear: s.UntilClear,
	}
	if s.Until > 0 {
		out.Left = max(s.Until-now, 0)
	}
	if s.Window == "" && s.Incident == 0 {
		out.Match = match(s.Match)
	}
	return out
}

func match(m notify.Match) *status.Match {
	out := &status.Match{Alerts: m.Alerts, Labels: m.Labels}
	for _, s := range m.Severity {
		out.Severities = append(out.Severities, string(s))
	}
	return out
}

// silencedWords are what s silences.
func silencedWords(s notify.Silence, open []rules.Incident) string {
	if i := slices.IndexFunc(open, func(i rules.Incident) bool { return i.ID == s.Incident }); i >= 0 {
		return dispatch.Names(open[i : i+1])
	}
	if s.Incident > 0 {
		return "an incident that is over"
	}
	what := strings.Join(s.Match.Alerts, ", ")
	if what == "" {
		what = "every alert"
	}
	var only []string
	for _, severity := range s.Match.Severity {
		only = append(only, string(severity))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Match.Labels)) {
		only = append(only, fmt.Sprintf("%s=%q", name, s.Match.Labels[name]))
	}
	if len(only) > 0 {
		what += "{" + strings.Join(only, ",") + "}"
	}
	return what
}

// Silence has people told nothing of some alerts for a while.
func (a *Agent) Silence(ctx context.Context, order api.Silence) (done status.Silenced, err error) {
	if err := checkBy(order.By); err != nil {
		return done, &api.Refusal{Cause: err}
	}
	order.By = a.who(order.By)
	done.Unsaved, err = a.order(ctx, func(d *dispatch.Dispatcher, now notify.Moment) error {
		s, err := silenceOf(order, d.Engine(), now.At)
		if err == nil {
			s, err = d.Silence(s, now)
		}
		done.Silence = silence(s, d.Engine().Open(), now.At)
		return err
	})
	if err == nil {
		a.log.Info("silenced", "what", done.What, "for", done.Left, "until_clear", done.UntilClear, "by", order.By)
	}
	return done, err
}

// silenceOf is the silence that an order asks for.
func silenceOf(order api.Silence, e *rules.Engine, now time.Duration) (s notify.Silence, err error) {
	s.By, s.UntilClear = order.By, order.UntilClear
	switch {
	case order.All == (order.What != ""):
		return s, errors.New("name one alert or all")
	case order.For < 0, order.For > 0 && order.UntilClear:
		return s, errors.New("a silence lasts for some time, or until it clears")
	case order.For > 0:
		s.Until = now + order.For
	}
	if !order.All {
		s.Incident, s.Match, err = silencedBy(order.What, order.UntilClear, e, now)
	}
	return s, err
}

// silencedBy are the alerts that are called what: an incident by its number or
// ID, an instance, or an alert.
func silencedBy(what string, untilClear bool, e *rules.Engine, now time.Duration) (id uint64, m notify.Match, err error) {
	for _, i := range e.Open() {
		called := strconv.FormatUint(i.ID, 10) == what || i.Number > 0 && strconv.Itoa(i.Number) == what
		if called || untilClear && i.Instance() == what {
			return i.ID, m, nil
		}
	}
	if _, err := strconv.ParseUint(what, 10, 64); err == nil {
		return 0, m, fmt.Errorf("nothing of number %s fires", what)
	}
	alert, _, labelled := strings.Cut(what, "{")
	if err := e.CheckAlert(alert); err != nil {
		return 0, m, err
	}
	if !labelled {
		return 0, notify.Match{Alerts: []string{alert}}, nil
	}
	all, _ := e.Standings(now)
	i := slices.IndexFunc(all, func(s rules.Standing) bool { return s.Instance == what })
	if i < 0 {
		return 0, m, fmt.Errorf("there is no instance %s; `tocsin alerts` lists those there are", what)
	}
	return 0, notify.MatchInstance(alert, all[i].Labels), nil
}

// Unsilence ends silences that people made.
func (a *Agent) Unsilence(ctx context.Context, order api.Unsilence) (done status.Unsilenced, err error) {
	if err := checkBy(order.By); err != nil {
		return done, &api.Refusal{Cause: err}
	}
	if order.All == (order.ID != 0) {
		return done, &api.Refusal{Cause: errors.New("name one silence or all")}
	}
	order.By = a.who(order.By)
	done.Unsaved, err = a.order(ctx, func(d *dispatch.Dispatcher, now notify.Moment) error {
		done.Ended = d.Unsilence(func(s notify.Silence) bool { return order.All || s.ID == order.ID }, now)
		if done.Ended == 0 && !order.All {
			return fmt.Errorf("there is no silence %d; `tocsin silence` lists those there are", order.ID)
		}
		return nil
	})
	if err == nil {
		a.log.Info("silences ended", "silences", done.Ended, "by", order.By)
	}
	return done, err
}
