package agent

import (
	"context"
	"os"
	"time"

	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/rules"
)

// Snapshot tells how the agent is. It is for while Run runs, and ends with ctx.
func (a *Agent) Snapshot(ctx context.Context) (status.Snapshot, error) {
	s := status.Snapshot{
		Version: a.options.Version, Site: a.options.Config.Site.Name, PID: os.Getpid(), Since: a.started,
		Problems: []status.Problem{}, Firing: []status.Incident{}, Store: a.store.State(),
	}
	s.Sent = s.Store.Accepted
	a.texts(&s)
	for i, session := range a.sessions {
		s.Brokers = append(s.Brokers, status.Broker{Name: a.options.Config.Brokers[i].Name, State: session.State()})
	}
	for _, c := range a.fleet.couriers {
		s.Modems = append(s.Modems, c.modem.State())
	}
	if a.broker != nil {
		state := a.broker.State()
		s.Embedded = &state
	}
	err := a.inquire(ctx, func(d *dispatch.Dispatcher, m notify.Moment) {
		e, now := d.Engine(), m.At
		s.Rules = rulesStatus(e.Stats())
		s.Rules.ClocksAhead = e.ClocksAhead()
		for _, i := range e.Open() {
			one := incident(i, now)
			one.Silenced = d.Ledger().Silenced(i, m)
			s.Firing = append(s.Firing, one)
		}
		for _, w := range e.Switches() {
			s.Switches = append(s.Switches, switchStatus(w, now))
		}
		s.Silences = silences(d, m)
		a.people(&s, d, m)
		for _, u := range e.Undecided(now) {
			s.Undecided = append(s.Undecided, status.Undecided{
				Alert: u.Alert, Instance: u.Instance, Instances: u.Instances, For: u.For, Part: u.Part, Reason: u.Why.String(),
			})
		}
	})
	s.Assess()
	return s, err
}

// inquire looks at the dispatcher between two of its decisions.
func (a *Agent) inquire(ctx context.Context, look func(*dispatch.Dispatcher, notify.Moment)) error {
	_, err := a.request(ctx, look)
	return err
}

// request puts something to the dispatcher between two of its decisions, and
// returns when what follows from it is in the store; unsaved is what the store has
// against it.
func (a *Agent) request(ctx context.Context, put func(*dispatch.Dispatcher, notify.Moment)) (unsaved, err error) {
	done := make(chan error, 1)
	select {
	case a.ask <- question{put, done}:
		return <-done, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func incident(i rules.Incident, now time.Duration) status.Incident {
	out := status.Incident{
		ID: i.ID, Number: i.Number, Instance: i.Instance(), Severity: string(i.Severity),
		For: now - i.Since, Message: i.Message, Latched: i.Latched, Stale: i.Stale, Shadow: i.Shadow, Suppressed: i.SuppressedBy,
	}
	if i.Acked != nil {
		out.Acked = &status.Ack{By: i.Acked.By, Ago: now - i.Acked.At}
	}
	return out
}

func rulesStatus(s rules.Stats) status.Rules {
	unknown := map[string]uint64{}
	for why, n := range s.Unknown {
		if r := rules.Reason(why); r != rules.Known && n > 0 {
			unknown[r.String()] = n
		}
	}
	return status.Rules{
		Readings: s.Readings, Unmatched: s.Unmatched, Unknown: unknown,
		Refused: s.Refused, Series: s.Series, Instances: s.Instances,
		Windowless: s.Windowless, Unread: s.Unread,
	}
}

func (a *Agent) changed(t rules.Transition) {
	a.log.Info("alert", "instance", t.Instance, "from", t.From.String(), "to", t.To.String(), "message", t.Message, "shadow", t.Shadow)
	if a.options.Changed != nil {
		a.options.Changed(t)
	}
}
