package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/rules"
)

// Ack takes down that somebody has seen to incidents.
func (a *Agent) Ack(ctx context.Context, order api.Ack) (done status.Acked, err error) {
	if err := checkBy(order.By); err != nil {
		return done, &api.Refusal{Cause: err}
	}
	order.By = a.who(order.By)
	unsaved, err := a.order(ctx, func(d *dispatch.Dispatcher, now notify.Moment) error {
		meant, err := meantBy(order, d.Engine().Open())
		if err != nil {
			return err
		}
		for _, i := range meant {
			_ = d.Ack(i.ID, order.By, now.At) // in error when it was over that very moment
		}
		done = outcome(meant, d.Engine().Open(), now.At)
		return nil
	})
	if err == nil {
		a.log.Info("acknowledged", "incidents", len(done.Incidents)+len(done.Over), "by", order.By)
	}
	done.Unsaved = unsaved
	return done, err
}

// outcome sorts what was meant by what became of it.
func outcome(meant, open []rules.Incident, now time.Duration) status.Acked {
	done := status.Acked{Incidents: []status.Incident{}}
	for _, i := range meant {
		at := slices.IndexFunc(open, func(o rules.Incident) bool { return o.ID == i.ID })
		switch {
		case at < 0:
			done.Over = append(done.Over, incident(i, now))
		case i.Acked != nil:
			done.Already = append(done.Already, incident(i, now))
		default:
			done.Incidents = append(done.Incidents, incident(open[at], now))
		}
	}
	return done
}

// meantBy are the open incidents that an order is about.
func meantBy(order api.Ack, open []rules.Incident) ([]rules.Incident, error) {
	switch {
	case order.All && order.What != "":
		return nil, errors.New("name one alert or all, not both")
	case order.All:
		return open, nil
	case len(open) == 0:
		return nil, errors.New("no alert fires")
	case order.What == "":
		return theOnly(open)
	}
	for _, is := range []func(rules.Incident) bool{
		func(i rules.Incident) bool { return i.Number > 0 && strconv.Itoa(i.Number) == order.What },
		func(i rules.Incident) bool { return strconv.FormatUint(i.ID, 10) == order.What },
		func(i rules.Incident) bool { return i.Alert == order.What || i.Instance() == order.What },
	} {
		if meant := slices.DeleteFunc(slices.Clone(open), func(i rules.Incident) bool { return !is(i) }); len(meant) > 0 {
			return meant, nil
		}
	}
	return nil, fmt.Errorf("nothing called %q fires; there are: %s", order.What, dispatch.Names(open))
}

// theOnly is the incident that nobody has acknowledged, when there is just one.
func theOnly(open []rules.Incident) ([]rules.Incident, error) {
	waiting := slices.DeleteFunc(slices.Clone(open), func(i rules.Incident) bool { return i.Acked != nil })
	switch len(waiting) {
	case 0:
		return nil, errors.New("all that fires was acknowledged")
	case 1:
		return waiting, nil
	}
	return nil, fmt.Errorf("several alerts fire; say which: %s", dispatch.Names(waiting))
}
