package agent

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tocsin-edge/tocsin/agent/api"
	"github.com/tocsin-edge/tocsin/agent/dispatch"
	"github.com/tocsin-edge/tocsin/agent/notify"
	"github.com/tocsin-edge/tocsin/agent/status"
	"github.com/tocsin-edge/tocsin/rules"
)

// byMaxBytes bounds the name of who gives an order.
const byMaxBytes = 64

// checkBy refuses a name that could not be shown on one line.
func checkBy(name string) error {
	switch {
	case len(name) > byMaxBytes:
		return fmt.Errorf("the name of who orders it has %d bytes, at most %d are kept", len(name), byMaxBytes)
	case !utf8.ValidString(name), containsControl(name):
		return errors.New("the name of who orders it has characters that cannot be shown")
	}
	return nil
}

// who is the contact who gives an order, by name in any case, or else whoever it
// says.
func (a *Agent) who(by string) string {
	for _, c := range a.options.Config.People.Contacts {
		if strings.EqualFold(c.Name, by) {
			return c.Name
		}
	}
	return by
}

func containsControl(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return true
		}
	}
	return false
}

// order has the dispatcher carry something out; unsaved is what the store has
// against writing it down, "" for nothing. What makes no sense is a Refusal.
func (a *Agent) order(ctx context.Context, do func(*dispatch.Dispatcher, notify.Moment) error) (unsaved string, err error) {
	var refused error
	held, err := a.request(ctx, func(d *dispatch.Dispatcher, now notify.Moment) { refused = do(d, now) })
	switch {
	case err != nil:
		return "", err
	case refused != nil:
		return "", &api.Refusal{Cause: refused}
	case held != nil:
		return held.Error(), nil
	}
	return "", nil
}

// Switches tells how the switches stand.
func (a *Agent) Switches(ctx context.Context) ([]status.Switch, error) {
	out := []status.Switch{}
	err := a.inquire(ctx, func(d *dispatch.Dispatcher, now notify.Moment) {
		for _, s := range d.Engine().Switches() {
			out = append(out, switchStatus(s, now.At))
		}
	})
	return out, err
}

// SetSwitch turns a switch on or off.
func (a *Agent) SetSwitch(ctx context.Context, t api.Turn) (done status.Turned, err error) {
	if t.On == nil {
		return done, &api.Refusal{Cause: errors.New("a switch is turned on or off; say which")}
	}
	if err := checkBy(t.By); err != nil {
		return done, &api.Refusal{Cause: err}
	}
	t.By = a.who(t.By)
	done.Unsaved, err = a.order(ctx, func(d *dispatch.Dispatcher, now notify.Moment) error {
		err := d.SetSwitch(t.Switch, *t.On, t.By, now)
		for _, s := range d.Engine().Switches() {
			if s.Name == t.Switch {
				done.Switch = switchStatus(s, now.At)
			}
		}
		return err
	})
	if err == nil {
		a.log.Info("switch", "name", t.Switch, "on", *t.On, "by", t.By)
	}
	return done, err
}

func switchStatus(s rules.SwitchState, now time.Duration) status.Switch {
	out := status.Switch{Name: s.Name, On: s.On, Set: s.Set}
	if s.Set {
		out.For = now - s.Since
	}
	return out
}
